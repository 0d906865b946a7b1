"""Follow a PostgreSQL server by its own programs: pg_receivewal always, pg_basebackup each day.

What is kept are files of PostgreSQL, below `pg/`; a server of the same major version restores them.
They rest as they are: keep the folder on an encrypted disk. A moment counts as kept when the log up
to it lies here, flushed; that its program lives proves nothing.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
import shutil
import tarfile
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from amends.kit.errors import gettext_noop as _
from amends.operations.backups.continuous import server
from amends.operations.backups.continuous.folders import Folders
from amends.operations.backups.continuous.records import Base, Segment, keep, keep_base, segment_at
from amends.operations.backups.continuous.store import Store
from amends.operations.backups.databases import UnableToCopyDatabase

log = logging.getLogger("amends.backup")
PATIENCE_S = 20.0
"""How long a step waits for the log it asked for."""
_GONE = "has already been removed"
PIECE = re.compile(r"[0-9A-F]{24}")
_AT_ONCE = 1 << 20


@dataclass(frozen=True, slots=True)
class _Copy:
    """A base under way, beside the steps."""

    name: str
    first: int
    made_at: str
    program: server.Program


@dataclass(frozen=True, slots=True)
class _Awaited:
    """A mark whose log was not received yet, and the copy that was whole when it was left."""

    mark: server.Mark
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
        server.refuse_tablespaces()
        server.run("pg_receivewal", "--slot", server.SLOT, "--create-slot", "--if-not-exists",
                   "--no-password", words=self._pg / "slot.log")  # fmt: skip
        self._receiver: server.Program | None = None
        self._received = 0
        self._copy: _Copy | None = None
        self._awaited: _Awaited | None = None
        names = store.records("segments")
        self._last, self._digest = segment_at(store, names[-1]) if names else (None, "")

    def step(self, *, now: datetime, base: bool = False) -> Segment:
        """Keep everything acknowledged until now, or say why not; `base`: begin a copy, too.

        Where the log comes slower than it is written, a mark is waited for until it was received,
        and the next one is left after that.
        """
        self._receive()
        if self._awaited is None:
            self._awaited = _Awaited(server.leave_mark(), now, self._whole())
        awaited = self._wait(self._awaited)
        # Keys and files after the database: what a row names was written before the row.
        files = self.folders.keep()
        through = self._last.through if self._last else ""
        finished = sorted(p.name for p in self._wal.iterdir() if PIECE.fullmatch(p.name))
        fresh = {name: digest(self._wal / name) for name in finished if name > through}
        mark = awaited.mark
        segment = Segment(
            self._last.number + 1 if self._last else 1, 1, self._digest, awaited.at.isoformat(),
            [], 0, 0, files, lsn=mark.lsn, log=fresh, through=max([through, *fresh]),
            tail=(mark.piece, mark.within, digest(_lying(self._wal, mark.piece), mark.within)),
        )  # fmt: skip
        self._digest = keep(self.store, segment)
        self._last, self._awaited = segment, None
        if awaited.whole is not None and awaited.whole is self._copy:
            # It was whole before the mark was left, so this moment lies behind its end.
            self._keep_base(awaited.whole, segment)
        elif self._copy is None and (base or not self.store.records("bases")):
            self._begin_copy(segment, now)
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
        if self._receiver is not None and self._receiver.poll() is not None:
            ended, self._receiver = self._receiver, None
            if _GONE in ended.said():
                raise ended.failure(
                    meaning=_(
                        "The server threw log away that was not received: no moment after "
                        "that can be restored from this folder."
                    ),
                    next_step=_("Begin a new folder: `amends backup --keep` with another name."),
                )
            raise ended.failure(
                meaning=_("The database's log is not being kept; the slot holds it on the server."),
                next_step=_(
                    "It is begun again at the next step. See that the server answers and that "
                    "the role may log in and replicate."
                ),
            )
        if self._receiver is None:
            self._receiver = server.Program(
                "pg_receivewal", "--slot", server.SLOT, "--synchronous", "--no-loop",
                "--no-password", "--status-interval", "5", "--directory", str(self._wal),
                words=self._pg / "receiver.log",
            )  # fmt: skip

    def _wait(self, awaited: _Awaited) -> _Awaited:
        """Until the log up to the mark was received."""
        end = time.monotonic() + self._patience_s
        while (received := server.received()) < awaited.mark.end:
            assert self._receiver is not None
            if self._receiver.poll() is not None:
                self._receive()
            if time.monotonic() > end:
                break
            time.sleep(0.05)
        else:
            self._received = received
            return awaited
        if received <= self._received:
            # It lives and nothing comes: whatever it hangs on, a new one may not.
            self._receiver.stop()
            self._receiver = None
        self._received = max(received, self._received)
        raise UnableToCopyDatabase(
            _("%(bytes)s bytes of the database's log were not received in %(seconds)s s."),
            meaning=_("They are not kept; the slot holds them on the server."),
            next_step=_(
                "They are waited for at the next step. Look at the disk of the backup and at the "
                "way to the server."
            ),
            values={
                "bytes": f"{awaited.mark.end - received:,}", "seconds": f"{self._patience_s:g}",
            },
        )  # fmt: skip

    def _begin_copy(self, segment: Segment, now: datetime) -> None:
        server.refuse_tablespaces()
        name = now.strftime("%Y%m%dT%H%M%S")
        part = self._pg / f"{name}.part"
        shutil.rmtree(part, ignore_errors=True)
        program = server.Program(
            "pg_basebackup", "--pgdata", str(part), "--format=tar", "--gzip", "--wal-method=none",
            "--checkpoint=fast", "--manifest-checksums=SHA256", "--no-password",
            words=self._pg / "copy.log",
        )  # fmt: skip
        self._copy = _Copy(name, segment.number, now.isoformat(), program)

    def _whole(self) -> _Copy | None:
        """The copy under way, where its program has ended well."""
        copy = self._copy
        if copy is None or copy.program.poll() is None:
            return None
        if copy.program.returncode:
            self._copy = None
            # The moments go on upon the last copy; that none newer comes is a reading.
            log.error("the database was not copied: %s", copy.program.failure())
            return None
        return copy

    def _keep_base(self, copy: _Copy, segment: Segment) -> None:
        self._copy = None
        part, whole = self._pg / f"{copy.name}.part", self._pg / copy.name
        (part / "server.json").write_text(json.dumps(server.least_settings()), encoding="utf-8")
        shutil.rmtree(whole, ignore_errors=True)
        part.rename(whole)
        manifest = {"backup_manifest": digest(whole / "backup_manifest")}
        keep_base(
            self.store,
            Base(1, copy.first, segment.number, copy.made_at, [copy.name], manifest),
        )


def sweep(store: Store, kept: list[Base]) -> None:
    """Let go of base backups that no record names, and of the log before the oldest."""
    folder = store.folder / "pg"
    names = {name for base in kept for name in base.pieces}
    for one in folder.iterdir():
        if one.is_dir() and one.name != "wal" and one.name not in names:
            shutil.rmtree(one, ignore_errors=True)
    if kept and (first := first_log(_label(folder / kept[0].pieces[0]))):
        for one in (folder / "wal").iterdir():
            # Names of the log sort by position; the first eight letters are the timeline.
            if one.name[8:24] < first[8:24] and not one.name.endswith((".history", ".partial")):
                one.unlink(missing_ok=True)


def first_log(label: str) -> str:
    """The piece of the log a base backup begins with, from its own label."""
    return label.partition("(file ")[2].partition(")")[0]


def _label(folder: Path) -> str:
    with tarfile.open(folder / "base.tar.gz") as archive:
        label = archive.extractfile("backup_label")
        return label.read().decode() if label else ""


def digest(path: Path, length: int | None = None) -> str:
    """SHA-256 of a file, or of its first `length` bytes."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        left = length
        while piece := file.read(_AT_ONCE if left is None else min(_AT_ONCE, left)):
            found.update(piece)
            left = None if left is None else left - len(piece)
    return found.hexdigest()


def _lying(folder: Path, name: str) -> Path:
    """A piece of the log, finished or under way."""
    for one in (folder / name, folder / f"{name}.partial"):
        if one.exists():
            return one
    raise UnableToCopyDatabase(
        _("%(name)s of the database's log vanished from the backup."),
        next_step=_("Nothing but the keeper may write in its folder."),
        values={"name": name},
    )
