"""`amends keys`: the keys that encrypt personal data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import typer

from amends.platform.cli.command import command
from amends.platform.cli.language import gettext as _
from amends.platform.cli.language import ngettext
from amends.platform.cli.render import View
from amends.platform.kit.errors import BadInput

app = typer.Typer(no_args_is_help=True, help="Manage the keys that encrypt personal data.")


@dataclass(frozen=True, slots=True)
class RotatedKey:
    """The new key, and how many older values were encrypted again under it."""

    key: str
    values: int


@dataclass(frozen=True, slots=True)
class RetiredKey:
    """The key that was taken off the keyring."""

    key: str


@app.callback()
def _keys() -> None:
    """Manage the keys that encrypt personal data."""


def _rotated_view(rotated_key: RotatedKey) -> View:
    sentence = ngettext(
        "New values are sealed under key %(key)s; %(count)s older one was sealed again.",
        "New values are sealed under key %(key)s; %(count)s older ones were sealed again.",
        rotated_key.values,
    )
    return View(notes=[sentence % {"key": rotated_key.key, "count": f"{rotated_key.values:,}"}])


@app.command()
@command(view=_rotated_view)
def rotate() -> RotatedKey:
    """Make a new key and re-seal what lies under older ones, while Amends goes on working."""
    from amends.platform.vault.actions.rotate import reseal, start_rotation

    key = start_rotation()
    return RotatedKey(key, reseal(_report))


def _report(column: str, count: int) -> None:
    typer.echo(f"{column}: {count:,}", err=True)


def _retired_view(retired_key: RetiredKey) -> View:
    sentence = _("Key %(key)s is off the keyring. Backups made before still need it.")
    return View(notes=[sentence % {"key": retired_key.key}])


@app.command()
@command(view=_retired_view)
def retire(
    key: Annotated[str, typer.Argument(help="Identifier of an old key.")],
) -> RetiredKey:
    """Take an old key off the keyring; refused while a value lies under it."""
    from amends.platform.vault.actions.rotate import retire_key

    try:
        bytes.fromhex(key)
    except ValueError as error:
        raise BadInput(
            _("“%(key)s” is no identifier of a key.") % {"key": key},
            next_step=_("Write its hexadecimal digits, as `amends keys rotate` prints them."),
        ) from error
    retire_key(key)
    return RetiredKey(key)
