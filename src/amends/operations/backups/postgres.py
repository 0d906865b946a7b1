"""Follow a PostgreSQL server by its own programs: pg_receivewal always, pg_basebackup each day.

Their files lie unsealed below `pg/`; the manifest has their hashes. A moment counts only when the
log up to it lies there, flushed: that a program lives proves nothing.
"""

from __future__ import annotations

import hashlib
import logging
import re
import shutil
import subprocess
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.utils import Error

from amends.operations.backups.databases import UnableToCopyDatabase, program
from amends.operations.backups.follower import Follower
from amends.operations.backups.store import Manifest, Store
from amends.platform.kit.errors import gettext_noop as _

log = logging.getLogger("amends.backup")
SLOT = "amends_backup"
"""The replication slot that makes the server keep its log until it was received."""
PATIENCE_S = 10.0
LOG_FILE = re.compile(r"[0-9A-F]{24}")


class PostgresFollower(Follower):
    """Follows one server, with its other databases."""

    kind = "postgresql server"

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self._folder = store.folder / "pg"
        self._log = self._folder / "wal"
        self._log.mkdir(parents=True, exist_ok=True, mode=0o700)
        refuse_tablespaces()  # before there is a slot: one that nobody reads fills the disk
        ask(
            "SELECT pg_create_physical_replication_slot(%s, true) WHERE NOT EXISTS"
            " (SELECT FROM pg_replication_slots WHERE slot_name = %s)",
            [SLOT, SLOT],
        )
        self._receiver: subprocess.Popen[bytes] | None = None
        self._copying: subprocess.Popen[bytes] | None = None
        self._mark: tuple[Manifest | None, datetime, str, int] | None = None
        known_log = self.manifest.log if self.manifest else []
        self._hashed = known_log[-1][0] if known_log else ""

    def step(self, now: datetime) -> datetime | None:
        if self._receiver is None or self._receiver.poll() is not None:
            self._receiver = start(
                "pg_receivewal",
                f"--slot={SLOT}",
                "--synchronous",
                "--status-interval=5",
                "--no-password",
                f"--directory={self._log}",
            )
        self._end_copy()
        if self.is_copy_due(now):
            self._begin_copy(now)
        # One that was not reached is waited for again: moments are kept behind where the log comes
        # slower than it is written.
        manifest, at, lsn, end = self._mark = self._mark or self._leave_mark(now)
        self._wait_for(end)
        self._mark = None
        self._hash_log()
        return self.add_moment(manifest, at, lsn=lsn) if manifest else None

    def close(self) -> None:
        for process in filter(None, (self._receiver, self._copying)):
            process.terminate()
            process.wait()

    def expire(self, manifests: list[Manifest]) -> None:
        copies = {manifest.server["copy"] for manifest in manifests}
        for path in self._folder.iterdir():
            if path != self._log and path.name not in copies:
                shutil.rmtree(path)
        for path in self._log.iterdir():
            if path.name < manifests[0].server["first"]:
                path.unlink()

    def _leave_mark(self, now: datetime) -> tuple[Manifest | None, datetime, str, int]:
        """Mark a moment in the log: for the copy that is whole by now, when, where, end in bytes.

        A server that recovers stops before the first record at or behind a place. The mark's commit
        is one, so there always is one, on a desk at rest, too.
        """
        ((lsn,),) = ask("SELECT pg_logical_emit_message(true, 'amends', 'moment')::text")
        ((end,),) = ask("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn")
        return self.manifest, now, lsn, int(end)

    def _wait_for(self, end: int) -> None:
        """Until the log is received and flushed up to `end`, or UnableToCopyDatabase."""
        until = time.monotonic() + PATIENCE_S
        while True:
            ((left,),) = ask(
                "SELECT COALESCE(max(%s - (restart_lsn - '0/0'::pg_lsn)), %s)"
                " FROM pg_replication_slots WHERE slot_name = %s AND active",
                [end, end, SLOT],
            )
            if left <= 0:
                return
            if time.monotonic() > until:
                raise UnableToCopyDatabase(
                    _("%(bytes)s bytes of the database's log were not received."),
                    meaning=_("They are not kept; the slot holds them on the server."),
                    next_step=_("Look at the disk of the backup and at the way to the server."),
                    values={"bytes": f"{left:,}"},
                )
            time.sleep(0.05)

    def _hash_log(self) -> None:
        for path in sorted(self._log.iterdir()):
            if path.name > self._hashed and LOG_FILE.fullmatch(path.name):
                self.add_log(path.name, digest(path))
                self._hashed = path.name

    def _begin_copy(self, now: datetime) -> None:
        refuse_tablespaces()
        ((first,),) = ask("SELECT pg_walfile_name(pg_current_wal_insert_lsn())")
        settings = ask(
            "SELECT name, setting FROM pg_settings WHERE name ~ '^max_(connections|wal_senders|"
            "locks_per_transaction|prepared_transactions|worker_processes)$'"
        )
        copy = now.strftime("%Y%m%dT%H%M%S")
        shutil.rmtree(self._folder / copy, ignore_errors=True)
        self._copying = start(
            "pg_basebackup",
            f"--pgdata={self._folder / copy}",
            "--format=tar",
            "--gzip",
            "--wal-method=none",
            "--checkpoint=fast",
            "--no-manifest",
            "--no-password",
        )
        begun = {"copy": copy, "first": first, "settings": dict(settings)}
        self.begin_copy(now).server = begun

    def _end_copy(self) -> None:
        """Take the copy under way over where its program has ended well."""
        if self._copying is None or self._copying.poll() is None or self.next is None:
            return
        if self._copying.returncode:
            # The moments go on upon the last copy; that none newer comes is a reading.
            log.error("pg_basebackup failed: see its words above, and docs/operator/backup.md")
        else:
            archive = self._folder / self.next.server["copy"] / "base.tar.gz"
            self.next.server["sha256"] = digest(archive)
            self.manifest = self.next
        self.next = self._copying = None


