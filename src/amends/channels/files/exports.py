"""Writing tables that a spreadsheet opens: no cell of ours is ever a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TextIO

from amends.channels.files.tables import Reject

_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def neutral(cell: object) -> str:
    """The cell as text; one that a spreadsheet would take for a formula starts with an apostrophe.

    A plain number keeps its sign.

    >>> neutral("=cmd()"), neutral("-12.50")
    ("'=cmd()", '-12.50')
    """
    text = "" if cell is None else str(cell)
    if text.startswith(_STARTS) and not _is_number(text):
        return f"'{text}"
    return text


def write_csv(out: TextIO, header: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
    """Write a header and rows; returns how many rows."""
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([neutral(name) for name in header])
    number = 0
    for row in rows:
        writer.writerow([neutral(cell) for cell in row])
        number += 1
    return number


def write_rejects(path: Path, header: Sequence[str], rejects: Iterable[Reject]) -> None:
    """The rows that were refused: line, reason, then their cells; readable by the owner only."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.touch(mode=0o600)
    with path.open("w", encoding="utf-8-sig", newline="") as out:
        write_csv(
            out,
            ["line", "reason", *header],
            ([reject.line, reject.reason, *reject.cells] for reject in rejects),
        )


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return text[0] in "+-" and text[1:2].isdigit()
