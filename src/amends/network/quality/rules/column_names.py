"""Finds the indicator of a column of a counter file by its header."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from amends.platform.tabular.columns import plain_name

# Factors to the unit of an indicator, by the unit in the header: 800 kbit/s are .8 Mbit/s.
_FACTORS: Mapping[str, Mapping[str, float]] = {
    "Mbit/s": {"bps": 1e-6, "kbps": 1e-3, "mbps": 1.0, "gbps": 1e3},
    "ms": {"us": 1e-3, "ms": 1.0, "s": 1e3, "sec": 1e3},
    "s": {"ms": 1e-3, "s": 1.0, "sec": 1.0},
    "GB": {"bytes": 1e-9, "kb": 1e-6, "mb": 1e-3, "gb": 1.0, "tb": 1e3},
    "share": {"%": 0.01, "percent": 0.01},
}
_WRITTEN = {
    "kbit/s": "kbps",
    "kb/s": "kbps",
    "mbit/s": "mbps",
    "mb/s": "mbps",
    "gbit/s": "gbps",
    "bit/s": "bps",
    "kbyte": "kb",
    "mbyte": "mb",
    "gbyte": "gb",
    "byte": "bytes",
    "pct": "percent",
}
_BRACKETS = re.compile(r"[(\[（【]\s*([^)\]）】]*)\s*[)\]）】]")
_AGGREGATES = re.compile(
    r"^(?:avg|average|mean|median|max|min|total|sum|4g|5g|lte|nr)\s+|\s+(?:avg|average|mean)$"
)


@dataclass(frozen=True, slots=True)
class IndicatorColumn:
    """The indicator in a column of numbers.

    code     the indicator, or the header where Amends does not know it
    factor   from the unit of the column to that of the indicator; 0 if the header has no unit
    success  whether the column is the share that succeeds, the indicator the share that fails
    worse    of an indicator that Amends does not know: whether high or low values are bad, from
             its header; "" if unknown
    """

    code: str
    factor: float = 0.0
    success: bool = False
    worse: Literal["", "high", "low"] = ""


def indicator_of(column: str, units_by_code: Mapping[str, str]) -> IndicatorColumn:
    """The indicator of a column called so.

    units_by_code  the indicators that Amends knows, and their units

    >>> indicator_of("DL Throughput (kbps)", {"down_user_mbps": "Mbit/s"})
    IndicatorColumn(code='down_user_mbps', factor=0.001, success=False, worse='')
    >>> indicator_of("HO failure rate", {}).worse
    'high'
    """
    name, unit = _apart(column)
    if column.strip().lower() in units_by_code:
        return IndicatorColumn(column.strip().lower())
    names, success = _names()
    for called in (name, _AGGREGATES.sub("", name)):
        code = names.get(called) or success.get(called) or ""
        if code in units_by_code:
            factor = _FACTORS.get(units_by_code[code], {}).get(unit, 0.0)
            return IndicatorColumn(code, factor, success=called in success)
    return IndicatorColumn(column.strip(), worse=_worse(name))


def is_no_indicator(column: str) -> bool:
    """Whether numbers of a column called so are identifiers, coordinates or parts of a date."""
    words = _apart(column)[0].split()
    return not words or bool({words[0], words[-1]} & _never())


def _apart(column: str) -> tuple[str, str]:
    """The plain header, and its unit in lower case ("" if there is none)."""
    found = _BRACKETS.search(column)
    unit = found[1].strip().lower() if found else "%" if "%" in column else ""
    name = plain_name(_BRACKETS.sub(" ", column))
    unit = _WRITTEN.get(unit, unit)
    if not unit:
        first, _space, last = name.rpartition(" ")
        if first and any(last in factors for factors in _FACTORS.values()):
            name, unit = first, last
    return name, unit


def _worse(name: str) -> Literal["", "high", "low"]:
    rules = _rules()["worse"]
    if _says(name, rules["none"]):
        return ""
    if _says(name, rules["low"]):
        return "low"
    return "high" if _says(name, rules["high"]) else ""


def _says(name: str, words: Collection[str]) -> bool:
    # Chinese is written without spaces.
    return any(word in (name.split() if word.isascii() else name) for word in words)


@cache
def _rules() -> dict[str, Any]:
    path = files("amends.network.quality.rules").joinpath("data/column_names.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))


@cache
def _names() -> tuple[dict[str, str], dict[str, str]]:
    """Header → indicator, and header of its opposite → indicator."""
    rows = _rules()["indicators"].items()
    names = {plain_name(name): code for code, row in rows for name in row["names"]}
    return names, {plain_name(name): code for code, row in rows for name in row.get("success", [])}


@cache
def _never() -> frozenset[str]:
    return frozenset(plain_name(word) for word in _rules()["not_indicators"]["words"])
