"""Clients of the interface: made once, recognised by token, revoked at any time."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.cache import caches
from django.http import HttpRequest
from ninja.security import HttpBearer

from amends.kit.errors import BadInput
from amends.portals.models import ApiClient

SCOPES = ("complaints:write", "complaints:read", "remedies:billing")
_REMEMBER_S = 30


class UnableToMakeClient(BadInput):
    """The name is taken or a scope is unknown."""

    code = "unable_to_make_client"


@dataclass(frozen=True, slots=True)
class Client:
    """Who calls, as far as an operation needs to know."""

    name: str
    scopes: tuple[str, ...]
    channel: str
    brand: str
    trusted_identity: bool


def make_client(
    name: str,
    *,
    scopes: Sequence[str],
    now: datetime,
    channel: str = "api",
    brand: str = "",
    trusted_identity: bool = False,
) -> str:
    """Make a client and return its token, which is shown this once and never stored."""
    if unknown := sorted(set(scopes) - set(SCOPES)):
        raise UnableToMakeClient(
            f"There is no scope {unknown[0]!r}.", next_step=f"Choose from {', '.join(SCOPES)}."
        )
    if ApiClient.objects.filter(name=name).exists():
        raise UnableToMakeClient(f"There is a client {name!r} already.")
    token = f"amends_{secrets.token_urlsafe(32)}"
    ApiClient.objects.create(
        name=name,
        token_hash=_hash(token),
        scopes=sorted(scopes),
        channel=channel,
        brand=brand,
        trusted_identity=trusted_identity,
        made_at=now,
    )
    return token


class Token(HttpBearer):
    """Bearer token with one scope; a revoked client is refused within 30 seconds."""

    def __init__(self, scope: str) -> None:
        super().__init__()
        self.scope = scope

    def authenticate(self, request: HttpRequest, token: str) -> Client | None:
        client = _client(_hash(token))
        return client if client and self.scope in client.scopes else None


def _client(token_hash: str) -> Client | None:
    key = f"api-client:{token_hash}"
    client: Client | None = caches["process"].get(key)
    if client is None:
        row = ApiClient.objects.filter(token_hash=token_hash, revoked_at__isnull=True).first()
        if row:
            client = Client(
                row.name, tuple(row.scopes), row.channel, row.brand, row.trusted_identity
            )
            caches["process"].set(key, client, _REMEMBER_S)
    return client


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
