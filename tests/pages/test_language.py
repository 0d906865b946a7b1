"""The language switch: for whoever reads our pages, and for nobody else's form."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client

pytestmark = pytest.mark.django_db
HERE = "http://testserver"


@pytest.fixture
def reader() -> Client:
    return Client(enforce_csrf_checks=True)


@pytest.mark.parametrize("said", [{"Origin": HERE}, {"Referer": f"{HERE}/follow/"}])
def test_whoever_reads_our_pages_chooses_the_language(reader: Client, said: dict[str, str]) -> None:
    form = {"language": "en", "next": "/follow/"}
    response = reader.post("/language/", form, headers=said)
    assert response.headers["Location"] == "/follow/"
    assert response.cookies[settings.LANGUAGE_COOKIE_NAME].value == "en"
    assert 'lang="en"' in reader.get("/follow/").content.decode()


@pytest.mark.parametrize(
    "said",
    [
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null", "Referer": f"{HERE}/follow/"},
        {"Referer": f"https://elsewhere.example/{HERE}"},
        {"Referer": f"{HERE}.elsewhere.example/"},
        {},
    ],
)
def test_a_form_of_another_site_changes_nothing(reader: Client, said: dict[str, str]) -> None:
    response = reader.post("/language/", {"language": "en"}, headers=said)
    assert response.status_code == 403
    assert not response.cookies


@pytest.mark.parametrize("page", ["/", "/statements/"])
def test_who_only_reads_is_given_no_cookie(reader: Client, page: str) -> None:
    response = reader.get(page)
    assert response.status_code == 200
    assert not response.cookies
