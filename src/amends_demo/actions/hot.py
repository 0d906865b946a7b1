"""Hot issues as the demonstration's weeks pass, and how they compare with the hidden causes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from amends.cases.complaints.actions.intake import Receipt
from amends.platform.kit.periods import from_ms, to_ms
from amends.problems.hotissues.actions.scan_causes import scan_causes
from amends.problems.hotissues.actions.scan_desk import scan_desk
from amends.problems.hotissues.actions.scan_hours import scan_hours
from amends.problems.hotissues.actions.scan_other_sources import scan_other_sources
from amends.problems.hotissues.actions.scan_words import scan_words
from amends.problems.hotissues.queries import found_issues
from amends.problems.hotissues.queries.exposures import KnownExposures
from amends_demo.rules.hidden import HiddenCause, hidden
from amends_demo.rules.simulate import World
from amends_demo.rules.tables import DAY_MS

LEAST = 30
"""A hidden cause of so many persons is to be found."""
_MOSTLY = 0.4
_FIRST = 3
_EVERY_DAYS = 1
_EVERY_MS = 7 * DAY_MS
_LAST_DAYS_MS = 5 * DAY_MS
_WORDS_MS = 8 * 7 * DAY_MS


@dataclass(slots=True)
class Lookout:
    """Scans when it is asked to, at most once a day, and from the causes once a week; in the last
    eight weeks the words of the week as well, in the last days those of the day, and the hours."""

    end_ms: int
    day: int = 0
    week_ms: int = 0

    def look(self, until_ms: int) -> None:
        """Scan if a day has passed since the last time."""
        if until_ms // DAY_MS < self.day + _EVERY_DAYS:
            return
        self.day, now = until_ms // DAY_MS, from_ms(until_ms)
        known_exposures = KnownExposures(now)
        scan_desk(now=now, known_exposures=known_exposures)
        weekly = until_ms - self.week_ms >= _EVERY_MS
        if weekly:
            self.week_ms = until_ms
            scan_causes(now=now, known_exposures=known_exposures)
        left_ms = self.end_ms - until_ms
        if left_ms < _LAST_DAYS_MS:
            scan_hours(now=now)
            scan_other_sources(now=now)
        if left_ms < _LAST_DAYS_MS or (weekly and left_ms < _WORDS_MS):
            scan_words(now=now, known_exposures=known_exposures)


@dataclass(frozen=True, slots=True)
class Sought:
    """A hidden cause and whether it was found.

    persons     who complained because of it
    delay_days  from the first complaint of it to its issue; None where it was not found
    named       whether the first three candidates of its issue name it
    """

    hidden: HiddenCause
    persons: int
    number: int | None
    delay_days: float | None
    named: bool


@dataclass(frozen=True, slots=True)
class FoundCauses:
    """Causes sought, and the issues that are none of them.

    ordinary  an issue most of whose known complainants share one matter that is no hidden cause,
              such as a price that rose; `false` the rest
    """

    sought: list[Sought] = field(default_factory=list)
    issues: int = 0
    ordinary: int = 0
    false: int = 0

    @property
    def median_delay_days(self) -> float | None:
        """Of the causes that were found."""
        delays = [
            sought_cause.delay_days
            for sought_cause in self.sought
            if sought_cause.delay_days is not None
        ]
        return median(delays) if delays else None

    def as_dict(self) -> dict[str, Any]:
        """The part of the demonstration's document."""
        return {
            "hot_issues": {
                "causes": {
                    sought_cause.hidden.cause: {
                        "persons": sought_cause.persons,
                        "issue": sought_cause.number,
                        "delay_days": None
                        if sought_cause.delay_days is None
                        else round(sought_cause.delay_days, 1),
                        "cause_named": sought_cause.named,
                    }
                    for sought_cause in self.sought
                },
                "median_delay_days": self.median_delay_days,
                "issues": self.issues,
                "ordinary": self.ordinary,
                "false": self.false,
            }
        }


