"""What the kill test runs and kills: `record N` writes events, `deliver` delivers until killed.

Not a test itself.
"""

from __future__ import annotations

import os
import sys
import time

import django


def add(url: str) -> None:
    from django.utils import timezone

    from amends.entrances.webhooks.actions.endpoints import add_endpoint
    from amends.platform.kit.actors import Actor

    root = Actor("root", "usr-root", ("administrator",))
    added = add_endpoint("crm", url, event_types=[], actor=root, now=timezone.now())
    sys.stdout.write(added.secret)


def record(count: int) -> None:
    """So many events in pairs of two a complaint: received, then repaired."""
    from django.db import transaction
    from django.utils import timezone

    from amends.record.facts.fact import Fact
    from amends.record.ledger.actions.append import append
    from amends.record.ledger.actions.sequence import sequence

    received = {"channel": "web", "code": "billing.vas", "pack": "cn"}
    for kind, payload in (("ComplaintReceived", received), ("FaultRepaired", {})):
        now = timezone.now()
        with transaction.atomic():
            append(
                [
                    Fact(kind, "p1", f"c{n}", now, "desk", {"complaint": f"c{n}", **payload})
                    for n in range(count // 2)
                ],
                now=now,
            )
    sequence(now=timezone.now(), holder=f"record-{os.getpid()}")


def deliver(*, at_once: bool) -> None:
    from django.utils import timezone

    from amends.entrances.webhooks.jobs.deliver import LEASE
    from amends.entrances.webhooks.jobs.deliver import deliver as pass_once
    from amends.platform.database.models import Lease

    if at_once:  # The one killed before held a lease of half a minute.
        Lease.objects.filter(name=LEASE).update(until_ms=0)
    while True:
        pass_once(now=timezone.now(), holder=f"work-{os.getpid()}")
        time.sleep(0.2)


if __name__ == "__main__":
    django.setup()
    mode, *arguments = sys.argv[1:]
    if mode == "add":
        add(arguments[0])
    elif mode == "record":
        record(int(arguments[0]))
    else:
        deliver(at_once=mode == "deliver")
