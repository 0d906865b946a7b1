"""`amends backup` and `amends restore`."""

from __future__ import annotations

import signal
import sys
import threading
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from amends.cli.language import gettext as _
from amends.cli.language import ngettext
from amends.cli.progress import bar
from amends.cli.start import start
from amends.kit.dates import parse_moment
from amends.kit.errors import BadInput
from amends.kit.printable import printable

PASSPHRASE = Annotated[
    Path | None,
    typer.Option(help="File whose first line is the passphrase of the archive.", exists=True),
]


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
) -> None:
    """Back up database, keys and files to one archive, or continuously; Amends keeps running."""
    if (file is None) == (keep is None):
        raise BadInput(
            _("One of the two is needed: an archive or a folder to keep."),
            next_step=_("Write `amends backup FILE` or `amends backup --keep FOLDER`."),
        )
    start(tables=False)
    if keep is not None:
        _keep(keep, every, days, _passphrase(passphrase_file))
        return
    from django.utils import timezone

    from amends.operations.backups.archive import back_up

    assert file is not None
    # Ended like this it deletes what it put together so far.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _frame: sys.exit(128 + number))
    back_up(file, now=timezone.now(), passphrase=_passphrase(passphrase_file))
    size = file.stat().st_size / 1_000_000
    typer.echo(_("%(file)s: %(size)s MB.") % {"file": printable(file), "size": f"{size:,.1f}"})
    if passphrase_file is None:
        typer.echo(_("It holds the keys beside the data: keep it where only you can read it."))


def _keep(folder: Path, every: float, days: int, passphrase: str) -> None:
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
) -> None:
    """Check a backup, restore it, update it, and verify the ledger.

    Stop `serve` and `work` first.
    """
    from amends.environment.settings_values import act_as_owner

    role = act_as_owner()
    start(tables=False)
    from django.db import connection

    from amends.database.roles import grant_use
    from amends.operations.backups import restore as backups

    with bar(_("Restoring")) as progress:
        done = backups.restore(
            source,
            at=_moment(at),
            passphrase=_passphrase(passphrase_file),
            replace=replace,
            into=into,
            migrate=_migrate,
            progress=progress,
        )
    if into is not None:
        _say_how_to_start(into, done.isoformat(), _("the newest moment") if not at else "")
        return
    if role:
        grant_use(connection, role)
    _verified(_("Restored: the moment %(at)s.") % {"at": done.isoformat()})


def _say_how_to_start(folder: Path, at: str, moment: str) -> None:
    from amends.operations.backups.postgres_restore import next_commands

    typer.echo(
        _(
            "Checked and laid out. Keys and files are as of %(at)s. Start the server in "
            "%(folder)s: it recovers to %(moment)s."
        )
        % {"at": at, "folder": folder, "moment": moment or at}
    )
    typer.echo(next_commands(folder))


def _migrate() -> None:
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0)


def _verified(what: str) -> None:
    from amends.ledger.actions.verify import verify
    from amends.operations.records_with_facts import records_with_facts

    report = verify(records=records_with_facts())
    typer.echo(what)
    typer.echo(
        ngettext(
            "The ledger holds %(count)s entry.", "The ledger holds %(count)s entries.", report.size
        )
        % {"count": f"{report.size:,}"}
    )
    typer.echo(_("Compare it with a witness: amends ledger verify --against CHECKPOINT"))
    if not report.ok:
        typer.echo(_("The ledger does not verify: do not use this restore."), err=True)
        raise typer.Exit(1)
    _demand_erasures()


def _demand_erasures() -> None:
    """Exit 1 where the backup brought back somebody who was erased since."""
    from amends.operations.erasure_register import readable_again

    if again := readable_again():
        typer.echo(
            ngettext(
                "%(count)s person who was erased is readable again. Before anybody works here: "
                "amends subscribers erase-again --by NAME",
                "%(count)s people who were erased are readable again. Before anybody works here: "
                "amends subscribers erase-again --by NAME",
                len(again),
            )
            % {"count": f"{len(again):,}"},
            err=True,
        )
        raise typer.Exit(1)


def _moment(text: str) -> datetime | None:
    """A moment as given; without a zone, in the installation's own."""
    if not text:
        return None
    from django.utils import timezone

    try:
        found = parse_moment(text)
    except ValueError:
        raise BadInput(
            _("--at “%(given)s” is no moment.") % {"given": text},
            next_step=_("Write it like 2026-11-25T10:00+08:00."),
        ) from None
    return found if found.tzinfo else timezone.make_aware(found)


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
