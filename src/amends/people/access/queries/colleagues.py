"""Who works here: names for each other's eyes, and how an internal message reaches them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from amends.people.access.models import User
from amends.people.access.queries.rights import rules_on
from amends.people.access.rules.decide import effective_roles
from amends.platform.database.once_per_request import answers_of_request, once_per_request
from amends.platform.database.prepared_queries import PreparedQueryForKeys
from amends.platform.kit.actors import is_user
from amends.platform.kit.batches import slices

_PEOPLE = PreparedQueryForKeys(lambda refs: User.objects.filter(ref__in=refs), max_texts=4)


def people(refs: Iterable[str]) -> dict[str, str]:
    """The names of users by reference, for colleagues' eyes; unknown ones are absent."""
    wanted = dict.fromkeys(ref for ref in refs if is_user(ref))
    names = answers_of_request("people")
    for batch in slices([ref for ref in wanted if ref not in names]):
        names |= dict.fromkeys(batch, "")
        for user in _PEOPLE.rows(batch):
            names[user.ref] = user.get_full_name() or user.username
    return {ref: names[ref] for ref in wanted if names[ref]}


def brands_of_people(refs: Iterable[str]) -> dict[str, str]:
    """The brand each user is confined to, "" for every brand; unknown users are absent."""
    return {
        user.ref: user.brand
        for batch in slices(list(dict.fromkeys(refs)))
        for user in _PEOPLE.rows(batch)
    }


def has_administrator() -> bool:
    """Whether somebody can sign in who keeps people and roles."""
    return User.objects.filter(is_active=True, is_superuser=True).exists()


def names_with_roles(roles: Iterable[str], *, brand: str = "") -> list[str]:
    """The names of active users who have one of the roles, of a brand or of every brand."""
    wanted = set(roles)
    return sorted(
        user.get_full_name() or user.username
        for user in _active_users()
        if wanted.intersection(user.roles) and (not brand or user.brand in ("", brand))
    )


def usernames_with_roles(roles: Iterable[str]) -> list[str]:
    """The names under which active users who have one of the roles sign in."""
    wanted = set(roles)
    return [user.username for user in _active_users() if wanted.intersection(user.roles)]


@once_per_request
def _active_users() -> list[User]:
    users = list(User.objects.filter(is_active=True).order_by("username"))
    names = answers_of_request("people")
    names |= {user.ref: user.get_full_name() or user.username for user in users}
    return users


def names_by_username(roles: Iterable[str], *, brand: str = "") -> dict[str, str]:
    """Username → name of active users who have one of the roles, of a brand or of every brand."""
    wanted = set(roles)
    users = _active_users()
    return {
        user.username: user.get_full_name() or user.username
        for user in users
        if wanted.intersection(user.roles) and (not brand or user.brand in ("", brand))
    }


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who works here, as an internal message reaches them; `email` may be ""."""

    ref: str
    email: str
    language: str


def colleagues(roles: Iterable[str], *, brand: str = "") -> list[Colleague]:
    """The active users who have one of the roles, of a brand or of every brand, by name."""
    wanted = set(roles)
    return [
        Colleague(user.ref, user.email, user.language)
        for user in _active_users()
        if wanted.intersection(user.roles) and (not brand or user.brand in ("", brand))
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffMember:
    """Somebody who works here, with what decides their authority."""

    ref: str
    name: str
    roles: tuple[str, ...]
    brand: str
    partner: str


def staff() -> list[StaffMember]:
    """Everybody who can sign in, by name, in one query: for pages that name many people."""
    rules = rules_on(timezone.localdate())
    return [
        StaffMember(
            ref=user.ref,
            name=user.get_full_name() or user.username,
            roles=effective_roles(user.roles, user.partner, rules),
            brand=user.brand,
            partner=user.partner,
        )
        for user in _active_users()
    ]


def anybody() -> bool:
    """Whether there is any account to sign in with."""
    return User.objects.filter(is_active=True).exists()


def colleagues_by_ref(refs: Iterable[str]) -> dict[str, Colleague]:
    """The active users with these references who have a mailbox, by reference."""
    rows = User.objects.filter(ref__in=list(refs), is_active=True).exclude(email="")
    return {user.ref: Colleague(user.ref, user.email, user.language) for user in rows}


def active_among(refs: Iterable[str]) -> set[str]:
    """Those of some people who can still sign in."""
    rows = User.objects.filter(ref__in=list(refs), is_active=True)
    return set(rows.values_list("ref", flat=True))


def refs_of_usernames(names: Iterable[str]) -> dict[str, str]:
    """Name people sign in with → reference, of active users; unknown names are absent."""
    rows = User.objects.filter(username__in=list(names), is_active=True)
    return dict(rows.values_list("username", "ref"))


def usernames_of(refs: Iterable[str]) -> dict[str, str]:
    """Reference → name people sign in with; unknown references are absent."""
    return dict(User.objects.filter(ref__in=list(refs)).values_list("ref", "username"))


def inactive_people() -> list[str]:
    """References of everybody who cannot sign in any more."""
    rows = User.objects.filter(is_active=False).order_by("ref")
    return list(rows.values_list("ref", flat=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A person with an account, as those who administer people see them."""

    username: str
    name: str
    roles: list[str]
    email: str
    brand: str
    partner: str
    is_active: bool
    last_login: datetime | None


def every_person() -> list[Person]:
    """Everybody with an account, those at work first, by name."""
    rows = User.objects.order_by("-is_active", "username")
    return [_person(row) for row in rows]


def person(username: str) -> Person | None:
    """The person with a sign-in name."""
    row = User.objects.filter(username=username).first()
    return _person(row) if row else None


def _person(row: User) -> Person:
    return Person(
        username=row.username,
        name=row.get_full_name(),
        roles=list(row.roles),
        email=row.email,
        brand=row.brand,
        partner=row.partner,
        is_active=row.is_active,
        last_login=row.last_login,
    )
