"""Excel workbooks, read in a process with limits: one may be built to exhaust its reader."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson

from amends.platform.environment.limited_process import LimitReached, ReaderLimits, output_lines
from amends.platform.kit.errors import gettext_noop as _
from amends.platform.tabular.workbook_reader import UnableToOpenWorkbook

READER_LIMITS = ReaderLimits(
    memory_bytes=2_000_000_000, cpu_s=120, wait_s=300, output_bytes=1_000_000_000
)
_HEADER_WITHIN = 20


def rows_of(path: Path, *, is_header: Callable[[list[str]], bool]) -> Iterator[list[str]]:
    """The rows, as text, of the first sheet that begins with a header, else of the first sheet.

    is_header  whether a row names the columns that are looked for; a sheet of notes has none
    """
    sheets = list(_documents(path, "heads", str(_HEADER_WITHIN)))
    with_header = (sheet for sheet in sheets if any(map(is_header, sheet["rows"])))
    yield from _documents(path, "rows", next(with_header, sheets[0])["name"])


def cells_of(path: Path) -> dict[str, list[list[Any]]]:
    """Name → cells of each sheet, from its first row and column on: text, numbers, booleans."""
    return {sheet["name"]: sheet["rows"] for sheet in _documents(path, "cells")}


def _documents(path: Path, *task: str) -> Iterator[Any]:
    module = UnableToOpenWorkbook.__module__
    try:
        with path.open("rb") as file:
            for line in output_lines(module, *task, file=file, limits=READER_LIMITS):
                document = orjson.loads(line)
                if isinstance(document, dict) and "refusal" in document:
                    raise UnableToOpenWorkbook(**document["refusal"])
                yield document
    except (LimitReached, orjson.JSONDecodeError) as error:
        raise UnableToOpenWorkbook(
            _("The workbook could not be read within the limits of time and memory."),
            meaning=_(
                "It may be built to exhaust the machine that opens it; nothing was imported."
            ),
            next_step=_("Open it, save it again as .csv, and send that."),
        ) from error
