"""While a page is read, reference data is read once; forms, jobs and commands read it anew."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse

from amends.people.access.actions.add_user import add_user
from amends.people.access.queries.colleagues import people
from amends.platform.database.once_per_request import OncePerRequest
from amends.record.catalogue.queries import areas, offer_kinds

pytestmark = pytest.mark.django_db
PASSWORD = "long enough for a test"
View = Callable[[HttpRequest], HttpResponse]


def _answer(method: str, view: View) -> None:
    request = HttpRequest()
    request.method = method
    OncePerRequest(view)(request)


def _reads_twice(_request: HttpRequest) -> HttpResponse:
    for _time in range(2):
        areas()
        offer_kinds()["not one"] = ("changed by a caller", "")
    assert "not one" not in offer_kinds()
    return HttpResponse()


@pytest.mark.parametrize(("method", "statements"), [("GET", 2), ("HEAD", 2), ("POST", 5)])
def test_a_page_reads_once_what_a_form_reads_anew(
    method: str, statements: int, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(statements):
        _answer(method, _reads_twice)


def test_the_next_request_reads_anew(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(4):
        for _time in range(2):
            _answer("GET", _reads_twice)


def test_only_colleagues_not_read_before_are_asked_for(django_assert_num_queries: Any) -> None:
    first, second = (
        add_user(name, password=PASSWORD, roles=["handler"]).ref for name in ("lin", "qiao")
    )

    def view(_request: HttpRequest) -> HttpResponse:
        assert people([first]) == {first: "lin"}
        assert people([first, second, "nobody"]) == {first: "lin", second: "qiao"}
        assert people(["nobody", second]) == {second: "qiao"}
        return HttpResponse()

    with django_assert_num_queries(2):
        _answer("GET", view)
