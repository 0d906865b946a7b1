"""Follow a PostgreSQL server by its own programs: pg_receivewal always, pg_basebackup each day.

What is kept are files of PostgreSQL, below `pg/`; a server of the same major version restores them.
They rest as they are: keep the folder on an encrypted disk. A moment counts as kept when the log up
to it lies here, flushed; that its program lives proves nothing.
"""

from __future__ import annotations

import json
import logging
import shutil
import tarfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from django.db import connection
from django.db.utils import Error

from amends.kit.errors import gettext_noop as _
from amends.operations.backups.continuous.folders import Folders
from amends.operations.backups.continuous.records import Base, Segment, keep, keep_base, segment_at
from amends.operations.backups.continuous.server_log import Log, as_lsn, digest
from amends.operations.backups.continuous.server_programs import Program, failed, run
from amends.operations.backups.continuous.store import Store
from amends.operations.backups.databases import UnableToCopyDatabase

log = logging.getLogger("amends.backup")
_Answer = TypeVar("_Answer")
SLOT = "amends_backup"
"""The replication slot that makes the server keep its log until it was received."""
PATIENCE_S = 20.0
"""How long a step waits for the log it asked for."""
AWAITED = 20
"""So many marks at most are waited for beside the one of the step."""
GRACE_SHARE = 0.1
"""Share of the patience after which an older mark that was received is as good as the newest."""
_GONE = "has already been removed"
_TOLD_ALONG = (
    "max_connections",
    "max_locks_per_transaction",
    "max_prepared_transactions",
    "max_wal_senders",
    "max_worker_processes",
)
"""A server that recovers needs at least as much of these as the one it continues."""


@dataclass(frozen=True, slots=True)
class _Mark:
    """A moment in the server's log: it lies at `start`, and is kept once `end` was received."""

    start: int
    end: int
    timeline: str
    size: int


@dataclass
class _Copy:
    """A base under way, beside the steps; `hashes` once it is whole."""

    name: str
    first: int
    made_at: str
    program: Program
    hashes: dict[str, str] = field(default_factory=dict)
    hashing: threading.Thread | None = None


@dataclass(frozen=True, slots=True)
class _Awaited:
    """A mark whose log was not received yet, and the copy that was whole when it was left."""

    mark: _Mark
    at: datetime
    whole: _Copy | None


