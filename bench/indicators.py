"""Measure the page of indicators: `python bench/indicators.py [--complaints N]`.

All complaints lie in the thirteen weeks of the page, nine of ten open, the hardest case there is.
Measured are: keeping the measured days for the first time; the page read from kept days; the same
with a thousand complaints changed since; and, for comparison, the page read from the rows, as it is
where nothing is kept. Times are those of the server (Django's test client in the same process),
median; beside them what the processor alone took. Prints one JSON document.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from datetime import timedelta
from time import perf_counter, process_time, time
from typing import Any

from place import own_place

from pages import NOW, fill_complaints

PAGE = "/desk/indicators/?by=code"
BAR_MS = 3_000
USERS = 2_000


def timed(client: Any, rounds: int) -> dict[str, float]:
    """Milliseconds, by the clock and of the processor, and queries of one request."""
    from django.core.cache import caches
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    clock, processor = [], []
    for _ in range(rounds):
        # A page of many complaints is kept for a minute; what is measured is making it.
        caches["default"].clear()
        caches["process"].clear()
        began, used = perf_counter(), process_time()
        client.get(PAGE)
        clock.append((perf_counter() - began) * 1000)
        processor.append((process_time() - used) * 1000)
    caches["default"].clear()
    caches["process"].clear()
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(PAGE)
    assert answer.status_code == 200, answer.status_code
    return {
        "ms_median": round(statistics.median(clock), 1),
        "processor_ms": round(statistics.median(processor), 1),
        "queries": len(queries),
    }


def touch(number: int) -> None:
    """Let something happen to this many complaints."""
    from amends.cases.complaints.models import Complaint, Event
    from amends.platform.database.rows import create

    refs = Complaint.objects.order_by("-id").values_list("id", flat=True)[:number]
    create(Event(complaint_id=ref, at=NOW, verb="taken", actor="usr-bench") for ref in refs)


def main() -> None:
    """Fill, measure, print."""
    reader = argparse.ArgumentParser(description="Measure the page of indicators.")
    reader.add_argument("--complaints", type=int, default=1_000_000)
    reader.add_argument("--rounds", type=int, default=5)
    asked = reader.parse_args()
    with own_place():
        from django.test import Client

        from amends.people.access.actions.add_user import add_user
        from amends.people.subscribers.actions.register import NewSubscriber, register
        from amends.problems.indicators.actions.update_daily_columns import update_days
        from amends.problems.indicators.models import MeasuredDay, MeasuredMark
        from amends.problems.indicators.queries.columns import BACK_MS

        user = add_user("bench", password="bench-bench-bench", roles=["manager"])
        client = Client(SERVER_NAME="localhost")
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        for one in range(USERS):
            person = NewSubscriber(name="林小满", phone=f"1390{one:07}")
            register(person, now=NOW - timedelta(days=400))
        fill_complaints(asked.complaints)
        rows = timed(client, 1)
        began, used = perf_counter(), process_time()
        update_days(now=NOW)
        keeping = {
            "s": round(perf_counter() - began, 1),
            "processor_s": round(process_time() - used, 1),
            "mb": round(
                sum(len(one) for one in MeasuredDay.objects.values_list("columns", flat=True))
                / 1e6,
                1,
            ),
        }
        # What came within the last half minute is read anew each time; nothing did.
        MeasuredMark.objects.filter(stream="payments").update(seen=NOW.isoformat())
        # As the job's pass six minutes later leaves them (`settled`).
        drawn = f"{int(time() * 1000) + BACK_MS:012x}"
        MeasuredMark.objects.exclude(stream="payments").update(seen=drawn)
        kept = timed(client, asked.rounds)
        touch(1_000)
        changed = timed(client, asked.rounds)
    document = {
        "complaints": asked.complaints,
        "keep_first_time": keeping,
        "page_from_rows": rows,
        "page_from_kept_days": kept,
        "page_with_1000_changed": changed,
        "bars": {"page_from_kept_days": f"at most {BAR_MS} ms"},
        "met": {"page_from_kept_days": kept["ms_median"] <= BAR_MS},
    }
    json.dump(document, sys.stdout, indent=2)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
