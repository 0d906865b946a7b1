"""What a process frees goes back to the machine where it was told so, unless the operator said else."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

_ASKED = """
import sys
import pyarrow
from amends.platform.kit.allocator import give_back, keep_memory

def resident_mb():
    with open("/proc/self/smaps_rollup") as file:
        return sum(int(line.split()[1]) for line in file if line.startswith("Rss:")) / 1024

if "told" in sys.argv:
    keep_memory(arenas=1, trim_above=128 * 1024, map_above=128 * 1024)
bytearray(8_000_000)  # one large block, and glibc takes what is smaller from its heap
before = resident_mb()
between = []
for _ in range(250):
    between.append((b"l" * 300_000, b"s" * 40_000))
between = [small for large, small in between]
kept = resident_mb() - before
give_back()
print(kept, resident_mb() - before)
"""


def _kept_mb(*arguments: str, **given: str) -> tuple[float, float]:
    """Of 75 MB that were freed between blocks still in use: what stays, and after giving back."""
    plain = {name: is_ for name, is_ in os.environ.items() if not name.startswith("MALLOC_")}
    found = subprocess.run(
        [sys.executable, "-c", _ASKED, *arguments],
        env=plain | given,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    kept, after = map(float, found.stdout.split())
    return kept, after


@pytest.mark.skipif(os.confstr("CS_GNU_LIBC_VERSION") is None, reason="another C library")
class TestMemoryOfAProcess:
    def test_stays_with_it_by_habit_and_goes_back_when_given_back(self) -> None:
        kept, after = _kept_mb()
        assert kept > 60
        assert after < 20

    def test_goes_back_at_once_where_large_blocks_are_mappings(self) -> None:
        kept, _ = _kept_mb("told")
        assert kept < 20

    def test_is_kept_as_the_operator_chose(self) -> None:
        kept, _ = _kept_mb("told", MALLOC_MMAP_THRESHOLD_="33554432")
        assert kept > 60
