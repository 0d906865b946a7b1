"""What a person decides on messages in `/admin`, a script decides too."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from amends.channels.actions.claim_inbound import undispatched
from amends.channels.actions.mark_inbound import mark_refused
from amends.channels.actions.post import Outgoing, post_many
from amends.channels.actions.receive import Incoming, receive
from amends.channels.models import DeliveryChange, InboundMessage, OutboxMessage
from amends.people.access.actions.add_user import add_user
from shell import amends

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 27, 8, tzinfo=UTC)
BY = ("--by", "admin")
STATE = OutboxMessage.State


@pytest.fixture(autouse=True)
def _people(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW + timedelta(hours=1))
    add_user("admin", password="harbour-kite-42", roles=["administrator"])
    add_user("qiao.lin", password="harbour-kite-42", roles=["handler"])


def _posted(count: int, *, channel: str = "sms") -> list[str]:
    texts = [
        Outgoing(
            key=f"{channel}-{number}",
            channel=channel,
            subject="",
            body="您的投诉已收到。",
            recipient="13900001234" if channel == "sms" else "user@example.org",
            language="zh-hans",
            reference=f"cmp-{number}",
        )
        for number in range(count)
    ]
    with transaction.atomic():
        return [row.id for row in post_many(texts, now=NOW)]


def _states() -> list[str]:
    return sorted(OutboxMessage.objects.values_list("state", flat=True))


def test_listed_without_words_or_people_page_by_page() -> None:
    ids = _posted(3)
    first = amends("messages", "list", "--state", "held", "--limit", "2", "--json")
    assert [one["id"] for one in first.document["messages"]] == ids[:0:-1]
    rest = amends("messages", "list", "--state", "held", "--before", ids[1])
    assert ids[0] in rest.out
    assert "13900001234" not in first.out + rest.out
    assert "投诉" not in first.out + rest.out
    assert amends("messages", "list", "--state", "lost").code == 2


def test_held_ones_leave_once_their_channel_sends_and_others_are_cancelled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ids = _posted(3)
    refused = amends("messages", "release", *BY, "--all")
    assert (refused.code, "Not switched on: sms." in refused.err) == (1, True)
    assert amends("messages", "cancel", *BY, ids[0]).out == "1 message changed.\n"
    monkeypatch.setattr("amends.channels.actions.release.sends", lambda channel: True)
    assert amends("messages", "release", *BY, "--all", "--json").document == {"changed": 2}
    assert _states() == [STATE.CANCELLED, STATE.QUEUED, STATE.QUEUED]
    assert amends("messages", "cancel", *BY, "--all-held").out == "0 messages changed.\n"
    said = DeliveryChange.objects.get(message=ids[0], state=STATE.CANCELLED)
    assert said.detail == "cancelled by admin"


def test_unknown_ones_are_settled_either_way() -> None:
    ids = _posted(4)
    OutboxMessage.objects.exclude(id=ids[3]).update(state=STATE.UNKNOWN)
    assert amends("messages", "count-as-sent", *BY, ids[0], ids[3], "--json").document == {
        "changed": 1
    }
    assert amends("messages", "send-again", *BY, "--all", "--channel", "mail").out.startswith("0 ")
    assert amends("messages", "send-again", *BY, "--all", "--channel", "sms").out.startswith("2 ")
    assert _states() == [STATE.HELD, STATE.QUEUED, STATE.QUEUED, STATE.SENT]


def test_a_refused_message_is_taken_up_again() -> None:
    message = receive(
        Incoming(
            channel="sms",
            external_id="m-1",
            received_at=NOW,
            sender="13900001234",
            text="每月多收10块钱",
        ),
        now=NOW,
    ).id
    undispatched(5, holder="test", now=NOW)
    mark_refused(message, holder="test", reason="Too long.", now=NOW)
    listed = amends("messages", "list", "--state", "refused", "--json").document["messages"]
    assert [(one["id"], one["why"]) for one in listed] == [(message, "Too long.")]
    assert amends("messages", "take-up", *BY, "--all", "--json").document == {"changed": 1}
    row = InboundMessage.objects.get(id=message)
    assert (row.state, row.reason) == ("new", "taken up again by admin")


def test_only_an_administrator_decides_and_something_must_be_named() -> None:
    ids = _posted(1)
    refused = amends("messages", "cancel", "--by", "qiao.lin", ids[0])
    assert (refused.code, "Ask an administrator." in refused.err) == (1, True)
    for given in ((), (ids[0], "--all")):
        assert amends("messages", "release", *BY, *given).code == 2
    assert _states() == [STATE.HELD]