class PostgresKeeper:
    """Keeps one server, with keys and files beside it; may be killed at any moment."""

    def __init__(self, store: Store, folders: Folders, *, patience_s: float = PATIENCE_S) -> None:
        self.store, self.folders, self._patience_s = store, folders, patience_s
        self._pg = store.folder / "pg"
        self._wal = self._pg / "wal"
        self._wal.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Before there is a slot: one that nobody reads would fill the server's disk.
        _asked(_refuse_tablespaces)
        run("pg_receivewal", "--slot", SLOT, "--create-slot", "--if-not-exists", "--no-password",
            words=self._pg / "slot.log")  # fmt: skip
        self._receiver: Program | None = None
        self._received = 0
        self._copy: _Copy | None = None
        self._awaited: list[_Awaited] = []
        names = store.records("segments")
        self._last, self._digest = segment_at(store, names[-1]) if names else (None, "")

    def step(self, *, now: datetime, base: bool = False) -> Segment:
        """Keep everything acknowledged until now, or say why not; `base`: begin a copy, too.

        Where the log comes slower than it is written, what is kept is the newest moment that was
        received, so a mark that had to wait is not given up for a newer one.
        """
        self._receive()
        whole = self._copy if self._copy and self._copy.hashes else None
        self._awaited = [*self._awaited[-AWAITED:], _Awaited(_asked(_mark), now, whole)]
        awaited = self._wait()
        mark = awaited.mark
        # Keys and files after the database: what a row names was written before the row.
        files = self.folders.keep()
        kept = Log(self._wal, mark.size)
        through = self._last.through if self._last else ""
        fresh = {name: digest(self._wal / name) for name in kept.finished() if name > through}
        tail = kept.name(mark.timeline, mark.end)
        path, length = kept.file(tail), kept.within(mark.end)
        if path is None:
            raise _vanished(tail)
        segment = Segment(
            self._last.number + 1 if self._last else 1, 1, self._digest, awaited.at.isoformat(),
            [], 0, 0, files, lsn=as_lsn(mark.start), log=fresh, through=max([through, *fresh]),
            tail=(tail, length, digest(path, length)),
        )  # fmt: skip
        self._digest = keep(self.store, segment)
        self._last = segment
        if awaited.whole is not None and awaited.whole is self._copy:
            # It was whole before the mark was left, so this moment lies behind its end.
            self._keep_base(awaited.whole, segment)
        elif self._copy is None and (base or not self.store.records("bases")):
            self._begin_copy(segment, now)
        self._look_after_copy()
        return segment

    def copy_for(self, seconds: float) -> bool:
        """Nothing is left over between steps here: the copy has a process of its own."""
        return False

    def close(self) -> None:
        """Stop receiving; the slot holds the log until the next keeper."""
        for one in (self._receiver, self._copy.program if self._copy else None):
            if one is not None:
                one.stop()
        self._receiver = self._copy = None

    def _receive(self) -> None:
        if self._receiver is not None and self._receiver.ended() is not None:
            ended, self._receiver = self._receiver, None
            if _GONE in ended.said():
                raise failed(
                    ended,
                    meaning=_(
                        "The server threw log away that was not received: no moment after "
                        "that can be restored from this folder."
                    ),
                    next_step=_("Begin a new folder: `amends backup --keep` with another name."),
                )
            raise failed(
                ended,
                meaning=_("The database's log is not being kept; the slot holds it on the server."),
                next_step=_(
                    "It is begun again at the next step. See that the server answers and that "
                    "the role may log in and replicate."
                ),
            )
        if self._receiver is None:
            self._receiver = Program(
                "pg_receivewal", "--slot", SLOT, "--synchronous", "--no-loop", "--no-password",
                "--status-interval", "5", "--directory", str(self._wal),
                words=self._pg / "receiver.log",
            )  # fmt: skip

    def _wait(self) -> _Awaited:
        """Until the log up to a mark was received and lies here; the newest such mark.

        The one just left mostly comes at once; an older one is taken where it does not.
        """
        began = time.monotonic()
        end = began + self._patience_s
        while True:
            received = _asked(_received)
            is_late = time.monotonic() - began >= self._patience_s * GRACE_SHARE
            for at in range(len(self._awaited) - 1, -1 if is_late else len(self._awaited) - 2, -1):
                one = self._awaited[at]
                kept = Log(self._wal, one.mark.size)
                if received >= one.mark.end and kept.holds(one.mark.timeline, one.mark.end):
                    self._received = received
                    self._awaited = self._awaited[at + 1 :]
                    return one
            assert self._receiver is not None
            if self._receiver.ended() is not None:
                self._receive()
            if time.monotonic() > end:
                break
            time.sleep(0.05)
        if received <= self._received:
            # It lives and nothing comes: whatever it hangs on, a new one may not.
            self._receiver.stop()
            self._receiver = None
        self._received = max(received, self._received)
        behind = max(self._awaited[0].mark.end - received, 0)
        raise UnableToCopyDatabase(
            _("%(bytes)s bytes of the database's log were not received in %(seconds)s s."),
            meaning=_("They are not kept; the slot holds them on the server."),
            next_step=_(
                "They are waited for at the next step. Look at the disk of the backup and at the "
                "way to the server."
            ),
            values={"bytes": f"{behind:,}", "seconds": f"{self._patience_s:g}"},
        )

    def _begin_copy(self, segment: Segment, now: datetime) -> None:
        _asked(_refuse_tablespaces)
        name = now.strftime("%Y%m%dT%H%M%S")
        part = self._pg / f"{name}.part"
        shutil.rmtree(part, ignore_errors=True)
        shutil.rmtree(self._pg / name, ignore_errors=True)
        program = Program(
            "pg_basebackup", "--pgdata", str(part), "--format=tar", "--gzip", "--wal-method=none",
            "--checkpoint=fast", "--manifest-checksums=SHA256", "--no-password",
            words=self._pg / "copy.log",
        )  # fmt: skip
        self._copy = _Copy(name, segment.number, now.isoformat(), program)

    def _look_after_copy(self) -> None:
        """Where the copy ended: hash it, beside the steps, too."""
        copy = self._copy
        if copy is None or copy.program.ended() is None or copy.hashing is not None:
            if copy and copy.hashing and not copy.hashing.is_alive() and not copy.hashes:
                self._copy = None
                log.error("the copy of the whole database could not be read; it is made again")
            return
        if copy.program.ended():
            self._copy = None
            # The moments go on upon the last copy; that none newer comes is a reading.
            log.error("the database was not copied: %s", failed(copy.program))
            return
        part = self._pg / f"{copy.name}.part"
        (part / "server.json").write_text(json.dumps(_asked(_told_along)), encoding="utf-8")
        copy.hashing = threading.Thread(target=_hash, args=(copy, part), daemon=True)
        copy.hashing.start()

    def _keep_base(self, copy: _Copy, segment: Segment) -> None:
        self._copy = None
        (self._pg / f"{copy.name}.part").rename(self._pg / copy.name)
        keep_base(
            self.store,
            Base(1, copy.first, segment.number, copy.made_at, [copy.name], copy.hashes),
        )


