"""Who may audit the past, and open what an audit found."""

from __future__ import annotations

from django.utils.translation import gettext as _

from amends.people.access.queries import may
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import Refused


class UnableToAuditConfirmations(Refused):
    """This person may not audit, or open what an audit found."""

    code = "audit_refused"


def demand_audit(actor: Actor) -> None:
    """Refuse a person whose roles audit no charges; the platform's own jobs do."""
    if actor.kind != "system" and not may(actor.roles, "confirmations.audit"):
        raise UnableToAuditConfirmations(
            _("Your role audits no charges."),
            meaning=_("Nothing was read or changed."),
            next_step=_("Ask a senior handler or a manager."),
        )
