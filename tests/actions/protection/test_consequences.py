"""Consequences beyond the block list: notices, suspension, the authority's file, advice."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.reported_numbers import SECOND, agree_to_block, received

from amends.causes.protection.actions.appeals import UnableToAppealNumber, answer_appeal, appeal
from amends.causes.protection.actions.decide_delivery import DeliveryQuestion, decide_delivery
from amends.causes.protection.actions.notify_operators import notify_operators, write_notices
from amends.causes.protection.actions.report import NewReport, report
from amends.causes.protection.actions.report_to_authority import report_to_authority
from amends.causes.protection.actions.set_protection import NewSettings, set_protection
from amends.causes.protection.actions.suspend_partner import (
    UnableToSuspendPartner,
    propose_suspension,
)
from amends.causes.protection.jobs.inform_people import advise_victims, inform_holders
from amends.causes.protection.models import ReportedNumber
from amends.causes.vetting.actions import proceedings
from amends.causes.vetting.actions.proceedings import (
    UnableToDecideAlone,
    decide,
    record_statement,
)
from amends.channels.models import OutboxMessage
from amends.channels.queries import open_letter
from amends.people.access.actions.add_user import add_user
from amends.people.access.queries.staff import actor_of_user
from amends.people.partners.actions.assign_numbers import assign_numbers
from amends.people.partners.actions.register import register_partners
from amends.people.partners.queries import PartnerView, stopped_partners
from amends.people.subscribers.actions.register import NewSubscriber, register
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import AmendsError
from amends.work.approvals.queries.waiting import waiting_for
from amends.work.casework.actions.add_note import add_note
from amends.work.casework.actions.assign import assign_to_person
from amends.work.casework.queries.kinds import case_kind
from amends.work.casework.texts.timeline import timeline

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 27, 2, tzinfo=UTC)
DAY = timedelta(days=1)
SENDER = "17000001111"
FRAUD = "【工商银行】您的手机银行今日过期，请立即登录 icbc-vip.top 更新，否则账户冻结"
MANAGER = Actor("user", "usr-manager", ("manager",))


def _subscriber(phone: str) -> str:
    return register(NewSubscriber(phone=phone), now=NOW - 90 * DAY)


def _reported(people: int) -> ReportedNumber:
    for number in range(people):
        new = NewReport(
            key=f"r{number}",
            thing="message",
            channel="app",
            number=SENDER,
            text=FRAUD,
            subscriber=_subscriber(f"139006{number:05d}"),
        )
        received(new.subscriber, SENDER, at=NOW)
        report(new, now=NOW)
    return agree_to_block(now=NOW) if people >= 4 else ReportedNumber.objects.get()


def _letters(prefix: str) -> list[str]:
    rows = OutboxMessage.objects.filter(key__startswith=prefix).order_by("id")
    return [open_letter(row.id)[1] for row in rows]


def test_operators_are_notified_of_blocked_numbers(tmp_path: Path, settings: Any) -> None:
    _reported(4)
    assert notify_operators(now=NOW) == 0, "no address is configured"
    settings.BLOCK_NOTICES_TO = "spam@operator.example"
    assert notify_operators(now=NOW) == 1
    assert notify_operators(now=NOW) == 0
    (body,) = _letters("block-notice:")
    assert f"+86{SENDER},virtual,blocked" in body
    assert "people=4 frauds=4" in body
    written = write_notices(tmp_path / "n.csv", since=0)
    assert written.notices == 1
    assert write_notices(tmp_path / "m.csv", since=written.last).notices == 0


def test_a_partner_is_suspended_until_an_appeal_is_granted() -> None:
    """One senior suspended a partner with invented reports; nothing tied it to the number."""
    register_partners([PartnerView("p1", "provider", "甲公司", "Firm A")])
    holder = _subscriber(SENDER)
    number = _reported(3)
    wish = {"reason": "sends frauds", "actor": MANAGER, "now": NOW}
    with pytest.raises(UnableToSuspendPartner):
        propose_suspension(number.ref, "p1", **wish)
    new = NewReport(
        key="r9",
        thing="message",
        channel="app",
        number=SENDER,
        text=FRAUD,
        subscriber=_subscriber("13900700001"),
    )
    received(new.subscriber, SENDER, at=NOW)
    report(new, now=NOW)
    agree_to_block(now=NOW)
    with pytest.raises(UnableToSuspendPartner, match="does not assign"):
        propose_suspension(number.ref, "p1", **wish)
    assert assign_numbers("p1", [SENDER], now=NOW)
    ref = propose_suspension(number.ref, "p1", **wish).sanction
    assert stopped_partners(NOW + DAY) == frozenset(), "nobody decides alone"
    with pytest.raises(UnableToDecideAlone):
        decide(ref, is_imposed=True, reason="Fraud.", by=MANAGER, now=NOW)
    record_statement(ref, text="We looked into it.", by=MANAGER, now=NOW)
    decide(ref, is_imposed=True, reason="It sends frauds.", by=SECOND, now=NOW)
    assert stopped_partners(NOW + DAY) == {"p1"}
    with pytest.raises(UnableToSuspendPartner):
        propose_suspension(number.ref, "p1", **wish)
    row = appeal(SENDER, subscriber=holder, text="It was hijacked.", now=NOW)
    answer_appeal(row.ref, granted=True, text="Agreed.", actor=MANAGER, now=NOW + DAY)
    assert proceedings.status(ref).state == "dropped"


def test_the_file_for_the_authority_names_no_reporter(tmp_path: Path) -> None:
    _reported(2)
    found = report_to_authority(date(2026, 11, 27), tmp_path / "a.csv")
    assert (found.reports, found.verified) == (2, False)
    rows = list(csv.DictReader((tmp_path / "a.csv").open(encoding="utf-8-sig")))
    assert rows[0]["举报类型"] == "诈骗"
    assert rows[0]["号码归属"] == "移动通信转售企业"
    assert rows[0]["处置措施"] == "标记提醒"
    assert "13900600000" not in (tmp_path / "a.csv").read_text()
    assert report_to_authority(date(2026, 10, 1), tmp_path / "b.csv").reports == 0


def test_the_holder_learns_of_a_consequence_and_how_to_appeal() -> None:
    _subscriber(SENDER)
    _reported(2)
    assert inform_holders(now=NOW) == 1
    assert inform_holders(now=NOW) == 0
    (body,) = _letters("number-consequence:")
    assert "申诉" in body


def test_likely_victims_are_advised_and_elders_earlier() -> None:
    elder, other = _subscriber("13900700001"), _subscriber("13900700002")
    set_protection(elder, NewSettings(level="off", second_contact="13900700009"), now=NOW)
    _reported(2)
    for place, phone in enumerate(("13900700001", "13900700002")):
        question = DeliveryQuestion(key=f"q{place}", thing="call", number=SENDER, to=phone)
        assert decide_delivery(question, now=NOW).action == "mark"
    assert advise_victims(now=NOW) == 0
    new = {"thing": "message", "channel": "app", "number": SENDER, "text": FRAUD}
    for key, phone in (("a", "13900700003"), ("b", "13900700004")):
        person = _subscriber(phone)
        received(person, SENDER, at=NOW)
        report(NewReport(key=key, subscriber=person, **new), now=NOW)
        if key == "a":
            assert advise_victims(now=NOW) == 1
    agree_to_block(now=NOW)
    assert advise_victims(now=NOW) == 1
    assert advise_victims(now=NOW) == 0
    owners = OutboxMessage.objects.filter(key__startswith="fraud-advice:").order_by("id")
    assert [row.subscriber for row in owners] == [elder, other]
    assert "银行" in open_letter(owners[0].id)[1]


def test_an_appeal_is_a_case_that_is_assigned_noted_and_answered() -> None:
    password = "correct horse battery staple 7"
    senior = add_user("wang", password=password, roles=["senior_handler"])
    handler = add_user("zhao", password=password, roles=["handler"])
    holder = _subscriber(SENDER)
    _reported(4)
    with pytest.raises(UnableToAppealNumber):
        appeal(SENDER, subscriber=_subscriber("13900700001"), text="Mine", now=NOW)
    row = appeal(SENDER, subscriber=holder, text="It is a clinic.", now=NOW)
    actor = actor_of_user(senior)
    assert assign_to_person("appeal", [row.ref], actor.ref, actor=actor, now=NOW) == [row.ref]
    row.refresh_from_db()
    assert row.handler == actor.ref
    assert case_kind("appeal").open_cases([actor.ref]) == {actor.ref: 1}
    with pytest.raises(AmendsError):
        assign_to_person("appeal", [row.ref], handler.ref, actor=actor, now=NOW)
    add_note("appeal", row.ref, text="Called the clinic.", actor=actor, now=NOW)
    assert [one.words for one in timeline("appeal", row.ref)][-1] == "Called the clinic."
    waiting = [
        item.path for item in waiting_for(actor, now=NOW) if item.kind == "protection.appeal"
    ]
    assert waiting == [f"/desk/protection/appeals/{row.ref}/"]
    answer_appeal(row.ref, granted=False, text="The reports are right.", actor=actor, now=NOW)
    (body,) = _letters("appeal-answer:")
    assert "The reports are right." in body
    assert "clinic" not in body
    assert "protection.appeal" not in {item.kind for item in waiting_for(actor, now=NOW)}
