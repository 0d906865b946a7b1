"""Writing tables that a spreadsheet opens: no cell of ours is ever a formula."""

from __future__ import annotations

import csv
import filecmp
import itertools
import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from amends.platform.tabular.tables import Reject
from amends.platform.vault.redaction import redact_person

if TYPE_CHECKING:
    import polars as pl

_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_FORMULA = rf"\A[{re.escape(''.join(_STARTS))}]"
_SIGNED_NUMBER = r"\A[+-][0-9]+(\.[0-9]*)?([eE][+-]?[0-9]+)?\z"


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


class _LineFeeds:
    """A file whose lines end in a line feed where the writer of CSV ends them in CR LF."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def write(self, line: str) -> int:
        return self._out.write(line.removesuffix("\r\n") + "\n")


def write_csv(
    out: TextIO,
    header: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    for_spreadsheet: bool = True,
) -> int:
    """Write a header and rows; returns how many rows.

    for_spreadsheet  no cell is a formula; what another program reads keeps every cell as it is
    """
    # Python 3.11 quotes a cell with a carriage return only where the line ending has one.
    writer = csv.writer(_LineFeeds(out), lineterminator="\r\n")
    cell_of = neutral if for_spreadsheet else str
    writer.writerow(map(cell_of, header))
    number = 0
    for row in rows:
        writer.writerow(map(cell_of, row))
        number += 1
    return number


def neutral_frame(frame: pl.DataFrame) -> pl.DataFrame:
    """The same for a Polars frame: its column names and the cells of its text columns."""
    import polars as pl

    columns = [
        pl.when(pl.col(name).str.contains(_FORMULA) & ~pl.col(name).str.contains(_SIGNED_NUMBER))
        .then("'" + pl.col(name))
        .otherwise(pl.col(name))
        .alias(name)
        for name, kind in frame.schema.items()
        if kind == pl.String
    ]
    return frame.with_columns(columns).rename(neutral)


def write_rejects(
    path: Path,
    header: Sequence[str],
    rejects: Iterable[Reject],
    *,
    masks: Mapping[str, Callable[[str], str]] | None = None,
    translate: Callable[[str], str] = str,
) -> None:
    """The rows that were refused: line, reason, then their cells with personal values masked.

    The file is readable by the owner only; `line` leads back to the row as it was sent.

    masks      column → how its cells are masked, where the column says what stands in it
    translate  gives the words of a reason in the reader's language
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    by_place = [(masks or {}).get(name, redact_person) for name in header]
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    if path.is_file():  # root would shut a device to everybody else
        os.fchmod(handle, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8-sig", newline="") as out:
        write_csv(
            out,
            ["line", "reason", *map(redact_person, header)],
            (
                [
                    reject.line,
                    redact_person(reject.translated(translate)),
                    *_masked(reject, by_place),
                ]
                for reject in rejects
            ),
        )


def keep_rejects(
    path: Path,
    header: Sequence[str],
    rejects: Iterable[Reject],
    *,
    masks: Mapping[str, Callable[[str], str]] | None = None,
    translate: Callable[[str], str] = str,
) -> Path | None:
    """As `write_rejects`; what an earlier import set aside there is kept as `NAME-1`, `NAME-2`, ….

    Returns where, or None where nothing stood there, or the same.
    """
    return keep_earlier(
        path, lambda to: write_rejects(to, header, rejects, masks=masks, translate=translate)
    )


def keep_earlier(path: Path, write: Callable[[Path], object]) -> Path | None:
    """Write a file; what stood there and says something else is kept as `NAME-1`, `NAME-2`, ….

    write  makes the file at the path it is given

    Returns where the earlier one is kept, or None where nothing stood there, or the same.
    """
    if path.exists() and not path.is_file():
        write(path)
        return None
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    earlier_path = None
    try:
        write(fresh)
        while not _placed(fresh, path):
            if filecmp.cmp(fresh, path, shallow=False):
                break
            earlier_path = _set_back(path)
    finally:
        fresh.unlink(missing_ok=True)
    return earlier_path


def _placed(fresh: Path, path: Path) -> bool:
    """Whether the name was free and is taken now, though another import ends in this moment."""
    try:
        path.hardlink_to(fresh)
    except FileExistsError:
        return False
    except OSError:  # a file system without links
        if path.exists():
            return False
        fresh.replace(path)
    return True


def _set_back(path: Path) -> Path:
    """Give a file the first number that is free; one that says the same is enough."""
    for at in itertools.count(1):
        target = path.with_name(f"{path.stem}-{at}{path.suffix}")
        if not target.exists():
            break
        if filecmp.cmp(path, target, shallow=False):
            break
    path.replace(target)
    return target


def _masked(reject: Reject, by_place: Sequence[Callable[[str], str]]) -> list[str]:
    """The cells, each under the mask of its column; a row of another width has lost its columns."""
    beyond = [redact_person] * max(0, len(reject.cells) - len(by_place))
    return [
        redact_person(mask(cell)) if cell else cell
        for cell, mask in zip(reject.cells, [*by_place, *beyond], strict=False)
    ]


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return text[0] in "+-" and text[1:2].isdigit()
