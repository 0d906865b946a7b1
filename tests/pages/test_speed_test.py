"""The speed test in a browser, against a measurement server in a process of its own."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import expect

from amends.network.quality.models import SpeedTest
from tests.actions.quality.measurement_server import measuring
from tests.pages.window import Window


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_test_of_a_series_leads_to_a_signed_result(
    visitor: Callable[..., Window], tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AMENDS_SPEED_SECRET_FILE", str(tmp_path / "speed.key"))
    monkeypatch.setattr("amends.network.quality.web.interface.timezone.now", _now)
    window = visitor(language="en", width=390)
    with measuring(tmp_path, "--origin", window.base) as address:
        settings.SPEED_URL = f"ws://{address}"
        page = window.open("/speed/campaigns/")
        page.get_by_label("Download, maximum").fill("10000")
        window.press(page.get_by_role("button", name="Begin"))
        window.press(page.get_by_role("link", name="Run the next test"))
        page.get_by_label("This device is connected by").select_option("cable")
        page.locator("#parallel").check()
        window.touch(page.get_by_role("button", name="Start the test"))
        expect(page).to_have_url(re.compile(r"/speed/results/"), timeout=90_000)
        expect(page.get_by_text("of the 10,000 Mbit/s of your contract")).to_be_visible()
        window.press(page.get_by_role("link", name="To the series"))
        expect(page.get_by_role("heading", name="1 of 10 tests")).to_be_visible()
    row = SpeedTest.objects.get()
    assert row.down_kbps > 0
    assert row.up_kbps > 0
    assert row.rpm
    assert len(row.curve["download"]) > 30
    assert (row.method, len(row.results)) == ("ndt7 x4", 8)
    assert not {"incomplete", "repeated"} & set(row.invalid_because)


def _now() -> Any:
    from datetime import UTC, datetime

    return datetime.now(UTC)


@pytest.mark.django_db
def test_the_policy_lets_scripts_reach_the_measurement_server_and_nothing_else(
    client: Client, settings: Any
) -> None:
    settings.SPEED_URL = "wss://measure.example:4443"
    policy = client.get("/speed/")["Content-Security-Policy"]
    assert "connect-src 'self' wss://measure.example:4443;" in policy
    worker = client.get("/speed/service-worker.js")
    assert worker["Content-Type"].startswith("text/javascript")
    assert client.get("/speed/manifest.webmanifest").json()["scope"] == "/speed/"


@pytest.mark.django_db
def test_without_a_server_the_page_says_so(client: Client) -> None:
    page = client.get("/speed/", headers={"accept-language": "en"}).content.decode()
    assert "no measurement server" in page
    assert client.get("/speed/locate/").status_code == 503
