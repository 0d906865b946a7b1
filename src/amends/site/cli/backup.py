"""`amends backup` and `amends restore`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from amends.kit.errors import BadInput
from amends.site.cli.start import start

PASSPHRASE = Annotated[
    Path | None,
    typer.Option(help="File whose first line is the passphrase of the archive.", exists=True),
]


def backup(
    file: Annotated[Path, typer.Argument(help="Archive to write; it must not exist.")],
    passphrase_file: PASSPHRASE = None,
) -> None:
    """Write database, keys and files to one archive, while Amends goes on working."""
    start()
    from django.utils import timezone

    from amends.site.backups.archive import back_up

    manifest = back_up(file, now=timezone.now(), passphrase=_passphrase(passphrase_file))
    size = file.stat().st_size / 1_000_000
    typer.echo(f"{file}: {len(manifest.parts)} parts, {size:,.1f} MB.")
    if passphrase_file is None:
        typer.echo("It holds the keys beside the data: keep it where only you can read it.")


def restore(
    file: Annotated[Path, typer.Argument(exists=True, help="Archive to read.")],
    passphrase_file: PASSPHRASE = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Data in the way may be lost.")
    ] = False,
) -> None:
    """Check an archive, put it in place, bring it up to date, and verify the ledger.

    Stop `serve` and `work` first.
    """
    start()
    from django.core.management import call_command

    from amends.ledger.actions.verify import verify
    from amends.site.backups.archive import restore as put_back

    manifest = put_back(
        file,
        passphrase=_passphrase(passphrase_file),
        replace=replace,
        migrate=lambda: call_command("migrate", interactive=False, verbosity=0),
    )
    report = verify()
    typer.echo(
        f"Restored the backup of {manifest.made_at}; the ledger holds {report.size:,} entries."
    )
    if not report.ok:
        typer.echo("The ledger does not verify: do not use this restore.", err=True)
        raise typer.Exit(1)


def _passphrase(file: Path | None) -> str:
    """The first line of the file; an empty one would leave the archive open without a word."""
    if file is None:
        return ""
    passphrase = file.read_text(encoding="utf-8").partition("\n")[0].strip()
    if not passphrase:
        raise BadInput(
            f"{file} holds no passphrase in its first line.", next_step="Write it there."
        )
    return passphrase
