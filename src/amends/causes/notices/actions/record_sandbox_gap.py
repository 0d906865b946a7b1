"""State that the record of sent notices has a gap while a channel holds its messages."""

from __future__ import annotations

from datetime import datetime, timedelta

from amends.platform.kit.periods import from_ms, just_after, to_ms
from amends.record.facts.fact import Fact
from amends.record.ledger.actions.append import append
from amends.record.ledger.queries import coverage

KINDS = ("NoticeSent", "NoticeDelivered", "NoticeFailed")
_AHEAD = timedelta(days=1)


def record_sandbox_gap(earliest_due_ms: int, *, now: datetime) -> bool:
    """State the gap in the caller's transaction, unless it is stated; whether it was.

    A channel in its sandbox sends nothing, so that nobody is notified twice while Amends runs
    beside
    another system. That a held notice was not sent by us then says nothing about whether the user
    was notified: without this statement its absence would count as proof that the user was not.

    earliest_due_ms  when the first of the notices held now was due, milliseconds since 1970
    """
    start = min(from_ms(earliest_due_ms), now)
    covered_kinds = coverage(KINDS, start=start, end=just_after(now))
    if not any(covered_kind.complete for covered_kind in covered_kinds):
        return False
    payload: dict[str, str | int] = {
        "kinds": ",".join(KINDS),
        "scope": "all",
        "from_ms": to_ms(start),
        "to_ms": to_ms(now + _AHEAD),
        "complete": 0,
    }
    append(
        [
            Fact(
                kind="SourceCovered",
                subscriber="",
                subject="notices",
                happened_at=now,
                source="notices",
                payload=payload,
            )
        ],
        now=now,
    )
    return True
