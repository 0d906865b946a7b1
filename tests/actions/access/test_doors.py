"""Signing in, the second factor, the permission of a page, and what `/admin` shows."""

from __future__ import annotations

import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
)
from django.apps import apps
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from amends.people.access.actions.add_user import UnableToAddUser, add_user
from amends.people.access.models import User
from amends.people.access.web.permission import actor_of, declared, public, requires, signed_in
from amends.platform.vault.fields import SealedField

pytestmark = [pytest.mark.django_db, pytest.mark.postgres_too]
PASSWORD = "violet-harbour-1927"


@pytest.fixture
def second_factor(settings) -> None:
    settings.AMENDS_REQUIRE_MFA = True
    settings.MFA_ADAPTER = "amends.people.access.web.signin.SealedFactors"
    middleware = "amends.people.access.web.require_mfa.RequireMfa"
    if middleware not in settings.MIDDLEWARE:
        settings.MIDDLEWARE = [*settings.MIDDLEWARE, middleware]


@pytest.fixture
def password_only(settings) -> None:
    settings.AMENDS_REQUIRE_MFA = False


def _user(name: str = "alice", *roles: str) -> User:
    return add_user(name, password=PASSWORD, roles=roles or ("administrator",))


def _code(secret: str, *, steps_ago: int = 0) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 - steps_ago))


def test_nobody_signs_up(client: Client) -> None:
    page = client.get(reverse("account_signup"))
    assert (
        page.status_code in {302, 403}
        or b"<form" not in page.content
        or (b"password1" not in page.content)
    )
    client.post(
        reverse("account_signup"),
        {"username": "eve", "password1": PASSWORD, "password2": PASSWORD},
    )
    assert not User.objects.filter(username="eve").exists()


def test_after_a_few_wrong_passwords_the_right_one_is_refused_too(client: Client) -> None:
    _user()
    door = reverse("account_login")
    for _ in range(6):
        client.post(door, {"login": "alice", "password": "wrong-wrong-wrong"})
    client.post(door, {"login": "alice", "password": PASSWORD})
    assert "_auth_user_id" not in client.session


def test_the_admin_has_no_door_of_its_own(client: Client) -> None:
    answer = client.get("/admin/login/")
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("account_login"))


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("second_factor")
def test_a_second_factor_must_be_set_up_before_anything_else(client: Client) -> None:
    user = _user()
    client.post(reverse("account_login"), {"login": "alice", "password": PASSWORD})
    assert client.session["_auth_user_id"] == str(user.pk)
    answer = client.get("/admin/")
    assert answer.status_code == 302
    assert answer["Location"] == reverse("mfa_activate_totp")
    partial = client.get("/admin/", headers={"HX-Request": "true"})
    assert partial.status_code == 403
    assert partial["HX-Redirect"] == reverse("mfa_activate_totp")

    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    client.get(reverse("mfa_activate_totp"))
    secret = client.session["mfa.totp.secret"]
    client.post(reverse("mfa_activate_totp"), {"code": _code(secret)})
    assert Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists()
    assert client.get("/admin/").status_code == 200


@pytest.mark.usefixtures("second_factor")
def test_with_a_second_factor_the_password_alone_does_not_sign_in(client: Client) -> None:
    user = _user()
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    client.post(reverse("account_login"), {"login": "alice", "password": PASSWORD})
    assert "_auth_user_id" not in client.session
    client.post(reverse("mfa_authenticate"), {"code": _code(secret, steps_ago=20)})
    assert "_auth_user_id" not in client.session
    client.post(reverse("mfa_authenticate"), {"code": _code(secret)})
    assert client.session["_auth_user_id"] == str(user.pk)
    assert client.get("/admin/").status_code == 200
    assert secret not in str(Authenticator.objects.get(user=user).data)


@pytest.mark.usefixtures("second_factor")
def test_a_session_older_than_the_factor_must_show_it(client: Client) -> None:
    user = _user()
    client.force_login(user)
    TOTP.activate(user, generate_totp_secret())
    answer = client.get("/admin/")
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("mfa_reauthenticate"))


