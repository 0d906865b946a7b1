"""What the keeper of a backup tells the rest of the installation, by a file beside the data."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

_FILE = "backup-kept.json"
_BESIDE = timedelta(days=2)
"""A copy of the whole is made once a day, and let go when the next one is as old as is kept."""


@dataclass(frozen=True, slots=True)
class Kept:
    """How the kept backup stands; None: nothing yet.

    began_at   when a keeper began for the first time
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


_MOMENTS = ("began_at", "at", "base_at")


def gone_by(now: datetime) -> date | None:
    """The day by which the kept backup holds nothing more of what is erased now.

    None where nobody keeps one.
    """
    days = told().days
    return None if days is None else timezone.localdate(now + timedelta(days=days) + _BESIDE)


def expiry_in_words(now: datetime) -> str:
    """The same as a sentence, for whoever has to tell the person."""
    if day := gone_by(now):
        return _(
            "The kept backup holds it until %(day)s at the latest, while its keeper runs. Archives "
            "(`amends backup FILE`) hold it until you delete them."
        ) % {"day": day}
    return _(
        "No kept backup is known here. Archives (`amends backup FILE`) hold it until you delete "
        "them."
    )


def told() -> Kept:
    """What was told last."""
    try:
        found = json.loads((settings.DATA_DIR / _FILE).read_text(encoding="utf-8"))
        moments = {name: _moment(found.get(name)) for name in _MOMENTS}
        days, share = found.get("days"), found.get("disk_used_share")
        return Kept(
            **moments,
            days=None if days is None else int(days),
            disk_used_share=None if share is None else float(share),
        )
    except (OSError, ValueError, TypeError, AttributeError):
        return Kept()


def tell(kept: Kept) -> None:
    """Say how it stands."""
    part = settings.DATA_DIR / f"{_FILE}.part"
    moments = {name: getattr(kept, name) for name in _MOMENTS}
    said: dict[str, str | float] = {name: at.isoformat() for name, at in moments.items() if at}
    if kept.days is not None:
        said["days"] = kept.days
    if kept.disk_used_share is not None:
        said["disk_used_share"] = round(kept.disk_used_share, 4)
    part.write_text(json.dumps(said), encoding="utf-8")
    part.replace(settings.DATA_DIR / _FILE)


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
