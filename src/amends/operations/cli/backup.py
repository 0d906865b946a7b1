"""`amends backup` and `amends restore`."""

from __future__ import annotations

import signal
import sys
import threading
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from amends.platform.cli.command import CheckFailed, command
from amends.platform.cli.language import gettext as _
from amends.platform.cli.language import ngettext
from amends.platform.cli.progress import bar
from amends.platform.cli.render import View
from amends.platform.kit.dates import parse_moment
from amends.platform.kit.errors import BadInput
from amends.platform.kit.printable import printable

PASSPHRASE = Annotated[
    Path | None,
    typer.Option(help="File whose first line is the passphrase of the archive.", exists=True),
]


@dataclass(frozen=True, slots=True)
class WrittenBackup:
    """An archive that was written; `sealed`: with a passphrase."""

    file: str
    bytes: int
    sealed: bool


@dataclass(frozen=True, slots=True)
class ContinuousBackup:
    """A folder in which a backup was kept until it was stopped."""

    folder: str
    every_s: float
    days: int


@dataclass(frozen=True, slots=True)
class RestoredBackup:
    """What was restored, and what the ledger says of it.

    at              the time whose data these are
    into            folder of a new PostgreSQL server that is still to be started; empty where the
                    data are in place
    entries         of the ledger; 0 where the server is still to be started
    verified        whether the ledger verifies; false where the server is still to be started
    readable_again  people who were erased and whom the backup brought back
    next_commands   what starts the new server, which `recovers_to` a time; empty for the newest
    """

    at: datetime
    into: str
    entries: int
    verified: bool
    readable_again: int
    next_commands: str
    recovers_to: str


def _backup_view(new_backup: WrittenBackup | ContinuousBackup) -> View:
    if isinstance(new_backup, ContinuousBackup):
        return View()
    lines = [
        _("%(file)s: %(size)s MB.")
        % {"file": printable(new_backup.file), "size": f"{new_backup.bytes / 1_000_000:,.1f}"}
    ]
    if not new_backup.sealed:
        lines.append(_("It holds the keys beside the data: keep it where only you can read it."))
    return View(notes=lines)


@command(view=_backup_view, tables=False)
def backup(
    file: Annotated[
        Path | None, typer.Argument(help="Archive to write; it must not exist.")
    ] = None,
    keep: Annotated[
        Path | None,
        typer.Option(help="Folder to keep a backup in, until stopped: any moment can be restored."),
    ] = None,
    every: Annotated[
        float, typer.Option(help="With --keep: seconds between two moments.", min=1, max=60)
    ] = 20,
    days: Annotated[
        int, typer.Option(help="With --keep: how long a moment can be restored.", min=1, max=400)
    ] = 14,
    passphrase_file: PASSPHRASE = None,
) -> WrittenBackup | ContinuousBackup:
    """Back up database, keys and files to one archive, or continuously; Amends keeps running."""
    if (file is None) == (keep is None):
        raise BadInput(
            _("One of the two is needed: an archive or a folder to keep."),
            next_step=_("Write `amends backup FILE` or `amends backup --keep FOLDER`."),
        )
    if keep is not None:
        return _keep(keep, every, days, _passphrase(passphrase_file))
    from django.utils import timezone

    from amends.operations.backups.archive import back_up

    assert file is not None
    # Ended like this it deletes what it put together so far.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _frame: sys.exit(128 + number))
    back_up(file, now=timezone.now(), passphrase=_passphrase(passphrase_file))
    return WrittenBackup(str(file), file.stat().st_size, passphrase_file is not None)


def _keep(folder: Path, every: float, days: int, passphrase: str) -> ContinuousBackup:
    from amends.operations.backups.continuous import follow

    stopping = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stopping.set())
    typer.echo(
        ngettext(
            "Keeping %(folder)s: a moment each %(every)s s, for %(days)s day. "
            "What is erased in Amends leaves it a day after that.",
            "Keeping %(folder)s: a moment each %(every)s s, for %(days)s days. "
            "What is erased in Amends leaves it a day after that.",
            days,
        )
        % {"folder": folder, "every": f"{every:g}", "days": days},
        err=True,
    )
    follow(folder, every_s=every, days=days, passphrase=passphrase, stopping=stopping)
    return ContinuousBackup(str(folder), every, days)


