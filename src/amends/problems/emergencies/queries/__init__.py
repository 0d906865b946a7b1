"""What pages, commands and the apps above ask about emergencies."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from amends.problems.emergencies.models import Statement
from amends.problems.emergencies.queries.declared import emergencies_of_refs
from amends.problems.emergencies.queries.steps import current_steps
from amends.problems.emergencies.rules.emergency import step_state


@dataclass(frozen=True, slots=True)
class PublicStatement:
    """Public statements of one issue: its versions, the newest first.

    ended_at  when the cause of the problem ended; None while it goes on
    areas     areas affected, as the emergency lists them; none for all
    """

    issue: int
    versions: tuple[StatementVersion, ...]
    ended_at: datetime | None = None
    areas: tuple[str, ...] = ()

    @property
    def newest(self) -> StatementVersion:
        """The version that counts, withdrawn or not."""
        return self.versions[0]


@dataclass(frozen=True, slots=True)
class StatementVersion:
    """One version; `withdrawn_at` None while it is published."""

    version: int
    title_zh: str
    title_en: str
    text_zh: str
    text_en: str
    published_at: datetime
    withdrawn_at: datetime | None


def public_statements(*, brand: str = "", limit: int = 50) -> list[PublicStatement]:
    """Public statements, the latest first; never anything of a drill."""
    rows = Statement.objects.filter(issue__drill=False).select_related("issue__emergency")
    if brand:
        rows = rows.filter(issue__brand__in=("", brand))
    versions_by_issue: dict[int, list[StatementVersion]] = {}
    ended: dict[int, datetime | None] = {}
    areas: dict[int, tuple[str, ...]] = {}
    for row in rows.order_by("-published_at", "-version"):
        version = StatementVersion(
            version=row.version,
            title_zh=row.title_zh,
            title_en=row.title_en,
            text_zh=row.text_zh,
            text_en=row.text_en,
            published_at=row.published_at,
            withdrawn_at=row.withdrawn_at,
        )
        versions_by_issue.setdefault(row.issue.number, []).append(version)
        emergency = getattr(row.issue, "emergency", None)
        ended[row.issue.number] = (emergency and emergency.cause_ended_at) or row.issue.closed_at
        areas[row.issue.number] = tuple(emergency.areas) if emergency else ()
    return [
        PublicStatement(
            issue=number, versions=tuple(versions), ended_at=ended[number], areas=areas[number]
        )
        for number, versions in versions_by_issue.items()
    ][:limit]


def steps_of(ref: str, *, now: datetime) -> list[str]:
    """The state of each step of an issue's emergency, without those dropped."""
    emergency = emergencies_of_refs([ref]).get(ref)
    if emergency is None:
        return []
    states = [step_state(current_step, now) for current_step in current_steps(emergency)]
    return [state for state in states if state != "dropped"]
