"""What a kept backup writes down: segments in a chain, and bases to begin from."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from amends.kit.errors import gettext_noop as _
from amends.operations.backups.continuous.store import Store
from amends.operations.backups.sealing import UnableToOpenBackup


@dataclass(frozen=True, slots=True)
class Segment:
    """Everything that changed since the segment before.

    line     which unbroken line of segments it belongs to; a new one begins where some were missed
    before   SHA-256 of the record before, "" for the first of all
    at       the moment whose state it completes
    pages    pieces with the changed pages, in order (PostgreSQL: none)
    files    piece that lists keys and files, see `folders`
    salt, frame, opened   how far the log was read, and the segment that first read this log

    Of PostgreSQL:

    lsn      where in the server's log the moment lies; what was acknowledged before it lies before
    log      pieces of the log that were finished since the segment before, name → SHA-256
    through  the newest finished piece whose SHA-256 is on record
    tail     the piece the moment lies in: name, bytes received of it at least, SHA-256 of those
    """

    number: int
    line: int
    before: str
    at: str
    pages: list[str]
    page_size: int
    page_count: int
    files: str
    salt: str = ""
    frame: int = 0
    opened: int = 0
    lsn: str = ""
    log: dict[str, str] = field(default_factory=dict)
    through: str = ""
    tail: tuple[str, int, str] | None = None

    @property
    def moment(self) -> datetime:
        """`at` as a moment."""
        return datetime.fromisoformat(self.at)


@dataclass(frozen=True, slots=True)
class Base:
    """The whole database once; good for every segment of its line from `usable_from` on.

    first    the segment from which changes are laid over it
    pieces   its file in pieces, in order (PostgreSQL: the name of its folder in `pg/`)
    hashes   PostgreSQL: the files of that folder → SHA-256
    """

    line: int
    first: int
    usable_from: int
    made_at: str
    pieces: list[str]
    hashes: dict[str, str] = field(default_factory=dict)


def name_of(number: int) -> str:
    """Records sort by name as they sort by number."""
    return f"{number:012}"


def keep(store: Store, segment: Segment) -> str:
    """Write a segment; its digest, which the next one carries."""
    text = json.dumps(asdict(segment), sort_keys=True).encode()
    store.put_record("segments", name_of(segment.number), text)
    return hashlib.sha256(text).hexdigest()


def segment_at(store: Store, name: str) -> tuple[Segment, str]:
    """A segment and its digest."""
    text = store.get_record("segments", name)
    return Segment(**_told(text)), hashlib.sha256(text).hexdigest()


def keep_base(store: Store, base: Base) -> None:
    """Write a base once it is whole."""
    text = json.dumps(asdict(base)).encode()
    store.put_record("bases", name_of(base.usable_from), text)


def bases(store: Store) -> list[Base]:
    """All bases, the oldest first."""
    return [Base(**_told(store.get_record("bases", name))) for name in store.records("bases")]


def _told(text: bytes) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(text)
    except ValueError as error:
        raise UnableToOpenBackup(
            _("A record of the backup cannot be read."),
            next_step=_("Use another copy of the folder."),
        ) from error
    return found
