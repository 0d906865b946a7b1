"""Sign-in under attack: lock-outs, the security log, sessions, breached passwords, caches."""

from __future__ import annotations

import logging
import time
from hashlib import sha1
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from allauth.usersessions.models import UserSession
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.test import Client

from amends.people.access.actions.add_user import UnableToAddUser, add_user
from amends.people.access.web.passwords import BreachedPasswordValidator
from amends.platform.environment.settings_values import breached_passwords

PASSWORD = "harbour-kite-42"
pytestmark = pytest.mark.django_db


@pytest.fixture
def wei() -> Any:
    return add_user("wei", password=PASSWORD, roles=["handler"])


@pytest.fixture
def lin() -> Any:
    return add_user("lin", password=PASSWORD, roles=["handler"])


def sign_in(
    name: str, password: str = PASSWORD, *, client: Client | None = None, **more: Any
) -> Client:
    client = client or Client(headers={"Accept-Language": "en"})
    client.post("/account/login/", {"login": name, "password": password}, **more)
    return client


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def opens_pages(client: Client) -> bool:
    return client.get("/account/sessions/").status_code == 200


# ---------------------------------------------------------------- lock-outs


def test_behind_a_proxy_the_client_s_address_is_locked_out_and_no_other(
    settings: Any, lin: Any
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = settings.TRUSTED_PROXIES = 1
    proxy = {"REMOTE_ADDR": "10.0.0.1"}
    for n in range(12):
        sign_in(f"nobody-{n}", "wrong", headers={"X-Forwarded-For": "203.0.113.9"}, **proxy)
    assert not is_in(sign_in("lin", headers={"X-Forwarded-For": "203.0.113.9"}, **proxy))
    assert is_in(sign_in("lin", headers={"X-Forwarded-For": "198.51.100.7"}, **proxy))


def test_the_proxies_of_the_installation_are_those_of_sign_in(settings: Any) -> None:
    assert settings.ALLAUTH_TRUSTED_PROXY_COUNT == settings.TRUSTED_PROXIES


def test_wrong_passwords_of_a_stranger_shut_no_colleague_out(wei: Any) -> None:
    for n in range(40):
        sign_in("wei", "wrong", REMOTE_ADDR=f"203.0.113.{n % 4}")
    assert not is_in(sign_in("wei", REMOTE_ADDR="203.0.113.1")), "the source waits"
    assert is_in(sign_in("wei", REMOTE_ADDR="198.51.100.7"))


def test_one_network_of_ipv6_is_one_source(wei: Any) -> None:
    for n in range(5):
        sign_in("wei", "wrong", REMOTE_ADDR=f"2001:db8:1:2::{n}")
    assert not is_in(sign_in("wei", REMOTE_ADDR="2001:db8:1:2::ff"))
    assert is_in(sign_in("wei", REMOTE_ADDR="2001:db8:1:3::1"))


def test_a_person_s_delay_does_not_touch_others_at_the_same_address(wei: Any, lin: Any) -> None:
    for _ in range(20):
        sign_in("wei", "wrong")
    assert not is_in(sign_in("wei"))
    assert is_in(sign_in("lin"))


# ---------------------------------------------------------------- the security log


def test_sign_ins_and_refusals_leave_lines_that_name_nobody(
    wei: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="amends.security"):
        client = sign_in("wei", "my-secret-word")
        sign_in("wei", client=client)
        client.get("/desk/operation/")
        client.post("/account/logout/")
        for _ in range(6):
            sign_in("wei", "wrong")
    lines = [record.getMessage() for record in caplog.records if record.name == "amends.security"]
    told = "\n".join(lines)
    assert f"sign-in refused: user={wei.ref}" in told
    assert "why=wrong name or password" in told
    assert f"signed in: user={wei.ref}" in told
    assert "by=password" in told
    assert "signed out" in told
    assert "why=too many attempts" in told
    assert "my-secret-word" not in told
    assert "127.0.0.1" not in told


def test_what_a_role_may_not_open_is_noted_with_who_asked(
    wei: Any, caplog: pytest.LogCaptureFixture, settings: Any
) -> None:
    settings.AMENDS_REQUIRE_MFA = False
    client = Client()
    client.force_login(wei)
    with caplog.at_level(logging.INFO, logger="amends.security"):
        assert client.get("/desk/operation/").status_code == 403
    assert any(
        f"request refused: user={wei.ref}" in record.getMessage()
        and "status=403" in record.getMessage()
        for record in caplog.records
    )


# ---------------------------------------------------------------- caches


@pytest.mark.parametrize("page", ["/desk/", "/desk/calls/new/", "/desk/evidence/", "/account/2fa/"])
def test_no_cache_keeps_a_page_of_the_desk(wei: Any, settings: Any, page: str) -> None:
    settings.AMENDS_REQUIRE_MFA = False
    client = Client()
    client.force_login(wei)
    assert "no-store" in client.get(page)["Cache-Control"]


def test_no_cache_keeps_an_answer_of_the_interface(client: Client) -> None:
    assert "no-store" in client.get("/api/v1/complaints/x")["Cache-Control"]


# ---------------------------------------------------------------- sessions


def test_without_a_request_for_half_an_hour_one_is_signed_out(wei: Any, settings: Any) -> None:
    settings.AMENDS_REQUIRE_MFA = False
    client = sign_in("wei")
    assert client.get("/desk/").status_code == 200
    _move_back(client, "last_request_at_s", settings.SESSION_IDLE_S - 100)
    assert client.get("/desk/").status_code == 200
    _move_back(client, "last_request_at_s", settings.SESSION_IDLE_S + 1)
    out = client.get("/desk/")
    assert out["Location"] == "/account/login/?next=%2Fdesk%2F"
    assert not is_in(client)
    assert "nothing was done here for a while" in client.get(out["Location"]).content.decode()


def test_what_a_page_asks_by_itself_keeps_nobody_signed_in(wei: Any, settings: Any) -> None:
    settings.AMENDS_REQUIRE_MFA = False
    client = sign_in("wei")
    _move_back(client, "last_request_at_s", settings.SESSION_IDLE_S - 10)
    before = client.session["last_request_at_s"]
    client.get("/desk/", headers={"X-Background": "1"})
    assert client.session["last_request_at_s"] == before


def test_a_session_ends_after_its_hours_however_busy(wei: Any, settings: Any) -> None:
    settings.AMENDS_REQUIRE_MFA = False
    client = sign_in("wei")
    _move_back(client, "signed_in_at_s", settings.SESSION_COOKIE_AGE + 1)
    assert client.get("/desk/")["Location"].startswith("/account/login/")


def _move_back(client: Client, key: str, seconds: int) -> None:
    session = client.session
    session[key] = int(time.time()) - seconds
    session.save()


@pytest.mark.parametrize(
    ("language", "title"), [("en", "Where you are signed in"), ("zh-hans", "您在哪些设备上登录")]
)
def test_own_sessions_are_listed_and_one_or_all_others_ended(
    wei: Any, lin: Any, settings: Any, language: str, title: str
) -> None:
    settings.AMENDS_REQUIRE_MFA = False
    chrome = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/130.0 Safari/537.36"
    here, there, third = (
        sign_in("wei"),
        sign_in("wei", headers={"User-Agent": chrome}),
        sign_in("wei"),
    )
    stranger = sign_in("lin")
    here.post("/account/reauthenticate/", {"password": PASSWORD})
    here.cookies["amends_language"] = language
    page = here.get("/account/sessions/").content.decode()
    assert title in page
    assert "Chrome · Windows" in page
    others = UserSession.objects.get(session_key=there.session.session_key)
    hers = UserSession.objects.get(session_key=stranger.session.session_key)
    here.post("/account/sessions/", {"session": others.pk})
    here.post("/account/sessions/", {"session": hers.pk})
    assert [is_in(one) for one in (here, there, third, stranger)] == [True, False, True, True]
    here.post("/account/sessions/", {})
    assert [is_in(one) for one in (here, third, stranger)] == [True, False, True]


def test_another_sign_in_ends_the_oldest_session_of_the_account_alone(
    wei: Any, lin: Any, settings: Any
) -> None:
    settings.AMENDS_REQUIRE_MFA = False
    settings.SESSIONS_AT_ONCE = 3
    other = sign_in("lin")
    clients = [sign_in("wei") for _time in range(12)]
    assert UserSession.objects.filter(user=wei).count() == 3
    assert [is_in(one) for one in clients] == [False] * 9 + [True] * 3
    assert is_in(other)
    newest = clients[-1]
    assert "at most 3" in newest.get("/account/sessions/").content.decode()
    assert clients[0].get("/account/sessions/").status_code == 302


def test_ending_a_session_asks_who_one_is_once_more(wei: Any, settings: Any) -> None:
    settings.AMENDS_REQUIRE_MFA = False
    here, there = sign_in("wei"), sign_in("wei")
    asked = here.post("/account/sessions/", {})
    assert asked["Location"].startswith("/account/reauthenticate/")
    assert is_in(there)
    here.post(asked["Location"], {"password": PASSWORD}, follow=True)
    assert not is_in(there)


# ---------------------------------------------------------------- breached passwords


@pytest.fixture
def breached(tmp_path: Path) -> Path:
    """A small file as the downloader of Pwned Passwords writes it."""
    words = [
        "correct-horse-battery",
        "ferry-boat-tuesday",
        *(f"word-number-{n}" for n in range(500)),
    ]
    lines = sorted(sha1(word.encode()).hexdigest().upper() + f":{len(word)}" for word in words)
    path = tmp_path / "pwned.txt"
    path.write_text("\r\n".join(lines) + "\r\n")
    return path


def test_a_password_of_the_list_of_breaches_is_refused(breached: Path, settings: Any) -> None:
    settings.BREACHED_PASSWORDS = breached
    check = BreachedPasswordValidator()
    for word in ("correct-horse-battery", *(f"word-number-{n}" for n in range(500))):
        with pytest.raises(ValidationError) as refused:
            check.validate(word)
        assert refused.value.code == "password_breached"
    for n in range(100):
        check.validate(f"harbour-kite-{n}")
    with pytest.raises(UnableToAddUser):
        add_user("wei", password="correct-horse-battery", roles=["handler"])


def test_a_list_that_is_none_stops_the_start(
    breached: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AMENDS_BREACHED_PASSWORDS", str(breached))
    assert breached_passwords() == breached
    monkeypatch.setenv("AMENDS_BREACHED_PASSWORDS", str(tmp_path / "absent"))
    with pytest.raises(ImproperlyConfigured, match="cannot be read"):
        breached_passwords()
    (tmp_path / "words").write_text("password\n")
    monkeypatch.setenv("AMENDS_BREACHED_PASSWORDS", str(tmp_path / "words"))
    with pytest.raises(ImproperlyConfigured, match="SHA-1"):
        breached_passwords()


def test_a_changed_password_or_factor_ends_the_other_sessions(
    wei: Any, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    settings.AMENDS_REQUIRE_MFA = False
    here, there = sign_in("wei"), sign_in("wei")
    changed = "quartz-lantern-77-river"
    here.post(
        "/account/password/change/",
        {"oldpassword": PASSWORD, "password1": changed, "password2": changed},
    )
    assert [opens_pages(one) for one in (here, there)] == [True, False]
    there = Client()
    there.post("/account/login/", {"login": "wei", "password": changed})
    here.post("/account/reauthenticate/", {"password": changed})
    secret = here.get("/account/2fa/totp/activate/").context["form"].secret
    code = format_hotp_value(hotp_value(secret, int(time.time()) // 30))
    with django_capture_on_commit_callbacks(execute=True):
        here.post("/account/2fa/totp/activate/", {"code": code})
    assert wei.authenticator_set.exists()
    assert [opens_pages(one) for one in (here, there)] == [True, False]


def test_signing_out_clears_what_the_browser_keeps(wei: Any, settings: Any) -> None:
    settings.AMENDS_REQUIRE_MFA = False
    here = sign_in("wei")
    assert "Clear-Site-Data" not in here.get("/account/sessions/").headers
    answer = here.post("/account/logout/")
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    late = sign_in("wei")
    _move_back(late, "last_request_at_s", 60 * 60)
    assert late.get("/account/sessions/").headers["Clear-Site-Data"] == '"cache", "storage"'
