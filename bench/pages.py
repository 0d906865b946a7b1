"""Measure the desk's pages: `python bench/pages.py [--complaints N] [--facts N]`.

A million complaints for the inbox, nine of ten open; ten million facts for the complaint page, one
in fifty of them single, the rest in segments. Times are those of the server (Django's test client in
the same process, sign-in done before), median of 15; beside them what the processor alone took, for
a machine that has other work; the queries are counted. Then `amends serve` on the same data, eight
readers at once, and what it holds in memory. Prints one JSON document.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from time import perf_counter, process_time
from typing import Any

from place import own_place
from serving import amends_serve, largest_mb, read_by_many

NOW = datetime.now(UTC).replace(microsecond=0)
BATCH = 50_000
PEOPLE = 100_000
SINGLE_SHARE = 50
INBOX = {
    "inbox": "",
    "inbox_overdue": "?view=late",
    "inbox_due_in_24_h": "?view=today",
    "inbox_needs_a_person": "?view=person",
    "inbox_mine": "?view=mine",
    "inbox_without_clock": "?view=waiting",
    "inbox_closed": "?view=closed",
    "inbox_by_class": "?code=network.speed",
    "inbox_by_class_channel_and_state": "?code=network.speed&channel=mail&state=received",
    "inbox_closed_by_class": "?view=closed&code=network.speed",
    "inbox_search_words": "?words=彩铃",
    "inbox_search_number": "?words=13900001234",
}
# Rare and bounded; told, not held to the bar.
BESIDE = {
    "inbox_search_words_nobody_wrote": "?words=zebra",
    "inbox_nothing_matches": "?area=nowhere",
}
BAR_INBOX_MS, BAR_QUERIES, BAR_PAGE_MS, BAR_RESIDENT_MB = 50, 12, 100, 400


def fill_complaints(number: int) -> None:
    """Complaints with all that the inbox reads; one in ten is closed."""
    from django.db import transaction

    from amends.cases.complaints.models import Complaint
    from amends.engines.classification.taxonomy import taxonomy
    from amends.platform.database.rows import insert
    from amends.platform.kit.ids import time_ordered_id, tracking_code

    chance = random.Random(1)
    codes = list(taxonomy().codes)
    for start in range(0, number, BATCH):
        size = min(BATCH, number - start)
        closed = [chance.randrange(10) == 0 for _ in range(size)]
        received = [NOW - timedelta(minutes=chance.randrange(60 * 24 * 14)) for _ in range(size)]
        with transaction.atomic():
            insert(
                Complaint,
                {
                    "id": [time_ordered_id() for _ in range(size)],
                    "code_public": [tracking_code() for _ in range(size)],
                    "channel": [
                        chance.choice(("web", "app", "phone", "mail")) for _ in range(size)
                    ],
                    "language": ["zh"] * size,
                    "jurisdiction": ["cn"] * size,
                    "province": [chance.choice(("11", "33", "41", "50")) for _ in range(size)],
                    "person_shown": ["139****0000"] * size,
                    "first_words": ["每月扣我彩铃费，我没有订过彩铃，请退钱"] * size,
                    "code": [chance.choice(codes) for _ in range(size)],
                    "confidence_permille": [chance.randrange(300, 1000) for _ in range(size)],
                    "classified_by": ["bench"] * size,
                    "state": [
                        "confirmed" if over else chance.choice(("received", "investigating"))
                        for over in closed
                    ],
                    "is_open": [not over for over in closed],
                    "verdict": [
                        chance.choice(("", "", "upheld", "not_upheld", "person_must_decide"))
                        for _ in range(size)
                    ],
                    "state_since": received,
                    "received_at": received,
                    "recorded_at": received,
                    "next_step": ["" if over else "resolve" for over in closed],
                    "next_due_at": [
                        None if over else moment + timedelta(days=12)
                        for moment, over in zip(received, closed, strict=True)
                    ],
                },
            )


def fill_facts(number: int) -> str:
    """Charges spread over people; returns one person who has as many as anybody."""
    from django.db import transaction

    from amends.people.subscribers.actions.register import NewSubscriber, register
    from amends.platform.kit.periods import to_ms
    from amends.record.facts.fact import Fact
    from amends.record.ledger.actions.append import append
    from amends.record.ledger.actions.append_segment import append_segments

    person = register(NewSubscriber(name="林小满", phone="13900001234"), now=NOW)
    others = [f"sub-{n:020d}" for n in range(PEOPLE)]
    chance = random.Random(2)
    done = 0
    while done < number:
        size = min(100_000, number - done)
        who = chance.choices(others, k=size)
        who[chance.randrange(size)] = person
        at = [to_ms(NOW) - chance.randrange(180 * 86_400_000) for _ in range(size)]
        with transaction.atomic():
            append_segments(
                "ChargeMade",
                {
                    "subscriber": who,
                    "subject": [f"svc-{one}" for one in who],
                    "happened_at_ms": sorted(at),
                    "charge": [f"c{done + n}" for n in range(size)],
                    "charge_kind": ["monthly_fee"] * size,
                    "offer": ["plan"] * size,
                    "amount_minor": [5900] * size,
                    "currency": ["CNY"] * size,
                },
                source="billing",
                now=NOW,
            )
        single = size // SINGLE_SHARE
        charge = {
            "charge_kind": "value_added",
            "offer": "ring",
            "amount_minor": 500,
            "currency": "CNY",
        }
        with transaction.atomic():
            append(
                [
                    Fact(
                        "ChargeMade",
                        one,
                        f"svc-{one}",
                        NOW - timedelta(days=n % 180),
                        "billing",
                        charge | {"charge": f"s{done + n}"},
                    )
                    for n, one in enumerate([*chance.choices(others, k=single - 1), person])
                ],
                now=NOW,
            )
        done += size + single
    return person


def complain(person: str) -> str:
    """A complaint of that person, investigated; its id."""
    from amends.cases.complaints.actions.intake import Submission
    from amends.cases.complaints.actions.investigate import investigate_many
    from amends.cases.complaints.actions.receive import receive
    from amends.cases.complaints.jobs.pipeline import DESK

    receipt = receive(
        Submission(
            channel="app",
            key="bench",
            text="每月扣我彩铃费，我没有订过",
            received_at=NOW,
            phone="13900001234",
            subscriber=person,
            identity="operator_login",
        ),
        now=NOW,
    )
    investigate_many([receipt.complaint], actor=DESK, now=NOW)
    return receipt.complaint


def timed(
    client: Any, path: str, *, rounds: int = 15, forget: Callable[[], None] = lambda: None
) -> dict[str, float]:
    """Milliseconds of a page (median, worst, of the processor alone), and its queries.

    forget  what to empty before each view, so that none is helped by the one before
    """
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    assert client.get(path).status_code == 200, path
    spans, worked = [], []
    for _ in range(rounds):
        forget()
        began, busy = perf_counter(), process_time()
        client.get(path)
        spans.append((perf_counter() - began) * 1000)
        worked.append((process_time() - busy) * 1000)
    with CaptureQueriesContext(connection) as queries:
        client.get(path)
    return {
        "ms_median": round(statistics.median(spans), 1),
        "ms_worst": round(max(spans), 1),
        "ms_processor": round(statistics.median(worked), 1),
        "queries": len(queries),
    }


def held(page: dict[str, float]) -> bool:
    """Whether a page of the inbox keeps to its bar."""
    return page["ms_median"] <= BAR_INBOX_MS and page["queries"] <= BAR_QUERIES


def main() -> None:
    """Fill, measure, print."""
    reader = argparse.ArgumentParser(description="Measure the desk's pages.")
    reader.add_argument("--complaints", type=int, default=1_000_000)
    reader.add_argument("--facts", type=int, default=10_000_000)
    asked = reader.parse_args()
    with own_place() as folder:
        from django.test import Client

        from amends.people.access.actions.add_user import add_user
        from amends.record.ledger.rules.parts import unpack_cached

        user = add_user("bench", password="bench-bench-bench", roles=["handler"])
        client = Client(SERVER_NAME="localhost")
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        began = perf_counter()
        fill_complaints(asked.complaints)
        person = fill_facts(asked.facts)
        ref = complain(person)
        filled = perf_counter() - began
        pages = {
            name: timed(client, f"/desk/{query}") for name, query in (INBOX | BESIDE).items()
        } | {"complaint_page": timed(client, f"/desk/c/{ref}/", forget=unpack_cached.cache_clear)}
        session = client.cookies["sessionid"].value
        every = [f"/desk/{query}" for query in (INBOX | BESIDE).values()]
        with amends_serve(folder) as (port, process):
            read_by_many(port, session, [*every, f"/desk/c/{ref}/", "/desk/day/"])
            resident_mb = largest_mb(process)
    figures: dict[str, Any] = {
        "complaints": asked.complaints,
        "facts": asked.facts,
        "filled_in_s": round(filled, 1),
        "pages": pages,
        "resident_mb": resident_mb,
        "bars": {
            "inbox": f"at most {BAR_INBOX_MS} ms and {BAR_QUERIES} queries",
            "complaint_page": f"at most {BAR_PAGE_MS} ms",
            "resident_mb": f"at most {BAR_RESIDENT_MB}",
        },
        "met": {name: held(pages[name]) for name in INBOX}
        | {
            "complaint_page": pages["complaint_page"]["ms_median"] <= BAR_PAGE_MS,
            "resident_mb": resident_mb <= BAR_RESIDENT_MB,
        },
    }
    json.dump(figures, sys.stdout, indent=2, ensure_ascii=False)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
