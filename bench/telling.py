"""How fast due notices become messages: contact, words, quiet hours, outbox, facts and all.

    python bench/telling.py [--notices 5000] [--rounds 3]

Prints one JSON document: notices posted a second (wall and processor), and, in the same run, rows
of the same table read one by one in batches of the same size, as the machine's own measure. SQLite
with FULL sync; nothing is handed to a provider.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import time
from datetime import UTC, datetime

from place import own_place

NOON = datetime(2026, 11, 24, 4, tzinfo=UTC)
BATCH = 100


def owed(count: int, turn: int) -> None:
    """So many people who have used four fifths of their data, one notice each."""
    from django.db import transaction

    from amends.causes.notices.models import Notice
    from amends.people.subscribers.actions.register import NewSubscriber, register_many
    from amends.platform.database.rows import insert
    from amends.platform.kit.periods import to_ms

    people = register_many(
        [NewSubscriber(phone=f"13{turn}{n:08d}") for n in range(count)], now=NOON
    )
    figures = json.dumps({"counter": "data", "used_mb": 8192, "limit_mb": 10240})
    same = {
        "pack": "cn",
        "duty": "cn.allowance_near",
        "version": "2012-01-20",
        "period": "2026-11-01/data",
        "step": "80%",
        "figures": figures,
    }
    moments = ("due_at_ms", "due_by_ms", "detected_at_ms", "next_at_ms")
    with transaction.atomic():
        insert(
            Notice,
            {
                "key": [f"{turn:08x}{n:024x}" for n in range(count)],
                "subscriber": people,
                "service": [f"svc-{turn}-{n}" for n in range(count)],
                **{name: [value] * count for name, value in same.items()},
                **{name: [to_ms(NOON)] * count for name in moments},
            },
        )


def document() -> tuple[int, float, float, float]:
    """How many were posted, seconds of wall and processor, and the longest batch in seconds."""
    from amends.causes.notices.actions.send import send_notices

    wall, processor, longest, posted = time.perf_counter(), time.process_time(), 0.0, 0
    while True:
        began = time.process_time()
        counts = send_notices(now=NOON, limit=BATCH)
        longest = max(longest, time.process_time() - began)
        if not counts:
            break
        posted += counts["posted"]
    return posted, time.perf_counter() - wall, time.process_time() - processor, longest


def read(count: int) -> float:
    """Rows read a second, in batches of the same size."""
    from amends.causes.notices.models import Notice

    began = time.perf_counter()
    for start in range(0, count, BATCH):
        list(Notice.objects.order_by("id")[start : start + BATCH])
    return count / (time.perf_counter() - began)


def main() -> None:
    """Measure and print."""
    ask = argparse.ArgumentParser()
    ask.add_argument("--notices", type=int, default=5_000)
    ask.add_argument("--rounds", type=int, default=3)
    wishes = ask.parse_args()
    walls, processors, reads, longest = [], [], [], 0.0
    with own_place():
        from amends.channels import senders as switches
        from amends.channels.senders import Switch

        switches.SWITCHES["sms"] = Switch(lambda: True, None)
        for turn in range(wishes.rounds):
            owed(wishes.notices, turn)
            posted, wall, processor, slowest = document()
            walls.append(posted / wall)
            processors.append(posted / processor)
            longest = max(longest, slowest)
            reads.append(read(wishes.notices))
    print(
        json.dumps(
            {
                "notices": wishes.notices,
                "rounds": wishes.rounds,
                "batch": BATCH,
                "posted_per_s": round(statistics.median(walls)),
                "posted_per_processor_s": round(statistics.median(processors)),
                "longest_batch_processor_s": round(longest, 3),
                "rows_read_per_s": round(statistics.median(reads)),
                "ratio_to_reading": round(statistics.median(walls) / statistics.median(reads), 4),
                "load": round(os.getloadavg()[0], 1),
            },
            indent=2,
        )
    )


if __name__ == "__main__":
    main()
