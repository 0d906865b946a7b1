"""`struct tcp_info` of Linux: what the kernel knows of a connection."""

from __future__ import annotations

import socket
import struct
from contextlib import suppress

_SIZE = 256
_U32 = {"RTT": 68, "RTTVar": 72, "MinRTT": 148}
_U64 = {
    "BytesAcked": 120,
    "BytesReceived": 128,
    "BusyTime": 168,
    "RWndLimited": 176,
    "SndBufLimited": 184,
    "BytesSent": 200,
    "BytesRetrans": 208,
}
"""Names of ndt7 → offset; times in microseconds."""


def tcp_info(connection: socket.socket) -> dict[str, int]:
    """The fields that ndt7 reports, as far as this kernel has them; empty off Linux."""
    try:
        raw = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _SIZE)
    except (AttributeError, OSError):
        return {}
    counters = {
        name: struct.unpack_from("=I", raw, at)[0]
        for name, at in _U32.items()
        if at + 4 <= len(raw)
    }
    return counters | {
        name: struct.unpack_from("=Q", raw, at)[0]
        for name, at in _U64.items()
        if at + 8 <= len(raw)
    }


def use_bbr(connection: socket.socket) -> None:
    """Congestion control by BBR, where the kernel has it."""
    with suppress(AttributeError, OSError):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, b"bbr")
