"""Titles of requests and of cases of misuse in lists of what waits."""

from __future__ import annotations

from collections.abc import Collection

from amends.causes.privacy.models import MisuseCase, RightsRequest
from amends.people.access.queries.colleagues import people


def request_titles(refs: Collection[str]) -> dict[str, str]:
    """Reference of a request → the right that is used."""
    return {row.ref: str(row.title) for row in RightsRequest.objects.filter(ref__in=refs)}


def case_titles(refs: Collection[str]) -> dict[str, str]:
    """Reference of a case → the colleague it is about."""
    users = dict(MisuseCase.objects.filter(ref__in=refs).values_list("ref", "user"))
    names = people(users.values())
    return {ref: names.get(user) or user for ref, user in users.items() if user}
