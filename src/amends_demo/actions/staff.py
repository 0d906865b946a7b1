"""Give the demonstration its staff: console accounts, and the actors that decide by hand."""

from __future__ import annotations

from dataclasses import dataclass

from amends.people.access.actions.add_user import add_user
from amends.platform.kit.actors import Actor
from amends_demo.rules.people import DemoAccount, console_accounts


@dataclass(frozen=True, slots=True)
class Staff:
    """Accounts with their passwords, to be shown once, and the actor of each role."""

    accounts: tuple[DemoAccount, ...]
    actors: dict[str, Actor]


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
