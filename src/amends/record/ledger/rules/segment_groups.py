"""One index for many segments that follow each other in the log: a stretch of it.

The index of a segment alone has 64 blocks, so that finding a key reads one block of every segment
there is: of a hundred million facts, nine megabytes. A stretch holds the same entries in 8,192
blocks, and a key is sought in one block of each stretch: a hundredth of that.

A block's entries stand in columns, as those of a segment do (`lookup`): hashes of four bytes, then
for each the segment's distance in the log from the first of the stretch, in four, and the row
numbers, two each.
"""

from __future__ import annotations

import struct
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from amends.record.ledger.rules.lookup import BUCKETS, entries, hashes_of, key_hash, matching

PLACES = 8192
MARK = 2 * PLACES
"""The number of the block that says how far a stretch reaches; its others are 8,192 to 16,383."""
_HASH, _OFFSET, _ROW = np.dtype("<u4"), np.dtype("<u4"), np.dtype("<u2")
_ENTRY_BYTES = _HASH.itemsize + _OFFSET.itemsize + _ROW.itemsize
_REACH = struct.Struct("<I?")


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a stretch reaches.

    last   distance of its last segment from its first, in entries of the log
    alone  the indexes that its segments had of their own are gone
    """

    last: int
    alone: bool

    def stored(self) -> bytes:
        """As the block `MARK` holds it.

        >>> Reach.of(Reach(7, alone=True).stored())
        Reach(last=7, alone=True)
        """
        return _REACH.pack(self.last, self.alone)

    @staticmethod
    def of(block: bytes) -> Reach:
        """What a block says. Raises ValueError for one that is none."""
        try:
            return Reach(*_REACH.unpack(block))
        except struct.error as error:
            raise ValueError("This says of no stretch how far it reaches.") from error


def place_of(key: str) -> int:
    """The block of every stretch that a key is sought in, 8,192 to 16,383."""
    return PLACES + key_hash(key) % PLACES


def blocks_together(parts: Sequence[tuple[int, bytes]]) -> dict[int, bytes]:
    """The blocks of a stretch, from (distance of a segment, a block of its own) pairs.

    >>> import pyarrow as pa
    >>> from amends.record.ledger.rules.lookup import blocks
    >>> own = [(at, block) for at in (0, 4) for block in blocks(pa.array(["p1", "p2"])).values()]
    >>> together = blocks_together(own)
    >>> rows_together(["p2"], [(100, together[place_of("p2")])])
    {100: [1], 104: [1]}
    """
    hashes, rows, counts = entries([block for _, block in parts])
    offsets = np.repeat(np.array([at for at, _ in parts], _OFFSET), counts)
    row_buckets = hashes % PLACES
    order = np.lexsort((rows, offsets, row_buckets))
    hashes, offsets, rows = hashes[order], offsets[order], rows[order]
    present, starts = np.unique(row_buckets[order], return_index=True)
    ends = [*starts[1:].tolist(), len(order)]
    return {
        PLACES + bucket: hashes[first:last].tobytes()
        + offsets[first:last].tobytes()
        + rows[first:last].tobytes()
        for bucket, first, last in zip(present.tolist(), starts.tolist(), ends, strict=True)
    }


def rows_together(
    keys: Collection[str], group_blocks: Sequence[tuple[int, bytes]]
) -> dict[int, list[int]]:
    """For each number in the log the rows that may have one of `keys`, from (number of the first
    segment of a stretch, block) pairs.
    """
    hashes, offsets, rows, counts = _columns([block for _, block in group_blocks])
    numbers = np.repeat(np.array([first for first, _ in group_blocks], np.int64), counts) + offsets
    hits = matching(hashes, hashes_of(keys))
    rows_by_number: dict[int, list[int]] = defaultdict(list)
    for number, row in zip(numbers[hits].tolist(), rows[hits].tolist(), strict=True):
        rows_by_number[number].append(row)
    return dict(rows_by_number)


def unfolded(blocks: Iterable[tuple[int, bytes]]) -> dict[int, dict[int, bytes]]:
    """What the blocks of a stretch say of each segment, as blocks of its own: by distance, then
    bucket. Raises ValueError for an entry that stands where nobody seeks it, and for half a one.
    """
    block_list = list(blocks)
    if any(len(block) % _ENTRY_BYTES for _, block in block_list):
        raise ValueError("A block of the stretch is cut off.")
    hashes, offsets, rows, counts = _columns([block for _, block in block_list])
    row_buckets = np.repeat(np.array([bucket for bucket, _ in block_list], np.int64), counts)
    if (PLACES + hashes % PLACES != row_buckets).any():
        raise ValueError("An entry of the stretch stands in another's block.")
    order = np.lexsort((rows, hashes % BUCKETS, offsets))
    return {
        offset: dict(_own(hashes[mine], rows[mine]))
        for offset, mine in _groups(offsets[order], order)
    }


def _own(hashes: Any, rows: Any) -> Iterator[tuple[int, bytes]]:
    for bucket, mine in _groups(hashes % BUCKETS, np.arange(len(hashes))):
        yield bucket, hashes[mine].tobytes() + rows[mine].tobytes()


def _groups(values: Any, buckets: Any) -> Iterator[tuple[int, Any]]:
    """Of sorted values, each with the places where it stands."""
    present, starts = np.unique(values, return_index=True)
    yield from zip(present.tolist(), np.split(buckets, starts[1:]), strict=True)


def _columns(blocks: Sequence[bytes]) -> tuple[Any, Any, Any, list[int]]:
    """Hashes, distances and rows of some blocks behind each other, and how many each has."""
    counts = [len(block) // _ENTRY_BYTES for block in blocks]
    pairs = list(zip(blocks, counts, strict=True))
    hashes = b"".join(block[: 4 * n] for block, n in pairs)
    offsets = b"".join(block[4 * n : 8 * n] for block, n in pairs)
    rows = b"".join(block[8 * n :] for block, n in pairs)
    return (
        np.frombuffer(hashes, _HASH),
        np.frombuffer(offsets, _OFFSET),
        np.frombuffer(rows, _ROW),
        counts,
    )
