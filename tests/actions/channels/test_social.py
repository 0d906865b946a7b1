"""Posts on social media: stored once, followed, answered by two people, never with personal data."""

from __future__ import annotations

import threading
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from tests.actions.channels.social import NOW, SECRET, deliver, event, stored, use_gateway
from tests.clock import begin_at

from amends.channels.actions.answer_post import (
    UnableToAnswerPost,
    UnableToDecideAnswer,
    answer_post,
    approve_answer,
    close_post,
    reject_answer,
)
from amends.channels.actions.forget import forget
from amends.channels.actions.link_posts import link_posts
from amends.channels.actions.take_posts import take_in
from amends.channels.jobs.send_due import send_due
from amends.channels.models import InboundMessage, OutboxMessage
from amends.channels.queries.social import PostFilter, counts_by_state, posts, thread_of
from amends.channels.social.connector import FoundPost
from amends.channels.social.models import CallbackRefusal, SocialAnswer, SocialPost
from amends.channels.social.settings import social_settings
from amends.platform.kit.actors import Actor
from amends.problems.indicators.queries.channels import channel_figures

pytestmark = pytest.mark.django_db
HANDLER = Actor("user", "usr-handler", ("handler",))
OTHER = Actor("user", "usr-other", ("senior_handler",))


@pytest.fixture(autouse=True)
def _gateway(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begin_at(monkeypatch, NOW)
    use_gateway(tmp_path, monkeypatch)


class Gateway:
    """The operator's gateway on loopback."""

    def __init__(self) -> None:
        self.status = 200
        self.bodies: list[bytes] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                server.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
                if not server.status:
                    self.close_connection = True
                    return
                self.send_response(server.status)
                self.end_headers()
                self.wfile.write(b'{"id": "out-1"}')

            def log_message(self, *_: Any) -> None:
                """Silent."""

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}/out"


@pytest.fixture
def gateway(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Gateway]:
    made = Gateway()
    thread = threading.Thread(target=made.http.serve_forever, daemon=True)
    thread.start()
    use_gateway(tmp_path, monkeypatch, url=made.url)
    yield made
    made.http.shutdown()
    thread.join()


def test_a_post_is_stored_once_and_waits_for_a_person() -> None:
    first = deliver({"events": [event(), event(id="p2")]}, at=NOW)
    again = deliver({"events": [event(), event(id="p2")]}, at=NOW, message_id="msg_1")
    assert first.json()["stored"] == 2
    assert (again.json()["stored"], again.json()["known"]) == (0, 2)
    assert CallbackRefusal.objects.get(reason="replayed").count == 1
    assert SocialPost.objects.count() == InboundMessage.objects.count() == 2
    assert counts_by_state(PostFilter())["open"] == 2
    assert not InboundMessage.objects.filter(state="new").exists(), "no complaint is opened of it"


