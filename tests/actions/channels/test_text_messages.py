"""Text messages against a real SMPP server on loopback: what goes out, and what becomes of it."""

from __future__ import annotations

import time
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured

from amends.channels.jobs.send_due import send_due
from amends.channels.models import OutboxMessage, SmsPart
from amends.channels.senders import UnableToReachProvider
from amends.channels.sms.session import SessionLost
from amends.channels.sms.settings import sms_settings
from amends.channels.sms.worker import SmsWorker
from amends.platform.kit import traces
from smscentres.centre import BIND, RESPONSE, SUBMIT_SM, Centre, OddCentre, pdu, polite

pytestmark = pytest.mark.django_db
CHINESE = "【示例电信】您好，您本月的流量已用去八成，超出后每兆零点二九元。回复“查”可查询余量。" * 4


@pytest.fixture(autouse=True)
def sms_environment(monkeypatch):
    monkeypatch.setenv("AMENDS_SMS_FROM", "10086")
    monkeypatch.setenv("AMENDS_SMPP_TIMEOUT_S", "60")
    monkeypatch.setenv("AMENDS_SMPP_PER_SECOND", "5000")


@pytest.fixture
def centre(monkeypatch):
    running = Centre()
    monkeypatch.setenv("AMENDS_SMPP_URL", running.url)
    yield running
    running.stop()


@pytest.fixture
def odd_centre(monkeypatch):
    running = []

    def start(answer):
        running.append(OddCentre(answer))
        monkeypatch.setenv("AMENDS_SMPP_URL", running[-1].url)
        return running[-1]

    yield start
    for one in running:
        one.stop()


@pytest.fixture
def post_sms(post_mail):
    def _post(recipient="+8613812348000", body="您的流量已用八成。", **changes):
        return post_mail(channel="sms", recipient=recipient, body=body, subject="", **changes)

    return _post


def line(now):
    return SmsWorker(sms_settings(), holder="one", clock=lambda: now)


def row(message):
    return OutboxMessage.objects.get(pk=message.pk)


def turns_until(open_line, condition, *, seconds=120.0):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not happen in time"
        open_line.turn(wait_s=0.05)


def test_without_settings_nothing_leaves_the_house(monkeypatch, post_sms, now):
    monkeypatch.delenv("AMENDS_SMPP_URL", raising=False)
    assert post_sms().state == "held"
    with pytest.raises(UnableToReachProvider), line(now):
        pass


def test_a_message_goes_out_under_our_number_and_asks_for_a_receipt(centre, post_sms, now):
    posted = post_sms()
    assert posted.state == "queued"
    assert send_due(clock=lambda: now) == {}, "the line sends it, nobody else binds for it"
    with line(now) as open_line:
        assert open_line.turn() == {"sent": 1}
    [taken] = centre.taken
    assert (taken["from"], taken["to"], taken["ton"]) == ("10086", "8613812348000", 1)
    assert taken["receipt_wanted"] == 1
    assert bytes.fromhex(taken["octets"]).decode("utf-16-be") == "您的流量已用八成。"
    assert (row(posted).state, row(posted).provider_message_id) == ("sent", taken["name"])


def test_the_line_tells_its_sendings_as_steps_without_the_number(
    centre, post_sms, now, monkeypatch
):
    told = []

    @contextmanager
    def take(name, marks):
        marks = dict(marks)
        yield marks.update
        told.append((name, marks))

    posted = post_sms()
    monkeypatch.setattr(traces._Installed, "tracer", take)
    with line(now) as open_line:
        open_line.turn()
    assert ("window", {"channel": "sms"}) in told
    assert ("send", {"message": posted.id, "channel": "sms", "state": "sent"}) in told
    assert "13812348000" not in str(told)


def test_a_long_chinese_message_with_emoji_arrives_whole(centre, post_sms, now):
    words = f"{CHINESE}\x00🙂" * 2
    post_sms(body=words)
    with line(now) as open_line:
        open_line.turn()
    parts = [bytes.fromhex(taken["octets"]) for taken in centre.taken]
    assert len(parts) > 5
    assert {(part[:3], part[4]) for part in parts} == {(b"\x05\x00\x03", len(parts))}
    assert sorted(part[5] for part in parts) == list(range(1, len(parts) + 1))
    assert len({part[3] for part in parts}) == 1
    assert all(len(part) <= 140 for part in parts)
    text = "".join(p[6:].decode("utf-16-be") for p in sorted(parts, key=lambda p: p[5]))
    assert text == words.replace("\x00", "")
    assert SmsPart.objects.count() == len(parts)


