"""What strangers send to public pages and calls is answered, never failed on: no 500."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from amends.cases.complaints.actions.intake import Submission
from amends.cases.complaints.actions.receive import receive
from amends.entrances.portals.actions.clients import SCOPES, make_client
from amends.entrances.portals.api.interface import api
from amends.entrances.portals.jobs.receive_sent import receive_sent
from amends.network.quality.actions.start_campaign import start_campaign
from amends.people.access.web.permission import PUBLIC, declared
from amends.platform.database.models import RateCount

pytestmark = [pytest.mark.django_db, pytest.mark.postgres_too]

TEXTS = (
    "",
    " ",
    "0",
    "-1",
    "9" * 400,
    "1e999",
    "NaN",
    "-Infinity",
    "\x00",
    "a\x00b",
    "\ud800",
    "\U0010ffff",
    "١٢٣",
    "½",
    "²",
    "９９９９",
    "ﷺ" * 50,
    "'; DROP TABLE x;--",
    "%00",
    "%s%n",
    "../../etc/passwd",
    "{{7*7}}",
    "<script>",
    "\r\nX: y",
    "true",
    "null",
    "[]",
    "{}",
    "[" * 2_000,
    "9999-12-31T23:59:59Z",
    "0000-00-00",
    "2026-02-30",
    "0001-01-01T00:00:00+23:59",
    "a" * 5_000,
    "+86" * 200,
    "@" * 300,
    "ABCD-EFGH-JK20",
)
VALUES: tuple[Any, ...] = (
    *TEXTS,
    None,
    True,
    [],
    {},
    [[]],
    0,
    -1,
    10**30,
    2**63,
    -(2**63) - 1,
    1.5,
    1e308,
    ["a"],
    [5],
    {"a": [1]},
    {"\x00": "\x00"},
)
FIELDS = (
    "text",
    "wanted",
    "urgent",
    "about",
    "on_behalf",
    "phone",
    "email",
    "name",
    "code",
    "number",
    "digits",
    "ask",
    "answer",
    "words",
    "satisfaction",
    "key",
    "website",
    "remove",
    "again",
    "confirmed",
    "no",
    "next",
    "language",
    "reminders",
    "down_max_mbps",
    "down_min_mbps",
    "up_max_mbps",
    "stop",
    "q",
    "page",
    "rule",
    "speed",
    "campaign",
    "streams",
    "change",
    "from",
    "to",
    "a",
    "b",
    "sort",
    "login",
    "password",
)
RAW = (
    b"",
    b"[",
    b"\xff\xfe",
    b"null",
    b"[]",
    b"5",
    b'"x"',
    b"[" * 60_000,
    b'{"a":' * 15_000,
    b"NaN",
    b'{"results": [' + b"9" * 400 + b"]}",
    b'{"a": "\\ud800"}',
    b'{"a": "\\u0000"}',
    b'{"a": 1e999}',
)


def public_addresses(
    patterns: list[URLPattern | URLResolver] | None = None, before: str = ""
) -> Iterator[str]:
    """Every address that is open to everybody, with `<…>` where something is filled in."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        address = before + str(pattern.pattern).lstrip("^").rstrip("$")
        if isinstance(pattern, URLResolver):
            yield from public_addresses(pattern.url_patterns, address)
        elif declared(pattern.callback) == PUBLIC and "(?P" not in address:
            yield "/" + address


@pytest.fixture
def known() -> dict[str, str]:
    """What addresses are filled in with, so that pages behind them are reached."""
    now = timezone.now()
    said = Submission(
        channel="web", key="k", text="宽带太慢", received_at=now, email="a@example.org"
    )
    row = start_campaign(
        "cn@2013-09-01", {"down_max_mbps": 50.0}, language="en", recipient="", now=now
    )
    return {
        "complaint": receive(said, now=now).tracking_code,
        "nobody": receive(
            Submission(channel="web", key="n", text="漏话", received_at=now), now=now
        ).tracking_code,
        "series": row.code,
    }


def filled(address: str, value: str) -> str:
    """The address with `value` in each place."""
    parts = []
    for part in address.split("/"):
        before, bracket, _ = part.partition("<")
        parts.append(before + quote(value, safe="", errors="surrogatepass") if bracket else part)
    return "/".join(parts)


def test_there_are_public_addresses() -> None:
    found = set(public_addresses())
    assert {"/complain/", "/follow/", "/mine/", "/speed/results/", "/speed/campaigns/"} <= found
    assert len(found) > 30


