"""Dispatch: a stored message reaches its app once, and one bad message stops no other."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from amends.cases.complaints.actions.attach import open_attachment
from amends.cases.complaints.actions.intake import Submission
from amends.cases.complaints.actions.receive import receive as receive_complaint
from amends.cases.complaints.jobs import pipeline
from amends.cases.complaints.models import Complaint, Contact, Event, Reply
from amends.cases.complaints.queries.attachments import attachments_of
from amends.channels.actions.post import Outgoing, post_many
from amends.channels.actions.receive import Incoming, ReceivedFile, receive
from amends.channels.models import InboundMessage, OutboxMessage
from amends.people.subscribers.actions.register import NewSubscriber, register
from amends.platform.kit.actors import system
from amends.site import dispatch as dispatching
from amends.site.dispatch import dispatch
from amends.site.schedule import Schedule, ScheduledJob

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
NUMBER = "13911110001"
WORDS = "每月都扣我十块钱彩铃费，我从来没有订过，请退给我。"


def mail(number: int, text: str = WORDS, **fields: object) -> InboundMessage:
    values = {
        "channel": "mail",
        "external_id": f"<{number}@example.org>",
        "received_at": NOW,
        "sender": "lin@example.org",
        "subject": "彩铃费",
        "text": text,
    } | fields
    return receive(Incoming(**values), now=NOW)  # type: ignore[arg-type]


@pytest.mark.django_db
def test_a_mail_becomes_a_complaint_with_its_subject() -> None:
    stored = mail(1)
    assert dispatch(now=NOW, holder="one") == 1
    complaint = Complaint.objects.get()
    stored.refresh_from_db()
    assert stored.became == f"complaint:{complaint.id}"
    assert complaint.first_words.startswith("彩铃费")
    assert complaint.channel == "mail"
    assert dispatch(now=NOW, holder="two") == 0


@pytest.mark.django_db
def test_a_mail_whose_words_were_not_found_says_so_in_the_complaint() -> None:
    broken = mail(1, text="", reason="too_many_parts")
    mail(2, text="", subject="请回电", sender="wang@example.org")
    dispatch(now=NOW, holder="one")
    told = {row.complaint_id: row.text for row in Contact.objects.all()}
    broken.refresh_from_db()
    said = told.pop(broken.became.removeprefix("complaint:"))
    assert broken.id in said
    assert "彩铃费" in said
    (other,) = told.values()
    assert other == "请回电", "a mail without words is not one that could not be read"


@pytest.mark.django_db
def test_an_answer_that_quotes_the_code_joins() -> None:
    mail(1)
    dispatch(now=NOW, holder="one")
    code = Complaint.objects.get().code_public
    mail(2, text="补充：是从八月份开始扣的。", tracking_code=code, sender="other@example.org")
    dispatch(now=NOW, holder="one")
    assert Complaint.objects.count() == 1
    assert Contact.objects.filter(joined_because="thread").count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("again", "letters"),
    [
        pytest.param({}, 1, id="the same twice more"),
        pytest.param({"automatic": "generated"}, 0, id="by a program, which must not be answered"),
    ],
)
def test_who_writes_again_is_told_once_a_day(again: dict[str, object], letters: int) -> None:
    for number in (1, 2, 3):
        mail(number, **(again if number > 1 else {}))
        dispatch(now=NOW, holder="one")
    assert Complaint.objects.get().contacts_count == 3
    assert Reply.objects.filter(kind="joined").count() == letters


@pytest.mark.django_db
def test_an_answer_to_our_letter_is_not_answered_by_a_letter() -> None:
    mail(1)
    dispatch(now=NOW, holder="one")
    pipeline.acknowledge_waiting(now=NOW)
    letter = OutboxMessage.objects.get()
    mail(2, text="补充：是从八月份开始扣的。", answers=letter.id, subject="Re: 彩铃费")
    dispatch(now=NOW, holder="one")
    assert Complaint.objects.get().contacts_count == 2
    assert OutboxMessage.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("words", "sender", "state"),
    [
        ("同意", "lin@example.org", "implementing"),
        ("不同意！", "lin@example.org", "refused_by_user"),
        ("同意，但是要快一点", "lin@example.org", "proposed"),
        ("同意", "somebody@example.org", "proposed"),
    ],
)
def test_a_written_answer_to_a_proposal_counts_from_its_address_only(
    words: str, sender: str, state: str
) -> None:
    mail(1)
    dispatch(now=NOW, holder="one")
    pipeline.acknowledge_waiting(now=NOW)
    letter = OutboxMessage.objects.get()
    Complaint.objects.update(state="proposed")
    mail(2, text=words, sender=sender, answers=letter.id, subject="Re: 彩铃费")
    dispatch(now=NOW, holder="one")
    assert Complaint.objects.order_by("received_at", "id").first().state == state  # type: ignore[union-attr]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("sender", "state"), [("13911110009", "proposed"), (NUMBER, "implementing")]
)
def test_a_typed_address_answers_no_proposal_of_a_subscriber(sender: str, state: str) -> None:
    """Whoever complains about a line may type any address; the subscriber alone answers."""
    register(NewSubscriber(phone=NUMBER), now=NOW)
    said = Submission(
        channel="web", key="w-1", text=WORDS, received_at=NOW, phone=sender, about=NUMBER, by="web"
    )
    ref = receive_complaint(said, now=NOW).complaint
    pipeline.acknowledge_waiting(now=NOW)
    letter = OutboxMessage.objects.get(key__startswith="reply:")
    Complaint.objects.update(state="proposed")
    text_message(2, "同意", sender=sender, answers=letter.id)
    dispatch(now=NOW, holder="one")
    assert Complaint.objects.get(id=ref).state == state


@pytest.mark.django_db
@pytest.mark.parametrize("reference", ["", "order-17"])
def test_who_is_known_by_another_letter_answers_no_proposal_of_somebody_else(
    reference: str,
) -> None:
    mail(1)
    dispatch(now=NOW, holder="one")
    theirs = Complaint.objects.get()
    Complaint.objects.update(state="proposed")
    notice = Outgoing(
        key="notice:1",
        channel="mail",
        recipient="eve@example.org",
        subject="s",
        body="b",
        language="zh",
        reference=reference,
    )
    (letter,) = post_many([notice], now=NOW)
    mail(
        2,
        text="同意",
        sender="eve@example.org",
        answers=letter.id,
        tracking_code=theirs.code_public,
        subject=f"Re: {theirs.code_public}",
    )
    dispatch(now=NOW, holder="one")
    theirs.refresh_from_db()
    assert theirs.state == "proposed"
    assert theirs.contacts_count == 2


@pytest.mark.django_db
def test_nothing_is_sent_back_to_a_program() -> None:
    mail(1, automatic="generated")
    dispatch(now=NOW, holder="one")
    pipeline.acknowledge_waiting(now=NOW)
    assert Complaint.objects.count() == 1
    assert OutboxMessage.objects.count() == 0


@pytest.mark.django_db
def test_a_message_without_words_is_refused_and_kept() -> None:
    stored = mail(1, text=" ", subject=" ")
    dispatch(now=NOW, holder="one")
    stored.refresh_from_db()
    assert stored.state == "refused"
    assert Complaint.objects.count() == 0


@pytest.mark.django_db
def test_one_message_that_fails_stops_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    bad = mail(1)
    mail(2, text="宽带从昨天晚上断到现在，客服电话打不通。", sender="wang@example.org")
    real = dispatching.receive

    def fails_once(submission, *, now):  # type: ignore[no-untyped-def]
        if submission.key == f"inbound:{bad.id}":
            raise ValueError("a fault in our own code")
        return real(submission, now=now)

    monkeypatch.setattr(dispatching, "receive", fails_once)
    assert dispatch(now=NOW, holder="one") == 2
    bad.refresh_from_db()
    assert Complaint.objects.count() == 1
    assert bad.state == "new"
    monkeypatch.undo()
    dispatch(now=NOW + timedelta(hours=1), holder="one")
    assert Complaint.objects.count() == 2


@pytest.mark.django_db
def test_a_job_that_fails_is_tried_again_and_stops_no_other(
    caplog: pytest.LogCaptureFixture,
) -> None:
    ran: list[str] = []

    def fail() -> None:
        ran.append("bad")
        raise RuntimeError("no")

    schedule = Schedule(
        jobs=[
            ScheduledJob("bad", 0.0, fail),
            ScheduledJob("good", 1000.0, lambda: ran.append("good")),
        ]
    )
    schedule.pass_once()
    schedule.pass_once()
    assert ran == ["bad", "good", "bad"]
    assert "failed" in caplog.text


def text_message(number: int, text: str, sender: str = "+8613812348000", **fields: object):  # type: ignore[no-untyped-def]
    values = {"channel": "sms", "external_id": f"sms:{number}", "subject": "", "sender": sender}
    return mail(number, text=text, **(values | fields))


@pytest.mark.django_db
def test_a_text_message_becomes_a_complaint_of_its_number() -> None:
    stored = text_message(1, WORDS)
    dispatch(now=NOW, holder="one")
    complaint = Complaint.objects.get()
    stored.refresh_from_db()
    assert (complaint.channel, stored.became) == ("sms", f"complaint:{complaint.id}")
    pipeline.acknowledge_waiting(now=NOW)
    assert {letter.channel for letter in OutboxMessage.objects.all()} == {"sms"}
    code = complaint.code_public
    text_message(2, f"{code} 还没有人联系我", tracking_code=code, sender="+8613900001111")
    dispatch(now=NOW, holder="one")
    assert Complaint.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("words", "complaints", "state"),
    [
        ("同意", 1, "implementing"),
        ("不同意", 1, "refused_by_user"),
        ("宽带从昨天晚上断到现在，客服电话打不通。", 2, "proposed"),
    ],
)
def test_a_short_answer_by_text_message_answers_the_last_letter_and_news_is_news(
    words: str, complaints: int, state: str
) -> None:
    text_message(1, WORDS)
    dispatch(now=NOW, holder="one")
    pipeline.acknowledge_waiting(now=NOW)
    first = Complaint.objects.get()
    Complaint.objects.update(state="proposed")
    text_message(2, words, answers=OutboxMessage.objects.latest("posted_at").id)
    dispatch(now=NOW, holder="one")
    assert Complaint.objects.count() == complaints
    first.refresh_from_db()
    assert first.state == state


@pytest.mark.django_db
def test_a_room_that_stands_first_gets_the_message_first(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def challenge(message, now):  # type: ignore[no-untyped-def]
        asked.append(message.text)
        return "challenge:1" if message.text == "Y 4711" else ""

    monkeypatch.setattr(dispatching, "HANDLERS", (challenge, *dispatching.HANDLERS))
    answer, complaint = text_message(1, "Y 4711"), text_message(2, WORDS)
    dispatch(now=NOW, holder="one")
    answer.refresh_from_db()
    complaint.refresh_from_db()
    assert asked == ["Y 4711", WORDS]
    assert answer.became == "challenge:1"
    assert complaint.became.startswith("complaint:")
    assert Complaint.objects.count() == 1


PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)


@pytest.mark.django_db
def test_what_comes_with_a_mail_stands_with_the_complaint() -> None:
    """Before, the files of a mail were kept by the channel, and nobody at the desk saw them."""
    files = [
        ReceivedFile("账单.png", PNG),
        ReceivedFile("合同.pdf", b"%PDF-1.7 contract"),
        ReceivedFile("录像.exe", b"MZ\x90\x00"),
        ReceivedFile("旧.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(40)),
    ]
    mail(1, files=files)
    dispatch(now=NOW, holder="one")
    complaint = Complaint.objects.get()
    stored = attachments_of(complaint.id)
    assert [one.name for one in stored] == ["账单.png", "合同.pdf"]
    opened = open_attachment(complaint.id, stored[1].id, actor=system("test"), now=NOW)
    assert opened.content == b"%PDF-1.7 contract"
    event = Event.objects.get(complaint=complaint, verb="files_left_out")
    assert event.details["files"] == 2
    assert event.details["why"] == ["program", "type_not_allowed"]

    code = complaint.code_public
    mail(2, text="补充一张截图。", tracking_code=code, files=[ReceivedFile("截图.png", PNG + b"2")])
    dispatch(now=NOW, holder="one")
    assert [one.name for one in attachments_of(complaint.id)][-1] == "截图.png"
    assert Event.objects.filter(verb="files_left_out").count() == 1


@pytest.mark.django_db
def test_more_and_larger_files_come_by_mail_than_by_the_form() -> None:
    large = b"%PDF-1.7" + bytes(6 * 1024 * 1024)
    files = [ReceivedFile(f"{at}.png", PNG + bytes([at])) for at in range(7)]
    mail(1, files=[ReceivedFile("合同.pdf", large), *files])
    dispatch(now=NOW, holder="one")
    assert len(attachments_of(Complaint.objects.get().id)) == 8
    assert not Event.objects.filter(verb="files_left_out").exists()


@pytest.mark.django_db
def test_a_photo_without_a_word_is_a_complaint_and_is_asked_about() -> None:
    photo = mail(1, text="", subject="", files=[ReceivedFile("账单.png", PNG)])
    program = mail(
        2, text="", subject="", sender="b@example.org", files=[ReceivedFile("a.exe", b"MZ\x90\x00")]
    )
    dispatch(now=NOW, holder="one")
    pipeline.process(now=NOW)
    complaint = Complaint.objects.get()
    assert (complaint.first_words, complaint.ask_for_words) == ("[…] 账单.png", True)
    assert [one.name for one in attachments_of(complaint.id)] == ["账单.png"]
    assert complaint.replies.filter(kind="ask_for_words").exists()
    for stored, state in ((photo, "dispatched"), (program, "refused")):
        stored.refresh_from_db()
        assert stored.state == state


@pytest.mark.django_db
def test_a_screenshot_alone_answers_a_letter() -> None:
    mail(1)
    dispatch(now=NOW, holder="one")
    complaint = Complaint.objects.get()
    code = complaint.code_public
    mail(2, text="", tracking_code=code, files=[ReceivedFile("截图.png", PNG)])
    dispatch(now=NOW, holder="one")
    assert Complaint.objects.get().contacts_count == 2
    assert [one.name for one in attachments_of(complaint.id)] == ["截图.png"]
