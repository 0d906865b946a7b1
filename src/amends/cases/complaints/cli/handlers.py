"""Who acts on complaints from the shell, and on which: the same rights as on the pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from amends.platform.cli.language import gettext as _
from amends.platform.kit.errors import BadInput, Refused

if TYPE_CHECKING:
    from amends.platform.kit.actors import Actor


def require_right(actor: Actor, right: str = "complaints.handle") -> Actor:
    """The actor, if their roles have the right; raises Refused."""
    from amends.people.access.queries import may

    if not may(actor.roles, right):
        raise Refused(
            _("This person does not handle complaints.")
            if right == "complaints.handle"
            else _("The roles of this person do not allow it."),
            meaning=_("Nothing was shown and nothing changed."),
            next_step=_("Ask a complaint handler.")
            if right == "complaints.handle"
            else _("Ask somebody who may decide otherwise than the rules."),
            code="unable_to_handle",
        )
    return actor


def reader(by: str) -> Actor:
    """The handler of a name; without one, the only person who handles complaints, or the one who
    signs in under the user name of the operating system.
    """
    from getpass import getuser

    from amends.people.access.queries import actor_called, roles_that_may
    from amends.people.access.queries.colleagues import usernames_with_roles

    names = [by] if by else usernames_with_roles(roles_that_may("complaints.handle"))
    if len(names) > 1 and getuser() in names:
        names = [getuser()]
    if len(names) != 1:
        raise BadInput(
            _("Several people handle complaints here.")
            if names
            else _("Nobody handles complaints here yet."),
            next_step=_("Name yourself: --by NAME.")
            if names
            else _("Add a handler: amends user NAME --role handler."),
        )
    return require_right(actor_called(names[0]))


def complaint(code: str, actor: Actor, right: str = "complaints.handle") -> Any:
    """The complaint of a tracking code, within the actor's brand, if their roles have the right."""
    from amends.cases.complaints.queries.casefile import find

    require_right(actor, right)
    return find(code.strip().upper(), brand=actor.brand)
