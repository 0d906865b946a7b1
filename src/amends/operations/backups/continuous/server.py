"""PostgreSQL's own programs at work, and what the server is asked while they follow it."""

from __future__ import annotations

import contextlib
import ctypes
import shutil
import signal
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.utils import Error

from amends.kit.errors import gettext_noop as _
from amends.operations.backups.databases import UnableToCopyDatabase, server_environment

SLOT = "amends_backup"
"""The replication slot that makes the server keep its log until it was received."""
ROLE = _(
    "The role needs REPLICATION, the programs the server's major version: docs/operator/backup.md."
)
_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG


class Program(subprocess.Popen[bytes]):
    """One of them at work; it ends with us, even where we are killed, and its words are kept."""

    def __init__(self, tool: str, *arguments: str, words: Path) -> None:
        self.tool, self.words = tool, words
        program = shutil.which(tool)
        if program is None:
            raise UnableToCopyDatabase(
                _("%(tool)s is not installed."),
                next_step=_(
                    "Install PostgreSQL's client programs and put them on PATH, with Debian "
                    "/usr/lib/postgresql/VERSION/bin."
                ),
                values={"tool": tool},
            )
        with words.open("wb") as file:
            super().__init__(
                [program, *arguments], env=server_environment() | {"LC_MESSAGES": "C"},
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=file,
                preexec_fn=_end_with_us,
            )  # fmt: skip

    def said(self) -> str:
        """The last line it wrote; it never holds a password."""
        lines = self.words.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        return lines[-1][:300] if lines else "it said nothing"

    def stop(self) -> None:
        """End it, and wait until it has."""
        self.terminate()
        try:
            self.wait(30)
        except subprocess.TimeoutExpired:
            self.kill()
            self.wait()

    def failure(self, *, meaning: str = "", next_step: str = ROLE) -> UnableToCopyDatabase:
        """What is to be told where it ended by a fault."""
        return UnableToCopyDatabase(
            _("%(tool)s failed: %(said)s."),
            meaning=meaning,
            next_step=next_step,
            values={"tool": self.tool, "said": self.said()},
        )


def run(tool: str, *arguments: str, words: Path) -> None:
    """Run one to its end, or UnableToCopyDatabase with what it said."""
    one = Program(tool, *arguments, words=words)
    if one.wait():
        raise one.failure()


def _end_with_us() -> None:
    # Else one whose keeper was killed would hold the slot, and the next keeper receive nothing.
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGTERM)


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment in the server's log: it lies at `lsn`; kept once `end` was received.

    piece    the file of the log that holds the byte before `end`; `within`: bytes of it before that
    """

    lsn: str
    end: int
    piece: str
    within: int


def leave_mark() -> Mark:
    """Leave a mark in the log behind all that was acknowledged until now.

    A server that recovers stops before the first record at or behind a place; the mark is one, so
    there always is one, on a desk at rest too. It is committed, and so flushed.
    """
    ((start,),) = ask("SELECT pg_current_wal_insert_lsn()::text")
    ((left,),) = ask("SELECT pg_logical_emit_message(true, 'amends', 'moment')::text")
    ((end, piece, within),) = ask(
        "SELECT lsn - '0/0'::pg_lsn, pg_walfile_name(lsn - 1),"
        " mod(lsn - 1 - '0/0'::pg_lsn, pg_size_bytes(current_setting('wal_segment_size'))) + 1"
        " FROM greatest(pg_current_wal_flush_lsn(), %s::pg_lsn) AS lsn",
        [left],
    )
    return Mark(start, int(end), piece, int(within))


def received() -> int:
    """How far the receiver said that it wrote the log down."""
    rows = ask(
        "SELECT restart_lsn - '0/0'::pg_lsn FROM pg_replication_slots"
        " WHERE slot_name = %s AND active",
        [SLOT],
    )
    return int(rows[0][0] or 0) if rows else 0


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


def least_settings() -> dict[str, str]:
    """What a server that recovers needs at least as much of as the one it continues."""
    return dict(
        ask(
            "SELECT name, setting FROM pg_settings WHERE name IN ('max_connections',"
            " 'max_locks_per_transaction', 'max_prepared_transactions', 'max_wal_senders',"
            " 'max_worker_processes')"
        )
    )


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
                "Move what lies in them (ALTER DATABASE or ALTER TABLE … SET TABLESPACE "
                "pg_default), drop them and begin again, or back the server up by other "
                "means."
            ),
            values={"known": ", ".join(str(name) for (name,) in names)},
        )


def ask(question: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """The rows of an answer, or UnableToCopyDatabase with what the server said."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(question, values)
            rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
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
