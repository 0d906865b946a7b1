"""Numba compiles what the tests need once, here, and keeps it beside the code: `python -m tests.kernels`.

Half a minute of a processor, which else each of the processes of a run that meets a kernel first,
before another has kept it, spends for itself: they begin together, and with the longest tests.
"""

from __future__ import annotations

import numpy as np

from amends.hotissues.rules.ready import compile_scan
from amends.kit.digests import FEW, checksums, digests
from tests.rules.notices import engine_world as world

SIZE = 400


def compile_engine() -> None:
    """The engine of notices over records that meet every treatment."""
    chance = np.random.default_rng(1)
    world.run(world.rules(), world.memory(), world.random_batch(chance, SIZE, 12), "numba")


def compile_digests() -> None:
    """SHA-256, where this processor has instructions for it, and CRC-32."""
    places = np.arange(2 * FEW, dtype=np.int64)
    data = np.zeros(len(places), np.uint8)
    digests(data, places)
    checksums(data, places)


if __name__ == "__main__":
    compile_scan()
    compile_engine()
    compile_digests()
