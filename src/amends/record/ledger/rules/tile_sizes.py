"""Sizes of hashes and tiles, without NumPy: the guards of the tables need them in every process."""

from __future__ import annotations

HASH_BYTES = 32
TILE_HEIGHT = 5
TILE_WIDTH = 1 << TILE_HEIGHT
FULL_TILE_BYTES = TILE_WIDTH * HASH_BYTES
