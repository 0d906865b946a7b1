"""Whether somebody disputes what he is to be stopped for."""

from __future__ import annotations

from datetime import datetime, timedelta

from amends.causes.confirmations.rules.requirements import LegalException
from amends.record.ledger.queries import facts_about


def is_disputed(subscriber: str, claimed: LegalException, *, now: datetime) -> bool:
    """Whether a complaint that bars an exception was received and is not decided."""
    if not claimed.disputed:
        return False
    facts = facts_about(
        subscriber,
        kinds=["ComplaintReceived", "DecisionMade"],
        start=now - timedelta(days=claimed.disputed_days),
    )
    decided = {one.payload["complaint"] for one in facts if one.kind == "DecisionMade"}
    return any(
        one.payload["code"] in claimed.disputed and one.payload["complaint"] not in decided
        for one in facts
        if one.kind == "ComplaintReceived"
    )