def sweep(store: Store, kept: list[Base]) -> None:
    """Let go of base backups that no record names, and of the log before the oldest."""
    folder = store.folder / "pg"
    names = {name for base in kept for name in base.pieces}
    for one in folder.iterdir():
        if one.is_dir() and one.name != "wal" and one.name not in names:
            shutil.rmtree(one, ignore_errors=True)
    if kept and (first := first_log(folder / kept[0].pieces[0])):
        for one in (folder / "wal").iterdir():
            # Names of the log sort by position; the first eight letters are the timeline.
            if one.name[8:24] < first[8:24] and not one.name.endswith((".history", ".partial")):
                one.unlink(missing_ok=True)


def first_log(folder: Path) -> str:
    """The piece of the log a base backup begins with, from its own label."""
    with tarfile.open(folder / "base.tar.gz") as archive:
        label = archive.extractfile("backup_label")
        text = label.read().decode() if label else ""
    return text.partition("(file ")[2].partition(")")[0]


def retained_bytes() -> int | None:
    """How much log the server holds back for the keeper; None where it keeps no slot."""
    if connection.vendor != "postgresql":
        return None
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()"
            " ELSE pg_current_wal_lsn() END, restart_lsn)"
            " FROM pg_replication_slots WHERE slot_name = %s",
            [SLOT],
        )
        row = cursor.fetchone()
    return max(int(row[0]), 0) if row and row[0] is not None else None


def _hash(copy: _Copy, part: Path) -> None:
    copy.hashes = {one.name: digest(one) for one in sorted(part.iterdir())}


def _asked(question: Callable[[], _Answer]) -> _Answer:
    try:
        return question()
    except Error as error:
        connection.close()
        words = str(error).strip().splitlines()
        raise UnableToCopyDatabase(
            _("The database does not answer: %(value)s."),
            meaning=_("Nothing was kept."),
            next_step=_(
                "It is tried again at the next step. The keeper's role must be let into "
                "the database, too (pg_hba.conf)."
            ),
            values={"value": words[0][:200] if words else "it said nothing"},
        ) from error


def _refuse_tablespaces() -> None:
    """What lies in them would be missing from the copy, and the log does not bring it back."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT spcname FROM pg_tablespace WHERE spcname NOT IN ('pg_default', 'pg_global')"
            " ORDER BY spcname"
        )
        names = [str(name) for (name,) in cursor.fetchall()]
    if names:
        raise UnableToCopyDatabase(
            _("The server has tablespaces (%(known)s), and a copy here holds none."),
            meaning=_("No copy of the whole was begun; what was kept before stays as it is."),
            next_step=_(
                "Move what lies in them (ALTER DATABASE or ALTER TABLE … SET TABLESPACE "
                "pg_default), drop them and begin again, or back the server up by other "
                "means."
            ),
            values={"known": ", ".join(names)},
        )


def _mark() -> _Mark:
    """Leave a mark in the log behind all that was acknowledged until now.

    A server that recovers stops before the first record at or behind a place; the mark is one, so
    there always is one, on a desk at rest too. It is committed, and so flushed.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn,"
            " pg_size_bytes(current_setting('wal_segment_size'))"
        )
        start, size = map(int, cursor.fetchone())
        cursor.execute("SELECT pg_logical_emit_message(true, 'amends', 'moment')")
        (left,) = cursor.fetchone()
        cursor.execute(
            "SELECT lsn - '0/0'::pg_lsn, left(pg_walfile_name(lsn), 8)"
            " FROM greatest(pg_current_wal_flush_lsn(), %s::pg_lsn) AS lsn",
            [left],
        )
        end, timeline = cursor.fetchone()
    return _Mark(start, int(end), timeline, size)


def _received() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT restart_lsn - '0/0'::pg_lsn FROM pg_replication_slots"
            " WHERE slot_name = %s AND active",
            [SLOT],
        )
        row = cursor.fetchone()
    return int(row[0]) if row and row[0] is not None else 0


def _told_along() -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, setting FROM pg_settings WHERE name = ANY(%s)", [list(_TOLD_ALONG)]
        )
        return dict(cursor.fetchall())


def _vanished(name: str) -> UnableToCopyDatabase:
    return UnableToCopyDatabase(
        _("%(name)s of the database's log vanished from the backup."),
        next_step=_("Nothing but the keeper may write in its folder."),
        values={"name": name},
    )
