"""Weibo: lists read to their end, answers within its limits, callbacks it signed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from tests.actions.channels.social import NOW, use_accounts
from tests.clock import begin_at
from tests.socialservers.platform import Platform, platform
from tests.socialservers.weibo import DESK, TOKEN, Weibo

from amends.channels.actions.answer_post import UnableToAnswerPost, answer_post, approve_answer
from amends.channels.jobs.fetch_social import fetch_social
from amends.channels.jobs.resolve_lost_answers import resolve_lost_answers
from amends.channels.jobs.send_due import send_due
from amends.channels.models import OutboxMessage
from amends.channels.social.models import CallbackNonce, CallbackRefusal, SocialPosition, SocialPost
from amends.channels.social.weibo import PAGE_SIZE, signature
from amends.platform.kit.actors import Actor

pytestmark = pytest.mark.django_db
HANDLER = Actor("user", "usr-handler", ("handler",))
OTHER = Actor("user", "usr-other", ("senior_handler",))
WEIBO = """
send = true
[[accounts]]
name = "weibo"
platform = "weibo"
account_id = "2000000001"
handle = "@蓝天电信客服"
url = "{url}"
business_url = "{url}"
messages_url = "{url}"
ip = "203.0.113.5"
token_file = "token"
secret_file = "secret"
"""


@pytest.fixture
def weibo() -> Weibo:
    return Weibo()


@pytest.fixture
def server(weibo: Weibo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Platform]:
    begin_at(monkeypatch, NOW)
    with platform(weibo) as made:
        toml = WEIBO.format(url=made.url)
        use_accounts(tmp_path, monkeypatch, toml, token=TOKEN, secret="xyz123xyz")
        yield made


def _fetch(minutes: int = 0) -> Any:
    (read,) = fetch_social(now=NOW + timedelta(minutes=minutes), at_once=True)
    return read


def test_everything_since_the_marker_is_read_once(weibo: Weibo, server: Platform) -> None:
    for number in range(1, PAGE_SIZE + 51):
        weibo.mention(number, f"@蓝天 第{number}条")
    weibo.comment(700, "我也是", below=1)
    weibo.mention(900, "自己", user=DESK)
    assert _fetch().stored == PAGE_SIZE + 51
    assert SocialPosition.objects.get().marker == {"mentions": "900", "comments": "700"}
    weibo.mention(901, "转发", repeats=5, user=43)
    assert _fetch(5).stored == 1
    repost, root = (SocialPost.objects.get(text=text) for text in ("转发", "@蓝天 第5条"))
    assert repost.thread == root.thread
    assert (
        SocialPost.objects.get(kind="comment").thread
        == SocialPost.objects.get(text="@蓝天 第1条").thread
    )


def test_a_list_that_breaks_off_is_read_again_and_doubles_nothing(
    weibo: Weibo, server: Platform
) -> None:
    weibo.mention(1, "一")
    weibo.comment(2, "二", below=1)
    limited = {"error": "User requests out of rate limit!", "error_code": "10023"}
    weibo.fails["/2/comments/to_me/biz.json"] = (403, limited)
    assert (_fetch().stored, _fetch().problem[:5]) == (1, "10023")
    position = SocialPosition.objects.get()
    assert position.next_at == NOW + timedelta(hours=1)
    assert fetch_social(now=NOW + timedelta(minutes=59)) == []
    weibo.fails.clear()
    assert _fetch(61).stored == 1
    assert SocialPost.objects.count() == 2


def test_edited_and_deleted_posts_are_followed(weibo: Weibo, server: Platform) -> None:
    weibo.mention(1, "一")
    weibo.mention(2, "二")
    weibo.comment(3, "三", below=1)
    _fetch()
    weibo.statuses[1]["text"] = "一，已解决"
    del weibo.statuses[2], weibo.comments[3]
    again = _fetch(5)
    assert (again.edited, again.deleted) == (1, 2)
    assert SocialPost.objects.filter(deleted_at=None).get().text == "一，已解决"


def test_answers_to_a_mention_a_comment_and_a_message(weibo: Weibo, server: Platform) -> None:
    weibo.mention(1, "一")
    weibo.comment(3, "三", below=1)
    _fetch()
    for post in SocialPost.objects.all():
        made = answer_post(post.pk, text="请见官网说明", public=True, actor=HANDLER, now=NOW)
        approve_answer(made.pk, actor=OTHER, now=NOW)
    assert send_due(clock=lambda: NOW, holder="test") == {"sent": 2}
    assert {"/2/comments/create.json", "/2/comments/reply/biz.json"} <= set(server.paths())
    with pytest.raises(UnableToAnswerPost, match="141 characters"):
        answer_post(post.pk, text="长" * 141, public=True, actor=HANDLER, now=NOW)


def test_a_lost_answer_is_looked_up_before_anything_is_sent_again(
    weibo: Weibo, server: Platform
) -> None:
    weibo.mention(1, "一")
    _fetch()
    made = answer_post(
        SocialPost.objects.get().pk, text="请见官网", public=True, actor=HANDLER, now=NOW
    )
    approve_answer(made.pk, actor=OTHER, now=NOW)
    weibo.fails["/2/comments/create.json"] = None
    assert send_due(clock=lambda: NOW, holder="test") == {"unknown": 1}
    weibo.fails.clear()
    assert resolve_lost_answers(now=NOW) == 0
    weibo.comment(55, "请见官网", below=1, user=DESK)
    assert resolve_lost_answers(now=NOW) == 1
    row = OutboxMessage.objects.get()
    assert (row.state, row.provider_message_id) == ("sent", "55")


@pytest.mark.parametrize(
    ("document", "state"),
    [
        ({"error_code": "20101", "error": "target weibo does not exist!"}, "failed"),
        ({"error_code": 10023, "error": "out of rate limit"}, "queued"),
        ({"error_code": 10002, "error": "service unavailable"}, "queued"),
    ],
)
def test_errors_are_permanent_or_pass(
    document: dict[str, Any], state: str, weibo: Weibo, server: Platform
) -> None:
    weibo.mention(1, "一")
    _fetch()
    made = answer_post(
        SocialPost.objects.get().pk, text="请见官网", public=True, actor=HANDLER, now=NOW
    )
    approve_answer(made.pk, actor=OTHER, now=NOW)
    weibo.fails["/2/comments/create.json"] = (400, document)
    assert send_due(clock=lambda: NOW, holder="test") == {state: 1}


def _push(changed: dict[str, str] | None = None, *, nonce: str = "57155157", **message: Any) -> Any:
    at = str(int(NOW.timestamp() * 1000))
    query = {"timestamp": at, "nonce": nonce}
    query["signature"] = signature(b"xyz123xyz", at, nonce)
    given = {
        "type": "text",
        "receiver_id": DESK,
        "sender_id": 42,
        "created_at": "Fri Nov 27 08:30:00 +0800 2026",
        "text": "我被多扣了钱",
        "data": {},
    }
    return Client().post(
        "/hooks/social/weibo/",
        given | message,
        content_type="application/json",
        query_params=query | (changed or {}),
    )


def test_private_messages_by_callback(weibo: Weibo, server: Platform) -> None:
    assert (_push().status_code, _push().content) == (200, b"")
    _push(nonce="57155158", text="同一秒的另一条")
    assert SocialPost.objects.filter(kind="private").count() == 2
    assert CallbackRefusal.objects.get(reason="replayed").count == 1
    assert _push({"signature": "0" * 40}).status_code == 401
    assert _push({"timestamp": "1397022061823"}).status_code == 401
    assert _push(receiver_id=1).status_code == 401
    assert _push(created_at="yesterday").status_code == 400
    assert _push(type="event").status_code == 200
    assert SocialPost.objects.count() == 2
    post = SocialPost.objects.order_by("id")[0]
    answer_post(post.pk, text="已收到", public=False, actor=HANDLER, now=NOW)
    assert send_due(clock=lambda: NOW, holder="test") == {"sent": 1}
    assert weibo.messages == [{"text": "已收到", "to": "42"}]
    later = NOW + timedelta(hours=49)
    with pytest.raises(UnableToAnswerPost, match="48 hours"):
        answer_post(post.pk, text="晚了", public=False, actor=HANDLER, now=later)


def test_a_signature_counts_for_one_body(weibo: Weibo, server: Platform) -> None:
    assert _push().status_code == 200
    for text in ("我没有投诉", "退我一万元", "换一个人说的"):
        assert _push(text=text).status_code == 409
        assert _push(sender_id=43, text=text).status_code == 409
    assert _push().status_code == 200, "the same again, as Weibo repeats it"
    assert SocialPost.objects.count() == 1
    assert CallbackRefusal.objects.get(reason="replayed").count == 8 - 1


def test_a_signature_accepts_no_message_of_another_time(weibo: Weibo, server: Platform) -> None:
    for created_at in ("Thu Nov 26 08:30:00 +0800 2026", "Fri Nov 27 10:30:00 +0800 2099"):
        assert _push(created_at=created_at).status_code == 401
    assert not SocialPost.objects.exists()


def test_nonces_are_forgotten_once_their_time_is_refused(
    weibo: Weibo, server: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    _push()
    begin_at(monkeypatch, NOW + timedelta(minutes=4))
    _push(nonce="57155158", text="又被扣了")
    assert CallbackNonce.objects.count() == 2
    CallbackNonce.objects.update(received_at=NOW - timedelta(minutes=20))
    _push(nonce="57155159", text="再次被扣")
    assert CallbackNonce.objects.count() == 1


def test_the_address_is_checked_with_the_published_vector(
    server: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    from datetime import UTC, datetime

    begin_at(monkeypatch, datetime.fromtimestamp(1397022061, tz=UTC))
    query = {
        "signature": "90e4c22c90a58f26526c2dd5b6c56c8822edeaa1",
        "timestamp": "1397022061823",
        "nonce": "57155157",
        "echostr": "81848581",
    }
    assert Client().get("/hooks/social/weibo/", query).content == b"81848581"
    query["nonce"] = "57155158"
    assert Client().get("/hooks/social/weibo/", query).status_code == 401
