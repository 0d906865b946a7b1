"""Which role each number has: the words of the grammar look for the number they speak of.

A word claims the nearest number of its kind on the side that the grammar names. Pauses, and other
numbers between, make a number further away; a full stop ends the search. Of the words that claimed
a number the nearest decides.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from amends.causes.publicity.rules.reader.grammar import Cue, Sense
from amends.causes.publicity.rules.reader.quantities import Quantity

_STOP = re.compile(
    r"[。！!\n]|\.(?=\s+[A-Z]|\s*$)"
    r"|(?<!(?i:\brs))(?<!(?i:\bmin))(?<!(?i:\bmax))(?<!(?i:\bno))(?<!(?i:\bmo))(?<!(?i:\bincl))\.(?=\s)"
)
"""A full stop; after an abbreviation (min., Rs.) only before a capital letter."""
_PAUSE = re.compile(r"[，、；;()（）|【】\[\]•·]|,(?!\d{3})|[?？]|\s-{1,2}\s|\s{2,}|\s[/+]\s|-{2}")
_COLON = re.compile(r"[:：]")
PAUSE_COST, COLON_COST, BETWEEN_COST, AHEAD_BONUS = 16, 3, 18, 3

REACH: Mapping[str, int] = {
    "money": 70,
    "data": 26,
    "speed": 44,
    "months": 34,
    "minutes": 12,
    "places": 16,
    "day": 22,
}
"""How far a word reaches for its number, in characters."""
CLOSE: Mapping[tuple[str, str], int] = {
    ("money", "other"): 16,
    ("money", "referral"): 50,
    ("money", "pass"): 8,
    ("money", "worth"): 16,
    ("money", "save"): 12,
    ("money", "was"): 16,
    ("money", "price"): 20,
    ("money", "overage"): 20,
    ("data", "other"): 14,
    ("speed", "other"): 14,
    ("months", "other"): 12,
    ("places", "other"): 12,
    ("day", "other"): 14,
    ("speed", "up_to"): 24,
    ("money", "gift"): 40,
    ("months", "promo"): 16,
    ("months", "after"): 3,
}
"""Words that say something only of a number close by."""
WEIGHT: Mapping[tuple[str, str], int] = {
    ("money", "referral"): 60,
    ("money", "overage"): 12,
    ("money", "save"): 10,
    ("money", "worth"): 10,
    ("money", "exit"): 30,
    ("money", "after"): 6,
    ("money", "gift"): 2,
    ("money", "price"): -100,
    ("speed", "reduced"): 10,
    ("speed", "median"): 6,
    ("speed", "up_to"): -4,
    ("months", "contract"): 2,
    ("months", "after"): 8,
    ("places", "other"): 6,
}
"""Which role is preferred where two words are about as near."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A role that a word gives a number, with how far the word is; less is nearer."""

    role: str
    cost: int
    cue: Cue


class Layout:
    """Where the sentences and clauses of a text end."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.stops = [stop_match.start() for stop_match in _STOP.finditer(text)]
        self.pauses = [pause_match.start() for pause_match in _PAUSE.finditer(text)]
        self._colons = [colon_match.start() for colon_match in _COLON.finditer(text)]
        self._cuts = sorted([*self.stops, *self.pauses])

    def same_sentence(self, low: int, high: int) -> bool:
        """Whether no sentence ends between two places."""
        return bisect_left(self.stops, low) == bisect_left(self.stops, high)

    def crossed(self, low: int, high: int) -> tuple[int, int]:
        """How many pauses and colons stand between two places."""
        return (
            bisect_left(self.pauses, high) - bisect_left(self.pauses, low),
            bisect_left(self._colons, high) - bisect_left(self._colons, low),
        )

    def clause(self, low: int, high: int) -> tuple[int, int]:
        """The clause around a stretch."""
        before = bisect_right(self._cuts, low)
        after = bisect_left(self._cuts, high)
        return (
            self._cuts[before - 1] + 1 if before else 0,
            self._cuts[after] if after < len(self._cuts) else len(self.text),
        )

    def sentence(self, at: int) -> tuple[int, int]:
        """The sentence around a place."""
        stop_index = bisect_left(self.stops, at)
        return (
            self.stops[stop_index - 1] + 1 if stop_index else 0,
            self.stops[stop_index] if stop_index < len(self.stops) else len(self.text),
        )


def claims(
    kind: str,
    numbers: Sequence[Quantity],
    all_numbers: Sequence[Quantity],
    cues: Sequence[Cue],
    layout: Layout,
) -> dict[int, list[Claim]]:
    """What the words claim of the numbers of a kind, by position in `numbers`, nearest first."""
    claims_by_index: dict[int, list[Claim]] = {}
    if not numbers:
        return claims_by_index
    starts = [number.start for number in numbers]
    ends = [number.end for number in numbers]
    all_starts = [number.start for number in all_numbers]
    for cue in cues:
        for sense in cue.senses:
            if sense.kind == kind:
                for at, claim in _targets(cue, sense, numbers, starts, ends, all_starts, layout):
                    claims_by_index.setdefault(at, []).append(claim)
    for listed in claims_by_index.values():
        listed.sort(key=lambda candidate: candidate.cost - WEIGHT.get((kind, candidate.role), 0))
    return claims_by_index


def _targets(
    cue: Cue,
    sense: Sense,
    numbers: Sequence[Quantity],
    starts: list[int],
    ends: list[int],
    all_starts: list[int],
    layout: Layout,
) -> Iterator[tuple[int, Claim]]:
    """The number that a word speaks of, if one is near enough."""
    reach = CLOSE.get((sense.kind, sense.role), REACH[sense.kind])
    best: tuple[int, int] | None = None
    if sense.side != "behind":
        at = bisect_left(starts, cue.end)
        while at < len(numbers) and not _may_have(sense, numbers[at], starts[at] - cue.end):
            at += 1
            if at < len(numbers) and starts[at] - cue.end > reach:
                break
        if at < len(numbers) and starts[at] - cue.end <= reach:
            cost = _cost(cue.end, starts[at], all_starts, layout, PAUSE_COST)
            if cost is not None and cost <= reach:
                best = (cost - AHEAD_BONUS, at)
    if sense.side != "before":
        at = bisect_right(ends, cue.start) - 1
        if (
            at >= 0
            and cue.start - ends[at] <= reach
            and _may_have(sense, numbers[at], cue.start - ends[at])
        ):
            pause = reach if sense.side == "behind" else PAUSE_COST
            cost = _cost(ends[at], cue.start, all_starts, layout, pause)
            if cost is not None and cost <= reach and (best is None or cost < best[0]):
                best = (cost, at)
    if best is not None:
        yield best[1], Claim(sense.role, best[0], cue)


_ONCE_ONLY = {"exit", "pass", "worth"}


def _may_have(sense: Sense, number: Quantity, gap: int) -> bool:
    """An amount a month is no fee for leaving and no top-up; a monthly fee stands right by it."""
    if sense.kind != "money" or not number.period:
        return True
    if sense.role == "fee":
        return gap <= 3
    return sense.role not in _ONCE_ONLY


def _cost(
    low: int, high: int, all_starts: list[int], layout: Layout, pause_cost: int
) -> int | None:
    if high < low:
        return 0
    if not layout.same_sentence(low, high):
        return None
    pauses, colons = layout.crossed(low, high)
    between = bisect_left(all_starts, high) - bisect_left(all_starts, low)
    return high - low + pauses * pause_cost + colons * COLON_COST + between * BETWEEN_COST
