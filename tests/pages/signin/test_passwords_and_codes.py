"""Passwords as they were typed, and codes of second factors that count once and for 30 seconds."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from allauth.mfa.totp.internal import auth as totp
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client

from amends.people.access.actions.add_user import add_user
from amends.people.access.models import User

OWN = "harbour-kite-42"
LONG = "A harbour, a kite and 42 Umbrellas; ÄÖÜ 港口 " * 3
pytestmark = pytest.mark.django_db


@pytest.fixture
def desk() -> Client:
    """A colleague who signed in by the form."""
    wei = add_user("wei", password=OWN, roles=["handler"])
    User.objects.filter(pk=wei.pk).update(initial_password_until=None)
    client = Client(headers={"Accept-Language": "en"})
    client.post("/account/login/", {"login": "wei", "password": OWN})
    assert "_auth_user_id" in client.session
    return client


def _change(client: Client, old: str, new: str, again: str = "") -> Any:
    fields = {"oldpassword": old, "password1": new, "password2": again or new}
    return client.post("/account/password/change/", fields)


def test_a_password_is_changed_with_the_present_one_only(desk: Client) -> None:
    assert _change(desk, "another-kite-42", LONG).status_code == 200
    assert User.objects.get(username="wei").check_password(OWN)
    assert _change(desk, OWN, LONG.strip()).status_code == 302
    assert User.objects.get(username="wei").check_password(LONG.strip())


def test_a_long_password_counts_to_its_last_character_and_case(desk: Client) -> None:
    long = LONG.strip()
    assert len(long) > 100
    assert _change(desk, OWN, long).status_code == 302
    for wrong in (long[:-1], long[:72], long.lower(), long.replace("  ", " ") + " "):
        door = Client()
        door.post("/account/login/", {"login": "wei", "password": wrong})
        assert "_auth_user_id" not in door.session
    door = Client()
    door.post("/account/login/", {"login": "wei", "password": long})
    assert "_auth_user_id" in door.session


@pytest.mark.parametrize(
    "words", ["all lower case letters and spaces", "港口风筝雨伞灯塔帆船码头潮水"]
)
def test_no_kind_of_character_is_asked_for(desk: Client, words: str) -> None:
    assert _change(desk, OWN, words).status_code == 302


@pytest.mark.parametrize(
    ("path", "kinds"),
    [
        ("/account/login/", {"current-password"}),
        ("/account/password/change/", {"current-password", "new-password"}),
    ],
)
def test_passwords_are_hidden_and_managers_may_fill_them(
    desk: Client, path: str, kinds: set[str]
) -> None:
    client = Client() if "login" in path else desk
    page = client.get(path).content.decode()
    inputs = re.findall(r'<input[^>]*name="(?:old)?password[12]?"[^>]*>', page)
    assert len(inputs) >= len(kinds)
    assert all('type="password"' in field for field in inputs)
    found = set(re.findall(r'autocomplete="([a-z-]+-password)"', "".join(inputs)))
    assert found == kinds
    assert "onpaste" not in page


def _door_with_factor() -> tuple[Client, str]:
    wei = add_user("wei", password=OWN, roles=["handler"])
    User.objects.filter(pk=wei.pk).update(initial_password_until=None)
    secret = generate_totp_secret()
    TOTP.activate(wei, secret)
    return Client(headers={"Accept-Language": "en"}), secret


def _code(secret: str, *, steps: int = 0) -> str:
    return str(totp.format_hotp_value(totp.hotp_value(secret, int(time.time()) // 30 + steps)))


def _signs_in(door: Client, code: str) -> bool:
    door.post("/account/login/", {"login": "wei", "password": OWN})
    door.post("/account/2fa/authenticate/", {"code": code})
    return "_auth_user_id" in door.session


def _early_in_a_step() -> None:
    if time.time() % 30 > 25:
        time.sleep(30 - time.time() % 30)


def test_a_code_opens_one_session_and_no_second() -> None:
    door, secret = _door_with_factor()
    _early_in_a_step()
    code = _code(secret)
    assert _signs_in(door, code)
    assert not _signs_in(Client(), code)


@pytest.mark.parametrize("steps", [-2, -1, 1])
def test_a_code_of_another_half_minute_opens_nothing(steps: int) -> None:
    door, secret = _door_with_factor()
    _early_in_a_step()
    assert not _signs_in(door, _code(secret, steps=steps))


def test_over_https_every_answer_binds_the_browser_to_https_for_a_year(settings: Any) -> None:
    settings.SECURE_HSTS_SECONDS = 31_536_000
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    client = Client()
    for path in (
        "/",
        "/account/login/",
        "/nowhere/",
        "/api/v1/complaints/x",
        "/static/nothing.css",
    ):
        answer = client.get(path, secure=True)
        assert answer["Strict-Transport-Security"].startswith("max-age=31536000; includeSubDomains")


def test_every_text_says_in_which_encoding_it_is_written(client: Client) -> None:
    for path in ("/", "/account/login/", "/nowhere/", "/statements/atom/en/", "/gallery/"):
        kind = client.get(path)["Content-Type"]
        assert kind.endswith("charset=utf-8"), f"{path}: {kind}"
