"""Follow a PostgreSQL server by its own programs: pg_receivewal always, pg_basebackup each day.

What is kept are files of PostgreSQL, below `pg/`; a server of the same major version restores them.
They rest as they are: keep the folder on an encrypted disk.
"""

from __future__ import annotations

import shutil
import subprocess
import tarfile
from datetime import datetime
from pathlib import Path

from amends.site.backups.databases import UnableToCopyDatabase, server_environment
from amends.site.backups.keeping.folders import Folders
from amends.site.backups.keeping.records import Base, Segment, keep, keep_base, segment_at
from amends.site.backups.keeping.store import Store

SLOT = "amends_backup"
"""The replication slot that makes the server keep its log until it was received."""


class PostgresKeeper:
    """Keeps one server, with keys and files beside it; may be killed at any moment."""

    def __init__(self, store: Store, folders: Folders) -> None:
        self.store, self.folders = store, folders
        self._wal = store.folder / "pg" / "wal"
        self._wal.mkdir(parents=True, exist_ok=True, mode=0o700)
        _run("pg_receivewal", "--slot", SLOT, "--create-slot", "--if-not-exists")
        self._receiver: subprocess.Popen[bytes] | None = None
        names = store.records("segments")
        self._last, self._digest = segment_at(store, names[-1]) if names else (None, "")

    def step(self, *, now: datetime, base: bool = False) -> Segment:
        """See that the log is being received; keep keys and files; `base`: the whole, too."""
        self._receive()
        number = self._last.number + 1 if self._last else 1
        segment = Segment(
            number, 1, self._digest, now.isoformat(), [], 0, 0, self.folders.keep()
        )  # fmt: skip
        self._digest = keep(self.store, segment)
        self._last = segment
        if base or not self.store.records("bases"):
            self._copy(segment, now)
        return segment

    def copy_for(self, seconds: float) -> bool:
        """Nothing is left over between steps here."""
        return False

    def close(self) -> None:
        """Stop receiving; the slot holds the log until the next keeper."""
        if self._receiver is not None:
            self._receiver.terminate()
            self._receiver.wait(30)
            self._receiver = None

    def _receive(self) -> None:
        if self._receiver is not None and self._receiver.poll() is not None:
            self._receiver = None
            raise UnableToCopyDatabase(
                "pg_receivewal ended.",
                meaning="The database's log is not being kept; the slot holds it on the server.",
                next_step="See the server's log; the next step begins it again.",
            )
        if self._receiver is None:
            self._receiver = subprocess.Popen(  # noqa: S603 (a program found on PATH)
                [_program("pg_receivewal"), "--slot", SLOT, "--synchronous", "--no-password",
                 "--directory", str(self._wal)],
                env=server_environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip

    def _copy(self, segment: Segment, now: datetime) -> None:
        name = now.strftime("%Y%m%dT%H%M%S")
        part = self.store.folder / "pg" / f"{name}.part"
        shutil.rmtree(part, ignore_errors=True)
        _run("pg_basebackup", "--pgdata", str(part), "--format=tar", "--gzip", "--wal-method=none",
             "--checkpoint=fast", "--no-password")  # fmt: skip
        part.rename(part.with_suffix(""))
        keep_base(self.store, Base(1, segment.number, segment.number, now.isoformat(), [name]))


def unpack(store: Store, base: Base, target: Path, *, at: datetime | None) -> None:
    """Lay a server's directory out at `target`, ready to recover to `at` when it starts."""
    (name,) = base.pieces
    if target.exists() and any(target.iterdir()):
        raise UnableToCopyDatabase(
            f"{target} is not empty.",
            meaning="Nothing was restored.",
            next_step="Name an empty or a new folder with --into.",
        )
    target.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tarfile.open(store.folder / "pg" / name / "base.tar.gz") as archive:
        archive.extractall(target, filter="data")
    wal = (store.folder / "pg" / "wal").absolute()
    # The newest piece of the log is still under way and bears another end to its name.
    fetch = f'cp "{wal}/%f" "%p" 2>/dev/null || cp "{wal}/%f.partial" "%p"'
    lines = [f"restore_command = '{fetch}'", "recovery_target_timeline = 'latest'"]
    if at is not None:
        lines += [f"recovery_target_time = '{at.isoformat()}'"]
        lines += ["recovery_target_action = 'promote'"]
    with (target / "postgresql.auto.conf").open("a", encoding="utf-8") as settings:
        settings.write("\n".join(["", *lines, ""]))
    (target / "recovery.signal").touch()
    target.chmod(0o700)


def sweep(store: Store, kept: list[Base]) -> None:
    """Let go of base backups that no record names, and of the log before the oldest."""
    folder = store.folder / "pg"
    names = {name for base in kept for name in base.pieces}
    for one in folder.iterdir():
        if one.name != "wal" and one.name not in names:
            shutil.rmtree(one, ignore_errors=True)
    if kept and (first := _first_log(folder / kept[0].pieces[0])):
        for one in (folder / "wal").iterdir():
            # Names of the log sort by position; the first eight letters are the timeline.
            if one.name[8:24] < first[8:24] and not one.name.endswith((".history", ".partial")):
                one.unlink(missing_ok=True)


def _first_log(folder: Path) -> str:
    """The piece of the log a base backup begins with, from its own label."""
    with tarfile.open(folder / "base.tar.gz") as archive:
        label = archive.extractfile("backup_label")
        text = label.read().decode() if label else ""
    return text.partition("(file ")[2].partition(")")[0]


def _run(tool: str, *arguments: str) -> None:
    done = subprocess.run(  # noqa: S603 (a program found on PATH, arguments of our own)
        [_program(tool), *arguments], env=server_environment(), capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    if done.returncode:
        first = next(iter(done.stderr.strip().splitlines()), "it said nothing")
        raise UnableToCopyDatabase(
            f"{tool} failed: {first[:200]}.",
            next_step="The role needs REPLICATION, the programs the server's major version: "
            "docs/operator/backup.md.",
        )


def _program(tool: str) -> str:
    found = shutil.which(tool)
    if found is None:
        raise UnableToCopyDatabase(
            f"{tool} is not installed.", next_step="Install PostgreSQL's client programs."
        )
    return found
