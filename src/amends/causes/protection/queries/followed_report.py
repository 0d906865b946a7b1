"""A report as its reporter follows it by its number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from amends.causes.protection.choices import MessageLabel, Step
from amends.causes.protection.models import NuisanceReport


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowedReport:
    """Nothing of it is personal: anyone with the number of a report may read it.

    step  what the reported number is subject to; None for nothing
    """

    ref: str
    reported_at: datetime
    label: MessageLabel | None
    has_number: bool
    step: Step | None
    step_until: datetime | None
    joined_complaint: bool


def followed_report(ref: str) -> FollowedReport | None:
    """The report with this number (`rpt-…`), None where there is none."""
    report = NuisanceReport.objects.select_related("number").filter(ref=ref).first()
    if report is None:
        return None
    number = report.number
    return FollowedReport(
        ref=report.ref,
        reported_at=report.reported_at,
        label=MessageLabel(report.label) if report.label else None,
        has_number=number is not None,
        step=Step(number.step) if number is not None and number.step else None,
        step_until=number.step_until if number is not None else None,
        joined_complaint=bool(report.complaint),
    )