@pytest.mark.parametrize(
    ("status", "state", "permanent"),
    [
        (0x0B, "failed", True),  # the number is none
        (0x01, "failed", True),
        (0x08, "queued", False),  # a fault of the centre
        (0x0A, "queued", False),  # our own number is refused: the setting is wrong
        (0x45, "queued", False),
    ],
)
def test_each_status_has_its_meaning(centre, post_sms, now, status, state, permanent):
    centre.do("set", status_for={"8613812348001": status})
    refused, neighbour = post_sms("+8613812348001"), post_sms()
    with line(now) as open_line:
        open_line.turn()
    assert (row(refused).state, row(refused).permanent) == (state, permanent)
    assert f"0x{status:02x}" in row(refused).error
    assert row(neighbour).state == "sent", "one refusal does not hurt the next message"


@pytest.mark.parametrize("recipient", ["Li Lei", "no number", "+", "1"])
def test_who_has_no_number_gets_no_message(centre, post_sms, now, recipient):
    message = post_sms(recipient)
    with line(now) as open_line:
        open_line.turn()
    assert (row(message).state, row(message).permanent) == ("failed", True)
    assert centre.taken == []


def test_a_text_of_too_many_parts_is_refused_for_good(centre, post_sms, now):
    message = post_sms(body="长" * 2000)
    with line(now) as open_line:
        open_line.turn()
    assert row(message).state == "failed"
    assert "parts" in row(message).error


def test_throttling_slows_down_and_costs_no_try(centre, post_sms, now):
    # A window of 50, then at least one at each of the pauses: however slow, it never gives up.
    centre.do("set", throttle=54)
    messages = [post_sms(f"+86138123480{n:02d}") for n in range(80)]
    with line(now) as open_line:
        assert open_line.turn() == {"sent": 80}
    assert len({taken["to"] for taken in centre.taken}) == len(centre.taken) == 80
    assert {row(message).attempts for message in messages} == {1}


def test_a_centre_that_takes_nothing_for_long_gives_the_messages_back(
    centre, post_sms, now, monkeypatch
):
    monkeypatch.setattr("amends.channels.sms.send._PAUSES_S", (0.01, 0.02))
    centre.do("set", throttle=1_000_000)
    messages = [post_sms() for _ in range(5)]
    with line(now) as open_line:
        assert open_line.turn() == {"untried": 5}
    assert {(row(m).state, row(m).attempts) for m in messages} == {("queued", 0)}
    centre.do("set", throttle=0)
    with line(now + timedelta(minutes=2)) as open_line:
        assert open_line.turn() == {"sent": 5}


def test_a_receipt_tells_that_the_message_arrived(centre, post_sms, now):
    centre.do("set", receipts="DELIVRD")
    message = post_sms()
    with line(now) as open_line:
        turns_until(open_line, lambda: row(message).delivered_at is not None)
    assert row(message).state == "sent"


@pytest.mark.parametrize("state", ["UNDELIV", "EXPIRED", "REJECTD", "DELETED"])
def test_a_receipt_tells_that_it_did_not(centre, post_sms, now, state):
    centre.do("set", receipts=state)
    message = post_sms()
    with line(now) as open_line:
        turns_until(open_line, lambda: row(message).state == "failed")
    assert state in row(message).error


def test_a_receipt_that_comes_before_the_answer_is_not_lost(centre, post_sms, now):
    centre.do("set", receipts="DELIVRD", receipt_first=True)
    messages = [post_sms() for _ in range(5)]
    with line(now) as open_line:
        open_line.turn()
        assert all(row(message).delivered_at for message in messages)


def test_a_long_message_is_delivered_when_all_its_parts_are(centre, post_sms, now):
    message = post_sms(body=CHINESE)
    with line(now) as open_line:
        open_line.turn()
        names = [taken["name"] for taken in centre.taken]
        for name in (*names[1:], names[1]):
            receipt(centre, open_line, name, "DELIVRD")
        assert row(message).delivered_at is None
        receipt(centre, open_line, names[0], "ENROUTE")
        assert row(message).delivered_at is None
        receipt(centre, open_line, names[0], "DELIVRD")
        assert row(message).delivered_at is not None
        receipt(centre, open_line, names[0], "UNDELIV")
    assert row(message).state == "sent", "what was delivered is not undone by a later receipt"


