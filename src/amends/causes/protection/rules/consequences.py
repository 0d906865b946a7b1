"""What reports of a number weigh together, and what follows from it.

A person who reports a rival ten thousand times weighs once, and the less the more often their
reports were not confirmed. A report weighs in full only where the network recorded that the number
contacted the reporter; unverified ones weigh little, together at most one. The reports of one
colleague, one network address or one household never add up to a block. Every report loses half its
weight in a half-life, so that a number that stops is forgotten.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from amends.platform.kit.packs import load_rules

STEPS = ("mark", "warn", "block")


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenReport:
    """A report as it is weighed.

    reporter   whoever reports, always the same for one person
    verified   whether the network recorded that the number contacted this person
    label      of the message; "" where none was given, as of a call
    confirmed, refuted  earlier reports of this person about other numbers, by what became of them
    staff      the colleague who entered it; "" for none
    source     the network address or client it came from; "" for none
    household  what the reporter's household has in common; "" where nothing is known
    """

    reporter: str
    verified: bool
    label: str
    at: datetime
    confirmed: int = 0
    refuted: int = 0
    staff: str = ""
    source: str = ""
    household: str = ""


@dataclass(frozen=True, slots=True)
class ConsequenceRule:
    """When a consequence follows, and for how many days."""

    step: str
    weight: float
    days: int
    needs_fraud: bool


@dataclass(frozen=True, slots=True)
class ConsequenceRules:
    """The dated table."""

    weights: Mapping[str, float]
    steps: tuple[ConsequenceRule, ...]
    appeal_working_days: int
    version: str


def consequence_rules(on: date) -> ConsequenceRules:
    """The table in force on a day.

    >>> [one.step for one in consequence_rules(date(2026, 12, 1)).steps]
    ['mark', 'warn', 'block']
    """
    file = load_rules("amends.causes.protection", "consequences", on)
    rows: dict[str, Any] = {row["id"]: row for row in file.rules}
    return ConsequenceRules(
        weights={
            name: float(value)
            for name, value in rows["weights"].items()
            if isinstance(value, int | float) and not isinstance(value, bool)
        },
        steps=tuple(
            ConsequenceRule(
                step=name,
                weight=float(rows[name]["weight"]),
                days=int(rows[name]["days"]),
                needs_fraud=bool(rows[name]["fraud"]),
            )
            for name in STEPS
        ),
        appeal_working_days=int(rows["appeal"]["working_days"]),
        version=file.version,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """The weight of the reports of a number.

    people    distinct people who reported it
    frauds    of these, who reported a message that is a fraud
    verified  of these, whom the number contacted as the network recorded, and whose weight counts
    """

    weight: float
    people: int
    frauds: int
    verified: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockSafeguards:
    """Safeguards against blocks by a few reporters.

    together          `staff`, `source_address`, `household` → the most that reports of one weigh
    verified_people   from so many verified people on, a scam number is evident
    ordinary_hours    a number with older contacts before its first report is not evident
    receipt_days      how long before the report the contact may have been
    """

    together: Mapping[str, float]
    verified_people: int
    ordinary_hours: float
    receipt_days: int
    version: str


def block_safeguards(on: date) -> BlockSafeguards:
    """The safeguards in force on a day.

    >>> block_safeguards(date(2026, 12, 1)).verified_people
    20
    """
    file = load_rules("amends.causes.protection", "block-safeguards", on)
    rows: dict[str, Any] = {row["id"]: row for row in file.rules}
    return BlockSafeguards(
        together={
            name: float(rows["together"][name]) for name in ("staff", "source_address", "household")
        },
        verified_people=int(rows["evident"]["verified_people"]),
        ordinary_hours=float(rows["evident"]["ordinary_hours"]),
        receipt_days=int(rows["receipt"]["within_days"]),
        version=file.version,
    )


def is_evident(
    weighed: Weighed, *, ordinary_hours: float, needed: ConsequenceRule, safeguards: BlockSafeguards
) -> bool:
    """Whether the published rule replaces the second person who agrees to a block.

    ordinary_hours  how long the number contacted people before it was first reported
    """
    return (
        weighed.verified >= safeguards.verified_people
        and weighed.weight >= needed.weight
        and (weighed.frauds > 0 or not needed.needs_fraud)
        and ordinary_hours <= safeguards.ordinary_hours
    )


def suspension_rule(on: date) -> ConsequenceRule:
    """When a partner may be suspended because of a number that it uses, and for how long.

    >>> suspension_rule(date(2026, 12, 1)).days
    30
    """
    row = _rows(on)["suspend"]
    return ConsequenceRule(
        step="suspend",
        weight=float(row["weight"]),
        days=int(row["days"]),
        needs_fraud=bool(row["fraud"]),
    )


@dataclass(frozen=True, slots=True)
class AdviceRule:
    """From which consequence on likely victims are advised, minors and elders earlier; `days` is
    how long ago the contact may be."""

    step: str
    careful_step: str
    days: int


def advice_rule(on: date) -> AdviceRule:
    """The rule in force on a day.

    >>> advice_rule(date(2026, 12, 1)).careful_step
    'warn'
    """
    row = _rows(on)["advise"]
    return AdviceRule(row["step"], row["careful_step"], int(row["days"]))


def _rows(on: date) -> dict[str, Any]:
    return {
        row["id"]: row for row in load_rules("amends.causes.protection", "consequences", on).rules
    }


@dataclass(frozen=True, slots=True)
class Corrections:
    """Weight of one correction by a subscriber, and the most that all take off (share of the
    weight, 0 to 1)."""

    weight: float
    most_share: float
    half_life_days: float


def corrections(on: date) -> Corrections:
    """The rule in force on a day.

    >>> corrections(date(2026, 12, 1)).most_share
    0.5
    """
    rows = {row["id"]: row for row in load_rules("amends.causes.protection", "delivery", on).rules}
    row = rows["wrong"]
    return Corrections(float(row["weight"]), float(row["most_share"]), float(row["half_life_days"]))


def weigh(
    reports: Iterable[GivenReport],
    *,
    now: datetime,
    rules: ConsequenceRules,
    safeguards: BlockSafeguards,
) -> Weighed:
    """Weigh reports: each person once, by their heaviest report.

    >>> from datetime import UTC
    >>> at = datetime(2026, 12, 1, tzinfo=UTC)
    >>> on = {"now": at, "rules": consequence_rules(at.date())}
    >>> on["safeguards"] = block_safeguards(at.date())
    >>> spam = GivenReport(reporter="rival", verified=True, label="spam", at=at)
    >>> weigh([spam] * 10_000, **on).weight
    1.0
    >>> typed = [replace(spam, reporter=f"caller {n}", staff="usr-1") for n in range(100)]
    >>> weigh(typed, **on).weight
    1.5
    """
    heaviest: dict[str, tuple[bool, float, GivenReport]] = {}
    frauds: set[str] = set()
    for report in reports:
        entry = (report.verified, _weight(report, now, rules), report)
        earlier = heaviest.get(report.reporter)
        if earlier is None or entry[:2] > earlier[:2]:
            heaviest[report.reporter] = entry
        if report.label == "fraud":
            frauds.add(report.reporter)
    ordered = sorted(heaviest.values(), key=lambda entry: (-entry[1], entry[2].reporter))
    proven, verified = 0.0, 0
    left: dict[tuple[str, str], float] = {}
    for is_verified, heavy, report in ordered:
        if is_verified and heavy > 0:
            counted = _within(report, heavy, left, safeguards)
            proven += counted
            verified += counted > 0
    unproven_weight = sum(heavy for is_verified, heavy, _report in ordered if not is_verified)
    return Weighed(
        weight=round(proven + min(unproven_weight, rules.weights["unproven_together"]), 3),
        people=len(heaviest),
        frauds=len(frauds),
        verified=verified,
    )


def _within(
    report: GivenReport,
    heavy: float,
    left: dict[tuple[str, str], float],
    safeguards: BlockSafeguards,
) -> float:
    """What of a person's weight the limits of its origins leave; they are used up by it."""
    origins = {
        ("staff", report.staff),
        ("source_address", report.source),
        ("household", report.household),
    }
    named_origins = [origin for origin in origins if origin[1]]
    counted = min(
        [
            heavy,
            *(
                left.get(named_origin, safeguards.together[named_origin[0]])
                for named_origin in named_origins
            ),
        ]
    )
    for origin in named_origins:
        left[origin] = left.get(origin, safeguards.together[origin[0]]) - counted
    return counted


