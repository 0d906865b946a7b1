"""`amends backup --keep`: follow the database until told to stop, so any moment can be restored."""

from __future__ import annotations

import fcntl
import logging
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.db import connection

from amends.operations.backups.follower import Follower
from amends.operations.backups.postgres import PostgresFollower
from amends.operations.backups.sqlite import SqliteFollower
from amends.operations.backups.status import local_status, write_status
from amends.operations.backups.store import Store, UnableToBackUp
from amends.operations.queries.disk_usage import used_share
from amends.platform.kit.errors import AmendsError
from amends.platform.kit.errors import gettext_noop as _

log = logging.getLogger("amends.backup")
_A_DAY = timedelta(days=1)


def follow(
    folder: Path,
    *,
    every_s: float,
    days: int,
    passphrase: str,
    stopping: threading.Event,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> None:
    """Store a moment every `every_s` seconds until `stopping` is set, each for `days` days."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UnableToBackUp(
                _("Another process keeps %(folder)s."),
                next_step=_("Let one of them do it."),
                values={"folder": folder},
            ) from None
        store = Store(folder, passphrase, create=True)
        # Before anything can fail: whoever began and stores nothing is a reading with an alarm.
        status = local_status()
        write_status(replace(status, began_at=status.began_at or clock(), days=days))
        follower = _follower(store)
        try:
            while not stopping.is_set():
                end = time.monotonic() + every_s
                step(follower, clock(), days)
                follower.copy_until(end)
                stopping.wait(max(end - time.monotonic(), 0.1))
            step(follower, clock(), days)
        finally:
            follower.close()


def step(follower: Follower, now: datetime, days: int) -> None:
    """One step of `follow`: what it stored, or why not, in the status and the log.

    What fails is tried again at the next step, and the age of the newest moment grows meanwhile:
    that is a reading with an alarm of its own.
    """
    before, status = follower.manifest, local_status()
    try:
        at = follower.step(now)
        if follower.manifest and follower.manifest is not before:
            follower.expire(follower.store.expire(now=now, days=days))
        if follower.manifest and at:
            base_at = datetime.fromisoformat(follower.manifest.made_at)
            status = replace(status, at=at, base_at=base_at)
    except (AmendsError, OSError, sqlite3.Error) as error:
        log.error("the backup was not kept: %s", error)
    with suppress(OSError):
        write_status(replace(status, disk_used_share=used_share(follower.store.folder)))


def _follower(store: Store) -> Follower:
    if connection.vendor == "sqlite":
        return SqliteFollower(store, Path(connection.settings_dict["NAME"]))
    return PostgresFollower(store)
