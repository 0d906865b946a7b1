"""Every minute: live launches against their limits; past one, no new orders."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from amends.causes.launches.actions.stop import stop
from amends.causes.launches.models import Launch, StopLoss
from amends.causes.launches.rules.stop_loss import Breach, breaches
from amends.engines.stats.rates import rate
from amends.people.subscribers.queries import served
from amends.platform.kit.actors import system
from amends.platform.kit.errors import AmendsError
from amends.record.ledger.queries import StoredFact, facts_about_many

WINDOW = timedelta(days=30)
_KINDS = ("ComplaintReceived", "ChargeMade", "RefundMade")
log = logging.getLogger("amends.causes.launches")


def check(*, now: datetime) -> int:
    """Measure live launches and stop those past a limit; how many were stopped."""
    live = Launch.objects.filter(state=Launch.State.LIVE).order_by("id")
    return sum(_check(launch, now) for launch in live)


def _check(launch: Launch, now: datetime) -> bool:
    limits = {row.trigger: row for row in launch.limits.all()}
    for name, value in measured(launch, now).items():
        if name in limits:
            limits[name].value, limits[name].measured_at = value, now
            limits[name].save(update_fields=["value", "measured_at"])
    breached = breaches(
        {name: row.limit for name, row in limits.items()},
        {name: row.value for name, row in limits.items()},
    )
    if not breached:
        return False
    try:
        stop(launch.id, reason=_reason(breached), actor=system("stop-loss"), now=now)
    except AmendsError:
        log.exception("A launch past its stop-loss limit could not be stopped.")
        return False
    StopLoss.objects.filter(
        launch=launch, trigger__in=[breach.trigger for breach in breached]
    ).update(breached_at=now)
    return True


def measured(launch: Launch, now: datetime) -> dict[str, float | None]:
    """Complaints and refunds among the users of a launch over the last 30 days of its sale.

    Complaints are those of its users, whatever about: facts name no offer. Their rate is the low
    end of the exact 95 % interval, so that one complaint among the first ten users stops nothing.
    """
    since = max(launch.live_at or now, now - WINDOW)
    people = served(offers=[launch.offer], areas=[], since=since, until=now)
    if not people:
        return {}
    by_person = facts_about_many(people, kinds=_KINDS, start=since, end=now)
    facts = [fact for several in by_person.values() for fact in several]
    complaints = sum(fact.kind == "ComplaintReceived" for fact in facts)
    return {
        "complaints_per_million": rate(complaints, len(people)).low,
        "refund_rate": _refund_rate(launch.offer, facts),
    }


def _refund_rate(offer: str, facts: list[StoredFact]) -> float | None:
    charges = {
        str(fact.payload["charge"]): int(fact.payload["amount_minor"])
        for fact in facts
        if fact.kind == "ChargeMade" and fact.payload["offer"] == offer
    }
    refunded = sum(
        int(fact.payload["amount_minor"])
        for fact in facts
        if fact.kind == "RefundMade" and fact.payload["charge"] in charges
    )
    charged = sum(charges.values())
    return refunded / charged if charged else None


def _reason(breachs: list[Breach]) -> str:
    return "; ".join(
        f"{breach.trigger} {breach.value:.6g} > {breach.limit:g}" for breach in breachs
    )
