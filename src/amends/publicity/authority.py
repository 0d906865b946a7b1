"""Who may write, approve and waive."""

from __future__ import annotations

from amends.access.actors import Actor
from amends.access.queries import may
from amends.kit.errors import Refused
from amends.kit.errors import gettext_noop as _


class UnableToActOnPublicity(Refused):
    """The actor's roles do not allow it."""

    code = "publicity_not_allowed"


def require(actor: Actor, page: str) -> None:
    """Refuse an actor who lacks the permission."""
    if not may(actor.roles, page):
        raise UnableToActOnPublicity(
            _("Your role does not allow this."),
            next_step=_("Ask a manager."),
        )
