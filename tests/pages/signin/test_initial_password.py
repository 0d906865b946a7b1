"""A password that somebody else set serves to choose an own one, for three days."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client
from django.utils import timezone

from amends.people.access.actions.add_user import add_user
from amends.people.access.models import User
from tests.shell import amends

GIVEN, OWN = "harbour-kite-42", "lantern-orchard-7"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _without_second_factor(settings: Any) -> None:
    settings.AMENDS_REQUIRE_MFA = False


def sign_in(password: str) -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.post("/account/login/", {"login": "wei", "password": password})
    return client


def change(client: Client, new: str) -> Any:
    typed = {"oldpassword": GIVEN, "password1": new, "password2": new}
    return client.post("/account/password/change/", typed)


@pytest.fixture
def wei() -> User:
    return add_user("wei", password=GIVEN, roles=["handler"], initial=True)


def test_no_page_opens_before_an_own_password_is_chosen(wei: User) -> None:
    client = sign_in(GIVEN)
    assert client.get("/desk/")["Location"] == "/account/password/change/"
    same = change(client, GIVEN)
    assert "This is the password you have" in same.content.decode()
    assert client.get("/desk/").status_code == 302
    change(client, OWN)
    assert client.get("/desk/").status_code == 200
    assert sign_in(OWN).get("/desk/").status_code == 200


def test_three_days_later_it_opens_nothing(wei: User) -> None:
    User.objects.filter(pk=wei.pk).update(
        initial_password_until=timezone.now() - timedelta(seconds=1)
    )
    client = Client(headers={"Accept-Language": "en"})
    page = client.post("/account/login/", {"login": "wei", "password": GIVEN})
    assert "has expired" in page.content.decode()
    assert "_auth_user_id" not in client.session


def test_what_an_administrator_sets_is_initial(wei: User) -> None:
    change(sign_in(GIVEN), OWN)
    boss = Client()
    boss.force_login(add_user("boss", password=GIVEN, roles=["administrator"]))
    new = {"password1": "willow-tunnel-91", "password2": "willow-tunnel-91"}
    boss.post(f"/admin/access/user/{wei.pk}/password/", new)
    wei.refresh_from_db()
    assert wei.initial_password_until is not None
    boss.post("/admin/access/user/add/", {"username": "xin", "usable_password": "true", **new})
    assert User.objects.get(username="xin").initial_password_until is not None


def test_only_the_first_administrator_chooses_their_own_from_the_shell() -> None:
    typed = ("--password", GIVEN)
    amends("user", "early", "--role", "handler", *typed)
    assert User.objects.get(username="early").initial_password_until is not None
    amends("user", "boss", "--role", "administrator", *typed)
    amends("user", "wei", "--role", "handler", *typed)
    assert User.objects.get(username="boss").initial_password_until is None
    assert User.objects.get(username="wei").initial_password_until is not None


def test_an_administrator_ends_the_sessions_of_a_person(wei: User) -> None:
    wei.initial_password_until = None
    wei.save()
    client = sign_in(GIVEN)
    assert client.get("/desk/").status_code == 200
    boss = Client()
    boss.force_login(add_user("boss", password=GIVEN, roles=["administrator"]))
    boss.post("/admin/access/user/", {"action": "end_sessions", "_selected_action": [wei.pk]})
    assert not UserSession.objects.filter(user=wei).exists()
    assert client.get("/desk/")["Location"].startswith("/account/login/")
