"""How every command prints its result: for people as text, for programs as one JSON document.

A command returns a result (a dataclass). `as_json` writes it with the serializer that the API uses,
so that both give the same document. For people a *view* of the result says what to print:

    View(
        heading="Complaints by area",
        columns=(
            TableColumn("Area", "name"),
            TableColumn("Complaints", "complaints", "{:,}", right=True),
        ),
        rows=areas,
        notes=("Counted on 30 Nov 2026.",),
    )
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, is_dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from amends.platform.kit.documents import OMIT_NONE as OMIT_NONE
from amends.platform.kit.printable import printable

if TYPE_CHECKING:
    # Loaded only where a person reads the result: a tenth of the time in which a command starts.
    from rich.console import Console
    from rich.table import Table

NOTHING = "—"
"""Printed where there is no value; never 0."""


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column of a table.

    title   its heading
    field   attribute of a row, or a function that takes the row
    format  format string of the value ("{:.2f}"), or a function that takes the value
    right   aligned to the right and never wrapped or cut: for numbers
    whole   never wrapped or cut: for codes and references that somebody copies
    """

    title: str
    field: str | Callable[[Any], object]
    format: str | Callable[[Any], str] = "{}"
    right: bool = False
    whole: bool = False

    def text(self, row: object) -> str:
        """The cell of a row; `NOTHING` where the value is None or empty."""
        value = self.field(row) if callable(self.field) else getattr(row, self.field)
        if value is None or value == "":
            return NOTHING
        return self.format(value) if callable(self.format) else self.format.format(value)


@dataclass(frozen=True, slots=True)
class View:
    """What a command prints for a person, from top to bottom.

    figures    label and value, a line each
    empty      printed instead of the table where there are no rows
    notes      sentences below the table
    text       printed as it is, byte by byte: what another program or person reads as a whole
    next_step  what to do now
    warnings   sentences on standard error: what somebody must act on
    """

    heading: str = ""
    figures: Sequence[tuple[str, object]] = ()
    columns: Sequence[TableColumn] = ()
    rows: Sequence[object] = ()
    empty: str = ""
    notes: Sequence[str] = ()
    text: str = ""
    next_step: str = ""
    warnings: Sequence[str] = ()


def show(view: View, console: Console | None = None) -> None:
    """Print a view on standard output."""
    from rich.console import Console

    out = console or Console()
    if view.heading:
        _line(out, view.heading, "bold")
    for label, value in view.figures:
        _line(out, f"{label}: {NOTHING if value in (None, '') else value}")
    if view.rows:
        out.print(_table(view), crop=False)
    elif view.empty:
        _line(out, view.empty)
    for note in view.notes:
        _line(out, note)
    if view.text:
        out.file.write(view.text)
    if view.next_step:
        _line(out, view.next_step, "dim")
    for warning in view.warnings:
        _line(Console(stderr=True), warning)


def as_json(result: object) -> bytes:
    """A result as one JSON document, as the API gives it; numbers that are not finite are null.

    A key that is no name in Python is given by the field:
    `field(metadata={"serialization_alias": "from"})`. A key that a document has only at times is
    left out where it is None: `field(default=None, metadata=OMIT_NONE)`.
    """
    absent = {
        field.name
        for field in (fields(result) if is_dataclass(result) else ())
        if "omit_none" in field.metadata and getattr(result, field.name) is None
    }
    serializer = _serializer(type(result))  # type: ignore[arg-type]
    return serializer.dump_json(result, by_alias=True, exclude=absent)


def _line(out: Console, text: str, style: str = "") -> None:
    from rich.text import Text

    # As text, so that square brackets in somebody's words are no markup; whole where a program
    # reads the output, so that no line end stands within a token or a sentence.
    out.print(Text(printable(text), style=style), highlight=False, soft_wrap=not out.is_terminal)


_LEAST_WIDTH = 12
"""Of a column whose cells wrap: a narrow terminal wraps the lines rather than hide a column."""


def _table(view: View) -> Table:
    from rich.cells import cell_len
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None)
    rows = [[printable(column.text(row)) for column in view.columns] for row in view.rows]
    for number, column in enumerate(view.columns):
        widest = max(cell_len(row[number]) for row in rows)
        if not (column.right or column.whole):
            widest = min(widest, _LEAST_WIDTH)
        longest_word = max(map(cell_len, column.title.split()), default=0)
        table.add_column(
            Text(column.title),
            justify="right" if column.right else "left",
            # Words without spaces, such as Chinese, go on in the next line and are not cut.
            overflow="fold",
            min_width=max(widest, longest_word),
        )
    for cells in rows:
        table.add_row(*map(Text, cells))
    return table


@lru_cache(maxsize=64)
def _serializer(kind: type) -> Any:
    # Loaded only where a document is asked for: a fifth of a second.
    from pydantic import TypeAdapter

    return TypeAdapter(kind)


def write_json(result: object) -> None:
    """Write the document of a result, and nothing else, on standard output."""
    sys.stdout.write(as_json(result).decode() + "\n")