@pytest.mark.parametrize(
    ("changed", "status", "reason"),
    [
        ({"secret": "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}, 401, "forged"),
        ({"at": NOW - timedelta(minutes=6)}, 401, "old"),
        ({"at": NOW + timedelta(minutes=6)}, 401, "old"),
        ({"Webhook_Signature": ""}, 401, "forged"),
    ],
)
def test_a_forged_or_old_callback_is_refused_and_counted(
    changed: dict[str, Any], status: int, reason: str
) -> None:
    answer = deliver({"events": [event()]}, **({"at": NOW} | changed))
    assert answer.status_code == status
    assert CallbackRefusal.objects.get().reason == reason
    assert not SocialPost.objects.exists()


@pytest.mark.parametrize(
    "document",
    [
        {"events": [event(posted_at="0001-01-01T00:00:00+08:00")]},
        [],
        {"events": [{"type": "post.created"}]},
        {"events": [event(posted_at="2026-11-27T08:30:00")]},
        {"events": [event(kind="shout")]},
        {"events": [event(id="")]},
        {"events": [event()] * 201},
        {"events": [event(files=[{"name": "a.png", "content": "@@@"}])]},
    ],
)
def test_an_unreadable_callback_stores_nothing(document: object) -> None:
    assert deliver(document, at=NOW).status_code == 400
    assert CallbackRefusal.objects.get().reason == "unreadable"
    assert not InboundMessage.objects.exists()


def test_a_post_dated_in_the_future_is_refused_and_counted() -> None:
    answer = deliver(event(id="9", posted_at="2099-01-01T08:00:00+08:00"), at=NOW)
    assert answer.status_code == 400
    assert answer.json() == {"error": "future"}
    assert not SocialPost.objects.exists()
    assert CallbackRefusal.objects.get().reason == "future"


def test_a_post_that_a_platform_dates_wrongly_is_stored_with_the_time_of_now() -> None:
    account = social_settings().accounts["square"]
    post = FoundPost(
        id="9",
        author_id="42",
        author_name="",
        text="扣费",
        posted_at=datetime(2099, 1, 1, tzinfo=UTC),
    )
    assert take_in(account, [post], now=NOW).stored == 1
    assert SocialPost.objects.get().posted_at == NOW


def test_markup_becomes_text_and_large_pictures_are_listed_not_stored() -> None:
    png = b"\x89PNG\r\n\x1a\n" + b"0" * (10 * 1024 * 1024)
    files = [{"name": "bill.png", "content": b64encode(png).decode()}]
    text = "账单<b>不对</b><script>alert(1)</script><img src=x onerror=alert(2)>"
    assert deliver({"events": [event(text=text, files=files)]}, at=NOW).status_code == 200
    post = SocialPost.objects.get()
    assert "alert" not in post.text
    assert "不对" in post.text
    assert "10 MB" in thread_of(post)[0].files[0]


def test_an_edit_keeps_the_first_text_and_a_deletion_hides_it() -> None:
    post = stored(text="套餐扣费13812348000")
    assert "13812348000" not in post.text
    edited = event("post.edited", text="已解决，谢谢")
    assert deliver({"events": [edited]}, at=NOW).json()["edited"] == 1
    entry = thread_of(SocialPost.objects.get())[0]
    assert entry.post.text == "已解决，谢谢"
    assert [text for _at, text in entry.versions] == ["套餐扣费138****8000"]
    deliver({"events": [event("post.deleted")]}, at=NOW, message_id="msg_2")
    gone = thread_of(SocialPost.objects.get())[0]
    assert (gone.post.text, gone.versions) == ("", [])
    assert gone.post.deleted_at is not None
    with pytest.raises(UnableToAnswerPost, match="deleted"):
        answer_post(post.pk, text="您好", public=True, actor=HANDLER, now=NOW)


def test_names_like_ours_are_flagged_and_our_own_posts_are_not_posts() -> None:
    assert stored(author_name="Lantian Te1ecom 客服").is_lookalike
    assert not stored(id="p2", author_name="小林").is_lookalike
    answer = deliver({"events": [event(id="p3", author={"id": "7000", "name": "x"})]}, at=NOW)
    assert answer.json()["own"] == 1
    assert SocialPost.objects.count() == 2


def test_a_public_answer_needs_a_second_person_and_is_posted_once(gateway: Gateway) -> None:
    post = stored()
    made = answer_post(
        post.pk, text="您好，优惠分12个月到账。", public=True, actor=HANDLER, now=NOW
    )
    assert not OutboxMessage.objects.exists()
    with pytest.raises(UnableToDecideAnswer, match="yourself"):
        approve_answer(made.pk, actor=HANDLER, now=NOW)
    with pytest.raises(UnableToDecideAnswer, match="waits for a second"):
        answer_post(post.pk, text="另一个", public=True, actor=OTHER, now=NOW)
    approve_answer(made.pk, actor=OTHER, now=NOW)
    with pytest.raises(UnableToDecideAnswer, match="already"):
        approve_answer(made.pk, actor=OTHER, now=NOW)
    assert send_due(clock=lambda: NOW, holder="test") == {"sent": 1}
    assert send_due(clock=lambda: NOW, holder="test") == {}
    assert len(gateway.bodies) == 1
    assert b'"post": "p1"' in gateway.bodies[0]
    assert OutboxMessage.objects.get().provider_message_id == "out-1"
    assert SocialPost.objects.get().state == "answered"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("小林您好", "character 1"),
        ("请打13812348000", "character 3"),
        ("编号7QX2-M9T4-0AB8", "character 3"),
    ],
)
def test_a_public_answer_with_personal_data_is_refused_with_its_place(
    text: str, place: str
) -> None:
    post = stored()
    with pytest.raises(UnableToAnswerPost, match=place):
        answer_post(post.pk, text=text, public=True, actor=HANDLER, now=NOW)
    assert not SocialAnswer.objects.exists()
    assert SocialPost.objects.get().state == "open"


