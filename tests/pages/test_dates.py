"""Days at the ends of the calendar, in every address and form that takes one, are refused in words."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from amends.entrances.portals.actions.clients import make_client
from amends.people.access.queries.rights import rules_on
from tests.pages.conftest import Desk, colleague, signed_in

ENDS = ["0001-01-01", "9999-12-31"]
NAMES = ("on", "from", "to", "day", "first", "last", "since", "until", "at")


def _addresses(patterns: Any, before: str = "/") -> Iterator[str]:
    """Every address of the desk that takes no argument."""
    for one in patterns:
        whole = before + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from _addresses(one.url_patterns, whole)
        elif isinstance(one, URLPattern) and "<" not in whole and "^" not in whole:
            yield whole


@pytest.fixture
def everybody(db: None) -> Client:
    """Somebody with every role, so that each page opens."""
    client = signed_in(colleague("all", *rules_on(timezone.localdate()).people))
    client.raise_request_exception = False
    return client


@pytest.mark.parametrize("day", ENDS)
def test_no_page_breaks_on_a_day_in_its_address(everybody: Client, day: str) -> None:
    asked = "&".join(f"{name}={day}" for name in NAMES)
    broken = []
    for address in _addresses(get_resolver().url_patterns):
        if address.startswith(("/desk/", "/rates", "/statements")):
            answer = everybody.get(f"{address}?{asked}")
            if answer.status_code >= 500:
                broken.append(address)
    assert broken == []


@pytest.mark.parametrize("day", ENDS)
@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("/desk/rules/", "on"),
        ("/desk/notices/", "on"),
        ("/desk/indicators/", "from"),
        ("/desk/indicators/", "to"),
        ("/desk/coverage/", "from"),
    ],
)
def test_the_page_says_so(everybody: Client, address: str, name: str, day: str) -> None:
    answer = everybody.get(address, {name: day})
    assert answer.status_code in (400, 404)
    words = re.sub(r"<[^>]+>", " ", answer.content.decode())
    assert re.search("cannot be read|is not a (day|month)", words), words[-900:]


@pytest.mark.parametrize("day", ENDS)
def test_an_audit_of_the_past_is_not_run(everybody: Client, day: str) -> None:
    for form in ({"first": day, "last": "2026-11-01"}, {"first": "2026-10-01", "last": day}):
        answer = everybody.post("/desk/confirmations/audits/run/", form)
        assert answer.status_code == 400
        assert re.search(r'id="id_(first|last)_error"', answer.content.decode())


@pytest.mark.parametrize("day", ENDS)
def test_a_form_of_a_complaint_refuses_it(desk: Desk, day: str) -> None:
    desk.client.raise_request_exception = False
    form = {"at": f"{day}T00:00", "reason": "The line was mended."}
    answer = desk.client.post(f"/desk/c/{desk.complaint}/repaired/", form)
    assert 400 <= answer.status_code < 500


@pytest.mark.parametrize("moment", [f"{ENDS[0]}T00:00:00+14:00", f"{ENDS[1]}T23:59:59-14:00"])
def test_the_interface_refuses_it(db: None, moment: str) -> None:
    scopes = ["complaints:write", "events:write", "posts:write"]
    token = make_client("odd", scopes=scopes, now=timezone.now(), trusted_identity=True)
    client = Client(raise_request_exception=False, headers={"Authorization": f"Bearer {token}"})
    for path, body in (
        ("/complaints", {"text": "No signal since Monday.", "received_at": moment}),
        ("/posts", [{"site": "forum", "id": "1", "text": "No signal", "posted_at": moment}]),
        ("/events", {"kind": "port_out", "service": "s", "happens_at": moment}),
    ):
        answer = client.post(
            f"/api/v1{path}",
            json.dumps(body),
            content_type="application/json",
            headers={"Idempotency-Key": "k1"},
        )
        assert 400 <= answer.status_code < 500, (path, answer.content)
        assert answer.json()["what"]