def receipt(centre, open_line, name, state):
    """Let the centre deliver a receipt while the line reads."""
    import threading

    said = f"id:{name} sub:001 dlvrd:001 submit date:1 done date:2 stat:{state} err:034 text:"
    answers = []
    asking = threading.Thread(
        target=lambda: answers.append(
            centre.do("deliver", to="10086", octets=said.encode().hex(), esm_class=4)
        )
    )
    asking.start()
    turns_until(open_line, lambda: not asking.is_alive())
    assert answers == [{"status": 0}]


def test_receipts_may_name_in_decimal_what_answers_named_in_hexadecimal(
    centre, post_sms, now, monkeypatch
):
    monkeypatch.setenv("AMENDS_SMPP_RECEIPT_IDS", "decimal")
    centre.do("set", count=0xABB)
    message = post_sms()
    with line(now) as open_line:
        open_line.turn()
        assert [taken["name"] for taken in centre.taken] == ["00000abc"]
        receipt(centre, open_line, "2748", "DELIVRD")
    assert row(message).delivered_at is not None


def hangs_up_at(number):
    """A centre that accepts messages, and hangs up at the n-th without a word."""
    count = 0

    def answer(command, sequence, body, connection):
        nonlocal count
        if command != SUBMIT_SM:
            return polite(command, sequence)
        count += 1
        if count == number:
            return None
        return pdu(RESPONSE | SUBMIT_SM, sequence, b"id-%d\x00" % count)

    return answer


@pytest.mark.parametrize(("when_unknown", "again"), [("ask", 0), ("resend", 1)])
def test_a_line_that_breaks_in_mid_submit_leaves_what_was_out_unknown(
    odd_centre, post_sms, now, monkeypatch, when_unknown, again
):
    monkeypatch.setenv("AMENDS_SMPP_WINDOW", "1")
    odd = odd_centre(hangs_up_at(3))
    messages = [post_sms(body=f"第{n}条", when_unknown=when_unknown) for n in range(5)]
    with line(now) as open_line, pytest.raises(SessionLost):
        open_line.turn()
    assert [row(m).state for m in messages] == ["sent", "sent", "unknown", "queued", "queued"]
    assert [row(m).attempts for m in messages] == [1, 1, 1, 0, 0]
    with line(now + timedelta(hours=1)) as open_line:
        open_line.turn()
    assert row(messages[2]).state == ("sent" if again else "unknown")
    texts = [octets.decode("utf-16-be") for octets in odd.submitted]
    assert texts.count("第2条") == 1 + again
    assert all(texts.count(f"第{n}条") == 1 for n in (0, 1, 3, 4))


def test_an_answer_that_never_comes_leaves_the_message_unknown_until_it_does(
    odd_centre, post_sms, now, monkeypatch
):
    monkeypatch.setenv("AMENDS_SMPP_TIMEOUT_S", "5")
    kept = []

    def answer(command, sequence, body, connection):
        if command == SUBMIT_SM:
            if not kept:
                kept.append(sequence)
                return b""
            late = pdu(RESPONSE | SUBMIT_SM, kept[0], b"late\x00")
            return pdu(RESPONSE | SUBMIT_SM, sequence, b"id\x00") + late
        return polite(command, sequence)

    odd_centre(answer)
    message = post_sms()
    with line(now) as open_line:
        assert open_line.turn() == {"unknown": 1}
        assert row(message).state == "unknown"
        post_sms()
        turns_until(open_line, lambda: row(message).state == "sent")
    assert (row(message).state, row(message).provider_message_id) == ("sent", "late")


