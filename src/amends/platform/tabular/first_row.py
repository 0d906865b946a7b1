"""Whether the first row of a table is a header, or a row like those below it."""

from __future__ import annotations

from collections.abc import Sequence

from amends.platform.tabular.columns import known_columns
from amends.platform.tabular.dates import is_plain_number
from amends.platform.tabular.values import dates, emails, sentences

_SURE = 0.9
_FEW = 5
_SHARE = 0.02


def is_data(first: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Whether a first row looks like the rows below it.

    It does where one of its cells is a date, an address of email or a sentence, in a column of
    such, or where a cell comes again and again below it: no column is called like its values.
    """
    if len(below) < 2:
        return False
    columns = [
        (cell.strip(), sample)
        for index, cell in enumerate(first)
        if cell.strip()
        and (sample := [row[index].strip() for row in below if index < len(row)])
        and (sample := list(filter(None, sample)))
    ]
    if known_columns([cell for cell, _sample in columns]) > 1:
        return False
    return any(_is_value(cell, sample) for cell, sample in columns)


def _is_value(cell: str, sample: Sequence[str]) -> bool:
    repeats = sample.count(cell)
    if (
        repeats >= max(_FEW, _SHARE * len(sample))
        and repeats < len(sample)
        and not _is_number(cell)
    ):
        return True
    if dates([cell]) and not is_plain_number(cell) and dates(sample) > _SURE:
        return True
    if emails([cell]) and emails(sample) > _SURE:
        return True
    asks = cell.endswith(("?", "？", ":", "："))
    return not asks and sentences([cell]) > _SURE and sentences(sample) > 0.5


def _is_number(cell: str) -> bool:
    return cell.replace(".", "", 1).replace(",", "").lstrip("-").isdecimal()
