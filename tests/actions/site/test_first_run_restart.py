"""A country chosen in the browser: the server that took it starts again with its rules."""

from __future__ import annotations

import re
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

import pytest

from amends.platform.environment.settings_values import own_pack
from tests.installation import Installation, until


def test_the_variable_comes_before_what_was_chosen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AMENDS_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("AMENDS_PACK", raising=False)
    assert own_pack() == "cn"
    (tmp_path / "pack").write_text("uk\n", encoding="utf-8")
    assert own_pack() == "uk"
    monkeypatch.setenv("AMENDS_PACK", "au")
    assert own_pack() == "au"


def test_the_server_starts_again_with_the_rules_that_were_chosen(
    tmp_path: Path, migrated_database_url: Callable[[Path], str]
) -> None:
    there = Installation(tmp_path, migrated_database_url(tmp_path))
    there.start("--no-jobs")
    try:
        until(lambda: (tmp_path / "setup-code").is_file(), "the address is offered")
        address = f"/setup/{(tmp_path / 'setup-code').read_text(encoding='utf-8')}/"
        line = HTTPConnection("127.0.0.1", there.port, timeout=90)
        line.request("GET", address, headers={"Accept-Language": "en"})
        page = line.getresponse()
        html, cookie = page.read().decode(), page.headers["Set-Cookie"].split(";")[0]
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', html)
        assert token
        form = {
            "csrfmiddlewaretoken": token[1],
            "pack": "uk",
            "name": "Example Telecom",
            "public_address": f"http://127.0.0.1:{there.port}",
            "username": "first.person",
            "password": "harbour-kite-42",
        }
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Cookie": cookie,
            "Accept-Language": "en",
        }
        line.request("POST", address, urlencode(form), headers)
        answer = line.getresponse()
        assert "starts again" in answer.read().decode()
        cookies = [one.split(";")[0] for one in answer.headers.get_all("Set-Cookie") or []]
        session = next(one for one in cookies if one.startswith("sessionid="))

        def rules_of_the_country() -> bool:
            steps = there.ask("GET", "/desk/setup/", Cookie=session)
            return steps.status == 200 and "United Kingdom" in steps.text

        until(rules_of_the_country, "the server starts again, and the session goes on")
        assert there.ask("GET", address).status == 404
    finally:
        there.stop()
