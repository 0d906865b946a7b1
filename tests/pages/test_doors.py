"""The language switch, the error pages and the sign-in pages."""

from __future__ import annotations

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.test import Client, RequestFactory

from amends.site.web import errors
from tests.pages.conftest import colleague, signed_in

HERE = {"Origin": "http://testserver"}


def test_the_language_is_remembered_and_the_reader_stays_where_they_were(client: Client) -> None:
    response = client.post(
        "/language/", {"language": "en", "next": "/gallery/#fields"}, headers=HERE
    )
    assert response["Location"] == "/gallery/#fields"
    assert response.cookies["amends_language"].value == "en"
    assert "Dossier row" in client.get("/gallery/").content.decode()


@pytest.mark.parametrize("away", ["https://example.org/", "//example.org/", "javascript:alert(1)"])
def test_the_switch_never_leads_to_another_place(client: Client, away: str) -> None:
    answer = client.post("/language/", {"language": "en", "next": away}, headers=HERE)
    assert answer["Location"] == "/"


def test_an_unknown_language_changes_nothing(client: Client) -> None:
    answer = client.post("/language/", {"language": "xx"}, headers=HERE)
    assert answer.status_code == 302
    assert not answer.cookies


def test_a_missing_page_says_what_happened_and_what_to_do(client: Client) -> None:
    client.cookies["amends_language"] = "en"
    response = client.get("/no/such/page/")
    page = response.content.decode()
    assert response.status_code == 404
    assert "There is nothing at this address" in page
    assert "Nothing was lost." in page
    assert "Check the address" in page


@pytest.mark.parametrize(
    ("view", "status"),
    [(errors.bad_request, 400), (errors.permission_denied, 403), (errors.form_expired, 403)],
)
def test_refusals_are_styled_pages(rf: RequestFactory, view, status: int) -> None:
    response = view(rf.get("/"), PermissionDenied())
    assert response.status_code == status
    assert "amends/css/tokens.css" in response.content.decode()


def test_the_page_of_our_own_mistake_needs_no_database(rf: RequestFactory) -> None:
    response = errors.server_error(rf.get("/"))
    assert response.status_code == 500
    assert "amends/css/tokens.css" in response.content.decode()


@pytest.mark.django_db
def test_sign_in_is_ours_and_offers_no_registration(client: Client) -> None:
    page = client.get("/account/login/").content.decode()
    assert "登录" in page
    assert "/account/signup/" not in page
    assert 'autocomplete="current-password"' in page


@pytest.mark.django_db
@pytest.mark.parametrize(
    "way", ["password/reset/", "email/", "confirm-email/", "password/reset/key/a-b/"]
)
def test_nothing_of_an_account_goes_by_mail(client: Client, way: str) -> None:
    """Anybody could have had this installation write to a mailbox of their choice."""
    answer = client.post(f"/account/{way}", {"email": "somebody@example.org"})
    assert answer["Location"] == "/account/login/"
    assert mail.outbox == []
    asked = signed_in(colleague("qiao.lin", "handler")).get("/account/password/change/")
    assert "/account/password/reset/" not in asked.content.decode()


@pytest.mark.django_db
def test_sign_up_is_closed(client: Client) -> None:
    response = client.post(
        "/account/signup/",
        {"username": "mallory", "password1": "x8-kite-lamp", "password2": "x8-kite-lamp"},
    )
    from django.contrib.auth import get_user_model

    assert response.status_code in {200, 403}
    assert not get_user_model().objects.filter(username="mallory").exists()
