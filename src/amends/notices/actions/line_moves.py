"""What a commit moved is written line by line; buckets of lines follow in turn.

Every commit writes the lines it moved (`LineMoves`) and some whole buckets: so many that after a
few commits all had their turn, and older moves can go. A bucket stands as of the last commit whose
turn it was in; moves of later commits are read over it.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from amends.notices.engine_models import LINES_A_BUCKET, LineBucket, LineMoves
from amends.notices.rules.engine.layout import Array, Lines
from amends.notices.rules.engine.moves import as_moves, from_moves
from amends.notices.rules.engine.portable import packed

MOVES_A_BUCKET = 2 * LINES_A_BUCKET
"""A bucket is written for so many lines moved."""


def write_moves(lines: Lines, numbers: Array, *, revision: int, whole: bool = False) -> None:
    """Write what some lines have come to, inside the caller's transaction.

    numbers   those of the lines, ascending, each once
    revision  the commit's; higher than that of any before
    whole     write every bucket instead
    """
    buckets = -(-len(lines) // LINES_A_BUCKET)
    if whole:
        _write_buckets(lines, range(buckets))
        LineMoves.objects.all().delete()
        return
    if not len(numbers):
        return
    turns = list(LineMoves.objects.order_by("revision").values_list("revision", "first", "buckets"))
    after = sum(turns[-1][1:]) if turns else 0
    first = after if after < buckets else 0
    count = min(-(-len(numbers) // MOVES_A_BUCKET), buckets - first)
    _write_buckets(lines, range(first, first + count))
    of = numbers // LINES_A_BUCKET
    left = numbers[(of < first) | (of >= first + count)]
    LineMoves.objects.create(
        revision=revision, first=first, buckets=count, lines=len(left),
        moves=as_moves(lines, left),
    )  # fmt: skip
    since = _since([*turns, (revision, first, count)], buckets)
    LineMoves.objects.filter(revision__lte=int(since.min())).delete()


def read_moves(lines: Lines) -> None:
    """Bring lines, as their buckets hold them, to where the last commit left them."""
    buckets = -(-len(lines) // LINES_A_BUCKET)
    turns = list(LineMoves.objects.order_by("revision").values_list("revision", "first", "buckets"))
    since = _since(turns, buckets)
    for revision, body in LineMoves.objects.order_by("revision").values_list("revision", "moves"):
        numbers, part = from_moves(bytes(body))
        later = since[numbers // LINES_A_BUCKET] < revision
        lines.state[numbers[later]] = part.state[later]
        lines.terms[numbers[later]] = part.terms[later]


def _write_buckets(lines: Lines, numbers: Iterable[int]) -> None:
    for number in numbers:
        here = slice(number * LINES_A_BUCKET, (number + 1) * LINES_A_BUCKET)
        part = Lines(lines.state[here], lines.terms[here])
        LineBucket.objects.filter(pk=number).update(memory=packed(part))


def _since(turns: list[tuple[int, int, int]], buckets: int) -> Array:
    """The last commit in whose turn each bucket was, among those whose moves are still there."""
    since = np.zeros(buckets, np.int64)
    for revision, first, count in turns:
        since[first : first + count] = revision
    return since
