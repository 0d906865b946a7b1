"""A setting that cannot be so stops the start with a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from amends.platform.environment.operator import Operator, operator_from_environment
from amends.platform.environment.settings_values import database, time_zone, web_address

pytestmark = pytest.mark.no_database


@pytest.mark.parametrize("value", ["Mars/Base", "GMT+25", "../etc/passwd", "Asia", "\u0000"])
def test_a_time_zone_nobody_knows_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    if value != "\u0000":
        monkeypatch.setenv("AMENDS_TIME_ZONE", value)
    with pytest.raises(ImproperlyConfigured, match="no time zone has that name"):
        time_zone("AMENDS_TIME_ZONE", default=value)


def test_a_time_zone_that_is_left_empty_is_the_packs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AMENDS_TIME_ZONE", " ")
    assert time_zone("AMENDS_TIME_ZONE", default="Asia/Shanghai") == "Asia/Shanghai"


@pytest.mark.parametrize(
    "value",
    [
        "complaints.example.org",
        "foo",
        "ftp://example.org",
        "https://",
        "https://a:99999",
        "https://me:secret@example.org",
        "https://example.org/?a=1",
        "https://[::1",
    ],
)
def test_an_address_no_letter_could_link_to_is_refused(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("AMENDS_BASE_URL", value)
    with pytest.raises(ImproperlyConfigured, match="the whole address people see"):
        web_address("AMENDS_BASE_URL", default="http://localhost:8000")


def test_an_address_is_kept_without_its_last_slash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AMENDS_BASE_URL", "https://complaints.example.org:8443/desk/")
    found = web_address("AMENDS_BASE_URL", default="http://localhost:8000")
    assert found == "https://complaints.example.org:8443/desk"


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("AMENDS_OPERATOR_HOTLINE", "call us", "it is a telephone number"),
        ("AMENDS_OPERATOR_PRIVACY_URL", "javascript:alert(1)", "the whole address of a page"),
        ("AMENDS_OPERATOR_PRIVACY_URL", "http://example.org", "the whole address of a page"),
        ("AMENDS_OPERATOR_NAME", "A" * 201, "one line of at most"),
        ("AMENDS_OPERATOR_HOURS", "8:00\n22:00", "one line of at most"),
    ],
)
def test_an_operator_no_page_could_show_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, why: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured, match=why):
        operator_from_environment()


def test_the_operator_is_read_as_it_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AMENDS_OPERATOR_NAME", " 示例通信 ")
    monkeypatch.setenv("AMENDS_OPERATOR_HOTLINE", "+86 10 5555 0100")
    assert operator_from_environment() == Operator(name="示例通信", hotline="+86 10 5555 0100")


@pytest.mark.parametrize(
    ("address", "sslmode"),
    [
        ("postgresql://a:b@db.example.org/amends", "verify-full"),
        ("postgresql://a:b@db/amends", "verify-full"),
        ("postgresql://a:b@/amends?host=10.0.0.7", "verify-full"),
        ("postgresql://a:b@db/amends?sslmode=disable", "disable"),
        ("postgresql://a@/amends?host=/run/postgresql", None),
        ("postgresql://a:b@localhost:5432/amends", None),
    ],
)
def test_a_database_over_a_network_must_prove_its_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, address: str, sslmode: str | None
) -> None:
    monkeypatch.setenv("AMENDS_DATABASE_URL", address)
    assert database(tmp_path)["OPTIONS"].get("sslmode") == sslmode
