"""How allocators keep the memory that a process frees: for itself, or for the machine."""

from __future__ import annotations

import ctypes
import importlib
import os
from collections.abc import Mapping
from contextlib import suppress

# Numbers of glibc's mallopt (malloc.h), with the variables an operator sets the same by.
_PARAMETERS = {
    "trim_above": (-1, "MALLOC_TRIM_THRESHOLD_"),
    "map_above": (-3, "MALLOC_MMAP_THRESHOLD_"),
    "arenas": (-8, "MALLOC_ARENA_MAX"),
}
# Where a C library knows none of this (musl, macOS), memory is kept by its own habits.
_UNKNOWN_HERE = (OSError, AttributeError, TypeError)


def keep_memory(**wanted: int) -> None:
    """Tell the C library how much to keep, for this process and its forks.

    `trim_above` bytes of free memory at the end of the heap stay with the process; a block of
    `map_above` bytes is a mapping of its own and goes back whole when freed; there are `arenas`
    heaps at most. What the operator chose by environment stays.
    """
    with suppress(*_UNKNOWN_HERE):
        c_library = ctypes.CDLL(None)
        for name, value in wanted.items():
            number, variable = _PARAMETERS[name]
            if variable not in os.environ:
                c_library.mallopt(number, value)


def load_with(habits: Mapping[str, str]) -> None:
    """Load Polars and Arrow, whose allocators read variables once: these, where none is set.

    Processes started later have their own habits.
    """
    before = {name: os.environ.get(name) for name in habits}
    os.environ.update({name: was or habits[name] for name, was in before.items()})
    for name in ("polars", "pyarrow"):
        importlib.import_module(name)
    for name, was in before.items():
        # Polars writes into its own, too.
        os.environ.pop(name, None)
        if was is not None:
            os.environ[name] = was


def give_back() -> None:
    """Give free memory back to the machine: after something large, it stays with the process."""
    importlib.import_module("pyarrow").default_memory_pool().release_unused()
    with suppress(*_UNKNOWN_HERE):
        ctypes.CDLL(None).malloc_trim(0)
