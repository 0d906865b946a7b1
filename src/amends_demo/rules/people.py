"""The people of the demonstration's console: who they are, and a random password each, once."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

_SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS, _GROUP = 4, 5


@dataclass(frozen=True, slots=True)
class Account:
    """A person who may sign in to the demonstration. `password` is shown once and not stored."""

    username: str
    role: str
    name_zh: str
    name_en: str
    password: str = field(default="", repr=False)


_PEOPLE = (
    Account("handler", "handler", "陆知行", "Lu Zhixing"),
    Account("senior", "senior_handler", "沈书瑶", "Shen Shuyao"),
    Account("manager", "manager", "顾明远", "Gu Mingyuan"),
    Account("privacy", "privacy_officer", "秦若水", "Qin Ruoshui"),
    Account("admin", "administrator", "夏予安", "Xia Yu'an"),
)


def console_accounts() -> list[Account]:
    """The accounts of the demonstration, each with a new password of 98 random bits.

    >>> [one.username for one in console_accounts()]
    ['handler', 'senior', 'manager', 'privacy', 'admin']
    """
    return [
        Account(one.username, one.role, one.name_zh, one.name_en, _password()) for one in _PEOPLE
    ]


def _password() -> str:
    groups = ("".join(secrets.choice(_SIGNS) for _ in range(_GROUP)) for _ in range(_GROUPS))
    return "-".join(groups)
