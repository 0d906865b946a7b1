"""Read the lines to enrol from a CSV file.

service, subscriber     references; a line without a subscriber is known by its service
zone, day               where its days begin, and the day its billing periods begin (UTC, 1)
plan                    a name for its limits
data_mb, voice_min, messages, roaming_minor, balance_minor, own_minor   limits; 0 for none
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from amends.notices.actions.enrol import NewLines, UnableToEnrol
from amends.notices.rules.engine.marks import BYTES_PER_MB, SECONDS_PER_MIN, Plan

_LIMITS = ("data_mb", "voice_min", "messages", "roaming_minor", "balance_minor", "own_minor")


def read_lines(path: Path) -> NewLines:
    """The lines of a file; `UnableToEnrol` names the column or value that cannot be used."""
    try:
        table = pa_csv.read_csv(
            path, convert_options=pa_csv.ConvertOptions(
                column_types={"service": pa.string(), "subscriber": pa.string(),
                              "plan": pa.string(), "zone": pa.string(),
                              **dict.fromkeys((*_LIMITS, "day"), pa.int64())}))  # fmt: skip
    except pa.ArrowInvalid as error:
        raise UnableToEnrol(
            f"The lines cannot be read ({error}).", where=path.name,
            next_step="Limits and days are whole numbers; the file is CSV in UTF-8.",
        ) from error  # fmt: skip
    if "service" not in table.column_names:
        raise UnableToEnrol(
            "The column service is missing.", where=f"{path.name}, line 1",
            next_step="Name the column that holds the references of the services.",
        )  # fmt: skip
    rows = table.num_rows
    service = table["service"].combine_chunks()
    subscriber = (
        pc.coalesce(table["subscriber"].combine_chunks(), service)
        if "subscriber" in table.column_names else service
    )  # fmt: skip
    limits = [_numbers(table, name, rows, 0) for name in _LIMITS]
    names = _texts(table, "plan", rows, "")
    plans, plan = _distinct(list(zip(names, *limits, strict=True)))
    cycles, cycle = _distinct(
        list(zip(_texts(table, "zone", rows, "UTC"), _numbers(table, "day", rows, 1), strict=True))
    )
    for zone, day in cycles:
        _check_cycle(zone, day, path)
    return NewLines(
        service, subscriber, plan, cycle,
        [Plan(name or "–", mb * BYTES_PER_MB, minutes * SECONDS_PER_MIN, *others)
         for name, mb, minutes, *others in plans],
        cycles,
    )  # fmt: skip


def _check_cycle(zone: str, day: int, path: Path) -> None:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UnableToEnrol(
            f"There is no time zone {zone!r}.", where=path.name,
            next_step="Name it as in the zone database, e.g. Asia/Shanghai.",
        ) from error  # fmt: skip
    if not 1 <= day <= 31:
        raise UnableToEnrol(
            f"A billing period cannot begin on day {day}.", where=path.name,
            next_step="Give a day of the month, 1 to 31.",
        )  # fmt: skip


def _numbers(table: Any, name: str, rows: int, default: int) -> list[int]:
    if name not in table.column_names:
        return [default] * rows
    return [default if value is None else value for value in table[name].to_pylist()]


def _texts(table: Any, name: str, rows: int, default: str) -> list[str]:
    if name not in table.column_names:
        return [default] * rows
    return [value or default for value in table[name].to_pylist()]


def _distinct(values: list[Any]) -> tuple[list[Any], list[int]]:
    places: dict[Any, int] = {}
    numbers = [places.setdefault(value, len(places)) for value in values]
    return list(places), numbers
