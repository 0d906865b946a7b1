"""When absence is evidence: which stretches of time a source's records are stated complete for."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from typing import cast

from amends.decisions.evidence import CoverageAnswer, CoverageLike
from amends.kit.periods import to_ms

Stretch = tuple[int, int]
"""A half-open stretch of time, milliseconds UTC."""


class CoverageBook:
    """What is known about the completeness of records, indexed once and asked often.

    Takes statements of sources (`Coverage`), and answers of the ledger about one kind and period
    (`amends.facts.coverage.Coverage`), which are already about the person concerned. A statement
    that records are *not* complete wins over every statement that they are.
    """

    def __init__(self, known: Iterable[CoverageLike | CoverageAnswer]) -> None:
        self._by_kind: dict[str, list[tuple[str, Stretch, bool]]] = {}
        self._whole: dict[tuple[str, tuple[str, ...]], list[Stretch]] = {}
        self._stated: dict[str, list[tuple[str, Stretch]]] = {}
        for each in known:
            gaps = getattr(each, "gaps", None)
            if gaps is None:
                self._add_statement(cast(CoverageLike, each))
            else:
                self._add_answer(cast(CoverageAnswer, each))

    def _add_statement(self, each: CoverageLike) -> None:
        stretch = (to_ms(each.start), to_ms(each.end))
        for kind in each.kinds:
            listed = self._by_kind.setdefault(kind, [])
            listed.append((each.scope, stretch, bool(each.complete)))

    def _add_answer(self, each: CoverageAnswer) -> None:
        listed = self._by_kind.setdefault(each.kind, [])
        listed.append(("all", (each.start_ms, each.end_ms), True))
        listed += [("all", (start, end), False) for start, end in each.gaps]
        stated = zip(getattr(each, "statements", ()), getattr(each, "spans", ()), strict=True)
        self._stated.setdefault(each.kind, []).extend(stated)

    def complete(self, kind: str, scopes: tuple[str, ...]) -> list[Stretch]:
        """The stretches for which records of `kind` are complete for one of `scopes`, in order."""
        key = (kind, scopes)
        known = self._whole.get(key)
        if known is None:
            mine = [row for row in self._by_kind.get(kind, ()) if row[0] in scopes]
            whole = merged(stretch for _, stretch, complete in mine if complete)
            broken = merged(stretch for _, stretch, complete in mine if not complete)
            known = self._whole[key] = without(whole, broken)
        return known

    def gaps(
        self, kinds: tuple[str, ...], scopes: tuple[str, ...], start: int, end: int
    ) -> list[Stretch]:
        """The parts of `[start, end)` for which some of `kinds` is not known to be complete.

        Empty means covered. A period of no length still asks about its moment.
        """
        end = max(end, start + 1)
        found: list[Stretch] = []
        for kind in kinds:
            whole = self.complete(kind, scopes)
            place = bisect_right(whole, (start, 1 << 62)) - 1
            if place >= 0 and whole[place][1] >= end:
                continue
            found += without([(start, end)], whole)
        return merged(found)

    def statements(self, kinds: tuple[str, ...], start: int, end: int) -> tuple[str, ...]:
        """Ids of the facts in which sources state how complete `kinds` are in `[start, end)`."""
        end = max(end, start + 1)
        return tuple(
            dict.fromkeys(
                fact
                for kind in kinds
                for fact, (first, last) in self._stated.get(kind, ())
                if first < end and last > start
            )
        )


def merged(stretches: Iterable[Stretch]) -> list[Stretch]:
    """Overlapping and touching stretches as one, in order of time.

    >>> merged([(5, 9), (0, 3), (3, 4)])
    [(0, 4), (5, 9)]
    """
    whole: list[Stretch] = []
    for start, end in sorted(stretches):
        if whole and start <= whole[-1][1]:
            whole[-1] = (whole[-1][0], max(end, whole[-1][1]))
        elif end > start:
            whole.append((start, end))
    return whole


def without(whole: list[Stretch], taken: list[Stretch]) -> list[Stretch]:
    """What is left of `whole` when `taken` is cut out; both in order of time, without overlaps.

    >>> without([(0, 10)], [(2, 3), (8, 20)])
    [(0, 2), (3, 8)]
    """
    left: list[Stretch] = []
    for start, end in whole:
        for cut_start, cut_end in taken:
            if cut_end <= start or cut_start >= end:
                continue
            if cut_start > start:
                left.append((start, cut_start))
            start = cut_end
        if start < end:
            left.append((start, end))
    return left
