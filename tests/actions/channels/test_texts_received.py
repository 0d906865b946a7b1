"""Text messages from people: kept once, joined when they are long, answered only when kept."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from amends.channels.actions.forget import forget
from amends.channels.models import InboundMessage, OutboxMessage, SmsReceipt, SmsSegment
from amends.channels.queries.contacts import opened_column
from amends.channels.sms import store_inbound as taking_in
from amends.channels.sms.reading.deliveries import read_delivery
from amends.channels.sms.settings import SmsSettings, sms_settings
from amends.channels.sms.store_inbound import LATER, TAKEN, TakeIn
from amends.channels.sms.worker import SmsWorker, join_overdue
from amends.channels.sms.writing.parts import compose
from amends.platform.kit.periods import Period
from smscentres.centre import Centre

pytestmark = [pytest.mark.django_db, pytest.mark.postgres_too]
WORDS = "每月扣我十块钱彩铃费，我从来没有订过。编号 7QX2-M9T4-0AB8"
CALLER = "8613812348000"


def body(octets, *, coding=8, esm_class=0, source=CALLER, ton=1, tlvs=b""):
    """A `deliver_sm` as a message centre writes it (SMPP 3.4, 4.6.1)."""
    return b"".join(
        (
            b"\x00",
            bytes([ton, 1]),
            source.encode(),
            b"\x00",
            b"\x00\x01",
            b"10086\x00",
            bytes([esm_class]),
            b"\x00\x00",
            b"\x00\x00",
            b"\x00\x00",
            bytes([coding, 0]),
            bytes([len(octets)]),
            octets,
            tlvs,
        )
    )


def deliveries(*bodies):
    return [read_delivery(one, sequence=number) for number, one in enumerate(bodies, start=1)]


@pytest.fixture
def take_in(now):
    def _take_in(*bodies, session="a", at=now):
        taker = TakeIn(SmsSettings(), session=session, clock=lambda: at)
        return taker(deliveries(*bodies))

    return _take_in


def texts():
    rows = InboundMessage.objects.order_by("recorded_at", "id")
    return [opened_column(row, "text_sealed") for row in rows]


def long_message(words, *, reference=7):
    return [
        body(part.octets, coding=part.data_coding, esm_class=0x40)
        for part in compose(words, reference=reference)
    ]


def test_a_text_message_is_kept_with_its_sender_and_the_code_it_names(take_in, now):
    assert take_in(body(WORDS.encode("utf-16-be"))) == [TAKEN]
    row = InboundMessage.objects.get()
    assert (row.channel, row.state, row.tracking_code) == ("sms", "new", "7QX2-M9T4-0AB8")
    assert opened_column(row, "sender_sealed") == f"+{CALLER}"
    assert opened_column(row, "text_sealed") == WORDS
    segment = SmsSegment.objects.get()
    assert (bytes(segment.text_sealed), bytes(segment.sender_sealed)) == (b"", b"")


def test_what_is_delivered_again_after_the_line_broke_is_the_same_message(take_in, now):
    one = body("退订".encode("utf-16-be"))
    take_in(one, session="a")
    take_in(one, session="b", at=now + timedelta(seconds=30))
    assert InboundMessage.objects.count() == 1


def test_the_same_words_written_twice_are_two_messages(take_in, now):
    one = body("Y".encode("utf-16-be"))
    take_in(one)
    take_in(one, at=now + timedelta(seconds=30))
    take_in(one, session="b", at=now + timedelta(hours=1))
    assert InboundMessage.objects.count() == 3


def test_an_answer_that_came_too_late_for_the_centre_makes_its_repetition_no_news(now, monkeypatch):
    monkeypatch.setattr(taking_in, "CENTRE_WAITS_S", 0.0)
    taker = TakeIn(SmsSettings(), session="a", clock=lambda: now)
    one = deliveries(body(b"\x00Y"))
    assert taker(one) == taker(one) == [TAKEN]
    assert InboundMessage.objects.count() == 1


def test_a_long_message_is_one_whatever_the_order_of_its_parts(take_in):
    words = (WORDS + "🙂") * 5
    parts = long_message(words)
    assert len(parts) > 2
    take_in(*reversed(parts[1:]))
    assert InboundMessage.objects.count() == 0
    take_in(parts[0])
    assert texts() == [words]


def test_parts_of_two_people_and_of_two_messages_do_not_mix(take_in):
    first, second = "甲" * 80, "乙" * 80
    mine, theirs = long_message(first), long_message(second)
    theirs = [one.replace(CALLER.encode(), b"8613900001111") for one in theirs]
    take_in(mine[0], theirs[1], theirs[0], mine[1])
    assert sorted(texts()) == sorted([first, second])
    third = "丙" * 80
    take_in(*long_message(third))
    assert third in texts()


def test_a_part_that_never_comes_is_shown_as_missing(take_in, now):
    parts = long_message("甲" * 60 + "乙" * 60 + "丙" * 60)
    take_in(parts[0], parts[2])
    assert join_overdue(now=now + timedelta(hours=20)) == 0
    assert join_overdue(now=now + timedelta(hours=25)) == 1
    row = InboundMessage.objects.get()
    assert "[…]" in opened_column(row, "text_sealed")
    assert row.reason == "parts_missing"


def test_a_number_that_begins_anew_does_not_complete_what_was_there(take_in):
    old, new = long_message("甲" * 80), long_message("乙" * 80)
    take_in(old[0], session="a")
    take_in(*new, session="a")
    assert "乙" * 80 in texts()
    assert len(texts()) == 2


@pytest.mark.parametrize(
    ("octets", "coding", "text"),
    [
        (b"\x00@\x1be done", 0, "@¡€ done"),
        (b"plain", 1, "plain"),
        ("café".encode("latin-1"), 3, "café"),
        ("a\x00b🙂".encode("utf-16-be"), 8, "ab🙂"),
        (b"\xd8\x3d", 8, "�"),  # half an emoji
        (b"odd", 8, None),
        ("类".encode("utf-16-be"), 0x18, "类"),
        (b"\x01\x02", 4, ""),
    ],
)
def test_whatever_alphabet_it_is_in_it_is_read_and_kept(take_in, octets, coding, text):
    assert take_in(body(octets, coding=coding)) == [TAKEN]
    [kept] = texts()
    assert text is None or kept == text


def test_a_message_in_an_optional_parameter_is_read_too(take_in):
    words = (WORDS * 8).encode("utf-16-be")
    take_in(body(b"", tlvs=b"\x04\x24" + len(words).to_bytes(2) + words))
    assert texts() == [WORDS * 8]


def test_a_receipt_of_a_message_that_is_not_ours_is_kept_and_changes_nothing(take_in, now):
    said = b"id:nobody sub:001 dlvrd:001 submit date:1 done date:2 stat:DELIVRD err:000 text:x"
    assert take_in(body(said, coding=0, esm_class=4), body(said, coding=0, esm_class=4)) == [0, 0]
    assert take_in(body(b"no receipt at all", coding=0, esm_class=4)) == [TAKEN]
    assert InboundMessage.objects.count() == 0
    assert SmsReceipt.objects.count() == 1


def test_what_cannot_be_kept_is_not_acknowledged_and_hurts_no_other(now, monkeypatch):
    real = taking_in.receive

    def fails_for_one(message, *, now):
        if message.text == "坏":
            raise RuntimeError("disk full")
        return real(message, now=now)

    monkeypatch.setattr(taking_in, "receive", fails_for_one)
    taker = TakeIn(SmsSettings(), session="a", clock=lambda: now)
    three = deliveries(*(body(word.encode("utf-16-be")) for word in ("甲", "坏", "乙")))
    assert taker(three) == [TAKEN, LATER, TAKEN]
    assert sorted(texts()) == ["乙", "甲"]
    monkeypatch.undo()
    assert taker(three[1:2]) == [TAKEN]


def test_it_answers_the_last_message_that_went_to_its_sender(take_in, post_mail, now):
    for number, recipient in ((1, f"+{CALLER}"), (2, f"+{CALLER}"), (3, "+8613900001111")):
        row = post_mail(channel="sms", recipient=recipient, reference=f"complaint-{number}")
        OutboxMessage.objects.filter(pk=row.pk).update(
            state="sent", sent_at=now + timedelta(minutes=number)
        )
    take_in(body("同意".encode("utf-16-be")), at=now + timedelta(hours=1))
    assert InboundMessage.objects.get().answers.reference == "complaint-2"


def test_forgetting_somebody_forgets_parts_that_wait(take_in, now):
    take_in(long_message("甲" * 80)[0], body("乙".encode("utf-16-be")))
    assert SmsSegment.objects.count() == 2
    forget(addresses=[(f"+{CALLER}", Period(now - timedelta(days=1)))], now=now)
    assert SmsSegment.objects.count() == 0
    assert texts() == [""]


def test_from_a_real_centre_to_the_store_and_back(monkeypatch, now):
    centre = Centre()
    try:
        monkeypatch.setenv("AMENDS_SMPP_URL", centre.url)
        monkeypatch.setenv("AMENDS_SMS_FROM", "10086")
        words = f"{WORDS}\x00🙂" * 4
        answers = []

        def deliver():
            for part in compose(words, reference=3):
                answers.append(
                    centre.do(
                        "deliver",
                        to="10086",
                        octets=part.octets.hex(),
                        esm_class=0x40,
                        data_coding=part.data_coding,
                        source_addr=CALLER,
                        source_addr_ton=1,
                    )
                )

        asking = threading.Thread(target=deliver)
        with SmsWorker(sms_settings(), holder="one", clock=lambda: now) as open_line:
            asking.start()
            while asking.is_alive():
                open_line.turn(wait_s=0.05)
        assert {answer["status"] for answer in answers} == {0}
        assert texts() == [words.replace("\x00", "")]
    finally:
        centre.stop()
