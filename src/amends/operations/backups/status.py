"""The state of the continuous backup, for every machine of the installation.

Its process writes a file in the data directory: its role may not write tables, and what it did
must be readable while the database is broken. The job `backup status` on the same machine copies
the file into the database.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import Error
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from amends.operations.models import BackupReport
from amends.operations.queries.host import host_name

_FILE = "backup-status.json"
_NEVER = datetime.min.replace(tzinfo=UTC)
_MARGIN = timedelta(days=2)
"""A copy of the whole is made once a day, and deleted when the next one is as old as is kept."""


@dataclass(frozen=True, slots=True)
class BackupStatus:
    """How the continuous backup stands; None: nothing yet.

    began_at   when `amends backup --keep` began for the first time
    at         the newest moment that can be restored
    base_at    when the newest copy of the whole was begun
    days       for how many days moments are kept
    disk_used_share    how much of the disk of its folder is taken
    """

    began_at: datetime | None = None
    at: datetime | None = None
    base_at: datetime | None = None
    days: int | None = None
    disk_used_share: float | None = None


def read_status() -> BackupStatus:
    """The newest report of any machine; that of this machine where the database fails."""
    try:
        report = BackupReport.objects.first()
    except Error:
        report = None
    if report is None or _written_at() >= report.reported_at:
        return local_status()
    return BackupStatus(
        **{field.name: getattr(report, field.name) for field in fields(BackupStatus)}
    )


def share_status() -> bool:
    """Copy what the backup of this machine last wrote into the database; whether it was newer."""
    written_at, report = _written_at(), BackupReport.objects.first()
    if written_at == _NEVER or (report is not None and written_at <= report.reported_at):
        return False
    shared = asdict(local_status()) | {"reported_at": written_at, "host": host_name()}
    BackupReport.objects.update_or_create(pk=1, defaults=shared)
    return True


def local_status() -> BackupStatus:
    """What the backup of this machine wrote last; nothing where that cannot be read."""
    try:
        status_fields: dict[str, Any] = json.loads(
            (settings.DATA_DIR / _FILE).read_text(encoding="utf-8")
        )
        moments = ("began_at", "at", "base_at")
        return BackupStatus(
            **status_fields | {name: parse_datetime(status_fields[name] or "") for name in moments}
        )
    except (OSError, ValueError, TypeError, KeyError):
        return BackupStatus()


def _written_at() -> datetime:
    try:
        return datetime.fromtimestamp((settings.DATA_DIR / _FILE).stat().st_mtime, tz=UTC)
    except OSError:
        return _NEVER


def write_status(status: BackupStatus) -> None:
    """Write how it stands, whole or not at all."""
    part = settings.DATA_DIR / f"{_FILE}.part"
    part.write_text(json.dumps(asdict(status), cls=DjangoJSONEncoder), encoding="utf-8")
    part.replace(settings.DATA_DIR / _FILE)


def gone_by(now: datetime) -> date | None:
    """The day by which the continuous backup holds nothing more of what is erased now.

    None where there is none.
    """
    days = read_status().days
    return None if days is None else timezone.localdate(now + timedelta(days=days) + _MARGIN)


def expiry_in_words(now: datetime) -> str:
    """The same as a sentence, for whoever has to tell the person."""
    if day := gone_by(now):
        return _(
            "The continuous backup holds it until %(day)s at the latest, while "
            "`amends backup --keep` runs. Archives "
            "(`amends backup FILE`) hold it until you delete them."
        ) % {"day": day}
    return _(
        "No continuous backup is known here. Archives (`amends backup FILE`) hold it until you "
        "delete them."
    )
