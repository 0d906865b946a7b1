"""Keep a backup up until told to stop, and restore a moment from it."""

from __future__ import annotations

import fcntl
import logging
import os
import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection

from amends.kit.errors import AmendsError, Refused
from amends.kit.errors import gettext_noop as _
from amends.operations.backups.archive import FOLDERS, exchanged, put_in_place, refuse_other_keys
from amends.operations.backups.continuous import postgres, postgres_restore
from amends.operations.backups.continuous.expiry import expire
from amends.operations.backups.continuous.folders import Folders, put_back
from amends.operations.backups.continuous.moment import Progress, build, way_to
from amends.operations.backups.continuous.records import bases
from amends.operations.backups.continuous.sqlite import Keeper
from amends.operations.backups.continuous.status import tell, told
from amends.operations.backups.continuous.store import Store
from amends.operations.backups.databases import move_in, refuse_to_replace
from amends.operations.backups.owners import give_restored
from amends.operations.backups.sealing import UnableToOpenBackup
from amends.operations.disk_usage import used_share

log = logging.getLogger("amends.backup")
_A_DAY = timedelta(hours=24)


class UnableToKeep(Refused):
    """Somebody keeps this folder already, or it is of another database."""

    code = "unable_to_keep"


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put back."""

    at: datetime
    line: int
    segments: int
    start_server: bool


def keep_backup(
    folder: Path,
    *,
    every_s: float,
    days: int,
    passphrase: str,
    stopping: threading.Event,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> None:
    """Follow the database, keys and files every `every_s` seconds until `stopping` is set.

    What fails is tried again at the next step, and the age of the newest moment grows meanwhile:
    that is a reading with an alarm of its own.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _alone(folder):
        store = Store(folder, engine=connection.vendor, passphrase=passphrase)
        if store.engine != connection.vendor:
            raise UnableToKeep(
                _("%(folder)s keeps a %(engine)s database, this is %(vendor)s."),
                next_step=_("Name another folder."),
                values={"folder": folder, "engine": store.engine, "vendor": connection.vendor},
            )
        # Before anything can fail: whoever began and keeps nothing is a reading with an alarm.
        tell(replace(told(), began_at=told().began_at or clock(), days=days))
        keeper = _keeper(store)
        try:
            while not stopping.is_set():
                began = time.monotonic()
                _step(keeper, store, clock(), days)
                left = every_s - (time.monotonic() - began)
                # A copy of the whole goes on in between, and never holds a step up for long.
                if keeper.copy_for(max(left, 1.0) * 0.9):
                    continue
                stopping.wait(max(every_s - (time.monotonic() - began), 0.1))
            _step(keeper, store, clock(), days)
        finally:
            keeper.close()


def _step(keeper: Keeper | postgres.PostgresKeeper, store: Store, now: datetime, days: int) -> None:
    try:
        known = bases(store)
        due = not known or datetime.fromisoformat(known[-1].made_at) <= now - _A_DAY
        segment = keeper.step(now=now, base=due)
        if len(bases(store)) > len(known):
            expire(store, now=now, days=days)
            if isinstance(keeper, postgres.PostgresKeeper):
                postgres.sweep(store, bases(store))
        if newest := bases(store)[-1:]:
            base_at = datetime.fromisoformat(newest[0].made_at)
            tell(replace(told(), at=segment.moment, base_at=base_at))
    except (AmendsError, OSError, sqlite3.Error) as error:
        log.error("the backup was not kept: %s", error)
    finally:
        with suppress(OSError):
            tell(replace(told(), disk_used_share=used_share(store.folder)))


def restore_moment(
    folder: Path,
    *,
    at: datetime | None = None,
    passphrase: str = "",
    replace: bool = False,
    into: Path | None = None,
    migrate: Callable[[], None] = lambda: None,
    progress: Progress = lambda *_: None,
) -> Restored:
    """Put the last kept moment at or before `at` in place; everything is checked first.

    into   PostgreSQL: the folder of a new server, which recovers when it is started
    """
    store = Store(folder, passphrase=passphrase)
    if store.engine != connection.vendor:
        raise UnableToOpenBackup(
            _("The backup is of a %(engine)s database, this is %(vendor)s."),
            meaning=_("Nothing was restored."),
            next_step=_("Set AMENDS_DATABASE_URL to the engine of the backup."),
            values={"engine": store.engine, "vendor": connection.vendor},
        )
    is_server = store.engine == "postgresql"
    if is_server and into is None:
        raise UnableToKeep(
            _("A PostgreSQL backup is restored into the folder of a new server."),
            next_step=_("Name an empty one with --into."),
        )
    if not is_server:
        refuse_to_replace(replace=replace)
    refuse_other_keys(replace=replace)
    way = way_to(store, at)
    if into is not None:
        postgres_restore.refuse_full(into)
    before = set(settings.DATA_DIR.rglob("*"))
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=settings.DATA_DIR) as made:
        scratch = Path(made)
        put_back(store, way.end.files, scratch)
        if is_server and into is not None:
            postgres_restore.lay_out(store, way, into, at=at)
        else:
            # Beside its place, so that taking the place is a matter of a name.
            fresh = Path(settings.DATABASES["default"]["NAME"]).with_suffix(".restoring")
            fresh.unlink(missing_ok=True)
            build(store, way, fresh, progress)
            move_in(fresh)
        for name in FOLDERS:
            put_in_place(scratch / name, settings.DATA_DIR / name, scratch / f"before-{name}")
    if not is_server:
        migrate()
    give_restored(settings.DATA_DIR, before=before, restored=exchanged())
    return Restored(way.end.moment, way.end.line, len(way.segments), is_server)


def _keeper(store: Store) -> Keeper | postgres.PostgresKeeper:
    folders = Folders(settings.DATA_DIR, FOLDERS, store)
    if connection.vendor == "sqlite":
        return Keeper(Path(connection.settings_dict["NAME"]), store, folders)
    return postgres.PostgresKeeper(store, folders)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Two keepers of one folder would break its chain."""
    handle = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise UnableToKeep(
            _("Another process keeps %(folder)s."),
            next_step=_("Let one of them do it."),
            values={"folder": folder},
        ) from None
    finally:
        os.close(handle)
