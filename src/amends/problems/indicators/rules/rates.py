"""A complaint rate as one object: count, users, period, definition, exact interval, change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from amends.engines.stats.rates import (
    LEVEL,
    PopulationRate,
    Ratio,
    convert,
    population_rate,
    rate,
    rate_ratio,
)
from amends.problems.indicators.rules.definitions import Definition

SMALL = 10
"""Below this count a rate carries a mark: one complaint more or less moves it by a tenth."""
NOTHING_EXPECTED = 3.0
"""Where so many are expected, none at all comes in one of twenty cases (e^-3)."""


@dataclass(frozen=True, slots=True)
class RateFigure:
    """Complaints per `definition.per` users in `[start, end)`, with the exact interval.

    users   mean of the users at both ends
    classes  version of the classes the complaints are sorted by
    small   fewer than `SMALL` complaints
    """

    count: int
    users: float
    start: date
    end: date
    definition: Definition
    rate: float
    low: float
    high: float
    level: float = LEVEL
    classes: str = ""

    def in_unit(self, unit: str) -> tuple[float, float, float]:
        """Rate, low and high in another regulator's unit; what is counted stays the same.

        >>> from amends.problems.indicators.rules.definitions import definitions
        >>> rules = definitions(date(2026, 12, 1))["operator"]
        >>> found = figure(120, 5e6, rules, start=date(2026, 7, 1), end=date(2026, 10, 1))
        >>> [round(one, 2) for one in found.in_unit("per_10_000")]
        [0.24, 0.2, 0.29]
        """
        own = self.definition.unit
        ends = (self.rate, self.low, self.high)
        rate, low, high = (convert(end, unit=own, to=unit) for end in ends)
        return rate, low, high

    @property
    def published(self) -> PopulationRate:
        """What is shown: the rate, or of a small population the count and its interval."""
        return population_rate(self.count, self.users, per=self.definition.per, level=self.level)

    @property
    def small(self) -> bool:
        """Whether the count is too small for a rate to say much."""
        return self.count < SMALL


@dataclass(frozen=True, slots=True)
class RateChange:
    """One figure against an earlier one of the same definition; `word` is what may be said."""

    ratio: Ratio
    word: str


def figure(
    count: int, users: float, definition: Definition, *, start: date, end: date, classes: str = ""
) -> RateFigure:
    """The figure of a count; `users` above 0.

    >>> from amends.problems.indicators.rules.definitions import definitions
    >>> rules = definitions(date(2026, 12, 1))["operator"]
    >>> found = figure(120, 5e6, rules, start=date(2026, 7, 1), end=date(2026, 10, 1))
    >>> found.rate, round(found.low, 1), round(found.high, 1), found.small
    (24.0, 19.9, 28.7, False)
    """
    measured_rate = rate(count, users, per=definition.per)
    return RateFigure(
        count=count,
        users=users,
        start=start,
        end=end,
        definition=definition,
        rate=measured_rate.rate,
        low=measured_rate.low,
        high=measured_rate.high,
        level=measured_rate.level,
        classes=classes,
    )


def change(now: RateFigure, before: RateFigure) -> RateChange:
    """A figure compared with an earlier one; refused where they count different things.

    The word is "lower" or "higher" only where the exact 95% interval of the ratio leaves out 1.
    """
    if now.definition.id != before.definition.id:
        raise ValueError(
            f"{now.definition.id} and {before.definition.id} count different things and have no "
            "trend between them."
        )
    # A count is of its whole period: a longer period has more users' time.
    ratio = rate_ratio(
        now.count, now.users * _days(now), before.count, before.users * _days(before)
    )
    word = "lower" if ratio.high < 1 else "higher" if ratio.low > 1 else "not_shown"
    return RateChange(ratio, word)


def is_whole(earlier: RateFigure, begins: date | None) -> bool:
    """Whether an earlier period is one to compare with, records beginning on the day `begins`.

    It is where no day of it lacks records, or so few that days without a complaint at its own rate
    are no surprise (at least `NOTHING_EXPECTED` would have been expected in them).

    >>> from amends.problems.indicators.rules.definitions import definitions
    >>> rules = definitions(date(2026, 12, 1))["operator"]
    >>> found = figure(60, 5e6, rules, start=date(2026, 4, 1), end=date(2026, 7, 1))
    >>> [is_whole(found, day) for day in (date(2026, 3, 1), date(2026, 4, 3), date(2026, 5, 29))]
    [True, True, False]
    """
    if begins is None or begins <= earlier.start:
        return True
    lacking = (begins - earlier.start).days
    covered = (earlier.end - begins).days
    return covered > 0 and earlier.count / covered * lacking < NOTHING_EXPECTED


def _days(figure: RateFigure) -> int:
    return (figure.end - figure.start).days
