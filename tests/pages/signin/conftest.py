"""A real provider beside the desk, and a person who walks between the two."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from django.http import HttpResponse
from django.test import Client

from amends.site.single_sign_on import single_sign_on
from identity import provider as idp

CALLBACK = "http://testserver/account/oidc/sso/login/callback/"
CLAIMS_FILE = """\
claim = "groups"
brand_claim = "brand"
[roles]
desk = ["handler"]
leads = ["handler", "senior_handler"]
officers = ["privacy_officer"]
it = ["administrator"]
"""


@dataclass
class Provider:
    """A provider that runs: its address, and what it puts into the next tokens."""

    address: str
    folder: Path

    def tell(self, *, groups: Any = ("desk",), brand: Any = "blue", **more: Any) -> None:
        claims = {"groups": groups, "brand": brand, **more.pop("claims", {})}
        (self.folder / "claims.json").write_text(json.dumps({"claims": claims, **more}))


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    """django-oauth-toolkit in a process of its own."""
    folder = tmp_path_factory.mktemp("provider")
    process = subprocess.Popen(
        [sys.executable, idp.__file__, str(folder), CALLBACK],
        stdout=subprocess.DEVNULL,
        stderr=(folder / "log").open("wb"),
    )
    until = time.monotonic() + 120
    while not (folder / "address").exists():
        assert process.poll() is None, (folder / "log").read_text()
        assert time.monotonic() < until, "The provider did not come up."
        time.sleep(0.05)
    yield Provider((folder / "address").read_text(), folder)
    process.terminate()
    process.wait(120)


def point_at(
    provider: Provider, folder: Path, monkeypatch: pytest.MonkeyPatch, **more: str
) -> dict[str, str]:
    """The variables an operator sets for this provider."""
    (folder / "secret").write_text(idp.SECRET + "\n")
    (folder / "claims.toml").write_text(CLAIMS_FILE)
    given = {
        "AMENDS_OIDC_ISSUER": provider.address,
        "AMENDS_OIDC_NAME": "Harbour ID",
        "AMENDS_OIDC_CLIENT_ID": idp.CLIENT,
        "AMENDS_OIDC_CLIENT_SECRET_FILE": str(folder / "secret"),
        "AMENDS_OIDC_CLAIMS_FILE": str(folder / "claims.toml"),
        **more,
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    return given


@pytest.fixture
def provider(
    running: Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> Provider:
    """The provider, with the desk set up for it from the environment."""
    point_at(running, tmp_path, monkeypatch)
    found = single_sign_on()
    settings.SOCIALACCOUNT_PROVIDERS = found.providers
    settings.AMENDS_CLAIM_RULES = found.claim_rules
    settings.AMENDS_SECOND_FACTOR_BY = found.second_factor_by
    running.tell()
    return running


@dataclass
class Person:
    """Somebody at a browser: one set of cookies for the desk, one for the provider."""

    desk: Client = field(default_factory=Client)
    there: requests.Session = field(default_factory=requests.Session)
    asked: dict[str, list[str]] = field(default_factory=dict)

    def go_out(self, way: str = "/account/oidc/sso/login/") -> str:
        """From the desk to the provider; the address it sends one to."""
        left = self.desk.get(way, headers={"Sec-Fetch-Site": "same-origin"})
        assert left.status_code == 302, left.content
        self.asked = parse_qs(urlsplit(left["Location"]).query)
        return str(left["Location"])

    def come_back(self, away: str) -> str:
        """Sign in at the provider where it asks; the address on the desk it sends one back to."""
        answer = self.there.get(away, allow_redirects=False, timeout=120)
        if answer.headers.get("Location", "").startswith("/login/"):
            root = "{0.scheme}://{0.netloc}".format(urlsplit(away))
            page = root + answer.headers["Location"]
            self.there.get(page, timeout=120)
            signed = self.there.post(
                page,
                data={
                    "username": "lin",
                    "password": idp.PASSWORD,
                    "csrfmiddlewaretoken": self.there.cookies["csrftoken"],
                },
                allow_redirects=False,
                timeout=120,
            )
            answer = self.there.get(
                root + signed.headers["Location"], allow_redirects=False, timeout=120
            )
        assert answer.status_code == 302, answer.text
        return str(answer.headers["Location"])

    def sign_in(self, way: str = "/account/oidc/sso/login/") -> HttpResponse:
        """All of it; the desk's answer."""
        back = self.come_back(self.go_out(way))
        assert back.startswith(CALLBACK)
        return self.desk.get(back.removeprefix("http://testserver"))


@pytest.fixture
def lin() -> Person:
    """A person the provider knows."""
    return Person()
