"""The people of the demonstration's console: who they are, and a random password each, once."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

_SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS, _GROUP = 4, 5


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """A person who may sign in to the demonstration. `password` is shown once and not stored."""

    username: str
    role: str
    name_zh: str
    name_en: str
    password: str = field(default="", repr=False)


_PEOPLE = (
    DemoAccount(username="handler", role="handler", name_zh="陆知行", name_en="Lu Zhixing"),
    DemoAccount(username="senior", role="senior_handler", name_zh="沈书瑶", name_en="Shen Shuyao"),
    DemoAccount(username="manager", role="manager", name_zh="顾明远", name_en="Gu Mingyuan"),
    DemoAccount(
        username="privacy", role="privacy_officer", name_zh="秦若水", name_en="Qin Ruoshui"
    ),
    DemoAccount(username="admin", role="administrator", name_zh="夏予安", name_en="Xia Yu'an"),
)


def console_accounts() -> list[DemoAccount]:
    """The accounts of the demonstration, each with a new password of 98 random bits.

    >>> [one.username for one in console_accounts()]
    ['handler', 'senior', 'manager', 'privacy', 'admin']
    """
    return [
        DemoAccount(
            username=person.username,
            role=person.role,
            name_zh=person.name_zh,
            name_en=person.name_en,
            password=_password(),
        )
        for person in _PEOPLE
    ]


def _password() -> str:
    groups = ("".join(secrets.choice(_SIGNS) for _ in range(_GROUP)) for _ in range(_GROUPS))
    return "-".join(groups)
