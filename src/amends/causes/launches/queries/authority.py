"""Who may assess, approve and stop launches."""

from __future__ import annotations

from datetime import datetime

from amends.causes.launches import refusals
from amends.causes.launches.models import Launch
from amends.people.access.queries import may
from amends.platform.kit.actors import Actor

SOURCE = "launches"


def demand(actor: Actor, page: str, now: datetime) -> None:
    """Refuse a person whose roles lack the permission; the platform's own jobs have it."""
    if actor.kind == "system" or (actor.kind == "user" and may(actor.roles, page, at=now)):
        return
    raise refusals.role_without_permission()


def locked(ref: str, actor: Actor) -> Launch:
    """The launch, locked, where the actor may know of it; call it inside a transaction."""
    rows = Launch.objects.select_for_update().filter(id=ref)
    if actor.brand:
        rows = rows.filter(brand=actor.brand)
    launch_row = rows.first()
    if launch_row is None:
        raise refusals.unknown_launch()
    return launch_row


def demand_state(launch: Launch, *states: str) -> None:
    """Refuse what the launch's state does not allow."""
    if launch.state not in states:
        raise refusals.wrong_state(state=launch.get_state_display())


def demand_reason(reason: str) -> str:
    """The reason a person gives, refused where there is none."""
    if not reason.strip():
        raise refusals.reason_missing()
    return reason.strip()[:300]


def cause_of(launch: Launch) -> str:
    """How a sale freeze names the launch it stands for."""
    return f"launch:{launch.id}"
