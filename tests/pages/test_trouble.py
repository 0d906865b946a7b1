"""Where the database takes no writes or is away, a page says so in the reader's language."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import Client

from amends.people.access.actions.add_user import add_user
from amends.platform.database.failures import kind_of

FORM = {"login": "wei", "password": "harbour-kite-42"}


@pytest.fixture
def read_only(transactional_db: None) -> Iterator[None]:
    """The database refuses every write, in its own words."""
    add_user("wei", password="harbour-kite-42", roles=["handler"])
    is_sqlite = connection.vendor == "sqlite"
    with connection.cursor() as cursor:
        cursor.execute(
            "PRAGMA query_only=ON"
            if is_sqlite
            else "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY"
        )
    yield
    _writable()


def _writable() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "PRAGMA query_only=OFF"
            if connection.vendor == "sqlite"
            else "SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE"
        )


@pytest.mark.parametrize(
    ("language", "says"), [("en", "Nothing can be saved"), ("zh-hans", "暂时无法保存")]
)
def test_a_database_that_takes_no_writes_is_told_and_goes_on_afterwards(
    read_only: None, language: str, says: str
) -> None:
    door = Client(raise_request_exception=False, headers={"Accept-Language": language})
    refused = door.post("/account/login/", FORM)
    assert refused.status_code == 503
    assert refused["Retry-After"] == "30"
    assert says in refused.content.decode()
    assert "sessionid" not in door.cookies
    _writable()
    assert door.post("/account/login/", FORM).status_code == 302


def test_mistakes_of_ours_stay_mistakes_of_ours() -> None:
    assert kind_of(ValueError("disk is full")) == ""
    assert kind_of(OSError(2, "No such file")) == ""
    assert kind_of(OSError(28, "No space left on device")) == "full"
    assert kind_of(None) == ""
