"""Clients of the interface and the colleagues they may act for, as administrators see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from amends.entrances.portals.models import ApiClient, ClientColleague
from amends.people.access.queries.colleagues import usernames_of


@dataclass(frozen=True, slots=True)
class BoundColleague:
    """A colleague for whom a client may act."""

    ref: str
    username: str
    since: datetime


def bound_colleagues(name: str) -> list[BoundColleague]:
    """The colleagues a client may act for, oldest binding first."""
    rows = list(ClientColleague.objects.filter(client__name=name, released_at=None))
    names = usernames_of([row.colleague for row in rows])
    return [
        BoundColleague(row.colleague, names.get(row.colleague, row.colleague), row.bound_at)
        for row in rows
    ]


def active_clients() -> list[tuple[ApiClient, list[BoundColleague]]]:
    """The clients that are not revoked, by name, with their colleagues."""
    rows = ApiClient.objects.filter(revoked_at=None)
    return [(row, bound_colleagues(row.name)) for row in rows]
