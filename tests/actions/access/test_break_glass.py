"""Two people break the glass together, once, and the subscriber sees it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from access_desk import NOW, Desk
from amends.people.access.actions.break_glass import (
    UnableToBreakGlass,
    approve_break_glass,
    ask_break_glass,
    break_glass,
)
from amends.people.access.actions.unmask import UnableToUnmask
from amends.people.access.models import User
from amends.people.access.queries import break_glass_requests, looks_at, unusual_looks
from amends.people.access.refusals import UnableToAccess
from amends.platform.kit.actors import Actor

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres_too]
REASON = "疑似诈骗，须立即联系用户"
MINUTE = timedelta(minutes=1)


def _ask(desk: Desk) -> str:
    return ask_break_glass(
        desk.senior, subscriber=desk.subscriber, fields=["name", "phone"], reason=REASON, now=NOW
    )


def test_two_people_open_it_once_and_the_subscriber_sees_both(desk: Desk) -> None:
    request = _ask(desk)
    assert [one.ref for one in break_glass_requests(waiting_only=True)] == [request]
    approve_break_glass(desk.privacy, request, now=NOW + MINUTE)
    shown = break_glass(desk.senior, request, now=NOW + 2 * MINUTE)
    assert shown == {"name": "王小明", "phone": "13812348000"}
    with pytest.raises(UnableToBreakGlass):
        break_glass(desk.senior, request, now=NOW + 3 * MINUTE)
    (seen,) = looks_at(desk.subscriber)
    assert (seen.user, seen.second_person) == (desk.senior.ref, desk.privacy.ref)
    assert (seen.case, seen.purpose, seen.reason) == ("", "break_glass", REASON)
    assert seen.unmasked
    signals = unusual_looks(NOW - MINUTE, NOW + timedelta(hours=1))
    assert [(one.signal, one.user) for one in signals] == [("no_case", desk.senior.ref)]


def test_nobody_agrees_to_their_own_request(desk: Desk) -> None:
    request = _ask(desk)
    with pytest.raises(UnableToBreakGlass, match=r"second person|另一"):
        approve_break_glass(desk.senior, request, now=NOW)
    with pytest.raises(UnableToBreakGlass):
        break_glass(desk.senior, request, now=NOW)
    assert looks_at(desk.subscriber) == []


def test_the_second_person_has_the_role_and_is_at_work(desk: Desk) -> None:
    request = _ask(desk)
    for stranger in (desk.alice, desk.admin, desk.agent_a):
        with pytest.raises(UnableToAccess):
            approve_break_glass(stranger, request, now=NOW)
    User.objects.filter(ref=desk.privacy.ref).update(is_active=False)
    with pytest.raises(UnableToBreakGlass):
        approve_break_glass(desk.privacy, request, now=NOW)
    with pytest.raises(UnableToBreakGlass):
        approve_break_glass(Actor("user", "usr-ghost", ("manager",)), request, now=NOW)


def test_only_the_one_who_asked_looks_and_only_in_time(desk: Desk) -> None:
    request = _ask(desk)
    approve_break_glass(desk.privacy, request, now=NOW)
    with pytest.raises(UnableToBreakGlass):
        break_glass(desk.privacy, request, now=NOW)
    with pytest.raises(UnableToBreakGlass):
        break_glass(desk.senior, request, now=NOW + 31 * MINUTE)
    late = _ask(desk)
    with pytest.raises(UnableToBreakGlass):
        approve_break_glass(desk.privacy, late, now=NOW + 31 * MINUTE)


def test_asking_needs_a_role_a_reason_and_a_person(desk: Desk) -> None:
    with pytest.raises(UnableToAccess):
        ask_break_glass(
            desk.alice, subscriber=desk.subscriber, fields=["name"], reason=REASON, now=NOW
        )
    with pytest.raises(UnableToUnmask):
        ask_break_glass(
            desk.senior, subscriber=desk.subscriber, fields=["name"], reason="急", now=NOW
        )
    with pytest.raises(UnableToBreakGlass):
        ask_break_glass(desk.senior, subscriber="sub-x", fields=["name"], reason=REASON, now=NOW)
    with pytest.raises(UnableToBreakGlass):
        approve_break_glass(desk.privacy, "glass-x", now=NOW)
