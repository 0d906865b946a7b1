"""People who work with Amends, as rules and actions know them."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _

from amends.people.access.models import User
from amends.people.access.queries.rights import rules_on
from amends.people.access.rules.decide import effective_roles
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import BadInput


class UnableToFindPerson(BadInput):
    """Nobody who may sign in has that name."""

    code = "person_unknown"


def actor_of_user(user: User) -> Actor:
    """A user as rules and actions know one.

    A deactivated account has no roles, and a role for people of a partner counts only with
    a partner.
    """
    rules = rules_on(timezone.localdate())
    roles = effective_roles(user.roles, user.partner, rules) if user.is_active else ()
    return Actor(kind="user", ref=user.ref, roles=roles, partner=user.partner, brand=user.brand)


def actor_with_ref(ref: str) -> Actor:
    """A person by reference, with the roles of now; raises UnableToFindPerson."""
    user = User.objects.filter(ref=ref, is_active=True).first()
    if user is None:
        raise UnableToFindPerson(
            _("Whoever did this does not work here any more."),
            next_step=_("Let a colleague do it again."),
        )
    return actor_of_user(user)


def actor_called(name: str) -> Actor:
    """The person who signs in under `name`; raises UnableToFindPerson."""
    user = User.objects.filter(username=name, is_active=True).first()
    if user is None:
        raise UnableToFindPerson(
            _("Nobody signs in under that name."), next_step=_("Check the name, or add the person.")
        )
    return actor_of_user(user)
