"""Permissions to send in apps and to decide on them."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from amends.access.queries import may
from amends.kit.actors import Actor
from amends.kit.errors import Refused


class UnableToActOnApps(Refused):
    """The actor's role may not do this."""

    code = "unable_to_act_on_apps"


def check(actor: Actor, permission: str) -> None:
    """Refuse an actor whose roles lack a permission of `access@….toml`."""
    if not may(actor.roles, permission):
        raise UnableToActOnApps(
            _("Your role may not do this."),
            meaning=_("Nothing was changed."),
            next_step=_("Ask the partner manager."),
        )


def check_whole_operator(actor: Actor, permission: str) -> None:
    """The same for something that applies to all brands: refuse an actor of one brand too."""
    check(actor, permission)
    if actor.brand:
        raise UnableToActOnApps(
            _("Known hosts apply to all brands, and you work for one."),
            meaning=_("Nothing was changed."),
            next_step=_("Ask a colleague who decides for all brands."),
        )
