"""Requests to break the glass that wait: for a second person, or for the look itself."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import QuerySet
from django.utils import timezone

from amends.people.access.models import BreakGlass
from amends.people.access.queries.rights import rules_on


def _in_time() -> QuerySet[BreakGlass]:
    now = timezone.now()
    minutes = rules_on(timezone.localdate(now)).break_glass_minutes
    return BreakGlass.objects.filter(asked_at__gt=now - timedelta(minutes=minutes))


def requests_to_agree() -> QuerySet[BreakGlass]:
    """Requests that are not agreed to and whose time is not over."""
    return _in_time().filter(approved_at=None)


def agreed_requests() -> QuerySet[BreakGlass]:
    """Requests that a second person agreed to, not used yet."""
    return _in_time().filter(approved_at__isnull=False, used_at=None)
