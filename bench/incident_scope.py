"""The scope of an incident of personal data over many looks: read from the ledger, and counted.

    python bench/incident_scope.py [--looks 10000000] [--users 1000] [--seed 11]

Looks of invented users at a million pseudonyms are recorded in segments of a new SQLite ledger; one
user's scope is then read and counted as an incident does it. Prints one JSON document; recording is
not measured.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from datetime import UTC, datetime, timedelta
from time import perf_counter, process_time

import numpy as np

NOW = datetime(2026, 11, 29, tzinfo=UTC)
PART = 500_000
PEOPLE = 1_000_000


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--looks", type=int, default=10_000_000)
    parser.add_argument("--users", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=11)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["AMENDS_DATA_DIR"] = folder
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "amends.site.settings")
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", interactive=False, verbosity=0)
        record(wanted.looks, wanted.users, np.random.default_rng(wanted.seed))
        print(json.dumps(measured(wanted.looks)))


def record(looks: int, users: int, rng: np.random.Generator) -> None:
    from django.db import connection, transaction

    from amends.record.ledger.actions.append_segment import append_segments

    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous = OFF")
    start_ms = int((NOW - timedelta(days=90)).timestamp() * 1000)
    span = 90 * 86_400_000
    for first in range(0, looks, PART):
        count = min(PART, looks - first)
        at = np.sort(
            rng.integers(
                start_ms + span * first // looks, start_ms + span * (first + count) // looks, count
            )
        )
        columns = {
            "subscriber": [f"sub-{one:07d}" for one in rng.integers(0, PEOPLE, count)],
            "subject": [""] * count,
            "happened_at_ms": at.tolist(),
            "user": [f"usr-{one:04d}" for one in rng.integers(0, users, count)],
            "role": ["handler"] * count,
            "case": ["case-1"] * count,
            "purpose": ["complaint"] * count,
            "fields": [("name,phone", "facts")[one] for one in rng.integers(0, 2, count)],
            "unmasked": [0] * count,
        }
        with transaction.atomic():
            append_segments("DataAccessed", columns, source="crm", now=NOW)


def measured(looks: int) -> dict[str, float]:
    from amends.causes.privacy.queries.looks import looks_as_columns
    from amends.causes.privacy.rules.scope import scope_of

    began, cpu = perf_counter(), process_time()
    read = looks_as_columns(
        NOW - timedelta(days=91), NOW, "subscriber", "fields", users=["usr-0007"]
    )
    after = perf_counter()
    scope = scope_of(read, ["usr-0007"])
    done = perf_counter()
    assert len(read) == scope.looks > 0
    return {
        "looks": looks,
        "persons": len(scope.people),
        "theirs": scope.looks,
        "read_s": round(after - began, 2),
        "count_s": round(done - after, 2),
        "seconds": round(done - began, 2),
        "cpu_s": round(process_time() - cpu, 2),
    }


if __name__ == "__main__":
    main()
