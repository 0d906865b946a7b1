"""Sign-in with a password: how long it lasts, what it must be, how often one may fail."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from amends.people.access.actions.add_user import UnableToAddUser, add_user
from amends.platform.environment.settings_values import number
from amends.site.single_sign_on import single_sign_on
from pages.signin.conftest import CLAIMS_FILE


@pytest.mark.django_db
def test_five_wrong_passwords_delay_their_source_even_for_the_right_one() -> None:
    add_user("wei", password="harbour-kite-42", roles=["handler"])
    door = Client(headers={"Accept-Language": "en"})
    for _ in range(5):
        door.post("/account/login/", {"login": "wei", "password": "wrong"})
    locked = door.post("/account/login/", {"login": "wei", "password": "harbour-kite-42"})
    assert "Too many failed login attempts" in locked.content.decode()
    assert "_auth_user_id" not in door.session
    cache.clear()
    door.post("/account/login/", {"login": "wei", "password": "harbour-kite-42"})
    assert "_auth_user_id" in door.session


@pytest.mark.django_db
@pytest.mark.parametrize(("language", "since"), [("en", "In use since"), ("zh-hans", "起使用")])
def test_who_has_a_second_factor_sees_since_when_and_can_change_it(
    language: str, since: str
) -> None:
    wei = add_user("wei", password="harbour-kite-42", roles=["handler"])
    TOTP.activate(wei, generate_totp_secret())
    RecoveryCodes.activate(wei)
    door = Client()
    door.force_login(wei)
    door.cookies["amends_language"] = language
    page = door.get("/account/2fa/")
    assert page.status_code == 200
    assert since in page.content.decode()
    for onward in ("recovery-codes/", "recovery-codes/generate/", "totp/deactivate/"):
        assert f"/account/2fa/{onward}" in page.content.decode()
        assert door.get(f"/account/2fa/{onward}", follow=True).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize(
    "weak",
    [
        "short-1",
        "password1234",
        "935271846253",
        "wei.wei.wei1",
        "Dragon2026!!!",
        "iloveyou-iloveyou",
        "P@ssw0rd12345",
        "amends-2026-!",
        "KeFu10086kefu",
        "broadbandhotline1",
    ],
)
def test_weak_passwords_are_refused(weak: str) -> None:
    with pytest.raises(UnableToAddUser):
        add_user("wei.wei.wei", password=weak, roles=["handler"])


@pytest.mark.django_db
def test_a_session_ends_when_its_hours_are_over(settings: Any) -> None:
    settings.SESSION_COOKIE_AGE = 1
    add_user("wei", password="harbour-kite-42", roles=["handler"])
    door = Client()
    door.post("/account/login/", {"login": "wei", "password": "harbour-kite-42", "remember": "on"})
    session = door.session
    assert "_auth_user_id" in session
    assert session.get_expiry_age() <= 8 * 3600
    session.set_expiry(-1)
    session.save()
    assert door.get("/desk/")["Location"].startswith("/account/login/")


def test_hours_are_read_strictly(monkeypatch: pytest.MonkeyPatch) -> None:
    assert number("AMENDS_SESSION_HOURS", default=8, low=1, high=24) == 8
    for wrong in ("0", "25", "8h", "-1"):
        monkeypatch.setenv("AMENDS_SESSION_HOURS", wrong)
        with pytest.raises(ImproperlyConfigured, match="1 to 24"):
            number("AMENDS_SESSION_HOURS", default=8, low=1, high=24)


WRONG = {
    "plain": ({"AMENDS_OIDC_ISSUER": "http://id.example.org"}, "https"),
    "half": ({"AMENDS_OIDC_CLIENT_ID": ""}, "AMENDS_OIDC_CLIENT_ID"),
    "no file": ({"AMENDS_OIDC_CLIENT_SECRET_FILE": "/nowhere"}, "cannot be read"),
    "factor": ({"AMENDS_OIDC_SECOND_FACTOR": "never"}, "here, provider"),
    "no door": ({"AMENDS_OIDC_ISSUER": "", "AMENDS_LOCAL_SIGN_IN": "no"}, "nobody could"),
}


@pytest.mark.parametrize(("change", "says"), WRONG.values(), ids=WRONG.keys())
def test_half_a_provider_stops_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: dict[str, str], says: str
) -> None:
    _write(tmp_path, monkeypatch, CLAIMS_FILE)
    for name, value in change.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured, match=says):
        single_sign_on()


@pytest.mark.parametrize(
    ("file", "says"),
    [
        ('claim = "groups"', "roles"),
        ('claim = "groups"\n[roles]\ndesk = ["king"]', "no role king"),
        ('claim = "groups"\nrolls = 1\n[roles]\ndesk = ["handler"]', "rolls is not known"),
        ('claim = "groups"\n[roles]\ndesk = "handler"', "not a list"),
        ("claim = ", "no TOML"),
    ],
)
def test_a_mapping_that_is_not_understood_stops_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str, says: str
) -> None:
    _write(tmp_path, monkeypatch, file)
    with pytest.raises(ImproperlyConfigured, match=says):
        single_sign_on()


def _write(folder: Path, monkeypatch: pytest.MonkeyPatch, claims: str) -> None:
    (folder / "secret").write_text("s3cret\n")
    (folder / "claims.toml").write_text(claims)
    monkeypatch.setenv("AMENDS_OIDC_ISSUER", "https://id.example.org")
    monkeypatch.setenv("AMENDS_OIDC_CLIENT_ID", "amends")
    monkeypatch.setenv("AMENDS_OIDC_CLIENT_SECRET_FILE", str(folder / "secret"))
    monkeypatch.setenv("AMENDS_OIDC_CLAIMS_FILE", str(folder / "claims.toml"))
