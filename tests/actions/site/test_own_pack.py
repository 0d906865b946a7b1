"""A command that names no pack goes by the installation's own, whatever that is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

import shell
from amends.platform.environment.settings_values import customer_languages, pack_defaults

pytestmark = pytest.mark.django_db


def test_duties_and_deadlines_are_those_of_the_installation(
    settings: Any,
) -> None:
    settings.JURISDICTION = "uk"
    duties = shell.amends("notices", "duties", "--on", "2026-05-01", "--json")
    assert duties.document["pack"] == "uk"
    due = shell.amends("deadlines", "--received", "2026-04-09T10:00", "--json")
    assert due.document["rule"].startswith("deadlines-uk@")
    named = shell.amends("deadlines", "--pack", "cn", "--received", "2026-04-09T10:00", "--json")
    assert named.document["rule"].startswith("deadlines-cn@")


@pytest.mark.parametrize(
    "words",
    [
        ("notices", "duties"),
        ("notices", "coverage"),
        ("notices", "audit"),
        ("notices", "run", "{place}"),
        ("confirmations", "audit", "{place}/charges.csv", "{place}/confirmations.csv"),
        ("deadlines", "--received", "2026-04-09T10:00"),
    ],
    ids=lambda words: " ".join(words[:2]),
)
def test_no_command_falls_back_on_another_jurisdiction(
    words: tuple[str, ...], tmp_path: Path, settings: Any
) -> None:
    (tmp_path / "charges.csv").write_text("charge,service,charged_at,amount_minor\n")
    (tmp_path / "confirmations.csv").write_text("service,given_at\n")
    settings.JURISDICTION = "moon"
    done = shell.amends(*(word.format(place=tmp_path) for word in words))
    assert done.code == 2
    assert "There is no pack" in done.err
    assert "moon" in done.err


@pytest.mark.parametrize(
    ("pack", "zone", "language"),
    [
        ("cn", "Asia/Shanghai", "zh-hans"),
        ("cn-33", "Asia/Shanghai", "zh-hans"),
        ("eu", "Europe/Brussels", "en"),
        ("uk", "Europe/London", "en"),
        ("us", "America/New_York", "en"),
        ("au-NSW", "Australia/Sydney", "en"),
        ("in", "Asia/Kolkata", "en"),
    ],
)
def test_zone_and_language_follow_the_pack(pack: str, zone: str, language: str) -> None:
    assert pack_defaults(pack)[:2] == (zone, language)


@pytest.mark.parametrize(
    ("pack", "pages", "setting", "languages"),
    [
        ("cn-33", "zh-hans", "", ["zh", "en"]),
        ("us", "en", "", ["en", "es"]),
        ("eu", "en", "de, fr", ["de", "fr", "en"]),
        ("cn", "en", "", ["zh", "en"]),
    ],
)
def test_the_languages_customers_write_in_follow_pack_and_setting(
    monkeypatch: pytest.MonkeyPatch, pack: str, pages: str, setting: str, languages: list[str]
) -> None:
    monkeypatch.setenv("AMENDS_CUSTOMER_LANGUAGES", setting)
    assert customer_languages(default=pack_defaults(pack)[2], pages=pages) == languages


def test_a_language_that_cannot_be_told_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AMENDS_CUSTOMER_LANGUAGES", "de,klingon")
    with pytest.raises(ImproperlyConfigured, match="'klingon'"):
        customer_languages(default=["en"], pages="en")


@pytest.mark.parametrize("pack", ["", "moon", "../cn", "CN", "uk2"])
def test_a_name_that_is_no_pack_stops_the_start(pack: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="it can be au, cn, eu, in, uk, us"):
        pack_defaults(pack)
