"""What the first page after sign-in shows of privacy."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from amends.causes.privacy.models import RightsRequest
from amends.causes.privacy.queries import incidents, misuse_cases, next_report, rights_queue
from amends.people.access.queries.colleagues import people
from amends.platform.kit.actors import Actor
from amends.platform.registry import HomeRow

BACK = timedelta(days=28)


def requests_due(actor: Actor, now: datetime) -> Sequence[HomeRow]:
    """Open requests about personal data, the soonest deadline first."""
    return [
        HomeRow(
            title=rights_row.it.title,
            path=reverse("privacy_request", args=[rights_row.it.ref]),
            note="",
            due_at=rights_row.it.due_at,
        )
        for rights_row in rights_queue(now=now, brand=actor.brand)
    ]


def reports_due(actor: Actor, now: datetime) -> Sequence[HomeRow]:
    """Open incidents that owe a report, the soonest first."""
    due_pairs = [(next_report(row), row) for row in incidents(brand=actor.brand)]
    rows = [
        HomeRow(
            title=row.title,
            path=reverse("privacy_incident", args=[row.ref]),
            note=_("report to the authority"),
            due_at=at,
        )
        for at, row in due_pairs
        if at is not None
    ]
    return sorted(rows, key=lambda row: row.due_at or now)


def alerts(actor: Actor, now: datetime) -> Sequence[HomeRow]:
    """Colleagues whose access to personal data waits for a decision."""
    cases = misuse_cases(brand=actor.brand)
    names = people(row.user for row in cases)
    return [
        HomeRow(
            names.get(row.user, row.user),
            reverse("privacy_case", args=[row.ref]),
            ngettext("%(n)s alert", "%(n)s alerts", len(row.alerts.all()))
            % {"n": len(row.alerts.all())},
        )
        for row in cases
    ]


def answered(actor: Actor, now: datetime) -> Sequence[HomeRow]:
    """Requests answered in the last four weeks, and whether in time."""
    answered_rows = [
        rights_row
        for rights_row in rights_queue(now=now, brand=actor.brand, only_answered=True)
        if rights_row.it.answered_at and rights_row.it.answered_at > now - BACK
    ]
    return [
        HomeRow(
            rights_row.it.title,
            reverse("privacy_request", args=[rights_row.it.ref]),
            _("answered in time") if _in_time(rights_row.it) else _("answered late"),
        )
        for rights_row in answered_rows
    ]


def _in_time(request: RightsRequest) -> bool:
    return bool(request.answered_at and request.answered_at <= request.due_at)
