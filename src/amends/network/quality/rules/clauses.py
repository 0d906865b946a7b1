"""The kinds of clauses of speed rules: what each asks of the tests of one direction."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, tzinfo
from typing import Any

from amends.network.quality.rules.speed_tests import SpeedTest
from amends.network.quality.rules.strength import Strength, strength
from amends.platform.kit.errors import gettext_noop
from amends.platform.kit.translatable import Translatable

_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Clause:
    """One promise in one direction; `met` is true where it is kept, None where nobody can say."""

    id: str
    met: bool | None
    why: Translatable
    strength: Strength | None = None
    missing: Translatable | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """What a kind of clause looks at: its rule, the speed to reach, and the tests."""

    rule: Mapping[str, Any]
    data: Mapping[str, Any]
    zone: tzinfo | None
    speed: float
    direction: str
    tests: tuple[SpeedTest, ...]

    def reached(self, test: SpeedTest) -> bool:
        return (test.speed(self.direction) or 0.0) >= self.speed - _ROUNDING

    def by_day(self, tests: Sequence[SpeedTest] | None = None) -> dict[date, tuple[int, int]]:
        """(reached, tests) of each day."""
        days: dict[date, tuple[int, int]] = {}
        for test in self.tests if tests is None else tests:
            met, of = days.get(test.day(self.zone), (0, 0))
            days[test.day(self.zone)] = met + self.reached(test), of + 1
        return days

    def strength(self) -> Strength | None:
        return strength(list(self.by_day().values()), self.rule["compliant_share"])

    @property
    def mbps(self) -> str:
        return f"{self.speed:g}"


def _reached_on_days(name: str, look: Look) -> Clause:
    days = look.by_day()
    met = sum(1 for reached_count, _ in days.values() if reached_count)
    sentence = gettext_noop(
        "%(mbps)s Mbit/s was reached on %(met)s of %(days)s days; %(least)s are needed."
    )
    why = Translatable(sentence, mbps=look.mbps, met=met, days=len(days), least=look.rule["days"])
    return Clause(id=name, met=met >= look.rule["days"], why=why, strength=look.strength())


def _below_on_days(name: str, look: Look) -> Clause:
    days = look.by_day()
    below = sum(1 for reached_count, of in days.values() if reached_count < of)
    sentence = gettext_noop(
        "Below %(mbps)s Mbit/s on %(below)s of %(days)s days; %(most)s break the contract."
    )
    why = Translatable(
        sentence, mbps=look.mbps, below=below, days=len(days), most=look.rule["days"]
    )
    return Clause(id=name, met=below < look.rule["days"], why=why, strength=look.strength())


def _share(name: str, look: Look) -> Clause:
    reached_count = sum(map(look.reached, look.tests))
    met = reached_count >= look.rule["share"] * len(look.tests) - _ROUNDING
    why = _share_said(look, reached_count, len(look.tests), look.rule["share"])
    return Clause(id=name, met=met, why=why, strength=look.strength())


def _share_said(look: Look, reached_count: int, of: int, share: float) -> Translatable:
    return Translatable(
        gettext_noop(
            "%(reached)s of %(of)s tests reached %(mbps)s Mbit/s; %(share)s%% are needed."
        ),
        reached=reached_count,
        of=of,
        mbps=look.mbps,
        share=f"{share * 100:g}",
    )


def _mean(name: str, look: Look) -> Clause:
    speeds = [test.speed(look.direction) or 0.0 for test in look.tests]
    mean = math.fsum(speeds) / len(speeds)
    why = Translatable(
        gettext_noop("The mean of %(of)s tests is %(mean)s Mbit/s; %(mbps)s is needed."),
        of=len(speeds),
        mean=f"{mean:.4g}",
        mbps=look.mbps,
    )
    return Clause(id=name, met=mean >= look.speed - _ROUNDING, why=why, strength=look.strength())


def _daily(name: str, look: Look) -> Clause:
    days = look.by_day()
    missed = sum(1 for reached_count, _ in days.values() if not reached_count)
    sentence = gettext_noop("%(mbps)s Mbit/s was not reached on %(missed)s of %(days)s days.")
    why = Translatable(sentence, mbps=look.mbps, missed=missed, days=len(days))
    return Clause(
        id=name, met=not _recurs(look, missed, len(days)), why=why, strength=look.strength()
    )


def _mostly(name: str, look: Look) -> Clause:
    """Kept where the speed is reached in enough of the peak hours, or in enough of the day."""
    first, last = look.data["peak"]
    peak = [test for test in look.tests if first <= test.local(look.zone).hour < last]
    shares = [(look.tests, look.rule["day_share"])]
    if peak:
        shares.insert(0, (tuple(peak), look.rule["peak_share"]))
    share_counts = [(sum(map(look.reached, tests)), len(tests), share) for tests, share in shares]
    days = look.by_day()
    missed = sum(1 for reached_count, of in days.values() if reached_count < of)
    enough = any(
        reached_count >= share * of - _ROUNDING for reached_count, of, share in share_counts
    )
    strengths = [strength(list(look.by_day(tests).values()), share) for tests, share in shares]
    weakest = max((s for s in strengths if s), key=lambda s: (not s.strong, s.p), default=None)
    met = enough or not _recurs(look, missed, len(days))
    return Clause(id=name, met=met, why=_share_said(look, *share_counts[0]), strength=weakest)


def _not_regularly_below(name: str, look: Look) -> Clause:
    days = look.by_day()
    below = sum(1 for reached_count, of in days.values() if reached_count < of)
    sentence = gettext_noop("Below %(mbps)s Mbit/s on %(below)s of %(days)s days.")
    why = Translatable(sentence, mbps=look.mbps, below=below, days=len(days))
    return Clause(
        id=name, met=not _recurs(look, below, len(days)), why=why, strength=look.strength()
    )


def _recurs(look: Look, bad: int, days: int) -> bool:
    """Regularly recurring: on several days, and on a share of them."""
    threshold = max(
        look.data["recurring_days"], math.ceil(look.data["recurring_share"] * days - _ROUNDING)
    )
    return bool(bad >= threshold)


def _never_below(name: str, look: Look) -> Clause:
    below = sum(1 for test in look.tests if not look.reached(test))
    sentence = gettext_noop("%(below)s of %(of)s tests were below %(mbps)s Mbit/s.")
    why = Translatable(sentence, below=below, of=len(look.tests), mbps=look.mbps)
    return Clause(id=name, met=not below, why=why, strength=look.strength())


def _each_period(name: str, look: Look) -> Clause:
    """The share of each period of so many hours of a day; strength is that of the worst hours."""
    hours = look.rule["hours"]
    periods: dict[tuple[date, int], list[SpeedTest]] = {}
    for test in look.tests:
        moment = test.local(look.zone)
        periods.setdefault((test.day(look.zone), moment.hour // hours), []).append(test)
    full = {key: t for key, t in periods.items() if len(t) >= look.data["least_a_period"]}
    if not full:
        return Clause(
            name,
            None,
            Translatable(gettext_noop("No period has enough tests.")),
            missing=Translatable(
                gettext_noop(
                    "Still needed: wired tests, %(count)s within one period of %(hours)s hours."
                ),
                count=look.data["least_a_period"],
                hours=hours,
            ),
        )
    reached_counts = {key: sum(map(look.reached, tests)) for key, tests in full.items()}
    worst = min(full, key=lambda key: reached_counts[key] / len(full[key]))
    slots = {slot for _, slot in full}
    by_slot = [
        strength(
            [(reached_counts[key], len(tests)) for key, tests in full.items() if key[1] == slot],
            look.rule["compliant_share"],
            looks=len(slots),
        )
        for slot in slots
    ]
    strongest = min((s for s in by_slot if s), key=lambda s: (not s.strong, s.p))
    met: bool | None = reached_counts[worst] >= look.rule["share"] * len(full[worst]) - _ROUNDING
    why = _share_said(look, reached_counts[worst], len(full[worst]), look.rule["share"])
    unseen = [slot * hours for slot in range(24 // hours) if slot not in slots]
    if met and unseen:
        sentence = gettext_noop(
            "Still needed: wired tests, %(count)s within each period of %(hours)s hours that "
            "begins at %(starts)s."
        )
        starts = ", ".join(f"{start}:00" for start in unseen)
        missing = Translatable(
            sentence, count=look.data["least_a_period"], hours=hours, starts=starts
        )
        return Clause(id=name, met=None, why=why, strength=strongest, missing=missing)
    return Clause(id=name, met=met, why=why, strength=strongest)


KINDS: Mapping[str, Callable[[str, Look], Clause]] = {
    "reached_on_days": _reached_on_days,
    "below_on_days": _below_on_days,
    "share": _share,
    "mean": _mean,
    "daily": _daily,
    "mostly": _mostly,
    "not_regularly_below": _not_regularly_below,
    "never_below": _never_below,
    "each_period": _each_period,
}
