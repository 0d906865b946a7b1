"""Receiving: kept once, sealed, with its files judged by what they contain."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection

from amends.channels.actions.claim_inbound import LEASE, undispatched
from amends.channels.actions.mark_inbound import (
    MAX_ATTEMPTS,
    UnableToMarkMessage,
    mark_dispatched,
    mark_failed,
    mark_refused,
    take_up_again,
)
from amends.channels.actions.receive import Incoming, ReceivedFile, UnableToReceiveMessage, receive
from amends.channels.models import Attachment, InboundMessage
from amends.channels.queries import files_of, inbound_summary, open_file, open_message

pytestmark = [pytest.mark.django_db, pytest.mark.postgres_too]

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 40


@pytest.fixture
def arrive(now):
    count = []

    def _arrive(**changes):
        count.append(1)
        fields = {
            "channel": "mail",
            "external_id": f"id-{len(count)}",
            "sender": "Li.Lei@example.com",
            "text": "我的手机被扣了30元，没有办过。",
            "received_at": now + timedelta(seconds=len(count)),
            **changes,
        }
        return receive(Incoming(**fields), now=now)

    return _arrive


def state(message):
    return InboundMessage.objects.get(pk=message.pk).state


def test_the_same_message_is_kept_once(arrive):
    first = arrive(external_id="same")
    assert arrive(external_id="same", text="changed").pk == first.pk
    assert arrive(external_id="same", channel="web").pk != first.pk
    assert InboundMessage.objects.count() == 2


def test_words_and_sender_are_sealed_and_the_subject_is_masked(arrive):
    message = arrive(text="planted words", subject="请回电 13800138000")
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM channels_inboundmessage")
        stored = b"".join(
            bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
            for value in cursor.fetchone()
        )
    assert b"planted" not in stored
    assert b"example.com" not in stored
    assert b"13800138000" not in stored
    assert open_message(message.pk).text == "planted words"


def test_a_sender_is_found_again_whatever_the_case(arrive):
    assert arrive().sender_index == arrive(sender="li.lei@EXAMPLE.com").sender_index != ""
    assert arrive(sender="").sender_index == ""


def test_text_no_database_can_hold_is_cleaned(arrive):
    assert open_message(arrive(text="a\x00b\ud800c").pk).text == "abc"


def test_files_are_kept_sealed_or_listed_with_the_reason(arrive, files_folder):
    message = arrive(
        original=b"the whole mail",
        files=[
            ReceivedFile("账单.png", PNG),
            ReceivedFile("bill.pdf", b"MZ\x90\x00" + b"\x00" * 60),
            ReceivedFile("big.txt", b"a" * (10 * 1024 * 1024 + 1)),
        ],
    )
    png, program, big = files_of([message.pk])
    assert (png.media_type, png.refused) == ("image/png", "")
    assert (program.refused, big.refused) == ("program", "too_large")
    assert open_file(png.id) == ("账单.png", "image/png", PNG)
    on_disk = [path.read_bytes() for path in files_folder.glob("*/*")]
    assert len(on_disk) == 2
    assert not any(b"PNG" in each or b"whole mail" in each for each in on_disk)
    with pytest.raises(Attachment.DoesNotExist):
        open_file(program.id)


def test_a_message_without_a_name_at_its_origin_is_refused(arrive, now):
    for wrong in (
        {"external_id": ""},
        {"external_id": "x" * 129},
        {"received_at": now.replace(tzinfo=None)},
        {"automatic": "robot"},
    ):
        with pytest.raises(UnableToReceiveMessage):
            arrive(**wrong)


def test_automatic_messages_are_kept_and_wait_for_nobody(arrive, now):
    assert state(arrive(automatic="auto_reply")) == "ignored"
    assert state(arrive(automatic="bounce")) == "ignored"
    generated = arrive(automatic="generated")
    [waiting] = undispatched(holder="d", now=now + timedelta(minutes=1))
    assert waiting.id == generated.pk
    assert not waiting.may_answer


def test_an_answer_leads_to_what_it_answers_and_says_if_the_sender_is_the_recipient(
    arrive, post_mail, now
):
    letter = post_mail(reference="complaint-5", recipient="li.lei@example.com")
    arrive(answers=letter.pk)
    arrive(answers=letter.pk, sender="somebody.else@example.com")
    arrive(answers="0" * 32)
    later = now + timedelta(minutes=1)
    known, other, none = undispatched(holder="d", now=later)
    assert (known.reference, known.sender_known) == ("complaint-5", True)
    assert (other.reference, other.sender_known) == ("complaint-5", False)
    assert (none.reference, none.sender_known) == ("", False)


def test_two_dispatchers_never_get_the_same_message(arrive, now):
    for _ in range(3):
        arrive()
    later = now + timedelta(minutes=1)
    first = undispatched(2, holder="a", now=later)
    second = undispatched(2, holder="b", now=later)
    assert (len(first), len(second)) == (2, 1)
    assert not {m.id for m in first} & {m.id for m in second}


def test_what_a_dispatcher_does_not_finish_comes_back(arrive, now):
    message = arrive()
    later = now + timedelta(minutes=1)
    undispatched(holder="a", now=later)
    after = later + LEASE
    [again] = undispatched(holder="b", now=after)
    assert (again.id, again.attempts) == (message.pk, 2)
    with pytest.raises(UnableToMarkMessage):
        mark_dispatched(message.pk, holder="a", became="contact-1", now=after)
    mark_dispatched(message.pk, holder="b", became="contact-2", now=after)
    assert InboundMessage.objects.get(pk=message.pk).became == "contact-2"


def test_refused_ones_keep_their_reason_and_can_be_taken_up_again(arrive, now):
    arrive(automatic="list")
    two = arrive()
    later = now + timedelta(minutes=1)
    undispatched(holder="a", now=later)
    mark_refused(two.pk, holder="a", reason="no words", now=later)
    assert inbound_summary(now=now) == {
        "new": 0,
        "dispatched": 0,
        "ignored": 1,
        "refused": 1,
        "failing": 0,
        "refused_last_day": 1,
    }
    assert take_up_again(two.pk, because="a person looked at it")
    assert [m.id for m in undispatched(holder="a", now=later)] == [two.pk]


def test_a_message_that_keeps_failing_ends_before_a_person(arrive, now):
    message = arrive()
    for attempt in range(1, MAX_ATTEMPTS + 1):
        now += timedelta(hours=2)
        [taken] = undispatched(holder="a", now=now)
        tried_again = mark_failed(taken.id, holder="a", reason="the database is away", now=now)
        assert tried_again == (attempt < MAX_ATTEMPTS)
    stored = InboundMessage.objects.get(pk=message.pk)
    assert (stored.state, stored.reason) == ("refused", "failed 6 times: the database is away")


def test_a_failed_message_waits_before_it_is_tried_again(arrive, now):
    arrive()
    later = now + timedelta(minutes=1)
    [taken] = undispatched(holder="a", now=later)
    mark_failed(taken.id, holder="a", reason="locked", now=later)
    assert undispatched(holder="b", now=later + timedelta(seconds=30)) == []
    assert len(undispatched(holder="b", now=later + timedelta(minutes=3))) == 1