def compare_hot(world: World, receipts: Mapping[str, Receipt]) -> FoundCauses:
    """What was found beside what is hidden."""
    truth = _truth(world, receipts)
    issues = found_issues()
    sought = [_seek(hidden_cause, truth, issues, world) for hidden_cause in hidden(world.scenario)]
    matched_numbers = {sought_cause.number for sought_cause in sought}
    other_issues = [issue for issue in issues if issue.number not in matched_numbers]
    by_cause = [_mostly(other_issue.complaints, truth, "cause") for other_issue in other_issues]
    by_role = [_mostly(other_issue.complaints, truth, "role") for other_issue in other_issues]
    parts = sum(bool(cause) for cause in by_cause)
    ordinary = sum(bool(role) and not cause for role, cause in zip(by_role, by_cause, strict=True))
    return FoundCauses(
        sought=[sought_cause for sought_cause in sought if sought_cause.persons >= LEAST],
        issues=len(issues),
        ordinary=ordinary + parts,
        false=len(other_issues) - ordinary - parts,
    )


def _truth(world: World, receipts: Mapping[str, Receipt]) -> dict[str, dict[str, Any]]:
    """Complaint → what is true of the contact that opened it."""
    moments = world.contacts["received_ms"].to_pylist()
    truth_by_complaint: dict[str, dict[str, Any]] = {}
    for row, at in zip(world.truth.to_pylist(), moments, strict=True):
        receipt = receipts.get(row["key"])
        if receipt is not None and receipt.kind != "enquiry":
            truth_by_complaint.setdefault(receipt.complaint, row | {"received_ms": at})
    return truth_by_complaint


def _seek(
    hidden_cause: HiddenCause, truth: Mapping[str, dict[str, Any]], issues: list[Any], world: World
) -> Sought:
    own = {
        ref: row["received_ms"] for ref, row in truth.items() if row["cause"] == hidden_cause.cause
    }
    names = _names(hidden_cause.cause, world)
    for issue in sorted(issues, key=lambda each: each.detected_at):
        mine = [ref for ref in issue.complaints if ref in own]
        if len(mine) >= max(5, _MOSTLY * len(issue.complaints)):
            first = min(own.values())
            delay = (to_ms(issue.detected_at) - first) / DAY_MS
            candidates = issue.causes[:_FIRST]
            named = any(kind == k and ref in refs for k, refs in names for kind, ref in candidates)
            return Sought(
                hidden=hidden_cause,
                persons=len(own),
                number=issue.number,
                delay_days=max(0.0, delay),
                named=named,
            )
    return Sought(hidden=hidden_cause, persons=len(own), number=None, delay_days=None, named=False)


def _names(cause: str, world: World) -> list[tuple[str, tuple[str, ...]]]:
    """What the ledger calls a hidden cause."""
    scenario = world.scenario
    names: dict[str, list[tuple[str, tuple[str, ...]]]] = {
        "campaign": [
            ("campaign", (scenario.campaign,)),
            ("partner", (scenario.campaign_agent,)),
        ],
        "roaming_week": [("notices_missing", ("cn.roaming_cap",))],
        "not_enrolled": [
            ("notices_missing", ("cn.allowance_near", "cn.allowance_reached")),
        ],
        "advert": [("claim", (scenario.advert,))],
        "degraded_area": [("degraded", (scenario.degraded_area,))],
        "agent": [("lookups", (scenario.agent_user,)), ("partner", (scenario.agent_partner,))],
        # Its users were moved to a dearer one, and not told: the record of the move is the duty.
        "withdrawn_pack": [
            ("campaign", (scenario.pack_campaign,)),
            ("notices_missing", ("cn.change",)),
        ],
        "storm": [("unrecorded", (scenario.storm_area,))],
    }
    return names.get(cause, [])


def _mostly(refs: list[str], truth: Mapping[str, dict[str, Any]], column: str) -> str:
    counted = Counter(truth[ref][column] for ref in refs if ref in truth)
    value, number = counted.most_common(1)[0] if counted else ("", 0)
    return str(value) if value and number >= max(4, 0.5 * len(refs)) else ""
