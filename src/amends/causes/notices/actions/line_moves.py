"""What a commit moved is written line by line; buckets of lines follow in turn.

Every commit writes the lines it moved (`LineMoves`) and some whole buckets: so many that after a
few commits all had their turn, and older moves can go. A bucket is as of the last commit whose
turn it was in; moves of later commits are read over it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from amends.causes.notices.engine_models import LINES_A_BUCKET, LineBucket, LineMoves
from amends.engines.metering.engine.layout import Array, Lines
from amends.engines.metering.engine.moves import as_moves, from_moves
from amends.engines.metering.engine.portable import packed
from amends.platform.database.rows import insert, update

MOVES_A_BUCKET = 2 * LINES_A_BUCKET
"""A bucket is written for so many lines moved."""


@dataclass(frozen=True, slots=True)
class LineMovesWritten:
    """Where a commit leaves the lines it moved, as it will be written.

    first, buckets  the first of those written whole, and each of them
    lines, moves    how many others moved, and what they have come to
    of              how many buckets there are; `whole`: all of them are written
    """

    first: int
    buckets: tuple[bytes, ...]
    lines: int
    moves: bytes
    of: int
    whole: bool

    @property
    def after(self) -> int:
        """Whose turn it is next."""
        return 0 if self.whole else self.first + len(self.buckets)


def next_write_slot() -> int:
    """The bucket whose turn comes after the last commit; there may be none of that number."""
    last = LineMoves.objects.order_by("revision").values_list("first", "buckets").last()
    return sum(last) if last else 0


def moves_of(
    lines: Lines, numbers: Array, *, turn: int, all_lines: bool = False
) -> LineMovesWritten:
    """What some lines have come to; pure, and apart from the lines, which may move on.

    numbers   those of the lines, ascending, each once
    turn      the bucket whose turn it is
    whole     write every bucket instead
    """
    buckets = -(-len(lines) // LINES_A_BUCKET)
    first = turn if turn < buckets and not all_lines else 0
    count = min(-(-len(numbers) // MOVES_A_BUCKET), buckets - first)
    if all_lines:
        count = buckets
    of = numbers // LINES_A_BUCKET
    left = numbers[(of < first) | (of >= first + count)]
    packs = tuple(_bucket(lines, number) for number in range(first, first + count))
    return LineMovesWritten(
        first=first,
        buckets=packs,
        lines=len(left),
        moves=as_moves(lines, left),
        of=buckets,
        whole=all_lines,
    )


def write_moved(moved: LineMovesWritten, *, revision: int) -> None:
    """Write it, inside the caller's transaction.

    revision  the commit's; higher than that of any before
    """
    update(
        [
            LineBucket(number=number, memory=memory)
            for number, memory in enumerate(moved.buckets, moved.first)
        ],
        ("memory",),
    )
    if moved.whole:
        LineMoves.objects.all().delete()
        return
    if not moved.buckets:
        return
    writes = list(
        LineMoves.objects.order_by("revision").values_list("revision", "first", "buckets")
    )
    since = _since([*writes, (revision, moved.first, len(moved.buckets))], moved.of)
    settled = int(since.min())
    # Deleted first, so that the new ones take the room of the old: SQLite overwrites what is
    # deleted, and would write that for nothing.
    LineMoves.objects.filter(revision__lte=settled).delete()
    if settled == revision:
        return
    insert(
        LineMoves,
        {
            "revision": [revision],
            "first": [moved.first],
            "buckets": [len(moved.buckets)],
            "lines": [moved.lines],
            "moves": [moved.moves],
        },
    )


def read_moves(lines: Lines) -> None:
    """Bring lines, as their buckets hold them, to where the last commit left them."""
    buckets = -(-len(lines) // LINES_A_BUCKET)
    writes = list(
        LineMoves.objects.order_by("revision").values_list("revision", "first", "buckets")
    )
    since = _since(writes, buckets)
    for revision, body in LineMoves.objects.order_by("revision").values_list("revision", "moves"):
        numbers, part = from_moves(bytes(body))
        later = since[numbers // LINES_A_BUCKET] < revision
        lines.state[numbers[later]] = part.state[later]
        lines.terms[numbers[later]] = part.terms[later]


def _bucket(lines: Lines, number: int) -> bytes:
    here = slice(number * LINES_A_BUCKET, (number + 1) * LINES_A_BUCKET)
    return packed(Lines(lines.state[here], lines.terms[here]))


def _since(writes: list[tuple[int, int, int]], buckets: int) -> Array:
    """The last commit in whose turn each bucket was, among those whose moves are still there."""
    since = np.zeros(buckets, np.int64)
    for revision, first, count in writes:
        since[first : first + count] = revision
    return since
