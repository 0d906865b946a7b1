"""What the kill test runs and kills: `append` acknowledges ids on standard output, `sequence` numbers.

Not a test itself. `check` reads acknowledged ids and prints what is found afterwards.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, datetime

import django


def append_for_ever() -> None:
    from django.db import transaction

    from amends.record.facts.fact import Fact
    from amends.record.ledger.actions.append import append
    from amends.record.ledger.actions.append_segment import append_segment

    while True:
        now = datetime.now(UTC)
        facts = [
            Fact("ServiceStopped", "p", f"svc-{number}", now, "crm", {"initiator": "user"})
            for number in range(25)
        ]
        columns = {
            "subscriber": ["p"] * 300,
            "subject": ["svc"] * 300,
            "happened_at_ms": list(range(300)),
            "down_kbps": list(range(300)),
            "method": ["ndt7"] * 300,
        }
        with transaction.atomic():
            append(facts, now=now)
            segment = append_segment("SpeedMeasured", columns, source="quality", now=now)
        sys.stdout.write("".join(f"{one}\n" for one in [*(f.id for f in facts), segment]))
        sys.stdout.flush()


def sequence_for_ever() -> None:
    from amends.platform.database.models import Lease
    from amends.record.ledger.actions.sequence import LEASE_NAME, sequence

    # The one killed before held a lease of half a minute; the test does not wait for its end.
    Lease.objects.filter(name=LEASE_NAME).update(until_ms=0)
    while True:
        done = sequence(now=datetime.now(UTC), holder=f"worker-{os.getpid()}")
        sys.stdout.write(f"{done.size if done else -1}\n")
        sys.stdout.flush()


def check() -> None:
    from amends.platform.database.models import Lease
    from amends.record.ledger.actions.sequence import LEASE_NAME, sequence
    from amends.record.ledger.actions.verify import verify
    from amends.record.ledger.models import Segment, SingleFact

    acknowledged = set(sys.stdin.read().split())
    Lease.objects.filter(name=LEASE_NAME).update(until_ms=0)
    sequence(now=datetime.now(UTC), holder="check")
    facts = set(SingleFact.objects.values_list("id", flat=True))
    segments = set(Segment.objects.values_list("id", flat=True))
    answer = verify(deep=True)
    found = {
        "lost": sorted(acknowledged - facts - segments),
        "halves": len(facts) - 25 * len(segments),
        "entries": len(facts) + len(segments),
        "size": answer.size,
        "findings": [str(one) for one in answer.findings],
    }
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    django.setup()
    {"append": append_for_ever, "sequence": sequence_for_ever, "check": check}[sys.argv[1]]()
