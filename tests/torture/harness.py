"""Kill workers at random moments, then hold the books against what was acknowledged.

Run as a program: `python -m tests.torture.harness KILLS SEED`, with AMENDS_DATA_DIR (and, for
PostgreSQL, AMENDS_DATABASE_URL) naming an empty place. Each worker is a forked process that does
one kind of work (single intakes, batches, the desk, numbering) and writes down an acknowledgement
only after the call that makes it durable has returned. It prints one JSON document.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from select import select

WORDS = (
    "每月扣我彩铃费，我没有订过彩铃，请退钱",
    "宽带老是断，打了好几次电话没人来修",
    "I was charged twice this month, please refund",
    "流量用完了也没有人提醒我，多扣了钱",
)


def set_up() -> tuple[list[str], datetime]:
    """Fifty subscribers with an unconfirmed ringtone each; returns their phones."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "amends.site.settings")
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection, transaction
    from django.utils import timezone

    call_command("migrate", interactive=False, verbosity=0)
    from amends.people.subscribers.actions.open_services import NewService, open_services
    from amends.people.subscribers.actions.register import NewSubscriber, register_many
    from amends.platform.kit.periods import to_ms
    from amends.record.facts.fact import Fact
    from amends.record.ledger.actions.append import append

    now = timezone.now()
    born = now - timedelta(days=300)
    phones = [f"139000040{n:02d}" for n in range(50)]
    people = register_many([NewSubscriber(phone=phone) for phone in phones], now=born)
    open_services(
        [
            NewService(
                ref=f"svc-{n}", subscriber=person, kind="value_added", offer="ring", started_at=born
            )
            for n, person in enumerate(people)
        ]
    )
    facts = [
        Fact(
            "OfferPublished",
            "",
            "ring",
            born,
            "publicity",
            {
                "offer": "ring",
                "offer_version": "1",
                "price_minor": 1000,
                "currency": "CNY",
                "name_zh": "彩铃包",
                "name_en": "Ringtone",
                "kind": "value_added",
            },
        ),
        *(
            Fact(
                "SourceCovered",
                "",
                source,
                now,
                source,
                {
                    "kinds": kinds,
                    "scope": "all",
                    "from_ms": to_ms(born),
                    "to_ms": to_ms(now + timedelta(days=1)),
                    "complete": 1,
                },
            )
            for source, kinds in (
                ("crm", "ServiceOrdered,ServiceActivated,ServiceChanged,ServiceStopped"),
                ("confirmations", "ConfirmationAsked,ConfirmationGiven,ConfirmationRefused"),
                ("billing", "ChargeMade,RefundMade"),
            )
        ),
    ]
    for n, person in enumerate(people):
        facts.append(
            Fact(
                "ServiceActivated",
                person,
                f"svc-{n}",
                now - timedelta(days=60),
                "crm",
                {"offer": "ring", "initiator": "partner:p"},
            )
        )
        facts.append(
            Fact(
                "ChargeMade",
                person,
                f"svc-{n}",
                now - timedelta(days=30),
                "billing",
                {
                    "charge": f"chg-{n}",
                    "charge_kind": "value_added",
                    "offer": "ring",
                    "amount_minor": 1000,
                    "currency": "CNY",
                },
            )
        )
    with transaction.atomic():
        append(facts, now=now)
    _warm_up(phones, now)
    connection.close()
    return phones, now


def _warm_up(phones: list[str], now: datetime) -> None:
    """Take one complaint through the desk, so that a worker does not spend its life on loading."""
    from amends.cases.complaints.actions.receive import receive_many
    from amends.cases.complaints.jobs import clocks, pipeline
    from amends.work.remedies.actions.export import export

    receive_many(submissions(0, 1, phones, random.Random(0)), now=now)
    pipeline.process(now=now, limit=1)
    export(now=now)
    clocks.check_clocks(now=now)


def submissions(start: int, count: int, phones: list[str], chance: random.Random) -> list[object]:
    """Submissions numbered from `start`, keys unique across the whole run."""
    from django.utils import timezone

    from amends.cases.complaints.actions.intake import Submission

    return [
        Submission(
            channel="api",
            key=f"k{number}",
            text=chance.choice(WORDS),
            received_at=timezone.now(),
            phone=chance.choice(phones),
            identity="operator_login",
        )
        for number in range(start, start + count)
    ]


def worker(kind: str, start: int, phones: list[str], seed: int, out: int) -> None:
    """Work until killed; every line written to `out` is an acknowledgement."""
    from django.utils import timezone

    from amends.cases.complaints.actions.receive import receive_many
    from amends.cases.complaints.jobs import clocks, pipeline
    from amends.record.ledger.actions.sequence import sequence
    from amends.work.remedies.actions.export import acknowledge, export

    chance = random.Random(seed)
    number = start
    while True:
        now = timezone.now()
        if kind in ("intake", "batch"):
            size = 1 if kind == "intake" else 200
            receipts = receive_many(submissions(number, size, phones, chance), now=now)
            lines = [f"{number + at} {item.complaint}\n" for at, item in enumerate(receipts)]
            number += size
            for line in lines:
                os.write(out, line.encode())
        elif kind == "desk":
            pipeline.process(now=now, limit=2)
            name, rows = export(now=now)
            acknowledge([(row.remedy, name) for row in rows], now=now)
            clocks.check_clocks(now=now)
        else:
            sequence(now=now, holder=f"w{start}")
            time.sleep(0.01)


