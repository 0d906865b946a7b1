"""Put an approved launch on sale."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from amends.access.actors import Actor
from amends.catalogue.actions.freeze import unfreeze
from amends.launches.actions.approve import people_needed, red_gates
from amends.launches.authority import (
    UnableToActOnLaunch,
    cause_of,
    demand,
    demand_state,
    locked,
)
from amends.launches.models import Launch


def go_live(ref: str, *, actor: Actor, now: datetime) -> Launch:
    """Lift the freeze of an approved launch; a gate that turned red meanwhile needs two people."""
    demand(actor, "launches.approve", now)
    with transaction.atomic():
        launch = locked(ref)
        demand_state(launch, Launch.State.APPROVED)
        if launch.approvals.count() < people_needed(red_gates(launch)):
            raise UnableToActOnLaunch(
                _("A gate turned red since the launch was approved."),
                meaning=_("It is not on sale; nobody passes a red gate alone."),
                next_step=_("Clear the gate, or ask a second person to approve."),
            )
        launch.state, launch.live_at = Launch.State.LIVE, now
        launch.save(update_fields=["state", "live_at"])
        unfreeze("launch", launch.offer, cause=cause_of(launch),
                 reason=_("The launch is approved and live."), by=actor.ref, now=now)  # fmt: skip
    return launch
