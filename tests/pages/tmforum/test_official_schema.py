"""Whatever is sent to the Open APIs, every answer is one that the official file announces.

schemathesis makes requests from the official OpenAPI files of TM Forum, well-formed ones and broken
ones. AMENDS_API_EXAMPLES says how many an operation, client and mode (long form: 200).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import nullcontext, suppress
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable

from amends.entrances.portals.actions.clients import make_client

pytestmark = [pytest.mark.django_db, pytest.mark.shared]
EXAMPLES = int(os.environ.get("AMENDS_API_EXAMPLES", "5"))
APIS = {
    "TMF621-Trouble_Ticket-v5.0.1.oas.yaml": ("/tmf-api/troubleTicket/v5", "/troubleTicket"),
}
WHO = {
    "all scopes": ("tickets:read", "tickets:write", "tickets:content"),
    "one scope": ("tickets:read",),
    "no token": (),
}


@pytest.fixture(autouse=True)
def _one_connection() -> Iterator[None]:
    """Requests share the test's transaction, as those of Django's own test client do."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def official(shared: Path, name: str, base: str, resources: str) -> Any:
    """The official file, reduced to its resources, at our base address."""
    schemathesis = import_module("schemathesis")
    import yaml

    document = yaml.safe_load((shared / "standards/tmforum" / name).read_text(encoding="utf-8"))
    paths = {path: item for path, item in document["paths"].items() if path.startswith(resources)}
    _read_one_of_as_any_of(document["components"]["schemas"])
    document |= {"paths": paths, "servers": [{"url": f"http://localhost{base}"}]}
    return schemathesis.openapi.from_dict(document)


def _read_one_of_as_any_of(schemas: Any) -> None:
    """Where a reference and the whole object are alternatives, one document matches both."""
    if isinstance(schemas, dict):
        if "oneOf" in schemas:
            schemas["anyOf"] = schemas.pop("oneOf")
        schemas = list(schemas.values())
    if isinstance(schemas, list):
        for schema in schemas:
            _read_one_of_as_any_of(schema)


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("name", APIS)
def test_no_request_breaks_an_open_api(name: str, who: str, live_server: Any, shared: Path) -> None:
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi import checks as openapi

    base, resources = APIS[name]
    schema = official(shared, name, base, resources)
    headers = {}
    if WHO[who]:
        token = make_client(f"schema {who}", scopes=WHO[who], now=timezone.now())
        headers = {"Authorization": f"Bearer {token}"}
    checks = [
        not_a_server_error,
        openapi.status_code_conformance,
        openapi.content_type_conformance,
        openapi.response_schema_conformance,
        openapi.response_headers_conformance,
        openapi.negative_data_rejection,
    ]
    modes = import_module("schemathesis").GenerationMode
    statuses = set[int]()
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
                answer = case.call(base_url=live_server.url + base, headers=headers)
                statuses.add(answer.status_code)
                case.validate_response(answer, checks=checks)

            # The only parameter of some operations is a text: no request can be broken.
            with suppress(Unsatisfiable) if mode == modes.NEGATIVE else nullcontext():
                send()
    assert statuses & {200, 201} if len(WHO[who]) > 1 else True
