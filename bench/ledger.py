"""Measure the ledger on SQLite with FULL sync: `python bench/ledger.py [--size N] [--rows N]`.

Everything runs in a data directory of its own, which is removed at the end. Prints one JSON
document; `bars` are those of the project's first issue, `met` says which hold in this run. Figures
are of the wall clock; those `per_cpu_s`, and the load at start and end, tell how much of it the
machine gave to this process.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

BATCH = 5_000
SEGMENT = 10_000
ALONE = 300
PROOFS = 300
BARS = {
    "single_facts_per_s": ("at least", 20_000),
    "segment_rows_per_s": ("at least", 250_000),
    "verify_s": ("at most", 5.0),
    "proof_ms_median": ("at most", 1.0),
    "row_proof_ms_median": ("at most", 1.0),
    "facts_about_ms_p99": ("at most", 100.0),
    "longest_sequencer_transaction_ms": ("at most", 100.0),
}


def main() -> None:
    """Run the steps and print what they took."""
    reader = argparse.ArgumentParser(description="Measure the ledger.")
    reader.add_argument("--size", type=int, default=1_000_000, help="single facts")
    reader.add_argument("--rows", type=int, default=1_000_000, help="facts in segments")
    reader.add_argument("--keep", type=Path, help="use this data directory, and keep it")
    asked = reader.parse_args()
    folder = asked.keep or Path(tempfile.mkdtemp(prefix="amends-bench-"))
    os.environ.update(AMENDS_DATA_DIR=str(folder), AMENDS_TESTING="yes")
    os.environ.pop("AMENDS_DATABASE_URL", None)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "amends.site.settings")
    try:
        figures = measure(asked.size, asked.rows)
    finally:
        if not asked.keep:
            shutil.rmtree(folder, ignore_errors=True)
    json.dump(figures, sys.stdout, indent=2)
    sys.stdout.write("\n")


def measure(size: int, rows: int) -> dict[str, Any]:
    """The figures of one run."""
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    gc.freeze()  # as every command of Amends does once it is loaded
    figures: dict[str, Any] = {"load_at_start": os.getloadavg()[0]}
    figures |= {"single_facts": size, "segment_rows": rows}
    figures |= append_alone() | append_singles(size) | append_rows(rows)
    figures |= number() | verify() | prove() | read()
    figures["load_at_end"] = os.getloadavg()[0]
    figures["database_mb"] = round(database_bytes() / 1e6)
    figures["bars"] = {name: f"{word} {bar:,}" for name, (word, bar) in BARS.items()}
    figures["met"] = {
        name: figures[name] >= bar if word == "at least" else figures[name] <= bar
        for name, (word, bar) in BARS.items()
        if name in figures
    }
    return figures


def charges(first: int, count: int) -> Iterator[Any]:
    from amends.record.facts.fact import Fact

    now = datetime.now(UTC)
    for number in range(first, first + count):
        payload = {
            "charge": f"ch-{number:012d}",
            "charge_kind": "monthly_fee",
            "offer": f"plum-{number % 40}",
            "amount_minor": 1900 + number % 300,
            "currency": "CNY",
        }
        yield Fact("ChargeMade", subscriber(number), service(number), now, "billing", payload)


def subscriber(number: int) -> str:
    """One of a million pseudonyms; neighbours in time are strangers."""
    return f"{number * 7919 % 1_000_003:020d}"


def service(number: int) -> str:
    return f"svc-{number * 7919 % 1_000_003:020d}"


def append_alone() -> dict[str, Any]:
    """One fact a transaction: every one of them waits for the disk."""
    from django.db import transaction

    from amends.record.ledger.actions.append import append

    facts, started = list(charges(0, ALONE)), perf_counter()
    for fact in facts:
        with transaction.atomic():
            append([fact], now=datetime.now(UTC))
    return {"single_facts_alone_per_s": round(ALONE / (perf_counter() - started))}


def append_singles(size: int) -> dict[str, Any]:
    from django.db import transaction

    from amends.record.ledger.actions.append import append

    making = recording = cpu = 0.0
    for first in range(0, size, BATCH):
        started = perf_counter()
        facts = list(charges(first, min(BATCH, size - first)))
        made, cpu_before = perf_counter(), process_time()
        with transaction.atomic():
            append(facts, now=datetime.now(UTC))
        cpu += process_time() - cpu_before
        making, recording = making + made - started, recording + perf_counter() - made
    return {
        "single_facts_per_s": round(size / recording),
        "single_facts_per_cpu_s": round(size / cpu),
        "single_facts_with_making_them_per_s": round(size / (making + recording)),
    }


def append_rows(rows: int) -> dict[str, Any]:
    from django.db import transaction

    from amends.record.ledger.actions.append_segment import append_segment

    recording = longest = cpu = 0.0
    for first in range(0, rows, SEGMENT):
        columns = columns_of(first, min(SEGMENT, rows - first))
        started, cpu_before = perf_counter(), process_time()
        with transaction.atomic():
            append_segment("ChargeMade", columns, source="billing", now=datetime.now(UTC))
        cpu += process_time() - cpu_before
        taken = perf_counter() - started
        recording, longest = recording + taken, max(longest, taken)
    return {
        "segment_rows_per_s": round(rows / recording) if rows else 0,
        "segment_rows_per_cpu_s": round(rows / cpu) if rows else 0,
        "longest_segment_transaction_ms": round(longest * 1000, 1),
    }


def columns_of(first: int, count: int) -> Any:
    import pyarrow as pa

    numbers = range(first, first + count)
    now_ms = int(datetime.now(UTC).timestamp() * 1000)
    return pa.table(
        {
            "subscriber": [subscriber(number) for number in numbers],
            "subject": [service(number) for number in numbers],
            "happened_at_ms": [now_ms - number % 2_600_000_000 for number in numbers],
            "charge": [f"row-{number:012d}" for number in numbers],
            "charge_kind": ["monthly_fee"] * count,
            "offer": [f"plum-{number % 40}" for number in numbers],
            "amount_minor": [1900 + number % 300 for number in numbers],
            "currency": ["CNY"] * count,
            "period_start_ms": [now_ms] * count,
            "period_end_ms": [now_ms + 2_592_000_000] * count,
        }
    )


def number() -> dict[str, Any]:
    """Sequence everything, and watch how long a writer would have waited."""
    from amends.record.ledger.actions import sequence as sequencing

    slices: list[float] = []
    inside = sequencing._slice

    def timed(*arguments: Any) -> Any:
        started = perf_counter()
        done = inside(*arguments)
        slices.append(perf_counter() - started)
        return done

    sequencing._slice = timed
    started = perf_counter()
    done = sequencing.sequence(now=datetime.now(UTC), holder="bench")
    seconds = perf_counter() - started
    sequencing._slice = inside
    return {
        "entries": done.size,
        "sequenced_per_s": round(done.entries / seconds),
        "longest_sequencer_transaction_ms": round(max(slices) * 1000, 1),
    }


def verify() -> dict[str, Any]:
    """The whole log: each fact, each row of each segment, the tree, the checkpoint."""
    from amends.record.ledger.actions.verify import verify as verify_ledger

    started, cpu_before = perf_counter(), process_time()
    answer = verify_ledger()
    return {
        "verify_s": round(perf_counter() - started, 2),
        "verify_cpu_s": round(process_time() - cpu_before, 2),
        "verified": answer.ok,
    }


def prove() -> dict[str, Any]:
    from amends.record.ledger.models import Segment, SingleFact
    from amends.record.ledger.queries import inclusion_proof

    step = max(1, SingleFact.objects.count() // PROOFS)
    singles = list(SingleFact.objects.order_by("seq").values_list("id", flat=True)[::step])
    segments = list(Segment.objects.values_list("id", "rows")[:PROOFS])
    each = -(-PROOFS // max(1, len(segments)))
    rows = [
        f"{segment}{count * part // each:05x}"
        for segment, count in segments
        for part in range(each)
    ]
    found = {
        "proof": timings(inclusion_proof, singles),
        "row_proof": timings(inclusion_proof, rows),
    }
    return {
        f"{name}_ms_{figure}": value
        for name, measured in found.items()
        for figure, value in measured.items()
    }


def read() -> dict[str, Any]:
    """What a complaint page asks: everything about one subscriber, out of all facts."""
    from amends.record.ledger.queries import facts_about

    asked = [subscriber(number * 3301) for number in range(PROOFS)]
    measured = timings(facts_about, asked)
    return {f"facts_about_ms_{figure}": value for figure, value in measured.items()}


def timings(ask: Callable[[str], object], asked: list[str]) -> dict[str, float]:
    taken = []
    for one in asked:
        started = perf_counter()
        ask(one)
        taken.append((perf_counter() - started) * 1000)
    if not taken:
        return {}
    ordered = sorted(taken)
    return {
        "median": round(statistics.median(ordered), 3),
        "p99": round(ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)], 3),
    }


def database_bytes() -> int:
    from django.db import connection

    return Path(str(connection.settings_dict["NAME"])).stat().st_size


if __name__ == "__main__":
    main()