def _restored_view(restored: RestoredBackup) -> View:
    if restored.into:
        sentence = _(
            "Checked and laid out. Keys and files are as of %(at)s. Start the server in "
            "%(folder)s: it recovers to %(moment)s."
        )
        values = {
            "at": restored.at.isoformat(),
            "folder": restored.into,
            "moment": restored.recovers_to or _("the newest moment"),
        }
        return View(notes=[sentence % values], text=restored.next_commands + "\n")
    entries = ngettext(
        "The ledger holds %(count)s entry.", "The ledger holds %(count)s entries.", restored.entries
    )
    warnings = []
    if not restored.verified:
        warnings.append(_("The ledger does not verify: do not use this restore."))
    elif restored.readable_again:
        warning = ngettext(
            "%(count)s person who was erased is readable again. Before anybody works here: "
            "amends subscribers erase-again --by NAME",
            "%(count)s people who were erased are readable again. Before anybody works here: "
            "amends subscribers erase-again --by NAME",
            restored.readable_again,
        )
        warnings.append(warning % {"count": f"{restored.readable_again:,}"})
    return View(
        notes=[
            _("Restored: the moment %(at)s.") % {"at": restored.at.isoformat()},
            entries % {"count": f"{restored.entries:,}"},
            _(
                "All sessions are ended, and codes that wait for an answer have expired. Accounts, "
                "passwords and roles are those of that moment: close again who left since."
            ),
            _("Compare it with a witness: amends ledger verify --against CHECKPOINT"),
        ],
        warnings=warnings,
    )


@command(view=_restored_view, django=False)
def restore(
    source: Annotated[Path, typer.Argument(exists=True, help="Archive, or folder that was kept.")],
    at: Annotated[
        str, typer.Option(help="Of a kept folder: the moment, e.g. 2026-11-25T10:00+08:00.")
    ] = "",
    into: Annotated[
        Path | None,
        typer.Option(help="PostgreSQL, of a kept folder: empty folder for the new server."),
    ] = None,
    passphrase_file: PASSPHRASE = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Data in the way may be lost.")
    ] = False,
) -> RestoredBackup:
    """Check a backup, restore it, update it, and verify the ledger.

    Stop `serve` and `work` first.
    """
    from amends.platform.cli.start import start
    from amends.platform.environment.settings_values import act_as_owner

    role = act_as_owner()
    start(tables=False)
    from django.db import connection

    from amends.operations.backups import restore as backups
    from amends.platform.database.roles import grant_use

    with bar(_("Restoring")) as progress:
        recovered_at = backups.restore(
            source,
            at=_moment(at),
            passphrase=_passphrase(passphrase_file),
            replace=replace,
            into=into,
            migrate=_migrate,
            progress=progress,
        )
    if into is not None:
        from amends.operations.actions.end_what_was_open import end_after_recovery
        from amends.operations.backups.postgres_restore import next_commands

        end_after_recovery()
        return RestoredBackup(
            at=recovered_at,
            into=str(into),
            entries=0,
            verified=False,
            readable_again=0,
            next_commands=next_commands(into),
            recovers_to=recovered_at.isoformat() if at else "",
        )
    if role:
        grant_use(connection, role)
    return _verified(recovered_at)


def _migrate() -> None:
    from django.core.management import call_command
    from django.utils import timezone

    from amends.operations.actions.end_what_was_open import end_what_was_open

    call_command("migrate", interactive=False, verbosity=0)
    end_what_was_open(now=timezone.now())


def _verified(at: datetime) -> RestoredBackup:
    """The restored data with what the ledger says of them; CheckFailed where it does not verify, or
    where people are readable who were erased since."""
    from amends.operations.actions.records_with_facts import records_with_facts
    from amends.operations.queries.erasure_register import readable_again
    from amends.record.ledger.actions.verify import verify

    report = verify(records=records_with_facts())
    readable_count = len(readable_again()) if report.ok else 0
    restored = RestoredBackup(
        at=at,
        into="",
        entries=report.size,
        verified=report.ok,
        readable_again=readable_count,
        next_commands="",
        recovers_to="",
    )
    if readable_count or not report.ok:
        raise CheckFailed(restored)
    return restored


def _moment(text: str) -> datetime | None:
    """A moment as given; without a zone, in the installation's own."""
    if not text:
        return None
    from django.utils import timezone

    try:
        parsed = parse_moment(text)
    except ValueError:
        raise BadInput(
            _("--at “%(given)s” is no moment.") % {"given": text},
            next_step=_("Write it like 2026-11-25T10:00+08:00."),
        ) from None
    return parsed if parsed.tzinfo else timezone.make_aware(parsed)


def _passphrase(file: Path | None) -> str:
    """The first line of the file; an empty one would leave the archive open without a word."""
    if file is None:
        return ""
    try:
        passphrase = file.read_text(encoding="utf-8").partition("\n")[0].strip()
    except UnicodeDecodeError:
        passphrase = ""
    if not passphrase:
        raise BadInput(
            _("%(file)s holds no passphrase in its first line.") % {"file": file},
            next_step=_("Write it there."),
        )
    return passphrase
