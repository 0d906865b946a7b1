"""The hourly audit of this month and the one before; once a day with the files of usage."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings

from amends.cases.audits.actions.audit import AuditReport, audit
from amends.cases.audits.actions.audit_inputs import holds_usage
from amends.cases.audits.models import AuditRun
from amends.causes.notices.queries.usage import files_in
from amends.platform.kit.actors import system
from amends.platform.kit.packs import zone_of

MOST_BYTES = 100_000_000
"""Of files in one audit: their records are read whole, some hundred bytes of memory each."""
_EACH = timedelta(hours=20)
_FILES_LATE = timedelta(days=1)
log = logging.getLogger("amends.causes.notices")


def audit_notices(*, now: datetime) -> AuditReport:
    """Audit what may still change: receipts of last month come in this one.

    Once a day the files of usage and registrations are read too, so that an outage of the engine
    hides nothing, even where its crossings were the only ones. What cannot be read of them is left
    out, and the rest goes on: one broken row hides nobody else's notice.
    """
    zone = ZoneInfo(zone_of(settings.JURISDICTION))
    today = now.astimezone(zone).date()
    start = today.replace(day=1) - timedelta(days=1)
    begun = datetime(start.year, start.month, 1, tzinfo=zone)

    read = AuditRun.objects.filter(ran_at__gt=now - _EACH).exclude(usage_sha256="").exists()
    usage = [] if read else _usage_since(begun)
    left: list[str] = []
    report = audit(
        start=start,
        end=today + timedelta(days=1),
        actor=system("auditor"),
        now=now,
        jurisdiction=settings.JURISDICTION,
        usage=usage,
        left=left,
    )
    for what in left:
        log.warning("The audit left out what cannot be read of usage. %s", what)
    return report


def _usage_since(moment: datetime) -> list[Path]:
    """The files that came since; none of them where they are too many for one reading."""
    paths, size = [], 0
    for folder in dict.fromkeys((settings.NETWORK_DIR, settings.USAGE_DIR)):
        for path in files_in(folder) if folder.is_dir() else []:
            stat = path.stat()
            if stat.st_mtime >= (moment - _FILES_LATE).timestamp() and holds_usage(path):
                paths.append(path)
                size += stat.st_size
    if size > MOST_BYTES:
        log.warning(
            "%d files of usage hold %d MB, more than the daily audit reads: it goes by the ledger "
            "alone. Give them to `amends notices audit` where there is memory for them.",
            len(paths),
            size // 1_000_000,
        )
        return []
    return paths
