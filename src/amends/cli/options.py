"""Options that several commands share."""

from __future__ import annotations

from typing import Annotated

import typer

from amends.cli.language import gettext as _
from amends.kit.errors import BadInput

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
