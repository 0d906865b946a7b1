"""What follows a database for continuous backups; `postgres` and `sqlite` follow one each."""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import UTC, datetime, timedelta
from typing import Any

import amends
from amends.operations.backups.folders import Folders
from amends.operations.backups.store import Manifest, Store, UnableToBackUp
from amends.platform.kit.errors import gettext_noop as _

_A_DAY = timedelta(days=1)


class Follower(ABC):
    """Follows one database; what it stores may be cut off at any moment.

    manifest   the one moments are added to; None before the first copy of the whole
    next       the one whose copy is under way
    """

    kind: str

    def __init__(self, store: Store) -> None:
        self.store, self.folders = store, Folders(store)
        manifests = store.manifests()
        self.manifest: Manifest | None = manifests[-1] if manifests else None
        self.next: Manifest | None = None
        if self.manifest and self.manifest.kind != self.kind:
            raise UnableToBackUp(
                _("%(folder)s holds a backup of another database (%(engine)s)."),
                next_step=_("Name another folder."),
                values={"folder": store.folder, "engine": self.manifest.kind},
            )

    @abstractmethod
    def step(self, now: datetime) -> datetime | None:
        """Store all that was committed until now; the newest moment, None before the first copy.

        Raises UnableToCopyDatabase, OSError or sqlite3.Error; the next step tries again.
        """

    def copy_until(self, end: float) -> None:
        """Go on with a copy of the whole until the monotonic clock says `end`."""
        return

    def expire(self, manifests: list[Manifest]) -> None:
        """Delete what lies outside the store and none of `manifests`, which stay, needs."""
        return

    @abstractmethod
    def close(self) -> None:
        """Stop following."""

    def begin_copy(self, now: datetime) -> Manifest:
        """Begin the next manifest."""
        self.next = Manifest(self.kind, now.astimezone(UTC).isoformat(), amends.__version__)
        return self.next

    def is_copy_due(self, now: datetime) -> bool:
        """Once a day; and where there is none."""
        made_at = datetime.fromisoformat(self.manifest.made_at) if self.manifest else None
        return self.next is None and (made_at is None or made_at <= now - _A_DAY)

    def add_log(self, name: str, piece: str) -> None:
        """Add a piece of the database's log to the manifests that need it."""
        for manifest in filter(None, (self.manifest, self.next)):
            manifest.log.append((name, piece))

    def add_moment(self, manifest: Manifest, at: datetime, **position: Any) -> datetime:
        """Store keys and files, and the manifest with this moment."""
        moment = {"at": at.astimezone(UTC).isoformat(), "log": len(manifest.log)}
        manifest.moments.append(moment | {"files": self.folders.store()} | position)
        self.store.save(manifest)
        return at