def _page(request: HttpRequest) -> HttpResponse:
    return HttpResponse("inside")


def _request(user: object) -> HttpRequest:
    request = RequestFactory().get("/somewhere/")
    request.user = user  # type: ignore[assignment]
    return request


def test_a_page_lets_in_the_roles_that_hold_its_permission() -> None:
    page = requires("complaints.handle")(_page)
    assert declared(page) == "complaints.handle"
    assert page(_request(_user("h", "handler"))).status_code == 200
    with pytest.raises(PermissionDenied):
        page(_request(_user("a", "administrator")))
    with pytest.raises(PermissionDenied):
        requires("no.such.page")(_page)(_request(_user("s", "senior_handler")))


def test_strangers_are_led_to_the_door() -> None:
    from django.contrib.auth.models import AnonymousUser

    for page in (requires("complaints.handle")(_page), signed_in(_page)):
        answer = page(_request(AnonymousUser()))
        assert answer.status_code == 302
        assert "next=/somewhere/" in answer["Location"]
    assert public(_page)(_request(AnonymousUser())).status_code == 200
    assert declared(public(_page)) == "public"
    assert declared(lambda request: None) == ""


def test_somebody_put_out_of_service_has_no_roles() -> None:
    user = _user("h", "handler", "senior_handler")
    assert actor_of(_request(user)).roles == ("handler", "senior_handler")
    user.is_active = False
    assert actor_of(_request(user)).roles == ()
    user.is_active, user.roles = True, ["handler", "god"]
    assert actor_of(_request(user)).roles == ("handler",)


@pytest.mark.parametrize(
    ("name", "password", "roles"),
    [
        ("bob", PASSWORD, ["king"]),
        ("bob", PASSWORD, []),
        ("bob", PASSWORD, ["system"]),
        ("bob", "short", ["handler"]),
        ("bob", "12345678901", ["handler"]),
        ("ALICE", PASSWORD, ["handler"]),
    ],
)
def test_impossible_users_are_refused(name: str, password: str, roles: list[str]) -> None:
    _user()
    with pytest.raises(UnableToAddUser):
        add_user(name, password=password, roles=roles)


def test_no_admin_page_knows_a_sealed_column() -> None:
    admin.autodiscover()
    for model, page in admin.site._registry.items():
        fields = [one for one in model._meta.get_fields() if isinstance(one, SealedField)]
        named = {*page.list_display, *page.search_fields, *page.readonly_fields}
        named |= set(page.fields or ())
        assert not {field.name for field in fields} & named, model
        assert not any(field.editable for field in fields), model
    hidden = {"subscribers.Subscriber", "subscribers.IndexEntry", "vault.DataKey"}
    shown = {model._meta.label for model in admin.site._registry}
    assert not hidden & shown
    assert apps.get_model("access", "User") in admin.site._registry


@pytest.mark.usefixtures("password_only")
def test_every_admin_page_of_these_rooms_opens(client: Client) -> None:
    client.force_login(_user())
    for label in (
        "access_user",
        "access_case",
        "access_breakglass",
        "catalogue_area",
        "catalogue_offer",
        "partners_partner",
    ):
        assert client.get(reverse(f"admin:{label}_changelist")).status_code == 200, label
    for label in ("access_user", "partners_partner", "catalogue_area"):
        assert client.get(reverse(f"admin:{label}_add")).status_code == 200, label


@pytest.mark.usefixtures("password_only")
def test_roles_are_ticked_in_the_admin(client: Client) -> None:
    client.force_login(_user())
    person = _user("bob", "handler")
    change = reverse("admin:access_user_change", args=[person.pk])
    page = client.get(change)
    assert "senior_handler" in page.content.decode()
    form = page.context["adminform"].form
    data = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    client.post(change, {**data, "roles": ["senior_handler"], "is_active": "on"})
    person.refresh_from_db()
    assert person.roles == ["senior_handler"]
