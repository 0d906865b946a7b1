"""A letter that did not arrive is seen at its complaint, in the inbox and in the list of a script."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from amends.cases.complaints.actions.answer import ReplyDraft, answer_many
from amends.cases.complaints.actions.follow_letters import follow_letters
from amends.cases.complaints.models import Complaint, Event, Reply
from amends.channels.actions.record_delivery_changes import in_commit_order, note_changes
from amends.channels.models import OutboxMessage
from amends.platform.kit.actors import Actor
from tests.actions.complaints.conftest import NOW
from tests.pages.conftest import Desk
from tests.shell import amends

HANDLER = Actor("user", "usr-1", ("handler",))
LATER = NOW + timedelta(hours=1)
WHY = "550 5.1.1 <someone@example.org>: user unknown"


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: LATER + timedelta(minutes=5))


def _letter(desk: Desk, at: object = NOW) -> Reply:
    complaint = Complaint.objects.get(id=desk.complaint)
    (reply,) = answer_many([ReplyDraft(complaint, "ask_for_words")], actor=HANDLER, now=at)
    assert reply.message
    return reply


def _fails(reply: Reply) -> None:
    with transaction.atomic():
        in_commit_order()
        row = OutboxMessage.objects.get(id=reply.message)
        row.state = OutboxMessage.State.FAILED
        row.save(update_fields=["state"])
        note_changes([row], row.state, detail=WHY, now=LATER)


def _listed() -> list[str]:
    found = amends("complaints", "list", "--by", "qiao.lin", "--view", "unreached", "--json")
    return [one["complaint"] for one in found.document["complaints"]]


def test_it_is_noted_once_and_without_the_address(desk: Desk) -> None:
    assert follow_letters(now=NOW) == 0
    reply = _letter(desk)
    assert follow_letters(now=LATER) == 0, "posted is not lost"
    _fails(reply)
    assert follow_letters(now=LATER) == 1
    assert follow_letters(now=LATER) == 0
    event = Event.objects.get(complaint=desk.complaint, verb="letter_failed")
    assert (event.details["reply"], event.reason) == ("ask_for_words", "")
    assert "example.org" not in str(event.details)
    assert Reply.objects.get(id=reply.id).failed_at == LATER


def test_what_failed_before_it_was_followed_is_past(desk: Desk) -> None:
    _fails(_letter(desk))
    assert follow_letters(now=LATER) == follow_letters(now=LATER) == 0
    assert _listed() == []


@pytest.mark.parametrize(
    ("language", "tab", "badge", "told"),
    [
        ("en", "Letter lost", "not delivered", "A reply could not be delivered"),
        ("zh-hans", "信函未送达", "未送达", "信函未送达"),
    ],
)
def test_the_desk_shows_it_until_another_letter_has_left(
    desk: Desk, language: str, tab: str, badge: str, told: str
) -> None:
    desk.client.cookies["amends_language"] = language
    follow_letters(now=NOW)
    _fails(_letter(desk))
    follow_letters(now=LATER)
    inbox = desk.client.get("/desk/", {"view": "unreached"}).content.decode()
    assert tab in inbox
    assert f'data-row="{desk.complaint}"' in inbox
    page = desk.client.get(f"/desk/c/{desk.complaint}/").content.decode()
    assert badge in page
    assert told in page
    code = Complaint.objects.get(id=desk.complaint).code_public
    assert _listed() == [code]

    _letter(desk, LATER + timedelta(minutes=1))
    assert _listed() == []
