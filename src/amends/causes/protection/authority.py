"""Who may act on protection."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from amends.people.access.queries import may
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import Refused


class UnableToActOnProtection(Refused):
    """The actor's role may not do this."""

    code = "unable_to_act_on_protection"


def check(actor: Actor, permission: str) -> None:
    """Refuse an actor whose roles lack a permission of `access@….toml`."""
    if not may(actor.roles, permission):
        raise UnableToActOnProtection(
            _("Your role may not do this."),
            meaning=_("Nothing was changed."),
            next_step=_("Ask a service-quality manager."),
        )
