"""What another platform says it sent: once into the rows and the ledger, strangers left alone."""

from __future__ import annotations

import pytest

from amends.causes.notices.actions.import_sending_reports import Sending, import_sending_reports
from amends.people.subscribers.actions.register import NewSubscriber, register
from amends.platform.kit.periods import to_ms
from amends.record.ledger.queries import facts_about
from tests.actions.notices.test_telling import NOON, due_notice

pytestmark = pytest.mark.django_db
MS = to_ms(NOON)


@pytest.fixture
def person() -> str:
    return register(NewSubscriber(phone="15400000001"), now=NOON)


def kinds(person: str) -> list[str]:
    return [one.kind for one in facts_about(person) if one.kind.startswith("Notice")]


def test_a_delivery_is_written_once_however_often_it_is_reported(person: str) -> None:
    notice = due_notice(person)
    document = Sending(notice.key, "sms", MS + 5, delivered_ms=MS + 9)
    assert [import_sending_reports([document], now=NOON) for _ in range(2)] == [1, 0]
    notice.refresh_from_db()
    assert (notice.state, notice.sent_at_ms, notice.delivered_at_ms) == (
        "delivered",
        MS + 5,
        MS + 9,
    )
    assert kinds(person) == ["NoticeSent", "NoticeDelivered"]


def test_a_receipt_may_follow_and_a_failure_says_why(person: str) -> None:
    first, second = due_notice(person), due_notice(person, step="80%", period="2026-10-01")
    import_sending_reports([Sending(one.key, "sms", MS) for one in (first, second)], now=NOON)
    assert (
        import_sending_reports([Sending(first.key, "sms", MS, delivered_ms=MS + 1)], now=NOON) == 1
    )
    lost = Sending(second.key, "sms", MS, failed_ms=MS + 2, cause="absent")
    assert [import_sending_reports([lost], now=NOON) for _ in range(2)] == [1, 0]
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state, second.reason) == ("delivered", "failed", "absent")
    assert sorted(kinds(person)) == [
        "NoticeDelivered",
        "NoticeFailed",
        "NoticeSent",
        "NoticeSent",
    ]


def test_a_stranger_changes_nothing() -> None:
    assert import_sending_reports([Sending("nobody", "sms", MS, delivered_ms=MS)], now=NOON) == 0
