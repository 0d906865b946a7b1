"""A chat on the public site: answered by a person, kept, handed over, rated; nothing runs in it."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from amends.cases.complaints.models import Attachment, Complaint, Contact
from amends.channels.models import InboundMessage, OutboxMessage
from amends.channels.queries import open_letter
from amends.entrances.chats.choices import ChatOutcome, ChatState
from amends.entrances.chats.jobs.watch import watch_chats
from amends.entrances.chats.models import Chat, ChatEntry
from amends.entrances.chats.texts.transcripts import transcript_text
from amends.platform.kit.actors import Actor
from amends.record.catalogue.actions.publish_offers import NewOffer, publish_offers
from amends.work.knowledge.actions.write import ArticleDraft, publish_article, save_article
from tests.actions.complaints.conftest import NOW
from tests.pages.conftest import colleague, signed_in
from tests.second_person import approve_waiting

pytestmark = pytest.mark.django_db
HOSTILE = "<script>alert(1)</script> my bill is wrong"
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360f8cfc000000301010018dd8db00000000049454e44ae426082"
)


@pytest.fixture(autouse=True)
def english(client: Client) -> None:
    client.cookies["amends_language"] = "en"


def begin(client: Client, text: str = HOSTILE) -> Chat:
    response = client.post("/chat/", {"text": text, "agreed": "on"})
    assert response.status_code == 302, response.content.decode()
    return Chat.objects.get()


def say(client: Client, text: str, **more: Any) -> Any:
    return client.post("/chat/", {"text": text, "key": f"k-{text[:20]}", **more})


def later(**ago: int) -> Any:
    return timezone.now() + timedelta(**ago)


def test_nothing_is_stored_without_the_visitor_s_consent(client: Client) -> None:
    assert client.post("/chat/", {"text": "hello"}).status_code == 400
    assert not Chat.objects.exists()
    assert not InboundMessage.objects.exists()


def test_a_person_answers_and_the_visitor_reads_rates_and_saves_it(client: Client) -> None:
    chat = begin(client)
    assert chat.state == ChatState.WAITING
    row = InboundMessage.objects.get()
    assert (row.channel, row.state, row.became) == ("chat", "dispatched", f"chat:{chat.id}")
    handler = signed_in(colleague("wang", "handler"))
    queue = handler.get("/desk/chats/").content.decode()
    assert "my bill is wrong" in queue
    page = handler.get(f"/desk/chats/{chat.id}/").content.decode()
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert(1)" not in page
    handler.post(f"/desk/chats/{chat.id}/answer/", {"text": "Which month?", "key": "a1"})
    handler.post(f"/desk/chats/{chat.id}/answer/", {"text": "Which month?", "key": "a1"})
    chat.refresh_from_db()
    assert chat.state == ChatState.ACTIVE
    assert chat.first_answer_at is not None
    news = client.get("/chat/news/?after=1&state=active").content.decode()
    assert news.count("Which month?") == 1
    assert "alert(1)" not in news
    client.post("/chat/act/", {"action": "end"})
    assert client.post("/chat/rating/", {"rating": "9" * 5_000}).status_code == 400
    assert client.get("/chat/news/", {"after": "9" * 5_000}).status_code == 200
    client.post("/chat/rating/", {"rating": "5"})
    chat.refresh_from_db()
    assert (chat.outcome, chat.rating) == (ChatOutcome.ANSWERED, 5)
    saved = client.get("/chat/transcript/").content.decode()
    assert "Which month?" in saved
    assert HOSTILE in saved
    ended = say(client, "one more")
    assert ended.status_code == 400
    assert "This chat has ended" in ended.content.decode()


def test_a_message_sent_twice_is_stored_once(client: Client) -> None:
    chat = begin(client)
    say(client, "November")
    say(client, "November")
    assert ChatEntry.objects.filter(chat=chat).count() == 2


def test_what_a_handler_types_is_there_after_a_reload(client: Client) -> None:
    chat = begin(client)
    handler = signed_in(colleague("wang", "handler"))
    stored = handler.post(f"/desk/chats/{chat.id}/draft/", {"text": "Let me look", "version": 0})
    assert stored.json()["version"] == 1
    assert "Let me look</textarea>" in handler.get(f"/desk/chats/{chat.id}/").content.decode()
    handler.post(f"/desk/chats/{chat.id}/answer/", {"text": "Let me look.", "key": "a"})
    assert "Let me look</textarea>" not in handler.get(f"/desk/chats/{chat.id}/").content.decode()


def test_a_colleague_s_chat_is_not_answered_over_and_the_words_stay(client: Client) -> None:
    chat = begin(client)
    first, second = colleague("wang", "handler"), colleague("li", "handler")
    signed_in(first).post(f"/desk/chats/{chat.id}/answer/", {"text": "Mine", "key": "a"})
    other = signed_in(second)
    other.post(f"/desk/chats/{chat.id}/answer/", {"text": "Also mine", "key": "b"})
    assert "Also mine" not in transcript_text(chat)
    signed_in(first).post(f"/desk/chats/{chat.id}/act/", {"action": "return"})
    assert "Also mine</textarea>" in other.get(f"/desk/chats/{chat.id}/").content.decode()


@pytest.mark.parametrize("role", ["manager", "administrator", "regulator"])
def test_who_handles_no_complaints_sees_no_chat(client: Client, role: str) -> None:
    chat = begin(client)
    assert signed_in(colleague("x", role)).get(f"/desk/chats/{chat.id}/").status_code == 403


def test_a_handler_of_another_brand_sees_no_chat(client: Client) -> None:
    chat = begin(client)
    Chat.objects.update(brand="north")
    other = signed_in(colleague("wang", "handler", brand="south"))
    assert other.get(f"/desk/chats/{chat.id}/").status_code == 404
    assert "my bill" not in other.get("/desk/chats/").content.decode()


def test_unanswered_it_asks_once_for_an_address_and_becomes_a_complaint(client: Client) -> None:
    chat = begin(client)
    say(client, "here is the bill", files=SimpleUploadedFile("bill.png", PNG, "image/png"))
    assert watch_chats(now=later(minutes=2)) == 0
    assert watch_chats(now=later(minutes=6)) == 1
    assert watch_chats(now=later(minutes=7)) == 0
    assert "Leave an email address" in client.get("/chat/").content.decode()
    assert client.post("/chat/address/", {"address": "nowhere"}).status_code == 400
    client.post("/chat/address/", {"address": "li@invented.example"})
    chat.refresh_from_db()
    assert chat.outcome == ChatOutcome.TRANSFERRED
    complaint = Complaint.objects.get(id=chat.complaint)
    contact = Contact.objects.get(complaint=complaint)
    assert contact.channel == "chat"
    assert Attachment.objects.filter(contact=contact).count() == 2
    assert complaint.code_public in client.get("/chat/").content.decode()
    assert InboundMessage.objects.filter(became=f"complaint:{complaint.id}").count() == 2


def test_without_an_address_it_becomes_a_complaint_all_the_same(client: Client) -> None:
    chat = begin(client)
    watch_chats(now=later(minutes=6))
    watch_chats(now=later(minutes=12))
    chat.refresh_from_db()
    assert Complaint.objects.get().id == chat.complaint


def test_a_program_is_refused_and_the_words_are_still_there(client: Client) -> None:
    begin(client)
    program = SimpleUploadedFile("x.exe", b"MZ" + b"\0" * 400, "application/octet-stream")
    answer = say(client, "look at this", files=program)
    assert answer.status_code == 400
    assert "look at this</textarea>" in answer.content.decode()
    assert InboundMessage.objects.count() == 1


def test_a_visitor_who_left_an_address_gets_the_transcript(client: Client) -> None:
    chat = begin(client)
    handler = signed_in(colleague("wang", "handler"))
    handler.post(f"/desk/chats/{chat.id}/answer/", {"text": "Which month?", "key": "a1"})
    Chat.objects.update(address_asked_at=None)
    client.post("/chat/address/", {"address": "li@invented.example"})
    handler.post(f"/desk/chats/{chat.id}/act/", {"action": "end"})
    message = OutboxMessage.objects.get(key=f"chat-transcript:{chat.id}")
    assert "Which month?" in open_letter(message.id)[1]


def test_after_hours_a_person_is_not_promised(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = timezone.localtime()
    start, end = clock + timedelta(hours=2), clock + timedelta(hours=4)
    monkeypatch.setenv("AMENDS_CHAT_HOURS", f"{start:%H:%M}-{end:%H:%M}")
    assert f"{start:%H:%M}" in client.get("/chat/").content.decode()
    begin(client)
    client.post("/chat/act/", {"action": "person"})
    assert "A person will answer here" not in client.get("/chat/").content.decode()


def test_another_browser_does_not_see_the_chat(client: Client) -> None:
    begin(client)
    page = Client().get("/chat/").content.decode()
    assert "my bill is wrong" not in page
    assert re.search(r"name=\"agreed\"", page)


@pytest.fixture
def article() -> str:
    """A published article about stopping a service."""
    now = timezone.now()
    draft = ArticleDraft(
        slug="stop-a-service",
        language="en",
        title="How do I stop a service?",
        text="Open “My services”, choose the service and press “Stop it”. It ends at once.",
        category="services",
        review_date=timezone.localdate() + timedelta(days=90),
    )
    manager = Actor("user", "usr-manager", ("manager",))
    save_article(draft, actor=manager, now=now)
    publish_article(draft.slug, actor=manager, now=now)
    approve_waiting("article", now=now)
    return draft.title


def test_an_article_answers_first_and_helps_without_a_person(client: Client, article: str) -> None:
    chat = begin(client, "How do I stop a service?")
    assert chat.state == ChatState.OFFERED
    page = client.get("/chat/").content.decode()
    assert article in page
    assert "It ends at once." in page
    client.post("/chat/act/", {"action": "helped"})
    chat.refresh_from_db()
    assert (chat.outcome, chat.asked_at) == (ChatOutcome.SOLVED_ALONE, None)


def test_where_the_article_does_not_help_a_person_is_asked(client: Client, article: str) -> None:
    chat = begin(client, "How do I stop a service?")
    waiting = signed_in(colleague("wang", "handler"))
    assert "stop a service" not in waiting.get("/desk/chats/").content.decode()
    client.post("/chat/act/", {"action": "person"})
    assert "stop a service" in waiting.get("/desk/chats/").content.decode()
    assert article in waiting.get(f"/desk/chats/{chat.id}/").content.decode()


def test_a_chat_becomes_a_complaint_after_one_confirming_step(client: Client) -> None:
    publish_offers(
        [
            NewOffer("ring", "1", "value_added", "星声彩铃", "Star Ringtone", 600, "CNY", NOW),
            NewOffer("pod", "1", "value_added", "豆荚视频包", "Pod Video", 1500, "CNY", NOW),
        ]
    )
    chat = begin(client, "Star Ringtone and Pod Video are on my bill, I ordered only Pod Video")
    page = client.get("/chat/").content.decode()
    assert 'href="/chat/complaint/"' in page
    step = client.get("/chat/complaint/").content.decode()
    assert not Complaint.objects.exists(), "nothing happens before it is confirmed"
    assert "I ordered only Pod Video" in step
    assert step.count("checked") == 2
    client.post("/chat/complaint/", {"subjects": ["service:ring"]})
    chat.refresh_from_db()
    complaint = Complaint.objects.get(id=chat.complaint)
    assert {(str(row), row.state) for row in complaint.subjects.all()} == {
        ("service:ring", "confirmed")
    }
    code = complaint.code_public
    assert f'<a href="/follow/{code}/">{code}</a>' in client.get("/chat/").content.decode()
    assert client.post("/chat/complaint/", {})["Location"] == "/chat/", "once"
    assert Complaint.objects.count() == 1


def test_a_code_between_chinese_characters_is_a_link_too(client: Client) -> None:
    client.cookies["amends_language"] = "zh-hans"
    begin(client, "每月扣我10块钱彩铃费，我没有订过。")
    client.post("/chat/complaint/", {})
    code = Complaint.objects.get().code_public
    assert f'编号<a href="/follow/{code}/">' in client.get("/chat/").content.decode()


def test_a_code_in_the_words_of_a_visitor_is_no_link(client: Client) -> None:
    begin(client, "What became of 4F7K-2M9P-XQ3T?")
    assert "/follow/4F7K" not in client.get("/chat/").content.decode()