def test_a_private_answer_is_posted_at_once_and_a_rejected_one_never(gateway: Gateway) -> None:
    private = stored(id="p2", kind="private", text="我的号码是13812348000")
    with pytest.raises(UnableToAnswerPost, match="in private"):
        answer_post(private.pk, text="好的", public=True, actor=HANDLER, now=NOW)
    answer_post(private.pk, text="已收到", public=False, actor=HANDLER, now=NOW)
    public = stored(id="p3")
    made = answer_post(public.pk, text="请见官网", public=True, actor=HANDLER, now=NOW)
    reject_answer(made.pk, reason="语气", actor=OTHER, now=NOW)
    assert SocialPost.objects.get(pk=public.pk).state == "open"
    assert send_due(clock=lambda: NOW, holder="test") == {"sent": 1}
    close_post(public.pk, reason="广告", actor=HANDLER)
    assert SocialPost.objects.get(pk=public.pk).state == "closed"


def test_a_lost_answer_is_unknown_and_a_busy_gateway_is_tried_again(gateway: Gateway) -> None:
    gateway.status = 0
    answer_post(stored(kind="private").pk, text="已收到", public=False, actor=HANDLER, now=NOW)
    assert send_due(clock=lambda: NOW, holder="test") == {"unknown": 1}
    gateway.status = 429
    second = stored(id="p2", kind="private")
    answer_post(second.pk, text="已收到", public=False, actor=HANDLER, now=NOW)
    assert send_due(clock=lambda: NOW, holder="test") == {"queued": 1}
    assert len(gateway.bodies) == 2


def test_the_sandbox_holds_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    post = stored(kind="private")
    file = tmp_path / "social.toml"
    file.write_text(file.read_text("utf-8").replace("send = true", ""), encoding="utf-8")
    answer_post(post.pk, text="已收到", public=False, actor=HANDLER, now=NOW)
    assert OutboxMessage.objects.get().state == "held"
    assert send_due(clock=lambda: NOW, holder="test") == {}


@pytest.mark.parametrize(
    "changed",
    [
        'platform = "myspace"',
        'url = "http://gateway.example/"',
        'secret_file = "missing"',
        "unknown_key = 1",
        'name = "a b"',
        'second_person = "no"',
    ],
)
def test_settings_that_cannot_be_used_stop_the_start(
    changed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = changed.split(" = ")[0]
    file = tmp_path / "social.toml"
    kept = [line for line in file.read_text("utf-8").splitlines() if not line.startswith(f"{key} ")]
    file.write_text("\n".join([*kept, changed]), encoding="utf-8")
    with pytest.raises(ImproperlyConfigured, match="AMENDS_SOCIAL_FILE"):
        social_settings()
    assert SECRET not in file.read_text("utf-8")


def test_lists_are_paged_without_gaps() -> None:
    for number in range(7):
        stored(id=f"p{number}", posted_at=NOW - timedelta(minutes=number))
    seen, after = [], ""
    while True:
        page = posts(PostFilter(), after=after, size=3)
        seen += [one.id for one in page.posts]
        after = page.after
        if not after:
            break
    assert len(seen) == len(set(seen)) == 7
    assert posts(PostFilter(text="到账")).posts
    assert not posts(PostFilter(text="宽带")).posts


def test_time_to_first_answer_and_hand_overs_are_indicators() -> None:
    made = answer_post(stored().pk, text="请见官网", public=True, actor=HANDLER, now=NOW)
    approve_answer(made.pk, actor=OTHER, now=NOW + timedelta(minutes=10))
    transferred = stored(id="p2", author_id="43")
    SocialPost.objects.filter(pk=transferred.pk).update(state="complaint")
    day = NOW.date()
    (row,) = (one for one in channel_figures(day, day).channels if one.channel == "social")
    assert row.first_answer is not None
    assert row.first_answer.median == 600
    assert row.transferred is not None
    assert (row.transferred.count, row.transferred.of) == (1, 2)
    assert (row.contacts, row.electronic) == (1, True)


def test_what_is_forgotten_leaves_no_text() -> None:
    post = stored(text="我叫王小明，手机13812348000")
    deliver({"events": [event("post.edited", text="已解决")]}, at=NOW)
    answer_post(
        stored(id="p2", kind="private").pk, text="已收到", public=False, actor=HANDLER, now=NOW
    )
    link_posts(list(SocialPost.objects.all()), complaint="c-1")
    InboundMessage.objects.update(became="complaint:c-1")
    assert forget(became=["complaint:c-1"], now=NOW) == 3
    post.refresh_from_db()
    assert (post.text, post.author) == ("", "")
    entry = thread_of(post)
    assert [one.post.text for one in entry] == [""]
    assert bytes(SocialAnswer.objects.get().text_sealed) == b""
    assert bytes(OutboxMessage.objects.get().body_sealed) == b""
    assert bytes(post.versions.get().text_sealed) == b""
