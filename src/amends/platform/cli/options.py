"""Options that several commands share."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

import typer

from amends.platform.cli.language import gettext as _
from amends.platform.kit.dates import parse_day
from amends.platform.kit.errors import BadInput

MAP = Annotated[
    list[str] | None,
    typer.Option("--map", help="Use COLUMN for FIELD, as FIELD=COLUMN (repeatable)."),
]


def columns_of(pairs: list[str]) -> dict[str, str]:
    """Field → column, from FIELD=COLUMN pairs. Raises BadInput."""
    columns: dict[str, str] = {}
    for pair in pairs:
        name, sign, column = pair.partition("=")
        if not sign:
            raise BadInput(_("--map “%(pair)s” is not FIELD=COLUMN.") % {"pair": pair})
        columns[name.strip()] = column.strip()
    return columns


def parse_day_option(text: str) -> date:
    """The day of an option such as `--since 2026-03-02`."""
    try:
        return parse_day(text)
    except ValueError as error:
        raise typer.BadParameter(
            _("“%(given)s” is not a day; write it like 2026-03-02") % {"given": text}
        ) from error


DAY_OPTION: dict[str, Any] = {"parser": parse_day_option, "metavar": "DATE"}
"""Named arguments of a `typer.Option` that is a day."""
