"""Hashes of any window of characters in constant time, for a whole batch at once.

A polynomial prefix hash modulo 2**64 with an odd base: the hash of a window is a difference of
two prefixes times a power of the inverse base (Karp and Rabin 1987), mixed so that every bit
counts (the finaliser of SplitMix64, Steele et al. 2014).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

BASE = 0x9E3779B97F4A7C15
INVERSE = pow(BASE, -1, 2**64)

Hashes = NDArray[np.uint64]
Places = NDArray[np.int64]


class Windows:
    """Hashes of windows of one array of characters."""

    __slots__ = ("_inverse", "_prefix")

    def __init__(self, codes: NDArray[np.uint16]) -> None:
        powers, self._inverse = _powers(1 << max(10, int(codes.size).bit_length()))
        self._prefix = np.zeros(codes.size + 1, dtype=np.uint64)
        np.cumsum(codes.astype(np.uint64) * powers[: codes.size], out=self._prefix[1:])

    def plain(self, starts: Places, ends: Places) -> Hashes:
        """One hash for each window [start, end), not mixed yet."""
        return (self._prefix[ends] - self._prefix[starts]) * self._inverse[starts]

    def hashes(self, starts: Places, ends: Places, *, salt: int) -> Hashes:
        """One mixed hash for each window [start, end)."""
        return mix(self.plain(starts, ends), salt=salt)


def mix(values: Hashes, *, salt: int | Sequence[int], sizes: Sequence[int] = ()) -> Hashes:
    """Spread every bit of `values` over the whole word; different salts are unrelated.

    sizes  where there are several salts: how many of the values, in their order, each is for
    """
    step = _step(salt) if isinstance(salt, int) else np.repeat([_step(one) for one in salt], sizes)
    mixed: Hashes = values + step
    mixed ^= mixed >> _30
    mixed *= _FIRST
    mixed ^= mixed >> _27
    mixed *= _SECOND
    mixed ^= mixed >> _31
    return mixed


_30, _27, _31 = np.uint64(30), np.uint64(27), np.uint64(31)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


@cache
def _step(salt: int) -> np.uint64:
    return np.uint64(((salt + 1) * 0xD1B54A32D192ED03) % 2**64)


@cache
def _powers(size: int) -> tuple[Hashes, Hashes]:
    return _geometric(BASE, size), _geometric(INVERSE, size)


def _geometric(ratio: int, size: int) -> Hashes:
    steps = np.full(size, ratio, dtype=np.uint64)
    steps[0] = 1
    return np.cumprod(steps, dtype=np.uint64)
