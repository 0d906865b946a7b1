"""How far apps are open to staff, to a partner's people, and to those of a stopped partner."""

from __future__ import annotations

from datetime import datetime
from enum import Enum

from amends.people.access.queries import lacks_partner
from amends.people.partners.queries import out_of_contract, stopped_partners
from amends.platform.kit.actors import Actor


class AppAccess(Enum):
    """How far apps are open to an actor.

    ALL          sends in and reads: the operator's people, and a partner's with its contract
    PROCEEDINGS  a stopped partner: reads what its own proceedings are about, sends in nothing
    NONE         has a role for people of a partner, and works for none
    """

    ALL = "all"
    PROCEEDINGS = "proceedings"
    NONE = "none"


def app_access_of(actor: Actor, *, now: datetime) -> AppAccess:
    """The access of an actor; a sanction and the end of a contract apply at once."""
    if lacks_partner(actor, at=now):
        return AppAccess.NONE
    if not actor.partner:
        return AppAccess.ALL
    stopped = actor.partner in stopped_partners(now)
    if stopped or actor.partner in out_of_contract(now, refs=[actor.partner]):
        return AppAccess.PROCEEDINGS
    return AppAccess.ALL
