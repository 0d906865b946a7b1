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

from amends.channels.queries.capabilities import writing_channels
from amends.entrances.portals.models import ApiClient
from amends.platform.kit.errors import BadInput, Refused
from amends.platform.kit.errors import gettext_noop as _

SCOPES = (
    "complaints:write",
    "complaints:read",
    "remedies:billing",
    "metrics:read",
    "usage:write",
    "orders:write",
    "posts:write",
    "events:write",
    "choices:write",
    "holds:read",
    "holds:consent",
    "standings:read",
    "freezes:read",
    "publicity:write",
    "measures:read",
    "services:read",
    "casework:read",
    "casework:write",
    "alarms:write",
    "protection:decide",
    "protection:report",
    "selfservice:use",
    "ivr:use",
    "tickets:read",
    "tickets:content",
    "tickets:write",
    "kiosk:use",
)
_REMEMBER_S = 30


class UnableToMakeClient(BadInput):
    """The name is taken, or a scope or channel is unknown."""

    code = "unable_to_make_client"


class UnableToRevokeClient(BadInput):
    """There is no such client."""

    code = "client_unknown"


class UnableToUseScope(Refused):
    """The token is good, and does not hold the scope this operation needs."""

    code = "scope_missing"


@dataclass(frozen=True, slots=True)
class Client:
    """Who calls, as far as an operation needs to know; `id` never changes, the name may be long."""

    id: int
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
    if not name.strip() or len(name) > 80:
        raise UnableToMakeClient(_("A client needs a name of at most 80 characters."))
    for stranger, requested, allowed in (
        (_("There is no scope “%(name)s”."), scopes, SCOPES),
        (_("There is no channel “%(name)s”."), [channel], writing_channels()),
    ):
        if unknown := sorted(set(requested) - set(allowed)):
            raise UnableToMakeClient(
                stranger,
                next_step=_("Choose from %(known)s."),
                values={"name": unknown[0], "known": ", ".join(allowed)},
            )
    if not scopes:
        raise UnableToMakeClient(
            _("A client without a scope could do nothing."),
            next_step=_("Choose from %(known)s."),
            values={"known": ", ".join(SCOPES)},
        )
    if ApiClient.objects.filter(name=name).exists():
        raise UnableToMakeClient(
            _("There is a client “%(name)s” already."),
            next_step=_("Choose another name, or revoke it."),
            values={"name": name},
        )
    token = f"amends_{secrets.token_urlsafe(32)}"
    ApiClient.objects.create(
        name=name,
        token_hash=_hash(token),
        scopes=sorted(set(scopes)),
        channel=channel,
        brand=brand,
        trusted_identity=trusted_identity,
        made_at=now,
    )
    return token


def revoke_client(name: str, *, now: datetime) -> None:
    """The client's token opens nothing any more; at once here, within 30 s in other processes."""
    row = ApiClient.objects.filter(name=name).first()
    if row is None:
        raise UnableToRevokeClient(
            _("There is no client “%(name)s”."),
            next_step=_("Check how it is written."),
            values={"name": name},
        )
    if row.revoked_at is None:
        row.revoked_at = now
        row.save(update_fields=["revoked_at"])
    caches["process"].delete(_cache_key(row.token_hash))


class Token(HttpBearer):
    """Bearer token with one scope."""

    def __init__(self, scope: str) -> None:
        super().__init__()
        self.scope = scope

    def authenticate(self, request: HttpRequest, token: str) -> Client | None:
        """The client of the token; None for one that is unknown or revoked."""
        client = _client(_hash(token))
        if client is not None:
            require_scope(client, self.scope)
        return client


def require_scope(client: Client, scope: str) -> None:
    """Raise `UnableToUseScope` where a client lacks a scope."""
    if scope not in client.scopes:
        raise UnableToUseScope(
            _("This token does not hold the scope %(scope)s."),
            meaning=_("Nothing was done."),
            next_step=_("Ask the operator for a client with this scope."),
            values={"scope": scope},
        )


def client_of_token(token: str) -> Client | None:
    """The client of a token; None for one that is unknown or revoked."""
    return _client(_hash(token))


def client_by_id(ref: int) -> Client | None:
    """A client that is not revoked, by its id."""
    row = ApiClient.objects.filter(pk=ref, revoked_at__isnull=True).first()
    return _view(row) if row else None


def _view(row: ApiClient) -> Client:
    return Client(
        id=row.pk,
        name=row.name,
        scopes=tuple(row.scopes),
        channel=row.channel,
        brand=row.brand,
        trusted_identity=row.trusted_identity,
    )


def _client(token_hash: str) -> Client | None:
    client: Client | None = caches["process"].get(_cache_key(token_hash))
    if client is None:
        row = ApiClient.objects.filter(token_hash=token_hash, revoked_at__isnull=True).first()
        if row:
            client = _view(row)
            caches["process"].set(_cache_key(token_hash), client, _REMEMBER_S)
    return client


def _cache_key(token_hash: str) -> str:
    return f"api-client:{token_hash}"


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
