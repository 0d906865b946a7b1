"""Who may write, approve and waive."""

from __future__ import annotations

from collections.abc import Collection

from amends.people.access.queries import may, roles_that_may
from amends.people.access.queries.colleagues import brands_of_people, colleagues, people
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import Refused
from amends.platform.kit.errors import gettext_noop as _


def require(actor: Actor, page: str) -> None:
    """Refuse an actor who lacks the permission."""
    if not may(actor.roles, page):
        raise Refused(
            _("Your role does not allow this."),
            next_step=_("Ask a manager."),
            code="publicity_not_allowed",
        )


def others_who_decide(brand: str, *, besides: Collection[str]) -> dict[str, str]:
    """Reference → name of the other people who may approve copies of a brand.

    A copy of no brand is closed to people who are confined to one.
    """
    holders = [
        colleague.ref for colleague in colleagues(roles_that_may("publicity.decide"), brand=brand)
    ]
    if not brand:
        confined_to = brands_of_people(holders)
        holders = [ref for ref in holders if not confined_to.get(ref)]
    return people(ref for ref in holders if ref not in besides)


def possible_owners(brand: str) -> dict[str, str]:
    """Reference → name of the people who can answer for a waiver of a brand."""
    return people(
        colleague.ref for colleague in colleagues(roles_that_may("publicity.write"), brand=brand)
    )
