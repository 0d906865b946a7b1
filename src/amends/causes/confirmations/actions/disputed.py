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
    decided = {fact.payload["complaint"] for fact in facts if fact.kind == "DecisionMade"}
    return any(
        fact.payload["code"] in claimed.disputed and fact.payload["complaint"] not in decided
        for fact in facts
        if fact.kind == "ComplaintReceived"
    )
