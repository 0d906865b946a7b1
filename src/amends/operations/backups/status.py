"""How the continuous backup stands: a file in the data directory, written by its process."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

_FILE = "backup-status.json"
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
    """What was written last; nothing where that cannot be read."""
    try:
        found: dict[str, Any] = json.loads((settings.DATA_DIR / _FILE).read_text(encoding="utf-8"))
        moments = ("began_at", "at", "base_at")
        return BackupStatus(**found | {name: parse_datetime(found[name] or "") for name in moments})
    except (OSError, ValueError, TypeError, KeyError):
        return BackupStatus()


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
