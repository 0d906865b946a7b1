"""Have the operator's scanner examine a file: ClamAV's `clamd`, or what answers its INSTREAM.

`AMENDS_SCANNER` is the path of its socket. Without an answer a file waits; none passes unexamined.
"""

from __future__ import annotations

import socket
import struct

from django.conf import settings

from amends.platform.kit.errors import Unavailable, gettext_noop

TIMEOUT_S = 60
_PART_BYTES = 64 * 1024
_LONGEST_ANSWER = 4_096


class UnableToScanFile(Unavailable):
    """The scanner does not answer, or not with a verdict."""

    code = "scanner_unavailable"


def scan(content: bytes) -> str:
    """Name of the malware found in these bytes, "" for nothing; raises UnableToScanFile."""
    try:
        with _connected() as line:
            line.sendall(b"zINSTREAM\0")
            for start in range(0, len(content), _PART_BYTES):
                part = content[start : start + _PART_BYTES]
                line.sendall(struct.pack("!L", len(part)) + part)
            line.sendall(struct.pack("!L", 0))
            answer = _answer(line)
    except OSError as error:
        raise _no_verdict(gettext_noop("The scanner does not answer.")) from error
    if answer == "stream: OK":
        return ""
    if answer.startswith("stream: ") and answer.endswith(" FOUND"):
        return answer.removeprefix("stream: ").removesuffix(" FOUND")
    raise _no_verdict(gettext_noop("The scanner gave no verdict."))


def _connected() -> socket.socket:
    """`/path/of/socket`, or HOST:PORT."""
    if settings.SCANNER.startswith("/"):
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        line.settimeout(TIMEOUT_S)
        try:
            line.connect(settings.SCANNER)
        except OSError:
            line.close()
            raise
        return line
    host, _, port = settings.SCANNER.rpartition(":")
    return socket.create_connection((host.strip("[]"), int(port)), timeout=TIMEOUT_S)


def _answer(line: socket.socket) -> str:
    answer = b""
    while not answer.endswith(b"\0") and len(answer) < _LONGEST_ANSWER:
        part = line.recv(_LONGEST_ANSWER)
        if not part:
            break
        answer += part
    return answer.rstrip(b"\0\n").decode("utf-8", "replace")


def _no_verdict(what: str) -> UnableToScanFile:
    return UnableToScanFile(
        what,
        meaning=gettext_noop("Received files stay closed until it does."),
        next_step=gettext_noop("Look at the scanner named by AMENDS_SCANNER and at its log."),
    )
