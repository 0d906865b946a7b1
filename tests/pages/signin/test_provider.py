"""Sign-in by a real provider: who comes in, as what, and what keeps the others out."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from amends.people.access.actions.add_user import add_user
from amends.people.access.models import User
from identity import provider as idp
from pages.signin.conftest import Person, Provider

pytestmark = pytest.mark.django_db


def _inside(person: Person) -> bool:
    return "_auth_user_id" in person.desk.session


def test_a_person_with_a_mapped_group_comes_in_with_role_and_brand(
    provider: Provider, lin: Person
) -> None:
    answer = lin.sign_in("/account/oidc/sso/login/?next=/desk/")
    assert answer.status_code == 302
    assert answer["Location"] == "/desk/"
    user = User.objects.get(username="lin")
    assert (user.roles, user.brand, user.is_staff) == (["handler"], "blue", False)
    assert not user.has_usable_password()
    assert lin.desk.get("/desk/").status_code == 200
    account = user.socialaccount_set.get()
    assert account.extra_data == {"iss": provider.address}
    assert not account.socialtoken_set.exists()


def test_the_log_says_why_somebody_stays_outside_and_names_nobody(
    provider: Provider, lin: Person, caplog: pytest.LogCaptureFixture
) -> None:
    provider.tell(groups=[])
    assert lin.sign_in().status_code == 403
    assert "the ID token has no groups in the claim groups" in caplog.text
    provider.tell(groups=["night-shift", "canteen"])
    assert lin.sign_in().status_code == 403
    assert "none of its 2 groups in the claim groups is in the mapping" in caplog.text
    assert "canteen" not in caplog.text
    assert "lin" not in [word for record in caplog.records for word in record.getMessage().split()]


def test_the_way_out_carries_challenge_and_nonce_and_nothing_a_visitor_adds(
    provider: Provider, lin: Person
) -> None:
    lin.go_out("/account/oidc/sso/login/?scope=admin&auth_params=prompt%3Dnone")
    assert lin.asked["code_challenge_method"] == ["S256"]
    assert len(lin.asked["code_challenge"][0]) == 43
    assert len(lin.asked["nonce"][0]) >= 32
    assert set(lin.asked["scope"][0].split()) == {"openid", "profile"}
    assert "prompt" not in lin.asked


def test_roles_follow_the_provider_at_each_sign_in(provider: Provider, lin: Person) -> None:
    provider.tell(groups=["leads", "canteen"])
    lin.sign_in()
    assert User.objects.get(username="lin").roles == ["handler", "senior_handler"]
    provider.tell(groups="it", brand="red")
    lin.sign_in()
    user = User.objects.get(username="lin")
    assert (user.roles, user.brand, user.is_staff) == (["administrator"], "red", True)
    provider.tell(groups=["desk"])
    lin.sign_in()
    user.refresh_from_db()
    assert (user.roles, user.is_staff, user.is_superuser) == (["handler"], False, False)


def test_a_role_taken_away_there_is_taken_away_here(provider: Provider, lin: Person) -> None:
    lin.sign_in()
    earlier, lin.desk = lin.desk, Client()
    provider.tell(groups=["canteen"])
    refused = lin.sign_in()
    assert refused.status_code == 403
    assert not _inside(lin)
    assert User.objects.get(username="lin").roles == []
    # The session that was open before is worth nothing now either.
    assert earlier.get("/desk/remedies/").status_code == 403


@pytest.mark.parametrize("told", [{"groups": []}, {"groups": ["canteen"]}, {"brand": None}])
def test_nobody_signs_up_without_a_role_and_a_brand(
    provider: Provider, lin: Person, told: dict[str, Any]
) -> None:
    provider.tell(**told)
    refused = lin.sign_in()
    assert refused.status_code == 403
    assert not User.objects.exists()
    assert not _inside(lin)


def test_a_name_that_is_taken_here_gives_nobody_its_account(
    provider: Provider, lin: Person
) -> None:
    add_user("Lin", password="harbour-kite-42", roles=["administrator"])
    provider.tell(groups=["desk"])
    assert lin.sign_in().status_code == 403
    assert not _inside(lin)
    assert User.objects.count() == 1


def test_an_account_here_is_connected_with_its_password_and_keeps_its_mark(
    provider: Provider, lin: Person
) -> None:
    own = add_user("lin", password="harbour-kite-42", roles=["senior_handler"])
    lin.desk.post("/account/login/", {"login": "lin", "password": "harbour-kite-42"})
    asked = lin.sign_in("/account/oidc/sso/login/?process=connect")
    assert asked["Location"] == "/account/reauthenticate/"
    lin.desk.post(asked["Location"], {"password": "harbour-kite-42"})
    lin.desk = Client()
    lin.sign_in()
    user = User.objects.get()
    assert (user.ref, user.roles) == (own.ref, ["handler"])
    # From now on the provider alone opens it.
    door = Client().post("/account/login/", {"login": "lin", "password": "harbour-kite-42"})
    assert door.status_code == 200


def test_somebody_put_out_of_service_here_stays_outside(provider: Provider, lin: Person) -> None:
    lin.sign_in()
    User.objects.update(is_active=False)
    lin.desk = Client()
    lin.sign_in()
    assert not _inside(lin)


BENT = {
    "another audience": {"instead": {"aud": "another-desk"}},
    "made for another": {"instead": {"aud": [idp.CLIENT, "x"], "azp": "x"}},
    "expired": {"instead": {"exp": int(time.time()) - 60}},
    "issued in the future": {"instead": {"iat": int(time.time()) + 3600}},
    "another issuer": {"instead": {"iss": "http://127.0.0.1:9/o"}},
    "another nonce": {"instead": {"nonce": "n-0S6_WzA2Mj"}},
    "no nonce": {"without": ["nonce"]},
    "no end": {"without": ["exp"]},
    "no person": {"instead": {"sub": ""}},
    "signed by another key": {"alg": "other-key"},
    "signed by the shared secret": {"alg": "HS256"},
}


@pytest.mark.parametrize("bent", BENT.values(), ids=BENT.keys())
def test_a_token_that_is_not_for_this_sign_in_opens_nothing(
    provider: Provider, lin: Person, bent: dict[str, Any]
) -> None:
    provider.tell(**bent)
    assert lin.sign_in().status_code == 401
    assert not _inside(lin)
    assert not User.objects.exists()


def test_an_answer_serves_once_and_in_its_own_session_only(provider: Provider, lin: Person) -> None:
    back = lin.come_back(lin.go_out()).removeprefix("http://testserver")
    stranger = Person()
    assert stranger.desk.get(back).status_code == 401
    assert not _inside(stranger)
    assert lin.desk.get(back).status_code == 302
    lin.desk.logout()
    assert lin.desk.get(back).status_code == 401


def test_a_state_nobody_gave_out_and_a_broken_off_sign_in_say_so(
    provider: Provider, lin: Person
) -> None:
    state = lin.asked.get("state") or [lin.go_out() and lin.asked["state"][0]]
    left = lin.desk.get(
        f"/account/oidc/sso/login/callback/?state={state[0]}&error=access_denied",
        headers={"Accept-Language": "en"},
    )
    assert left.status_code == 401
    assert "You broke off" in left.content.decode()
    again = lin.desk.get("/account/oidc/sso/login/callback/?state=made-up&code=x")
    assert again.status_code == 401


def test_a_provider_that_is_silent_is_named_as_such(
    provider: Provider, lin: Person, settings: Any
) -> None:
    app = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]
    app["settings"]["server_url"] = app["settings"]["issuer"] = "http://127.0.0.1:9/o"
    here = {"Accept-Language": "en", "Sec-Fetch-Site": "same-origin"}
    answer = lin.desk.get("/account/oidc/sso/login/", headers=here)
    assert answer.status_code == 503
    assert "does not answer" in answer.content.decode()
    assert Client().get("/account/login/").status_code == 200


def test_a_provider_row_in_the_database_opens_no_door(provider: Provider, settings: Any) -> None:
    from allauth.socialaccount.models import SocialApp

    SocialApp.objects.create(
        provider="openid_connect",
        provider_id="mine",
        name="Mine",
        client_id="x",
        settings={"server_url": provider.address},
    )
    here = {"Sec-Fetch-Site": "same-origin"}
    assert Client().get("/account/oidc/mine/login/", headers=here).status_code == 404


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Referer": "https://elsewhere.example/"},
        {},
    ],
)
def test_another_site_opens_no_session_that_nobody_asked_for(
    provider: Provider, lin: Person, headers: dict[str, str]
) -> None:
    answer = lin.desk.get("/account/oidc/sso/login/?next=/desk/", headers=headers)
    assert answer.status_code == 302
    assert answer["Location"] == "/account/login/?next=%2Fdesk%2F"


def test_a_browser_that_names_only_the_page_before_signs_in(
    provider: Provider, lin: Person
) -> None:
    here = {"Referer": "http://testserver/account/login/"}
    answer = lin.desk.get("/account/oidc/sso/login/", headers=here)
    assert answer["Location"].startswith(provider.address)


class TestSecondFactor:
    """Who must show it: the provider where its word counts, else this desk."""

    @pytest.fixture(autouse=True)
    def _required(self, settings: Any) -> None:
        settings.AMENDS_REQUIRE_MFA = True

    def test_here_by_default_whatever_the_provider_says(
        self, provider: Provider, lin: Person
    ) -> None:
        provider.tell(claims={"amr": ["pwd", "mfa"]})
        lin.sign_in()
        assert lin.desk.get("/desk/")["Location"] == "/account/2fa/totp/activate/"

    def test_at_the_provider_where_it_says_so(
        self, provider: Provider, lin: Person, settings: Any
    ) -> None:
        settings.AMENDS_SECOND_FACTOR_BY = "provider"
        provider.tell(claims={"amr": ["pwd", "mfa"]})
        lin.sign_in()
        assert lin.desk.get("/desk/").status_code == 200
        provider.tell(claims={"amr": ["pwd"]})
        lin.sign_in()
        assert lin.desk.get("/desk/")["Location"] == "/account/2fa/totp/activate/"


def test_local_sign_in_can_be_switched_off(provider: Provider, settings: Any) -> None:
    add_user("wei", password="harbour-kite-42", roles=["handler"])
    settings.AMENDS_LOCAL_SIGN_IN = False
    page = Client().get("/account/login/", headers={"Accept-Language": "en"}).content.decode()
    assert "Sign in with Harbour ID" in page
    assert 'name="password"' not in page
    door = Client()
    refused = door.post("/account/login/", {"login": "wei", "password": "harbour-kite-42"})
    assert refused.status_code == 403
    assert "_auth_user_id" not in door.session


def test_claims_that_personal_data_are_in_are_not_logged(
    provider: Provider, lin: Person, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    provider.tell(claims={"email": "lin.canary@harbour.example"}, instead={"nonce": "x"})
    lin.sign_in()
    assert "lin.canary" not in caplog.text
