"""Every page of ours says who may open it, and means it: the matrix of role x address.

The matrix is made from the URL map, so a new view without a permission fails here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.test import RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver

from amends.people.access.models import User
from amends.people.access.queries.rights import rules_on
from amends.people.access.web.permission import PUBLIC, SIGNED_IN, declared

RULES = rules_on(date(2026, 11, 24))
# Addresses without a person behind them: a machine asks whether the house stands.
WITHOUT_PERSON: set[str] = set()
View = Callable[..., Any]


def _walk(resolver: URLResolver, before: str = "") -> Iterator[tuple[str, View]]:
    for entry in resolver.url_patterns:
        route = before + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _walk(entry, route)
        elif isinstance(entry, URLPattern):
            yield route, entry.callback


def own_views() -> list[tuple[str, View]]:
    """Address and view of every page written in this house."""
    return [
        (route, view)
        for route, view in _walk(get_resolver())
        if str(getattr(view, "__module__", "")).startswith("amends.")
    ]


def test_every_page_declares_a_permission_that_exists() -> None:
    known = {PUBLIC, SIGNED_IN, *RULES.pages}
    views = own_views()
    assert len(views) > 10
    undeclared = {
        route: declared(view)
        for route, view in views
        if declared(view) not in known and route not in WITHOUT_PERSON
    }
    assert undeclared == {}


def _refused(view: View, user: object) -> bool:
    """Whether the guard answers before the page's own code: 403, or the way to the door."""
    for method in ("get", "post"):
        request = getattr(RequestFactory(), method)("/anywhere/")
        request.user = user
        try:
            answer = view(request)
        except PermissionDenied:
            return True
        except Exception:
            return False
        if answer.status_code != 405:
            return answer.status_code == 302 and answer["Location"].startswith("/account/login/")
    return False


@pytest.mark.django_db
def test_each_role_meets_exactly_the_doors_its_rules_name() -> None:
    people = {role: User(username=role, ref=f"usr-{role}", roles=[role]) for role in RULES.people}
    wrong = []
    for route, view in own_views():
        page = declared(view)
        if page in {PUBLIC, SIGNED_IN} or route in WITHOUT_PERSON:
            continue
        if not _refused(view, AnonymousUser()):
            wrong.append((route, "a stranger"))
        for role, person in people.items():
            if role not in RULES.pages[page] and not _refused(view, person):
                wrong.append((route, role))
    assert wrong == []
