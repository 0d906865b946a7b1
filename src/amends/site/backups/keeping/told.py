"""What the keeper of a backup tells the rest of the installation, by a file beside the data."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

_FILE = "backup-kept.json"


@dataclass(frozen=True, slots=True)
class Kept:
    """How the kept backup stands; None: nothing yet.

    began_at   when a keeper began for the first time
    at         the newest moment that can be restored
    base_at    when the newest copy of the whole was begun
    """

    began_at: datetime | None = None
    at: datetime | None = None
    base_at: datetime | None = None


def told() -> Kept:
    """What was told last."""
    try:
        found = json.loads((settings.DATA_DIR / _FILE).read_text(encoding="utf-8"))
        return Kept(*(_moment(found.get(name)) for name in Kept.__slots__))
    except (OSError, ValueError, TypeError, AttributeError):
        return Kept()


def tell(kept: Kept) -> None:
    """Say how it stands."""
    part = settings.DATA_DIR / f"{_FILE}.part"
    moments = {name: getattr(kept, name) for name in Kept.__slots__}
    text = json.dumps({name: at.isoformat() for name, at in moments.items() if at})
    part.write_text(text, encoding="utf-8")
    part.replace(settings.DATA_DIR / _FILE)


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
