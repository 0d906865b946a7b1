"""One published wording."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

MAX_CHARACTERS = 5_000


@dataclass(frozen=True, slots=True)
class Copy:
    """One published wording; `pack` is the jurisdiction whose rules it is held against."""

    id: str
    text: str
    offer: str = ""
    channel: str = ""
    language: str = ""
    on: date | None = None
    pack: str = ""
