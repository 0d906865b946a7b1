"""A person is erased on request: nothing readable is left, and the log still verifies."""

from __future__ import annotations

from datetime import timedelta

import pytest

from access_desk import NOW, SYSTEM, Desk
from amends.people.access.actions.erase_subscriber import (
    erase_subscriber,
    hold_subscriber,
    release_subscriber,
)
from amends.people.access.actions.look import look
from amends.people.access.actions.open_case import open_case
from amends.people.access.actions.unmask import unmask
from amends.people.access.queries import looks_at
from amends.people.access.refusals import UnableToAccess
from amends.people.subscribers.actions.erase import UnableToErase
from amends.people.subscribers.queries import identify
from amends.record.ledger.actions.sequence import sequence
from amends.record.ledger.actions.verify import verify

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres_too]
REASON = "用户来函要求删除"


def _request(desk: Desk) -> str:
    return open_case(
        desk.privacy,
        subscriber=desk.subscriber,
        purpose="privacy_request",
        reference="request-1",
        contact="m-1",
        now=NOW,
    )


def test_after_erasure_nothing_is_readable_and_the_log_verifies(desk: Desk) -> None:
    case = _request(desk)
    complaint = open_case(
        SYSTEM, subscriber=desk.subscriber, purpose="complaint", reference="c-1", now=NOW
    )
    unmask(desk.alice, complaint, ["phone"], reason=REASON, now=NOW)
    sequence(now=NOW + timedelta(seconds=10), holder="test")
    before = verify(deep=True)
    assert before.ok
    erase_subscriber(desk.privacy, case, now=NOW)
    assert identify(phone="13812348000") is None
    shown = look(desk.alice, complaint, ["name", "phone"], now=NOW)
    assert {value.text for value in shown.values()} == {""}
    assert all(value.erased for value in shown.values())
    assert unmask(desk.alice, complaint, ["phone"], reason=REASON, now=NOW) == {"phone": ""}
    assert len(looks_at(desk.subscriber)) == 3, "who looked stays on record"
    sequence(now=NOW + timedelta(seconds=20), holder="test")
    assert verify(deep=True).ok


def test_a_hold_refuses_erasure_until_it_is_released(desk: Desk) -> None:
    case = _request(desk)
    hold_subscriber(desk.privacy, case, reason="申诉尚未办结", now=NOW)
    with pytest.raises(UnableToErase, match="申诉尚未办结"):
        erase_subscriber(desk.privacy, case, now=NOW)
    assert identify(phone="13812348000") is not None
    release_subscriber(desk.privacy, case, now=NOW)
    erase_subscriber(desk.privacy, case, now=NOW)
    assert identify(phone="13812348000") is None


def test_only_the_privacy_officer_erases_and_only_for_a_request(desk: Desk) -> None:
    complaint = open_case(
        SYSTEM, subscriber=desk.subscriber, purpose="complaint", reference="c-1", now=NOW
    )
    for actor in (desk.alice, desk.senior, desk.admin, desk.privacy, desk.agent_a, SYSTEM):
        with pytest.raises(UnableToAccess):
            erase_subscriber(actor, complaint, now=NOW)
    request = _request(desk)
    for actor in (desk.alice, desk.senior, desk.admin):
        for act in (erase_subscriber, release_subscriber):
            with pytest.raises(UnableToAccess):
                act(actor, request, now=NOW)
    assert identify(phone="13812348000") is not None