def start(tool: str, *arguments: str) -> subprocess.Popen[bytes]:
    """Start one of PostgreSQL's programs; what it says goes to our standard error."""
    command, environment = program(tool, *arguments)
    # It ends with us, even where we are killed: else it would hold the slot against the next one.
    return subprocess.Popen(  # noqa: S603 (a program found on PATH, arguments of our own)
        ["setpriv", "--pdeathsig", "TERM", *command],  # noqa: S607
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )


def digest(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def retained_bytes() -> int | None:
    """How much log the server holds back for the backup; None where it keeps no slot."""
    if connection.vendor != "postgresql":
        return None
    ((size,),) = ask(
        "SELECT max(pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()"
        " ELSE pg_current_wal_lsn() END, restart_lsn))"
        " FROM pg_replication_slots WHERE slot_name = %s",
        [SLOT],
    )
    return None if size is None else max(int(size), 0)


def refuse_tablespaces() -> None:
    """What lies in them would be missing from the copy, and the log does not bring it back."""
    names = ask(
        "SELECT spcname FROM pg_tablespace WHERE spcname NOT IN ('pg_default', 'pg_global')"
        " ORDER BY spcname"
    )
    if names:
        raise UnableToCopyDatabase(
            _("The server has tablespaces (%(known)s), and a copy here holds none."),
            meaning=_("No copy of the whole was begun; what was kept before stays as it is."),
            next_step=_(
                "Move what lies in them (SET TABLESPACE pg_default), drop them, begin again."
            ),
            values={"known": ", ".join(str(name) for (name,) in names)},
        )


def ask(question: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """The rows of an answer, or UnableToCopyDatabase with what the server said."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(question, values)
            return cursor.fetchall()
    except Error as error:
        connection.close()
        raise UnableToCopyDatabase(
            _("The database refuses or does not answer: %(value)s."),
            meaning=_("Nothing was kept."),
            next_step=_("The role needs REPLICATION and a line in pg_hba.conf: see backup.md."),
            values={"value": str(error).strip().partition("\n")[0][:200]},
        ) from error
