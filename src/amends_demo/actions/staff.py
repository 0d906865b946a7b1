"""Give the demonstration its staff: console accounts, and the actors that decide by hand."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.utils import timezone

from amends.people.access.actions.add_user import add_user
from amends.people.operator.actions.change_profile import change_profile
from amends.platform.kit.actors import Actor
from amends_demo.rules.people import DemoAccount, console_accounts


@dataclass(frozen=True, slots=True)
class Staff:
    """Accounts with their passwords, to be shown once, and the actor of each role."""

    accounts: tuple[DemoAccount, ...]
    actors: dict[str, Actor]


def save_profile(actors: dict[str, Actor]) -> None:
    """Store the operator's name in the installation: `amends serve` shows it later too."""
    change_profile(
        settings.OPERATOR,
        accent="",
        logo=b"",
        actor=actors["administrator"],
        now=timezone.now(),
    )


def add_staff() -> Staff:
    """Create the accounts of the demonstration in this data directory."""
    accounts = tuple(console_accounts())
    actors = {}
    for account in accounts:
        user = add_user(
            account.username,
            password=account.password,
            roles=[account.role],
            language="zh-hans",
            zone="Asia/Shanghai",
            email=f"{account.username}@example.org",
        )
        actors[account.role] = Actor("user", user.ref, (account.role,))
    return Staff(accounts, actors)
