"""Approve an assessed launch; past a red gate only two people together."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from amends.access.actors import Actor
from amends.facts.fact import Fact
from amends.launches.authority import (
    SOURCE,
    UnableToActOnLaunch,
    demand,
    demand_reason,
    demand_state,
    locked,
)
from amends.launches.gates import gates_of
from amends.launches.models import Approval, Launch
from amends.ledger.actions.append import append


def approve(ref: str, *, reason: str, actor: Actor, now: datetime) -> Launch:
    """Record an approval; the launch is approved when as many people as needed have given it."""
    demand(actor, "launches.approve", now)
    reason = demand_reason(reason)
    with transaction.atomic():
        launch = locked(ref)
        demand_state(launch, Launch.State.ASSESSED, Launch.State.APPROVED)
        if launch.verdict == "no":
            raise UnableToActOnLaunch(
                _("The verdict is no; nobody can approve it."),
                meaning=_("The offer is not sold."),
                next_step=_("Change the case and assess it again."),
            )
        if launch.approvals.filter(by=actor.ref).exists():
            raise UnableToActOnLaunch(
                _("You approved it already."),
                meaning=_("Nobody passes a red gate alone."),
                next_step=_("Ask a second person to approve it, or clear the gate."),
            )
        red = red_gates(launch)
        Approval.objects.create(launch=launch, by=actor.ref, at=now, reason=reason, red_gates=red)
        is_new = launch.state == Launch.State.ASSESSED
        if is_new and launch.approvals.count() >= people_needed(red):
            launch.state, launch.approved_at = Launch.State.APPROVED, now
            launch.save(update_fields=["state", "approved_at"])
            payload = {"launch": launch.id, "offer": launch.offer}
            append([Fact("LaunchApproved", "", launch.offer, now, SOURCE, payload)], now=now)
    return launch


def red_gates(launch: Launch) -> list[str]:
    """The gates that are red now."""
    return [gate for gate, (state, _why) in gates_of(launch.offer).items() if state == "red"]


def people_needed(red: list[str]) -> int:
    """How many people must approve."""
    return 2 if red else 1
