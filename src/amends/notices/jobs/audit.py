"""The hourly audit of this month and the one before."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from amends.access.actors import system
from amends.kit.packs import pack
from amends.notices.actions.audit import Report, audit


def audit_notices(*, now: datetime) -> Report:
    """Audit what may still change: receipts of last month come in this one."""
    zone = ZoneInfo(pack(settings.JURISDICTION, now.date()).zone)
    today = now.astimezone(zone).date()
    return audit(
        start=today.replace(day=1) - timedelta(days=1),
        end=today + timedelta(days=1),
        actor=system("auditor"),
        now=now,
        jurisdiction=settings.JURISDICTION,
    )
