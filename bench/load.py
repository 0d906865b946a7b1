"""Load on a whole installation: `python bench/load.py [--seconds 60] [--intakes 50] [--views 200]`.

Starts PostgreSQL and `amends serve` on loopback with data directories of their own, fills in people,
charges and complaints, and lets locust hand over complaints by the interface and look at pages: the
public site, followed complaints, the desk's inbox, complaint pages. Rates are held by pacing, so a
slow answer is seen as one and not as fewer questions. Told are latencies by page, errors, memory of
the server at the start and at the end, and the load of the machine. Prints one JSON document; exits
with 1 if a request failed, or, with --check, if latencies or memory miss their bars.
"""

from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path
from typing import Any

BARS = {"p95_ms": 300, "p99_ms": 1_000, "memory_growth_share": 0.05, "errors": 0}
PHONES = [f"1390001{n:04d}" for n in range(2_000)]
COMPLAINTS = 3_000
DESK = 8
WORDS = (
    "每月扣我{n}元彩铃费，我没有订过彩铃，请退钱",
    "宽带从{n}号开始老是断，打了好几次电话没人来修",
    "I was charged {n} yuan twice this month, please refund",
    "流量用完了也没有人提醒我，多扣了{n}元",
    "在家里手机没有信号，已经{n}天了",
)


def fill(folder: Path) -> dict[str, Any]:
    """People with a charge each, complaints by the interface, eight desk workers, a client."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection, transaction
    from django.utils import timezone

    call_command("migrate", interactive=False, verbosity=0)
    from amends.complaints.actions.receive import receive_many
    from amends.complaints.models import Complaint
    from amends.complaints.submission import Submission
    from amends.facts.fact import Fact
    from amends.ledger.actions.append import append
    from amends.portals.api.clients import make_client
    from amends.site.rule_sets import record_rule_sets
    from amends.subscribers.actions.register import NewSubscriber, register_many

    now = timezone.now()
    record_rule_sets(now=now)
    people = register_many([NewSubscriber(phone=one) for one in PHONES], now=now - timedelta(300))
    with transaction.atomic():
        append(
            [
                Fact("ChargeMade", person, f"svc-{n}", now - timedelta(days=20), "billing",
                     {"charge": f"chg-{n}", "charge_kind": "value_added", "offer": "ring",
                      "amount_minor": 1000, "currency": "CNY"})
                for n, person in enumerate(people)
            ],
            now=now,
        )  # fmt: skip
    chance = random.Random(1)
    for start in range(0, COMPLAINTS, 500):
        receive_many(
            [
                Submission(
                    channel="api", key=f"fill-{n}", received_at=now, identity="operator_login",
                    text=chance.choice(WORDS).format(n=n % 97), phone=PHONES[n % len(PHONES)],
                )
                for n in range(start, min(start + 500, COMPLAINTS))
            ],
            now=now,
        )  # fmt: skip
    token = make_client("load", scopes=["complaints:write", "complaints:read"], now=now)
    told = {
        "token": token,
        "codes": list(Complaint.objects.values_list("code_public", flat=True)[:1_000]),
        "complaints": list(Complaint.objects.values_list("id", flat=True)[:1_000]),
        "sessions": [_desk_worker(n) for n in range(DESK)],
    }
    connection.close()
    return told


def _desk_worker(number: int) -> str:
    """A signed-in handler's session."""
    from django.contrib.auth.models import Group
    from django.test import Client

    from amends.access.actions.add_user import add_user

    user = add_user(f"handler{number}", roles=["handler"])
    assert Group is not None
    client = Client()
    client.force_login(user)
    return client.cookies["sessionid"].value
