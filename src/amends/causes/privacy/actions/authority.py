"""Who may review services and decide on misuse."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from amends.people.access.queries import may
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import Refused


class UnableToActOnPrivacy(Refused):
    """The actor's role may not do this, or the actor is concerned."""

    code = "unable_to_act_on_privacy"


def check(actor: Actor, permission: str) -> None:
    """Refuse an actor whose roles lack a permission of `access@….toml`."""
    if not may(actor.roles, permission):
        raise UnableToActOnPrivacy(
            _("Your role may not do this."),
            meaning=_("Nothing was changed."),
            next_step=_("Ask the privacy officer."),
        )
