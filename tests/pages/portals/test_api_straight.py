"""The interface is answered without what serves pages, and as safely as they are."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.pages.portals.conftest import Caller

WORDS = {"text": "You charge me 10 yuan a month for a ringtone I never ordered."}
EVERYWHERE = (
    "Content-Security-Policy",
    "Permissions-Policy",
    "X-Frame-Options",
    "X-Content-Type-Options",
    "Referrer-Policy",
    "Cross-Origin-Opener-Policy",
)


def test_its_answers_have_the_headers_of_a_page(caller: Any, client: Client) -> None:
    page = client.get("/")
    answer = caller("complaints:write").post("/complaints", WORDS, key="k-1")
    assert answer.status_code == 201
    assert {name: answer.headers[name] for name in EVERYWHERE} == {
        name: page.headers[name] for name in EVERYWHERE
    }
    assert answer.headers["Content-Length"] == str(len(answer.content))
    assert answer.headers["Vary"] == "Accept-Language"


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_its_language_is_the_caller_s_and_not_the_one_before(caller: Any, language: str) -> None:
    by: Caller = caller("complaints:read")
    other = "zh-hans" if language == "en" else "en"
    for asked in (other, language):
        headers = {"Authorization": f"Bearer {by.token}", "Accept-Language": asked}
        answer = by.http.get("/api/v1/complaints/AAAA-AAAA-AAAA", headers=headers)
        assert answer.headers["Content-Language"] == asked


def test_another_host_than_ours_is_refused(caller: Any, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["amends.example"]
    by: Caller = caller("complaints:write")
    by.http.raise_request_exception = False
    assert by.post("/complaints", WORDS, key="k-1").status_code == 400
    assert by.post("/complaints", WORDS, key="k-1", Host="amends.example").status_code == 201


def test_it_asks_for_no_session_and_gives_no_cookie(caller: Any) -> None:
    by: Caller = caller("complaints:write")
    by.http.cookies["sessionid"] = "somebody-s-session"
    with CaptureQueriesContext(connection) as heard:
        answer = by.post("/complaints", WORDS, key="k-1")
    assert answer.status_code == 201
    assert not answer.cookies
    assert not [said for said in heard.captured_queries if "session" in said["sql"]]


def test_an_address_that_is_none_of_its_own_is_a_page_that_is_not_there(client: Client) -> None:
    answer = client.get("/api/v2/complaints")
    assert answer.status_code == 404
    assert answer.headers["Content-Type"].startswith("text/html")


def test_over_plain_http_it_refuses_and_redirects_nobody(caller: Any, settings: Any) -> None:
    """A redirect would hide that a program sends its token in the clear (ASVS 5.0, 4.1.2)."""
    settings.SECURE_SSL_REDIRECT = True
    by: Caller = caller("complaints:write")
    refused = by.post("/complaints", WORDS, key="k-1")
    assert refused.status_code == 403
    assert refused.json()["error"] == "https_needed"
    assert by.http.get("/tmf-api/troubleTicket/v5/troubleTicket").status_code == 403
    assert by.http.get("/complain/").status_code == 301
