"""Whatever is sent to the interface, by whoever: never a fault of ours, never an answer it did not
announce.

schemathesis makes requests from our own OpenAPI document, well-formed ones and broken ones, and holds
every answer against it. AMENDS_API_EXAMPLES says how many a operation and client (long form: 200).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings

from amends.entrances.portals.actions.clients import SCOPES, make_client, revoke_client

pytestmark = pytest.mark.django_db
EXAMPLES = int(os.environ.get("AMENDS_API_EXAMPLES", "3"))
OTHERS = [
    pytest.param(one, marks=pytest.mark.nightly) for one in (*SCOPES[1:], "unknown", "revoked")
]
WHO = (SCOPES[0], "all", "none", *OTHERS)


@pytest.fixture(scope="module")
def schemathesis() -> Any:
    """The library; it takes seconds to import."""
    found = import_module("schemathesis")

    @found.serializer("application/x-ndjson", "text/csv", "application/vnd.apache.parquet")
    def as_it_is(ctx: Any, value: Any) -> bytes:
        """A file of usage records: whatever was made up, as bytes."""
        return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")

    return found


@pytest.fixture(autouse=True)
def _one_connection() -> Iterator[None]:
    """Requests share the test's transaction, as those of Django's own test client do."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def headers_of(who: str) -> dict[str, str]:
    """A token as a client of that kind has it."""
    if who == "none":
        return {}
    if who == "unknown":
        return {"Authorization": "Bearer amends_nobody"}
    scopes = [who] if who in SCOPES else list(SCOPES)
    token = make_client(f"schema {who}", scopes=scopes, now=timezone.now())
    if who == "revoked":
        revoke_client(f"schema {who}", now=timezone.now())
    return {"Authorization": f"Bearer {token}"}


def checks() -> list[Any]:
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi import checks as openapi

    return [
        not_a_server_error,
        openapi.status_code_conformance,
        openapi.content_type_conformance,
        openapi.response_schema_conformance,
        openapi.response_headers_conformance,
    ]


@pytest.mark.parametrize("who", WHO)
def test_no_request_breaks_the_interface(who: str, schemathesis: Any) -> None:
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())
    headers, met, statuses = headers_of(who), checks(), set[int]()
    modes = schemathesis.GenerationMode
    for operation in schema.get_all_operations():
        for mode in (modes.POSITIVE, modes.NEGATIVE):

            @settings(
                max_examples=EXAMPLES,
                deadline=None,
                database=None,
                derandomize=EXAMPLES < 20,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            @given(case=operation.ok().as_strategy(generation_mode=mode))
            def send(case: Any) -> None:
                answer = case.call(headers=headers)
                statuses.add(answer.status_code)
                case.validate_response(answer, checks=met)

            send()
    if who in ("none", "unknown", "revoked"):
        assert 401 in statuses
        assert not statuses & {200, 201, 202}
    elif who == "all":
        assert statuses & {200, 201, 202}
    else:
        assert 403 in statuses
