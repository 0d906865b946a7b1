"""The dated rules of harmful contents: hours to take down, the ladder of sanctions, terms."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from amends.platform.kit.packs import load_rules


@dataclass(frozen=True, slots=True)
class LadderStep:
    """A sanction, and from how many findings it is proposed."""

    kind: str
    findings: int


@dataclass(frozen=True, slots=True)
class TakeDownRules:
    """The rules in force on a day.

    hours        to take down, by label
    unverified   labels whose source was not read
    ladder       mildest first
    ladder_days  in which findings add up
    clean_days, closed_days  how long text is stored, from sampling and from closing
    """

    version: str
    hours: dict[str, int]
    unverified: frozenset[str]
    ladder: tuple[LadderStep, ...]
    ladder_days: int
    clean_days: int
    closed_days: int

    def due_at(self, label: str, found_at: datetime) -> datetime:
        """When a content with this label must be down."""
        return found_at + timedelta(hours=self.hours[label])

    def step(self, findings: int) -> str:
        """The sanction that so many findings call for; "" for none.

        >>> take_down_rules(date(2026, 12, 1)).step(3)
        'suspension'
        """
        steps_reached = [
            ladder_step.kind for ladder_step in self.ladder if findings >= ladder_step.findings
        ]
        return steps_reached[-1] if steps_reached else ""


def take_down_rules(day: date) -> TakeDownRules:
    """The rules in force on a day.

    >>> take_down_rules(date(2026, 12, 1)).hours["gambling"]
    2
    """
    file = load_rules("amends.causes.vetting", "content-rules", day)
    days = {row["id"]: int(row["days"]) for row in file.data["terms"]}
    return TakeDownRules(
        version=file.version,
        hours={row["id"]: int(row["hours"]) for row in file.rules},
        unverified=frozenset(row["id"] for row in file.rules if row["verified"] is not True),
        ladder=tuple(LadderStep(row["id"], int(row["findings"])) for row in file.data["ladder"]),
        ladder_days=days["ladder"],
        clean_days=days["clean"],
        closed_days=days["closed"],
    )
