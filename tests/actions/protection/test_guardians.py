"""A guardian: on a document, with an end, by two people, and never against the ward's own word."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from tests.reported_numbers import record_guardian

from amends.causes.protection.actions.decide_delivery import DeliveryQuestion, decide_delivery
from amends.causes.protection.actions.guardianship import (
    NewGuardian,
    object_to_guardian,
    request_guardian,
)
from amends.causes.protection.actions.report_by_message import report_by_message
from amends.causes.protection.actions.set_protection import (
    NewSettings,
    UnableToChangeMinor,
    UnableToSetProtection,
    set_minor,
    set_protection,
)
from amends.causes.protection.models import Guardianship
from amends.causes.protection.queries.settings import order_refusal, powers_over
from amends.channels.models import OutboxMessage
from amends.channels.queries import open_letter
from amends.people.subscribers.actions.register import NewSubscriber, register
from amends.platform.kit.actors import Actor
from amends.work.approvals.actions.decide import UnableToDecide, approve

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 27, 2, tzinfo=UTC)
WARD, GUARDIAN = "13900880001", "13900880002"
SENIOR = Actor("user", "usr-senior", ("senior_handler",))
COURT = {"basis": "court", "document": "Court decision of 2026-10-01", "born": None}


@pytest.fixture
def ward() -> str:
    register(NewSubscriber(phone=GUARDIAN), now=NOW)
    return register(NewSubscriber(phone=WARD), now=NOW)


def _guardian() -> str:
    return Guardianship.objects.get().guardian


def _refusal(ward: str) -> str:
    return order_refusal(subscriber=ward, order="open", kind="mobile_plan", provider="", now=NOW)


@pytest.mark.parametrize(
    "terms",
    [
        {"basis": "minor", "document": "Passport", "until": date(2030, 1, 1)},
        {
            "basis": "minor",
            "document": "Passport",
            "born": date(1980, 1, 1),
            "until": date(2099, 1, 1),
        },
        {
            "basis": "minor",
            "document": "Passport",
            "born": date(2099, 1, 1),
            "until": date(2027, 1, 1),
        },
        {
            "basis": "minor",
            "document": "Passport",
            "born": date(9990, 1, 1),
            "until": date(2027, 1, 1),
        },
        {"basis": "court", "document": "", "until": date(2027, 1, 1)},
        {"basis": "court", "document": "Court decision", "until": date(2099, 1, 1)},
    ],
    ids=[
        "no birthday",
        "an adult as a minor",
        "not born",
        "year 10008",
        "no document",
        "until 2099",
    ],
)
def test_no_guardian_without_age_document_and_end(ward: str, terms: dict[str, Any]) -> None:
    """One senior made somebody guardian of an adult until 2099."""
    new = NewGuardian(ward=WARD, guardian=GUARDIAN, **terms)
    with pytest.raises(UnableToSetProtection):
        request_guardian(new, actor=SENIOR, now=NOW)


def test_one_person_makes_nobody_guardian(ward: str) -> None:
    new = NewGuardian(ward=WARD, guardian=GUARDIAN, until=date(2027, 6, 1), **COURT)
    item = request_guardian(new, actor=SENIOR, now=NOW)
    with pytest.raises(UnableToDecide):
        approve(item.ref, actor=SENIOR, now=NOW)
    assert not Guardianship.objects.exists()
    assert _refusal(ward) == ""
    assert WARD not in str(item.payload)


def test_the_ward_is_notified_and_an_objection_ends_the_powers_over_an_adult(ward: str) -> None:
    record_guardian(WARD, GUARDIAN, actor=SENIOR, now=NOW, **COURT | {"until": date(2027, 6, 1)})
    (letter,) = OutboxMessage.objects.filter(key__startswith="guardian-recorded:")
    assert "监护人" in open_letter(letter.id)[1]
    assert letter.subscriber == ward
    assert "订购" in _refusal(ward)
    said = SimpleNamespace(id="m", channel="sms", sender=WARD, text="NO GUARDIAN", language="en")
    assert report_by_message(said, NOW) == "guardian:objected"  # type: ignore[arg-type]
    assert _refusal(ward) == ""
    set_protection(ward, NewSettings(level="off"), now=NOW)
    with pytest.raises(UnableToChangeMinor):
        set_minor(_guardian(), ward, level="strict", purchases_off=True, premium_off=True, now=NOW)


def test_a_guardian_by_agreement_protects_and_refuses_nothing(ward: str) -> None:
    """The guardian refused the ward's own order."""
    terms = {"basis": "agreement", "document": "Agreement", "born": None, "until": date(2027, 6, 1)}
    record_guardian(WARD, GUARDIAN, actor=SENIOR, now=NOW, **terms)
    assert _refusal(ward) == ""
    set_protection(ward, NewSettings(level="strict"), now=NOW)
    fraud = "【工商银行】您的手机银行今日过期，请立即登录 icbc-vip.top 更新，否则账户冻结"
    question = DeliveryQuestion(key="k", thing="message", number="17000001111", to=WARD, text=fraud)
    assert decide_delivery(question, now=NOW).action == "block"


def test_where_the_law_was_not_read_no_ward_is_overruled(ward: str, settings: Any) -> None:
    record_guardian(WARD, GUARDIAN, actor=SENIOR, now=NOW)
    settings.JURISDICTION = "us"
    assert _refusal(ward) == ""


def test_the_objection_of_a_minor_is_on_record_and_the_guardian_decides_on(ward: str) -> None:
    record_guardian(WARD, GUARDIAN, actor=SENIOR, now=NOW)
    assert object_to_guardian(ward, now=NOW)
    assert not object_to_guardian(ward, now=NOW + timedelta(days=1))
    assert "订购" in _refusal(ward)


def test_an_entry_that_nobody_approved_overrules_nothing(ward: str) -> None:
    Guardianship.objects.create(
        minor=ward, number=b"", guardian="sub-1", until=date(2099, 1, 1), set_by="x", set_at=NOW
    )
    assert powers_over(ward, now=NOW) is None
    assert _refusal(ward) == ""
