"""Findings in contents: lists for the desk, one finding, what a partner's score asks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from amends.causes.vetting.choices import ContentLabel
from amends.causes.vetting.models import (
    ContentAppealState,
    ContentFinding,
    ContentFindingState,
    ContentSource,
)
from amends.causes.vetting.rules.take_down import take_down_rules
from amends.people.partners.queries import partner_names
from amends.platform.kit.actors import Actor


@dataclass(frozen=True, slots=True)
class ContentFindingLine:
    """A finding as lists show it.

    hours_left  until the content must be down, negative once overdue; None when closed
    """

    ref: str
    service: str
    service_name_zh: str
    service_name_en: str
    partner: str
    partner_name: str
    label: ContentLabel
    state: ContentFindingState
    source: ContentSource
    score: float
    found_at: datetime
    due_at: datetime
    hours_left: float | None
    appeal: ContentAppealState | None

    @property
    def is_overdue(self) -> bool:
        """Whether the content should be down and is not."""
        return self.hours_left is not None and self.hours_left < 0


def visible_findings(brand: str) -> QuerySet[ContentFinding]:
    """Findings of services of a brand and of those of none; all for ""."""
    rows = ContentFinding.objects.select_related("sample__service")
    return rows.filter(sample__service__brand__in=("", brand)) if brand else rows


def open_findings() -> Q:
    """Findings to work on: not down yet, or with an appeal to answer."""
    return Q(state=ContentFindingState.OPEN) | Q(appeal_state=ContentAppealState.OPEN)


def finding_lines(
    rows: QuerySet[ContentFinding], *, now: datetime, language: str
) -> list[ContentFindingLine]:
    """Rows as lists show them."""
    finding_rows = list(rows)
    names = partner_names({finding_row.partner for finding_row in finding_rows}, language)
    return [
        ContentFindingLine(
            ref=row.ref,
            service=row.sample.service_id,
            service_name_zh=row.sample.service.name_zh or row.sample.service.name_en,
            service_name_en=row.sample.service.name_en or row.sample.service.name_zh,
            partner=row.partner,
            partner_name=names.get(row.partner, row.partner),
            label=ContentLabel(row.label),
            state=ContentFindingState(row.state),
            source=ContentSource(row.sample.source),
            score=row.sample.score,
            found_at=row.found_at,
            due_at=row.due_at,
            hours_left=(row.due_at - now) / timedelta(hours=1)
            if row.state == ContentFindingState.OPEN
            else None,
            appeal=ContentAppealState(row.appeal_state) if row.appeal_state else None,
        )
        for row in finding_rows
    ]


@dataclass(frozen=True, slots=True)
class PartnerFindings:
    """Counts of a partner's findings in a period.

    found      findings that were not dismissed
    by_label   the same by label
    overdue    still up after their deadline
    late       taken down after their deadline
    sanctions  imposed for findings
    """

    partner: str
    found: int
    by_label: dict[str, int]
    overdue: int
    late: int
    sanctions: int


def findings(partner: str, *, start: datetime, end: datetime) -> PartnerFindings:
    """The findings of a partner in `[start, end)`, for its score."""
    rows = ContentFinding.objects.filter(
        partner=partner, found_at__gte=start, found_at__lt=end
    ).exclude(state=ContentFindingState.DISMISSED)
    by_label: dict[str, int] = {}
    for label in rows.values_list("label", flat=True):
        by_label[label] = by_label.get(label, 0) + 1
    late = [
        row
        for row in rows.filter(state=ContentFindingState.TAKEN_DOWN)
        if row.closed_at and row.closed_at > row.due_at
    ]
    return PartnerFindings(
        partner=partner,
        found=sum(by_label.values()),
        by_label=by_label,
        overdue=rows.filter(state=ContentFindingState.OPEN, due_at__lt=end).count(),
        late=len(late),
        sanctions=rows.exclude(sanction="").count(),
    )


def overdue_take_downs(partner: str, *, now: datetime) -> int:
    """How many contents of a partner should be down and are not."""
    rows = ContentFinding.objects.filter(partner=partner, state=ContentFindingState.OPEN)
    return rows.filter(due_at__lt=now).count()


def proposed_sanction(partner: str, *, now: datetime) -> str:
    """The step of the ladder that the partner's findings call for; "" for none."""
    rules = take_down_rules(timezone.localdate(now))
    start = now - timedelta(days=rules.ladder_days)
    rows = ContentFinding.objects.filter(partner=partner, found_at__gte=start)
    return rules.step(rows.exclude(state=ContentFindingState.DISMISSED).count()) if partner else ""


def finding_of(ref: str, actor: Actor) -> ContentFinding | None:
    """A finding that the actor may see."""
    return visible_findings(actor.brand).filter(ref=ref).first()
