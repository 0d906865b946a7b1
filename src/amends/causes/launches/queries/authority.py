"""Who may assess, approve and stop launches."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from amends.causes.launches.models import Launch
from amends.people.access.queries import may
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import BadInput, Refused

SOURCE = "launches"


class UnableToActOnLaunch(Refused):
    """The role does not do this, or the launch is in another state."""

    code = "launch_refused"


class UnableToFindLaunch(BadInput):
    """There is no such launch."""

    code = "launch_unknown"


def demand(actor: Actor, page: str, now: datetime) -> None:
    """Refuse a person whose roles lack the permission; the platform's own jobs have it."""
    if actor.kind == "system" or (actor.kind == "user" and may(actor.roles, page, at=now)):
        return
    raise UnableToActOnLaunch(
        _("Your role does not do this."),
        meaning=_("Nothing was changed."),
        next_step=_("Ask a service-quality manager."),
    )


def locked(ref: str, actor: Actor) -> Launch:
    """The launch, locked, where the actor may know of it; call it inside a transaction."""
    rows = Launch.objects.select_for_update().filter(id=ref)
    if actor.brand:
        rows = rows.filter(brand=actor.brand)
    launch_row = rows.first()
    if launch_row is None:
        raise UnableToFindLaunch(
            _("There is no such launch."), next_step=_("Choose one from the list.")
        )
    return launch_row


def demand_state(launch: Launch, *states: str) -> None:
    """Refuse what the launch's state does not allow."""
    if launch.state not in states:
        raise UnableToActOnLaunch(
            _("The launch is %(state)s.") % {"state": launch.get_state_display()},
            meaning=_("Nothing was changed."),
            next_step=_("Load the page again."),
        )


def demand_reason(reason: str) -> str:
    """The reason a person gives, refused where there is none."""
    if not reason.strip():
        raise UnableToActOnLaunch(
            _("A reason is missing."),
            meaning=_("Nothing was changed."),
            next_step=_("Write why in a sentence."),
        )
    return reason.strip()[:300]


def cause_of(launch: Launch) -> str:
    """How a sale freeze names the launch it stands for."""
    return f"launch:{launch.id}"