def _weight(report: GivenReport, now: datetime, rules: ConsequenceRules) -> float:
    table = rules.weights
    age_days = max((now - report.at).total_seconds() / 86_400, 0.0)
    record = (report.confirmed + 2) / (report.confirmed + report.refuted + 2)
    decay: float = 0.5 ** (age_days / table["half_life_days"])
    who = table["proven" if report.verified else "unproven"]
    return who * table[report.label or "unjudged"] * record * decay


def lowered(
    weighed: Weighed, wrong: Iterable[datetime], *, now: datetime, by: Corrections
) -> Weighed:
    """The weight after corrections by subscribers, which lose half their weight in a half-life.

    Together they take off at most a share of it, so that callers cannot clear themselves.

    wrong  times at which distinct subscribers said that stopping the number was wrong
    """
    corrected = sum(
        by.weight * 0.5 ** (max((now - at).total_seconds(), 0.0) / 86_400 / by.half_life_days)
        for at in wrong
    )
    floor = weighed.weight * (1 - by.most_share)
    return replace(weighed, weight=round(max(weighed.weight - corrected, floor), 3))


def step_for(weighed: Weighed, *, rules: ConsequenceRules) -> ConsequenceRule | None:
    """The strictest consequence that follows; None where none does."""
    reached_step = None
    for step in rules.steps:
        if weighed.weight >= step.weight and (weighed.frauds or not step.needs_fraud):
            reached_step = step
    return reached_step
