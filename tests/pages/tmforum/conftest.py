"""Clients of the Open APIs."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from amends.entrances.portals.actions.clients import make_client

V5 = "/tmf-api/troubleTicket/v5/troubleTicket"
V4 = "/tmf-api/troubleTicket/v4/troubleTicket"
V2 = "/tmf-api/troubleTicket/v2/troubleTicket"
Call = Callable[..., HttpResponse]


@pytest.fixture
def connect(client: Client) -> Callable[..., Call]:
    """Makes a client of the interface and returns what calls it as that client."""

    def connect(
        name: str = "crm",
        *,
        scopes: tuple[str, ...] = ("tickets:read", "tickets:write", "tickets:content"),
        brand: str = "",
    ) -> Call:
        token = make_client(name, scopes=scopes, brand=brand, now=timezone.now())

        def call(method: str, address: str, body: Any = None, **headers: str) -> HttpResponse:
            content_type = headers.pop("content_type", "application/json")
            return client.generic(
                method,
                address,
                _bytes(body),
                content_type=content_type,
                headers={"Authorization": f"Bearer {token}", **headers},
            )

        return call

    return connect


def _bytes(body: Any) -> bytes:
    if body is None:
        return b""
    return body if isinstance(body, bytes) else json.dumps(body).encode()


def new_ticket(**fields: Any) -> dict[str, Any]:
    """A ticket of v5 as a CRM sends it."""
    return {
        "@type": "TroubleTicket",
        "description": "I am charged 10 yuan a month for a ringtone I never ordered.",
        "severity": "Minor",
        "ticketType": "complaint",
        **fields,
    }
