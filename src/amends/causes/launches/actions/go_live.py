"""Put an approved launch on sale."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from amends.causes.launches.models import Launch
from amends.causes.launches.queries.authority import cause_of, demand, demand_state, locked
from amends.causes.launches.queries.gates import missing_approvals
from amends.causes.launches.refusals import UnableToActOnLaunch
from amends.platform.kit.actors import Actor
from amends.record.catalogue.actions.freeze import unfreeze


def go_live(ref: str, *, actor: Actor, now: datetime) -> Launch:
    """Lift the freeze of an approved launch; a gate that closed meanwhile needs two people."""
    demand(actor, "launches.approve", now)
    with transaction.atomic():
        launch = locked(ref, actor)
        demand_state(launch, Launch.State.APPROVED)
        if missing_approvals(launch):
            raise UnableToActOnLaunch(
                _("A gate is no longer passed since the launch was approved."),
                meaning=_("It is not on sale; nobody passes a red or unchecked gate alone."),
                next_step=_("Clear the gate, or have two people approve it with a reason."),
            )
        launch.state, launch.live_at = Launch.State.LIVE, now
        launch.save(update_fields=["state", "live_at"])
        unfreeze(
            "launch",
            launch.offer,
            cause=cause_of(launch),
            reason=_("The launch is approved and live."),
            by=actor.ref,
            now=now,
        )
    return launch
