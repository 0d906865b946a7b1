"""The bulletin as CSV: one figure a row, so that no column changes its meaning down the file."""

from __future__ import annotations

import io
from collections.abc import Iterator

from amends.channels.files.exports import write_csv
from amends.indicators.documents.cells import SIGN
from amends.indicators.rules.bulletin import HIDDEN, Bulletin, Section

COLUMNS = ("quarter", "section", "table", "row", "column", "form", "value", "definition")


def as_csv(made: Bulletin) -> bytes:
    """Every cell of every table; a hidden one holds the sign, nothing to say is empty."""
    out = io.StringIO()
    meaning = dict(made.definitions)
    rows = (
        (made.quarter, one.id, one.title, *line, meaning.get(line[0], one.note))
        for one in made.sections
        for line in _lines(one)
    )
    write_csv(out, COLUMNS, rows)
    return ("\ufeff" + out.getvalue()).encode()


def _lines(section: Section) -> Iterator[tuple[str, str, str, str]]:
    labels = section.forms.index("count") if section.forms.count("text") > 1 else 1
    labels = labels if section.forms[:labels] == ("text",) * labels else 1
    for row in section.rows:
        name = " · ".join(str(cell) for cell in row[:labels])
        for head, form, cell in zip(
            section.header[labels:], section.forms[labels:], row[labels:], strict=True
        ):
            value = SIGN if cell is HIDDEN else "" if cell is None else _exact(cell)
            yield name, head, form, value


def _exact(cell: object) -> str:
    return f"{cell:.6g}" if isinstance(cell, float) else str(cell)