def kill_one(
    kind: str, start: int, phones: list[str], chance: random.Random, *, at_work: bool = False
) -> dict[str, str]:
    """Fork a worker, let it live for 50 to 800 ms, kill it, return what it acknowledged.

    The desk lives up to 2 s, so that it is also killed while it grants and exports credits.

    at_work  its life is counted from its first acknowledgement
    """
    read, write = os.pipe()
    seed = chance.randrange(1 << 30)
    child = os.fork()
    if child == 0:
        os.close(read)
        try:
            worker(kind, start, phones, seed, write)
        except BaseException as error:
            os.write(write, f"error {type(error).__name__}: {error}\n".encode())
        os._exit(1)
    os.close(write)
    if at_work:
        select([read], [], [], 300)
    time.sleep(chance.uniform(0.05, 2 if kind == "desk" else 0.8))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    with os.fdopen(read) as lines:
        said = lines.read().splitlines()
    return dict(line.split(" ", 1) for line in said if " " in line)


def hold_against_books(acknowledged: dict[str, str]) -> dict[str, object]:
    """What is lost, doubled or wrong; every list should be empty."""
    from django.db.models import Sum

    from amends.cases.complaints.models import Complaint, Contact
    from amends.record.ledger.actions.verify import verify
    from amends.record.ledger.models import SingleFact
    from amends.work.remedies.models import ChargeBalance, Remedy

    number_everything()
    contacts = dict(Contact.objects.values_list("key", "complaint_id"))
    keys = Counter(Contact.objects.values_list("key", flat=True))
    received = Counter(
        SingleFact.objects.filter(kind="ComplaintReceived").values_list("subject", flat=True)
    )
    complaints = set(Complaint.objects.values_list("id", flat=True))
    granted = dict(
        Remedy.objects.exclude(state__in=("rejected", "failed"))
        .exclude(balance=None)
        .order_by("balance")
        .values_list("balance")
        .annotate(Sum("amount_minor"))
    )
    refunds = Counter(
        SingleFact.objects.filter(kind="RefundMade").values_list("subject", flat=True)
    )
    return {
        "lost": [key for key, ref in acknowledged.items() if contacts.get(f"k{key}") != ref],
        "doubled": [key for key, count in keys.items() if count > 1],
        "without_fact": sorted(complaints - set(received)),
        "fact_doubled": [ref for ref, count in received.items() if count > 1],
        "fact_without_complaint": sorted(set(received) - complaints),
        "over_refunded": [charge for charge, minor in granted.items() if minor > 1000],
        "balance_wrong": [
            row.charge
            for row in ChargeBalance.objects.all()
            if row.refunded_minor != granted.get(row.charge, 0)
        ],
        "refund_fact_doubled": [ref for ref, count in refunds.items() if count > 1],
        "ledger_faults": [] if verify(deep=True).ok else ["the ledger does not verify"],
        "complaints": len(complaints),
        "contacts": len(contacts),
        "remedies": Remedy.objects.count(),
        "acknowledged": len(acknowledged),
    }


def number_everything() -> None:
    """Let the leases of killed workers run out, then number what waits."""
    from django.utils import timezone

    from amends.record.ledger.actions.sequence import sequence
    from amends.record.ledger.models import SingleFact

    later = timezone.now() + timedelta(minutes=5)
    while SingleFact.objects.filter(seq=None).exists():
        sequence(now=later, holder="books")


def main(kills: int, seed: int, report: Callable[[str], None] = print) -> None:
    """Kill, look, report."""
    phones, _ = set_up()
    chance = random.Random(seed)
    acknowledged: dict[str, str] = {}
    faults: list[str] = []
    kinds: Counter[str] = Counter()
    for number in range(kills):
        kind = chance.choice(("intake", "intake", "batch", "desk", "desk", "sequence"))
        # On a busy machine a worker may be killed each time before it has begun.
        kind, at_work = ("intake", True) if number % 10 == 0 else (kind, False)
        kinds[kind] += 1
        said = kill_one(kind, (number + 1) * 1_000_000, phones, chance, at_work=at_work)
        if "error" in said:
            faults.append(f"{kind}: {said.pop('error')}")
        acknowledged |= said
    result = hold_against_books(acknowledged) | {
        "seed": seed,
        "kills": dict(kinds),
        "faults": faults,
    }
    report(json.dumps(result, ensure_ascii=False))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
