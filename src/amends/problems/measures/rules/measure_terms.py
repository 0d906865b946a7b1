"""The terms of a measure: who does what where, from when, and how it will be judged; fixed before.

Weeks are counted from the day the measure starts. Left out are the weeks of the alarm for which the
place was chosen and the wash-out after the start: a place picked at its peak falls by itself, and
that fall is no effect (`rectification` judges by these terms).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from hashlib import sha256
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from amends.engines.detection.cube import DIMENSIONS, Trees, overlap, values_of
from amends.engines.detection.effect import LEAST_AFTER
from amends.platform.kit.errors import gettext_noop as _
from amends.record.facts.canonical import canonical_json

Flags = NDArray[np.bool_]

WEEK = timedelta(days=7)
BEFORE_WEEKS = 104
LEAST_DROP_PERMILLE, MOST_DROP_PERMILLE = 20, 950


@dataclass(frozen=True, slots=True)
class MeasureTerms:
    """What is fixed before a measure starts.

    starts_on, judge_on  first day of the measure; day of judgement
    wash_out_days        days after the start that do not count yet
    expected_drop_permille  the drop it is meant to bring, in thousandths
    treated, control     places, e.g. `code=consent.cancel_stop|area=area-4101`
    left_from, left_to   first and last day of the alarm that led to it, None where none did
    """

    title: str
    cause: str
    action: str
    owner: str
    starts_on: date
    judge_on: date
    wash_out_days: int
    expected_drop_permille: int
    treated: tuple[str, ...]
    control: tuple[str, ...]
    left_from: date | None = None
    left_to: date | None = None

    def digest(self) -> str:
        """SHA-256 of the terms in canonical JSON: whoever holds it knows what was fixed."""
        stated: dict[str, Any] = {
            name: "\n".join(value) if isinstance(value, tuple) else str(value or "")
            for name, value in asdict(self).items()
        }
        return sha256(canonical_json(stated)).hexdigest()


@dataclass(frozen=True, slots=True)
class ProblemText:
    """What is wrong with terms, to be translated, and the field of the form it is about."""

    field: str
    text: str
    values: tuple[tuple[str, int], ...] = ()


PROBLEMS: Mapping[str, ProblemText] = {
    "words": ProblemText("", _("Title, cause, action or owner is missing.")),
    "owner": ProblemText("owner", _("The owner is not a person who can sign in.")),
    "treated": ProblemText("treated", _("Specify at least one segment that the measure treats.")),
    "place": ProblemText(
        "treated",
        _("A segment cannot be read. Write code=…, area=…, product=… or channel=…."),
    ),
    "unknown": ProblemText("treated", _("A class, area, product or channel does not exist.")),
    "overlap": ProblemText(
        "control",
        _(
            "Treated and control segments overlap: one complaint could count in both, or one"
            " segment is part of the other."
        ),
    ),
    "too_soon": ProblemText(
        "judge_on",
        _("The day of judgement is too soon: allow %(weeks)s full weeks after start and wash-out."),
        (("weeks", LEAST_AFTER),),
    ),
    "drop": ProblemText(
        "expected_drop",
        _("The expected drop must be between %(least)s%% and %(most)s%%."),
        (("least", LEAST_DROP_PERMILLE // 10), ("most", MOST_DROP_PERMILLE // 10)),
    ),
    "left_out": ProblemText("left_to", _("The last day left out is before the first.")),
    "left_out_start": ProblemText(
        "left_from", _("Specify the first day left out too, or leave both empty.")
    ),
    "past": ProblemText(
        "starts_on", _("The first day is in the past: a measure is fixed before it starts.")
    ),
}
"""What may be wrong with terms: id → text and field."""


NO_TREES = Trees({}, {}, {})


def problems(
    terms: MeasureTerms,
    *,
    today: date,
    trees: Trees = NO_TREES,
    recorded_values: Mapping[str, Collection[str]] | None = None,
) -> tuple[str, ...]:
    """What is wrong with the terms of a measure fixed on `today`: keys of `PROBLEMS`.

    trees  what areas and products are part of
    known  dimension → the values there are; None where any may be meant

    >>> from dataclasses import replace
    >>> good = MeasureTerms("t", "c", "a", "usr", date(2026, 3, 2), date(2026, 4, 27), 14, 200,
    ...              ("code=consent.cancel_stop",), ("code=network",))
    >>> problems(good, today=date(2026, 3, 1))
    ()
    >>> problems(replace(good, judge_on=date(2026, 3, 30)), today=date(2026, 3, 10))
    ('too_soon', 'past')
    >>> problems(replace(good, control=("code=consent",)), today=date(2026, 3, 1))
    ('overlap',)
    """
    problem_ids = []
    if not all((terms.title, terms.cause, terms.action, terms.owner)):
        problem_ids.append("words")
    if not terms.treated:
        problem_ids.append("treated")
    if not all(map(readable, (*terms.treated, *terms.control))):
        problem_ids.append("place")
    else:
        if recorded_values is not None and strangers(terms, recorded_values):
            problem_ids.append("unknown")
        if any(overlap(*pair, trees) for pair in product(terms.treated, terms.control)):
            problem_ids.append("overlap")
    ready = terms.starts_on + timedelta(days=terms.wash_out_days) + LEAST_AFTER * WEEK
    if terms.judge_on < ready:
        problem_ids.append("too_soon")
    if not LEAST_DROP_PERMILLE <= terms.expected_drop_permille <= MOST_DROP_PERMILLE:
        problem_ids.append("drop")
    if terms.left_from and terms.left_to and terms.left_to < terms.left_from:
        problem_ids.append("left_out")
    if terms.left_to and not terms.left_from:
        problem_ids.append("left_out_start")
    if terms.starts_on < today:
        problem_ids.append("past")
    return tuple(problem_ids)


def strangers(terms: MeasureTerms, recorded_values: Mapping[str, Collection[str]]) -> list[str]:
    """The values of the terms' places that do not exist, written as in a place.

    >>> terms = MeasureTerms("t", "c", "a", "u", date(2026, 3, 4), date(2026, 5, 4), 0, 200,
    ...               ("code=network|area=a",), ("code=invented",))
    >>> strangers(terms, {"code": {"network"}, "area": {"a"}})
    ['code=invented']
    """
    named = {
        (name, value)
        for cell_key in (*terms.treated, *terms.control)
        for name, value in values_of(cell_key).items()
    }
    return sorted(
        f"{name}={value}" for name, value in named if value not in recorded_values.get(name, ())
    )


def readable(cell_key: str) -> bool:
    """Whether a text is a place: dimensions with values, each dimension once."""
    parts = [part.partition("=") for part in cell_key.split("|")] if cell_key else []
    names = [name for name, _equals, _value in parts]
    is_unique = len(set(names)) == len(names)
    return is_unique and all(
        name in DIMENSIONS and equals and value for name, equals, value in parts
    )


def weeks_of(terms: MeasureTerms, *, first: date, on: date) -> list[date]:
    """The first days of the whole weeks from `first` to `on`, laid so that one begins at the start.

    >>> terms = MeasureTerms("t", "c", "a", "u", date(2026, 3, 4), date(2026, 5, 4), 0, 200,
    ...                      ("",), ())
    >>> [str(day) for day in weeks_of(terms, first=date(2026, 2, 20), on=date(2026, 3, 12))]
    ['2026-02-25', '2026-03-04']
    """
    earliest = max(first, terms.starts_on - BEFORE_WEEKS * WEEK)
    back = max((terms.starts_on - earliest) // WEEK, 0)
    start = terms.starts_on - back * WEEK
    week_count = max((on - start) // WEEK, 0)
    return [start + week * WEEK for week in range(week_count)]


def after_and_left_out(terms: MeasureTerms, weeks: Sequence[date]) -> tuple[Flags, Flags]:
    """Which weeks the measure was at work in, and which do not count."""
    after = np.array([week >= terms.starts_on for week in weeks], dtype=bool)
    counts_from = terms.starts_on + timedelta(days=terms.wash_out_days)
    left = np.array([terms.starts_on <= week < counts_from for week in weeks], dtype=bool)
    if terms.left_from is not None:
        last = terms.left_to or terms.left_from
        left |= np.array(
            [week <= last and week + WEEK > terms.left_from for week in weeks], dtype=bool
        )
    return after, left
