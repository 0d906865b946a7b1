"""Keep what a week of a large world frees for the next one."""

from __future__ import annotations

from amends.platform.kit.allocator import keep_memory, load_with

# Polars' allocator (jemalloc) and Arrow's: for so many milliseconds, and in pages of two megabytes.
_HABITS = {
    "_RJEM_MALLOC_CONF": "thp:always,dirty_decay_ms:60000,muzzy_decay_ms:60000",
    "MIMALLOC_PURGE_DELAY": "60000",
    "MIMALLOC_ALLOW_LARGE_OS_PAGES": "1",
}
_GIBIBYTE = 1 << 30


def keep_between_weeks() -> None:
    """Let freed memory stay with this process for a minute, where each week takes as much again.

    Left to themselves the allocators give it back within milliseconds: the system clears the same
    pages anew, 6.7 million times while 100,000 subscribers live their 26 weeks, a tenth of the
    time.
    """
    load_with(_HABITS)
    keep_memory(trim_above=_GIBIBYTE, map_above=_GIBIBYTE)
