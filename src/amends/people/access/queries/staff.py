"""People who work with Amends, as rules and actions know them."""

from __future__ import annotations

from django.utils import timezone

from amends.people.access import refusals
from amends.people.access.models import User
from amends.people.access.queries.rights import rules_on
from amends.people.access.rules.decide import effective_roles
from amends.platform.kit.actors import Actor


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
        raise refusals.person_left()
    return actor_of_user(user)


def actor_called(name: str) -> Actor:
    """The person who signs in under `name`; raises UnableToFindPerson."""
    user = User.objects.filter(username=name, is_active=True).first()
    if user is None:
        raise refusals.unknown_person()
    return actor_of_user(user)
