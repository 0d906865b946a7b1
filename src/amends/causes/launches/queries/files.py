"""A case from a file: JSON or a workbook."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from amends.causes.launches import refusals
from amends.causes.launches.queries.workbook import read_workbook, refuse_large
from amends.causes.launches.rules.case import Case, PriceOf, case_of
from amends.platform.kit.json_in import read_json as strict_json


def read_case(path: Path, price_of: PriceOf | None = None) -> Case:
    """The checked case of a file; `price_of` fills an empty sheet `price` from the catalogue."""
    if path.suffix.lower() in (".xlsx", ".xlsm", ".xls"):
        return read_workbook(path, price_of)
    return case_of(read_json(path), price_of=price_of)


def read_json(path: Path) -> Any:
    """What a JSON file says; NaN and Infinity are no JSON."""
    refuse_large(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
        document = json.loads(text, parse_constant=_refuse_constant)
        # Halves of characters, which neither a page nor a document can show.
        return strict_json(text) if "\\u" in text else document
    except (ValueError, RecursionError) as error:
        raise refusals.not_json(where=path.name, error=error) from error


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is no number")
