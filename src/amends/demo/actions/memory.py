"""Give back to the system what is no longer used, before and between the weeks of a large world."""

from __future__ import annotations

import ctypes
from contextlib import suppress

import pyarrow as pa


def give_back() -> None:
    """Free memory stays with the process otherwise: hundreds of megabytes once a world is made."""
    pa.default_memory_pool().release_unused()
    # Of the C library of Linux; where there is none, memory is given back by other habits.
    with suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)
