"""The count cube: what keeping it costs beside intake, and how long it takes to make it anew.

    python bench/cube.py [--complaints 20000] [--rows 10000000] [--seed 1]

Intake is the real one (`receive_many`, batches of 500, facts and clocks included) on SQLite with
FULL sync; the cube is kept after every 5,000, as its job would at some seconds of full load, and
again after every 500. `--rows` complaints are then laid in the database itself, spread over three
years, and the cube is made anew from them as `amends hotissues rebuild` does, and places of up to
two dimensions with 1,000 persons counted from it (`--count-rows` at most). Prints one JSON document.
"""

from __future__ import annotations

import argparse
import json
import os
from datetime import UTC, date, datetime, timedelta
from time import perf_counter, process_time
from typing import Any

from place import own_place

DAYS = 1_095
START = datetime(2024, 1, 1, tzinfo=UTC)
MADE = {
    "id": "printf('%012x%s', {start_ms} + n * {step_ms}, printf('%020x', n))",
    "code_public": "printf('%04d-%010d', n % 10000, n)",
    "received_at": "datetime({start_s} + n * {step_ms} / 1000, 'unixepoch')",
    "code": "printf('group%d.class%d', {random} % 10, {random} % 22)",
    "area": "printf('area-%d', {random} % 340)",
    "product": "printf('offer-%d', {random} % 60)",
    "channel": "printf('channel-%d', {random} % 7)",
    "person": "printf('%032x', {random} % {people})",
    "text_print": "n * 2654435761",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--complaints", type=int, default=20_000)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--count-rows", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    wanted = parser.parse_args()
    with own_place():
        found: dict[str, Any] = {"seed": wanted.seed, "load_before": os.getloadavg()[0]}
        found["kept"] = {str(size): kept_beside(wanted.complaints, size) for size in (5_000, 500)}
        lay(wanted.rows, wanted.seed)
        found["rebuilt"] = rebuilt()
        found["counted"] = counted(wanted.count_rows)
        found["load_after"] = os.getloadavg()[0]
        print(json.dumps(found, indent=2))


def kept_beside(size: int, every: int) -> dict[str, Any]:
    """Seconds of intake and of keeping the cube beside it, by the clock and by the processor."""
    from amends.complaints.actions.intake import Submission
    from amends.complaints.actions.receive import receive_many
    from amends.hotissues.actions.fill_cube import update_cube

    now = datetime.now(UTC).replace(microsecond=0)
    update_cube()  # loads what it needs, and takes in what stood before
    spent = {"intake": [0.0, 0.0], "cube": [0.0, 0.0]}

    def timed(what: str, act: Any) -> None:
        wall, cpu = perf_counter(), process_time()
        act()
        spent[what][0] += perf_counter() - wall
        spent[what][1] += process_time() - cpu

    for first in range(0, size, 500):
        some = [
            Submission(
                channel=("web", "sms", "mail")[n % 3],
                key=f"bench-{every}-{n}",
                text=f"宽带这几天一直很慢，第{n}次来电，请尽快处理",
                received_at=now - timedelta(seconds=(size - n) // 2),
                phone=f"1{every:04d}{n:06d}",
            )
            for n in range(first, min(first + 500, size))
        ]
        timed("intake", lambda some=some: receive_many(some, now=now))
        if not (first + 500) % every:
            timed("cube", update_cube)
    return {
        "of_intake": round(spent["cube"][1] / spent["intake"][1], 4),
        "of_intake_by_the_clock": round(spent["cube"][0] / spent["intake"][0], 4),
        "cube_us_a_complaint": round(1e6 * spent["cube"][1] / size, 1),
        "intake_us_a_complaint": round(1e6 * spent["intake"][1] / size, 1),
    }


def lay(rows: int, seed: int) -> None:
    """Complaints made within SQLite. Indexes the cube does not read are dropped first: keeping
    twelve of them in order would take most of the time, and none is asked."""
    from django.db import connection

    from amends.complaints.models import Complaint

    step_ms = DAYS * 86_400_000 // rows
    # Numbers that look drawn, and the same for one seed: a multiplicative hash of the row.
    drawn = iter(range(1, 100))

    def chance() -> str:
        return f"((n * {2 * next(drawn) + 1} + {seed}) * 2654435761 / 65536 % 1000003)"

    values = {}
    for field in Complaint._meta.concrete_fields:
        made = MADE.get(field.column)
        while made and "{random}" in made:
            made = made.replace("{random}", chance(), 1)
        default = field.get_default()
        values[field.column] = (
            made.format(
                start_ms=int(START.timestamp()) * 1000,
                start_s=int(START.timestamp()),
                step_ms=step_ms,
                people=max(rows // 2, 1),
            )
            if made
            else "NULL"
            if field.null
            else f"datetime({int(START.timestamp())}, 'unixepoch')"
            if field.column.endswith(("_at", "_since"))
            else "'[]'"
            if field.column == "because"
            else str(int(default))
            if isinstance(default, int)
            else f"'{default or ''}'"
        )
    made_of = ", ".join(values.values()).replace("%", "%%")
    names = ", ".join(f'"{name}"' for name in values)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM hotissues_cubeday")
        cursor.execute(
            "SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL "
            "AND tbl_name = 'complaints_complaint' AND name <> 'complaint_received'"
        )
        for (name,) in cursor.fetchall():
            cursor.execute(f'DROP INDEX "{name}"')
        for first in range(0, rows, 500_000):
            cursor.execute(
                "WITH RECURSIVE r(n) AS (SELECT %s UNION ALL SELECT n + 1 FROM r WHERE n < %s) "
                f"INSERT INTO complaints_complaint ({names}) "
                f"SELECT {made_of} FROM r",
                [first + 1, min(first + 500_000, rows)],
            )


def rebuilt() -> dict[str, Any]:
    """Making the cube anew from the database."""
    from amends.hotissues.actions.fill_cube import rebuild_cube
    from amends.hotissues.models import CubeDay

    wall, cpu = perf_counter(), process_time()
    rows = rebuild_cube()
    wall, cpu = perf_counter() - wall, process_time() - cpu
    return {
        "rows": rows,
        "days": CubeDay.objects.count(),
        "seconds": round(wall, 2),
        "cpu_s": round(cpu, 2),
        "cpu_us_a_row": round(1e6 * cpu / rows, 2),
    }


def counted(most_rows: int) -> dict[str, Any]:
    """Reading the last days of the cube, at most so many rows, and counting their places."""
    from amends.hotissues.models import CubeDay
    from amends.hotissues.queries.cube import counts, rows_between

    days, rows = 0, 0
    last = START.date() + timedelta(days=DAYS)
    for day in CubeDay.objects.filter(day__lte=last).order_by("-day"):
        days, rows = days + 1, rows + day.rows
        if rows >= most_rows:
            break
    first: date = last - timedelta(days=days)
    wall, cpu = perf_counter(), process_time()
    frame = rows_between(first, last)
    cells = counts(frame, first, last, least=1_000)
    return {
        "rows": frame.height,
        "places": len(cells.places),
        "days": days,
        "seconds": round(perf_counter() - wall, 2),
        "cpu_s": round(process_time() - cpu, 2),
    }


if __name__ == "__main__":
    main()
