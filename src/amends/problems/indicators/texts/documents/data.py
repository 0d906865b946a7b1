"""The bulletin as CSV: one figure a row, so that no column changes its meaning down the file."""

from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import chain

from amends.engines.stats.rates import Share
from amends.platform.kit.money import Money
from amends.platform.tabular.exports import write_csv
from amends.problems.indicators.rules.bulletin import HIDDEN, Bulletin, Section
from amends.problems.indicators.texts.documents.cells import SIGN

COLUMNS = ("quarter", "section", "table", "row", "column", "form", "value", "definition")


def as_csv(bulletin: Bulletin) -> bytes:
    """What it says first, then every cell of every table; a hidden one holds the sign, nothing to
    say is empty. A share with its interval takes five rows; the form of money names its
    currency."""
    out = io.StringIO()
    meaning = dict(bulletin.definitions)
    lead = (
        (bulletin.quarter, "lead", bulletin.title, str(position), "", "text", sentence, "")
        for position, sentence in enumerate(bulletin.lead, start=1)
    )
    rows = (
        (
            bulletin.quarter,
            section.id,
            section.title,
            *line,
            meaning.get(line[0]) or meaning.get(head, section.note),
        )
        for section in bulletin.sections
        for head, line in _lines(section)
    )
    write_csv(out, COLUMNS, chain(lead, rows))
    return ("\ufeff" + out.getvalue()).encode()


def _lines(section: Section) -> Iterator[tuple[str, tuple[str, str, str, str]]]:
    """Head of the column and the line: row, column, form, value."""
    labels = section.forms.index("count") if section.forms.count("text") > 1 else 1
    labels = labels if section.forms[:labels] == ("text",) * labels else 1
    for row in section.rows:
        name = " · ".join(str(cell) for cell in row[:labels])
        for head, form, cell in zip(
            section.header[labels:], section.forms[labels:], row[labels:], strict=True
        ):
            if isinstance(cell, Share):
                for part, how in _OF_SHARE:
                    column = f"{head} · {part}" if part != "share" else head
                    yield head, (name, column, how, _exact(getattr(cell, part)))
                continue
            if isinstance(cell, Money):
                yield head, (name, head, f"{form} {cell.currency}", str(cell.major))
                continue
            value = SIGN if cell is HIDDEN else "" if cell is None else _exact(cell)
            yield head, (name, head, form, value)


_OF_SHARE = (
    ("share", "share"),
    ("low", "share"),
    ("high", "share"),
    ("count", "count"),
    ("of", "count"),
)


def _exact(cell: object) -> str:
    return f"{cell:.6g}" if isinstance(cell, float) else str(cell)
