"""State and terms of a bucket of lines as compressed bytes, for tables and for a cluster."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from amends.engines.metering.engine.layout import STATE, TERMS, Lines, aligned


def packed(lines: Lines) -> bytes:
    """State and terms of a bucket as compressed bytes, column by column."""
    count = len(lines)
    state = lines.state.view(np.uint64).reshape(count, 8).T.tobytes()
    body = state + lines.terms.tobytes()
    return count.to_bytes(4, "big") + bytes(pa.compress(body, codec="lz4", asbytes=True))


def unpacked(body: bytes) -> Lines:
    """The lines of a bucket again."""
    count = int.from_bytes(body[:4], "big")
    size = count * (STATE.itemsize + TERMS.itemsize)
    raw = pa.decompress(body[4:], decompressed_size=size, codec="lz4", asbytes=True)
    state_words = np.frombuffer(raw, np.uint64, count * 8).reshape(8, count)
    state = aligned(count, STATE)
    state.view(np.uint64).reshape(count, 8)[:] = state_words.T
    terms = np.frombuffer(raw, TERMS, count, offset=count * STATE.itemsize).copy()
    return Lines(state, terms)
