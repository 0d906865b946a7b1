"""`amends keys`: the keys personal values rest under."""

from __future__ import annotations

from typing import Annotated

import typer

from amends.cli.language import gettext as _
from amends.cli.language import ngettext
from amends.cli.start import start
from amends.kit.errors import BadInput

app = typer.Typer(no_args_is_help=True, help="Manage the keys that encrypt personal data.")


@app.callback()
def _keys() -> None:
    """Manage the keys that encrypt personal data."""


@app.command("rotate")
def rotate() -> None:
    """Make a new key and re-seal what lies under older ones, while Amends goes on working."""
    start()
    from amends.vault.actions.rotate import reseal, start_rotation

    key = start_rotation()
    number = reseal(lambda column, done: typer.echo(f"{column}: {done:,}", err=True))
    typer.echo(
        ngettext(
            "New values are sealed under key %(key)s; %(count)s older one was sealed again.",
            "New values are sealed under key %(key)s; %(count)s older ones were sealed again.",
            number,
        )
        % {"key": key, "count": f"{number:,}"}
    )


@app.command("retire")
def retire(
    key: Annotated[str, typer.Argument(help="Identifier of an old key.")],
) -> None:
    """Take an old key off the keyring; refused while a value lies under it."""
    start()
    from amends.vault.actions.rotate import retire_key

    try:
        bytes.fromhex(key)
    except ValueError as error:
        raise BadInput(
            _("“%(key)s” is no identifier of a key.") % {"key": key},
            next_step=_("Write its hexadecimal digits, as `amends keys rotate` prints them."),
        ) from error
    retire_key(key)
    typer.echo(
        _("Key %(key)s is off the keyring. Backups made before still need it.") % {"key": key}
    )