BROKEN = {
    "too long": b"\x7f\xff\xff\xff" + b"\x00" * 12,
    "too short": b"\x00\x00\x00\x04" + b"\x80\x00\x00\x04" + b"\x00" * 8,
    "noise": b"HTTP/1.1 400 Bad Request\r\n\r\n" * 3,
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_what_is_no_smpp_ends_the_session_and_leaves_the_message_unknown(
    odd_centre, post_sms, now, broken
):
    odd_centre(lambda c, s, b, n: broken if c == SUBMIT_SM else polite(c, s))
    message = post_sms()
    with line(now) as open_line, pytest.raises(SessionLost):
        open_line.turn()
    assert row(message).state == "unknown"


def test_a_request_we_do_not_know_is_refused_and_the_session_goes_on(odd_centre, post_sms, now):
    strange = pdu(0x0003, 99) + pdu(0x00000005, 7, b"no deliver_sm at all") + pdu(0x15, 8)

    def answer(command, sequence, body, connection):
        if command == SUBMIT_SM:
            return strange + pdu(RESPONSE | SUBMIT_SM, sequence, b"x\x00")
        return polite(command, sequence)

    odd = odd_centre(answer)
    message = post_sms()
    with line(now) as open_line:
        open_line.turn()
    assert row(message).state == "sent"
    until = time.monotonic() + 120
    while (0x80000015, 0, 8) not in odd.seen and time.monotonic() < until:
        time.sleep(0.02)
    assert (0x80000000, 0x03, 99) in odd.seen, "generic_nack"
    assert (0x80000005, 0x66, 7) in odd.seen, "a broken delivery is refused for good"
    assert (0x80000015, 0, 8) in odd.seen, "the link is confirmed"


@pytest.mark.parametrize("status", [0x0E, 0x05, 0x0D])
def test_a_centre_that_does_not_let_us_in_costs_no_try(odd_centre, post_sms, now, status):
    odd_centre(
        lambda c, s, b, n: pdu(RESPONSE | BIND, s, status=status) if c == BIND else polite(c, s)
    )
    message = post_sms()
    with pytest.raises(UnableToReachProvider, match="R"), line(now):
        pass
    assert (row(message).state, row(message).attempts) == ("queued", 0)


def test_a_silent_centre_is_asked_and_then_given_up(odd_centre, now, monkeypatch):
    monkeypatch.setenv("AMENDS_SMPP_ENQUIRE_S", "1")
    monkeypatch.setenv("AMENDS_SMPP_TIMEOUT_S", "5")
    odd = odd_centre(lambda c, s, b, n: polite(c, s) if c == BIND else b"")
    with line(now) as open_line, pytest.raises(SessionLost, match="silent"):
        turns_until(open_line, lambda: False)
    assert 0x15 in {command for command, _, _ in odd.seen}


WRONG = {
    "AMENDS_SMPP_URL": [
        "smpp.example.com",
        "http://u:p@h",
        "smpps://",
        "smpps://h",
        "smpps://u@h",
        "smpps://u:p@h:x",
        "smpp+plain://u:p@smsc.example.com",
        "smpp+plain://u:p@" + "8.8.8.8",
        "smpps://u:ninechars@h",
        f"smpps://{'u' * 16}:p@h",
        "smpps://用户:p@h",
    ],
    "AMENDS_SMS_FROM": ["not a number", "+", "twelveletters"],
    "AMENDS_SMPP_WINDOW": ["0", "many", "10000"],
    "AMENDS_SMPP_PER_SECOND": ["0", "-1"],
    "AMENDS_SMPP_TIMEOUT_S": ["0", "soon"],
    "AMENDS_SMPP_ENQUIRE_S": ["0"],
    "AMENDS_SMPP_ALPHABET": ["utf-8"],
    "AMENDS_SMPP_RECEIPT_IDS": ["octal"],
    "AMENDS_SMS_MAX_PARTS": ["256"],
    "AMENDS_SMPP_CA_FILE": ["/nowhere/ca.pem"],
    "AMENDS_SMPP_SYSTEM_TYPE": ["thirteenchars"],
    "AMENDS_SMPP_PASSWORD_FILE": ["/nowhere/password"],
}


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in WRONG.items() for value in values]
)
def test_a_setting_that_cannot_be_used_stops_the_start(monkeypatch, name, value):
    url = "smpps://u@h" if name == "AMENDS_SMPP_PASSWORD_FILE" else "smpps://u:p@h"
    monkeypatch.setenv("AMENDS_SMPP_URL", url)
    monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured) as refusal:
        sms_settings()
    assert "ninechars" not in str(refusal.value)


def test_sending_needs_a_number_of_our_own(monkeypatch):
    monkeypatch.delenv("AMENDS_SMS_FROM")
    monkeypatch.setenv("AMENDS_SMPP_URL", "smpps://u:p@h")
    with pytest.raises(ImproperlyConfigured, match="AMENDS_SMS_FROM"):
        sms_settings()


def test_a_private_address_may_be_reached_in_the_clear(monkeypatch):
    monkeypatch.setenv("AMENDS_SMPP_URL", "smpp+plain://u:p@" + "10.1.2.3")
    centre = sms_settings().centre
    assert (centre.host, centre.port, centre.is_plain) == ("10.1.2.3", 2775, True)
    assert "password" not in repr(centre)
