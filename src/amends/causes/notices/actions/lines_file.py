"""Read the lines to enrol from a CSV file.

service, subscriber     references; a line without a subscriber is known by its service
zone, day               where its days begin, and the day its billing periods begin (UTC, 1)
plan                    a name for its limits
data_mb, voice_min, messages, roaming_minor, balance_minor, own_minor   limits; 0 for none
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from amends.causes.notices.actions.enrol import NewLines, UnableToEnrol
from amends.engines.metering.engine.marks import BYTES_PER_MB, SECONDS_PER_MIN, MeteringPlan
from amends.platform.kit.errors import gettext_noop as _

MOST_LETTERS = 64
"""Of a reference, as in every other column."""
_PLAN_LETTERS = 120
_GOT = re.compile(r"(, got \d+): .*")
_CONTROL = r"[\x00-\x1f\x7f]"
_MOST = 2**40
_LIMITS = ("data_mb", "voice_min", "messages", "roaming_minor", "balance_minor", "own_minor")


def read_lines(path: Path) -> NewLines:
    """The lines of a file; `UnableToEnrol` names the column or value that cannot be used."""
    try:
        table = pa_csv.read_csv(
            path,
            convert_options=pa_csv.ConvertOptions(
                column_types={
                    "service": pa.string(),
                    "subscriber": pa.string(),
                    "plan": pa.string(),
                    "zone": pa.string(),
                    **dict.fromkeys((*_LIMITS, "day"), pa.int64()),
                }
            ),
        )
        named = table.column_names
    except UnicodeDecodeError as error:
        raise UnableToEnrol(
            _("The header is not UTF-8."),
            where=_("%(file)s, line %(line)s"),
            at={"file": path.name, "line": 1},
            next_step=_("Save it as UTF-8."),
        ) from error
    except (pa.ArrowInvalid, OSError) as error:
        raise UnableToEnrol(
            _("The lines cannot be read (%(why)s)."),
            where=path.name,
            next_step=_("Limits and days are whole numbers; the file is CSV in UTF-8."),
            values={"why": _without_row(str(error))},
        ) from error
    if "service" not in named:
        raise UnableToEnrol(
            _("The column service is missing."),
            where=_("%(file)s, line %(line)s"),
            at={"file": path.name, "line": 1},
            next_step=_("Name the column that holds the references of the services."),
        )
    rows = table.num_rows
    if not rows:
        raise UnableToEnrol(
            _("The file holds no line."),
            where=path.name,
            meaning=_("No line was enrolled."),
            next_step=_("Give a row for each line under the names of the columns."),
        )
    service = table["service"].combine_chunks()
    subscriber = (
        _or_service(table["subscriber"].combine_chunks(), service)
        if "subscriber" in named
        else service
    )
    limits = [_numbers(table, name, rows, 0) for name in _LIMITS]
    names = _texts(table, "plan", rows, "")
    _check_texts(service, "service", MOST_LETTERS, path)
    _check_texts(subscriber, "subscriber", MOST_LETTERS, path)
    _check_texts(pa.array(names, pa.string()), "plan", _PLAN_LETTERS, path)
    for name, values in zip(_LIMITS, limits, strict=True):
        _check_limits(name, values, path)
    plans, plan = _distinct(list(zip(names, *limits, strict=True)))
    cycles, cycle = _distinct(
        list(zip(_texts(table, "zone", rows, "UTC"), _numbers(table, "day", rows, 1), strict=True))
    )
    for zone, day in cycles:
        _check_cycle(zone, day, path)
    return NewLines(
        service=service,
        subscriber=subscriber,
        plan=plan,
        cycle=cycle,
        plans=[
            MeteringPlan(name or "–", mb * BYTES_PER_MB, minutes * SECONDS_PER_MIN, *other_limits)
            for name, mb, minutes, *other_limits in plans
        ],
        cycles=cycles,
    )


def _without_row(why: str) -> str:
    """What Arrow says is wrong, without the row it repeats: that may hold personal data.

    >>> _without_row("CSV parse error: Row #3: Expected 2 columns, got 3: Ann,13900010001,x")
    'CSV parse error: Row #3: Expected 2 columns, got 3'
    """
    return _GOT.sub(r"\1", why.partition("\n")[0])[:160]


def _or_service(subscriber: Any, service: Any) -> Any:
    """A line without a subscriber is known by its service."""
    named = pc.not_equal(pc.fill_null(subscriber, ""), "")
    return pc.if_else(named, subscriber, service)


def _check_texts(column: Any, name: str, max_length: int, path: Path) -> None:
    """Refuse what could not be stored with a notice later."""
    wrong = pc.or_(
        pc.greater(pc.utf8_length(column), max_length), pc.match_substring_regex(column, _CONTROL)
    )
    if name != "plan":
        wrong = pc.or_(wrong, pc.equal(column, ""))
    rows = np.flatnonzero(pc.fill_null(wrong, True).to_numpy(False))
    if len(rows):
        raise UnableToEnrol(
            _(
                "The %(name)s is empty, holds control characters, or has more than "
                "%(most)s letters."
            ),
            where=_("%(file)s, row %(row)s"),
            at={"file": path.name, "row": rows[0] + 1},
            meaning=_("No line was enrolled."),
            next_step=_("Give the reference by which usage records and charges name it."),
            values={"name": name, "most": max_length},
        )


def _check_limits(name: str, values: list[int], path: Path) -> None:
    minimum = -_MOST if name == "balance_minor" else 0
    row = next((row for row, value in enumerate(values) if not minimum <= value <= _MOST), None)
    if row is not None:
        raise UnableToEnrol(
            _("%(name)s is %(value)s: no line has such a limit."),
            where=_("%(file)s, row %(row)s"),
            at={"file": path.name, "row": row + 1},
            meaning=_("No line was enrolled."),
            next_step=_("Give 0 for none; amounts of money are in minor units."),
            values={"name": name, "value": f"{values[row]:,}"},
        )


def _check_cycle(zone: str, day: int, path: Path) -> None:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UnableToEnrol(
            _("There is no time zone “%(zone)s”."),
            where=path.name,
            next_step=_("Name it as in the zone database, e.g. Asia/Shanghai."),
            values={"zone": zone},
        ) from error
    if not 1 <= day <= 31:
        raise UnableToEnrol(
            _("A billing period cannot begin on day %(day)s."),
            where=path.name,
            next_step=_("Give a day of the month, 1 to 31."),
            values={"day": day},
        )


def _numbers(table: Any, name: str, rows: int, default: int) -> list[int]:
    if name not in table.column_names:
        return [default] * rows
    return [default if value is None else value for value in table[name].to_pylist()]


def _texts(table: Any, name: str, rows: int, default: str) -> list[str]:
    if name not in table.column_names:
        return [default] * rows
    return [value or default for value in table[name].to_pylist()]


def _distinct(values: list[Any]) -> tuple[list[Any], list[int]]:
    numbers_by_value: dict[Any, int] = {}
    numbers = [numbers_by_value.setdefault(value, len(numbers_by_value)) for value in values]
    return list(numbers_by_value), numbers