def test_no_public_page_fails_whatever_is_sent(known: dict[str, str]) -> None:
    chance, failed = random.Random(26), []
    for address in sorted(set(public_addresses())):
        for round_ in range(12):
            RateCount.objects.all().delete()
            cache.clear()  # limits would answer instead
            client = Client(raise_request_exception=False)
            client.cookies["amends_language"] = chance.choice(("en", "zh-hans"))
            for cookie in ("amends_draft", "amends_speed", "sessionid"):
                if chance.random() < 0.2:
                    client.cookies[cookie] = chance.choice(("x", "a:b:c", "9" * 400, "é"))
            value = (
                chance.choice((*TEXTS, *known.values()))
                if round_ > 2
                else [*known.values()][round_]
            )
            path = filled(address, value)
            fields = {name: _text(chance) for name in chance.sample(FIELDS, 6)}
            path += f"?{urlencode(fields, errors='surrogatepass')}" if round_ % 2 else ""
            sent = chance.choice(("get", "form", "raw"))
            if sent == "get":
                answer = client.get(path)
            elif sent == "form":
                body = urlencode({name: _text(chance) for name in FIELDS}, errors="surrogatepass")
                answer = client.post(path, body, content_type="application/x-www-form-urlencoded")
            else:
                answer = client.post(path, chance.choice(RAW), content_type="application/json")
            if answer.status_code >= 500 and answer.status_code != 503:
                failed.append((answer.status_code, sent, path[:120]))
    assert failed == []


def _text(chance: random.Random) -> str:
    return chance.choice(TEXTS)


def test_whatever_is_written_into_the_form_is_received(known: dict[str, str]) -> None:
    chance = random.Random(1)
    for _ in range(25):
        RateCount.objects.all().delete()
        cache.clear()
        client = Client(raise_request_exception=False)
        for page, names in (
            ("", ("text", "wanted")),
            ("about/", ("about",)),
            ("reach/", ("phone", "email", "name")),
            ("check/", ("website",)),
        ):
            form = {
                name: _text(chance) if chance.random() < 0.3 else ""
                for name in names
                if name != "website"
            }
            if not page:
                form["text"] = f"宽带太慢 {_text(chance)}"
            body = urlencode(form, errors="surrogatepass")
            answer = client.post(
                f"/complain/{page}", body, content_type="application/x-www-form-urlencoded"
            )
            assert answer.status_code < 500, (page, form)
        client.get("/complain/receipt/")
    receive_sent(now=timezone.now())
    from amends.entrances.portals.models import Draft

    assert not Draft.objects.filter(failures__gt=0).exists()


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Method, path and example-less schema of every call of the interface."""
    schema = api.get_openapi_schema()
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
            yield method, path, _resolved(body.get("schema", {}), schema)


def _resolved(schema: dict[str, Any], root: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return _resolved(root["components"]["schemas"][name], root)
    return {
        key: _resolved(value, root) if isinstance(value, dict) else value
        for key, value in schema.items()
    }


def body_of(schema: dict[str, Any], chance: random.Random, odd: float) -> Any:
    """A body of the schema's shape, in which a share of the values is odd."""
    if chance.random() < odd:
        return chance.choice(VALUES)
    if "anyOf" in schema:
        return body_of(chance.choice(schema["anyOf"]), chance, odd)
    if "enum" in schema:
        return chance.choice(schema["enum"])
    if schema.get("type") == "object" or "properties" in schema:
        return {
            name: body_of(each, chance, odd)
            for name, each in schema.get("properties", {}).items()
            if isinstance(each, dict)
        }
    if schema.get("type") == "array":
        return [body_of(schema.get("items", {}), chance, odd) for _ in range(chance.randint(0, 3))]
    if schema.get("type") in ("integer", "number"):
        return chance.choice((1, 100))
    if schema.get("type") == "boolean":
        return chance.random() < 0.5
    if schema.get("format") == "date-time":
        return "2026-11-27T10:00:00+08:00"
    return chance.choice(("x", "13900001234", "宽带太慢"))


def test_no_call_of_the_interface_fails_whatever_is_sent(known: dict[str, str]) -> None:
    chance, failed = random.Random(10), []
    token = make_client("fuzz", scopes=sorted(SCOPES), now=timezone.now(), trusted_identity=True)
    client = Client(raise_request_exception=False, headers={"Authorization": f"Bearer {token}"})
    calls = list(operations())
    assert len(calls) > 10
    for method, path, schema in calls:
        for round_ in range(25):
            RateCount.objects.all().delete()
            cache.clear()
            where = "/".join(
                quote(chance.choice((*TEXTS, known["complaint"])), safe="", errors="surrogatepass")
                if part.startswith("{")
                else part
                for part in path.split("/")
            )
            key = chance.choice((f"k{round_}", "same", "x" * 90))
            if method == "get":
                answer = client.get(
                    where, {name: _query(chance) for name in ("since", "after", "q")}
                )
            else:
                body: Any = json.dumps(body_of(schema, chance, 0.25 if round_ % 2 else 0.1))
                if round_ % 5 == 4:
                    body = chance.choice(RAW)
                answer = client.generic(
                    method.upper(),
                    where,
                    body,
                    content_type="application/json",
                    headers={"Idempotency-Key": key},
                )
            if answer.status_code >= 500 and answer.status_code != 503:
                failed.append((answer.status_code, method, where[:80], str(body)[:200]))
    assert failed == []


def _query(chance: random.Random) -> str:
    return _text(chance).encode("utf-8", "replace").decode()
