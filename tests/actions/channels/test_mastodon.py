"""Mastodon: against a real server (snac2), and a small one of ours for what that one lacks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
from django.utils import timezone
from mastodon import Mastodon
from tests.actions.channels.social import NOW, use_accounts
from tests.clock import begin_at
from tests.socialservers.platform import Asked, Platform, platform
from tests.socialservers.snac import Snac, snac

from amends.channels.actions.answer_post import answer_post, approve_answer
from amends.channels.jobs.fetch_social import fetch_social
from amends.channels.jobs.resolve_lost_answers import resolve_lost_answers
from amends.channels.jobs.send_due import send_due
from amends.channels.models import Attachment, OutboxMessage
from amends.channels.social.models import SocialPosition, SocialPost
from amends.platform.kit.actors import Actor

pytestmark = pytest.mark.django_db
HANDLER = Actor("user", "usr-handler", ("handler",))
OTHER = Actor("user", "usr-other", ("senior_handler",))
MASTODON = """
send = true
[[accounts]]
name = "square"
platform = "mastodon"
account_id = "{account}"
handle = "@desk"
url = "{url}"
token_file = "token"
"""
DEADLINE_S = 45


def _client(server: Snac, name: str) -> Mastodon:
    return Mastodon(
        access_token=server.tokens[name], api_base_url=server.url, version_check_mode="none"
    )


def _until(found: Callable[[], Any]) -> Any:
    """What is found in the end; snac delivers a mention some fifteen seconds late."""
    deadline = monotonic() + DEADLINE_S
    while not (value := found()):
        assert monotonic() < deadline, "nothing arrived"
        sleep(0.2)
    return value


def _reached() -> bool:
    """Read once; a server that has just started may reset the first connection."""
    (read,) = fetch_social(now=timezone.now(), at_once=True)
    return not read.problem


def _read() -> Any:
    (read,) = fetch_social(now=timezone.now(), at_once=True)
    assert read.problem == ""
    return read


@pytest.mark.needs("snac")
def test_a_mention_is_answered_on_a_real_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with snac(tmp_path) as server:
        desk, lin = _client(server, "desk"), _client(server, "lin")
        ours = str(desk.account_verify_credentials().id)
        toml = MASTODON.format(account=ours, url=server.url)
        use_accounts(tmp_path, monkeypatch, toml, token=server.tokens["desk"])
        asked = lin.status_post("@desk 充值100怎么只到账90？", visibility="public")
        lin.status_post("@desk 我的号码是13812348000", visibility="direct")
        _until(lambda: _reached() and SocialPost.objects.count() == 2)
        public = SocialPost.objects.get(kind="mention")
        private = SocialPost.objects.get(kind="private")
        assert "充值100怎么只到账90" in public.text
        assert "13812348000" not in private.text
        made = answer_post(
            public.pk, text="优惠分12个月到账。", public=True, actor=HANDLER, now=timezone.now()
        )
        approve_answer(made.pk, actor=OTHER, now=timezone.now())
        assert send_due(holder="test") == {"sent": 1}
        below = _until(lambda: lin.status_context(asked.id).descendants)
        assert "优惠分12个月到账" in below[0].content
        OutboxMessage.objects.update(state="unknown", provider_message_id="")
        assert resolve_lost_answers(now=timezone.now()) == 1
        lin.status_update(asked.id, "@desk 已解决")
        _until(lambda: _read().edited)
        assert "已解决" in SocialPost.objects.get(pk=public.pk).text


class Square:
    """What snac lacks: keys that make a repeat harmless, rate limits, deletions, images."""

    def __init__(self) -> None:
        self.statuses: dict[str, dict[str, Any]] = {}
        self.limited = False
        self.url = ""

    def mention(self, number: int, text: str = "@desk 怎么退订", **fields: Any) -> None:
        account = {"id": "42", "acct": "lin", "username": "lin", "display_name": "小林", "url": ""}
        self.statuses[str(number)] = {
            "id": str(number),
            "account": account,
            "content": f"<p>{text}</p>",
            "created_at": "2026-11-27T00:30:00.000Z",
            "visibility": "public",
            "in_reply_to_id": None,
            "edited_at": None,
            "spoiler_text": "",
            "mentions": [],
            "media_attachments": [],
            **fields,
        }

    def __call__(self, method: str, path: str, fields: Asked) -> tuple[int, Any] | None:
        if self.limited:
            return 429, {"error": "Too many requests"}
        if path == "/api/v1/notifications":
            newer = [one for one in self.statuses.values() if _after(one, fields)]
            page = sorted(newer, key=lambda one: int(one["id"]))[: int(fields["limit"])]
            return 200, [
                {"id": one["id"], "type": "mention", "created_at": one["created_at"], "status": one}
                for one in reversed(page)
            ]
        if path.startswith("/media/"):
            return 200, b"\x89PNG\r\n\x1a\n" + b"0" * 1000
        ref = path.rsplit("/", 1)[-1]
        return (200, self.statuses[ref]) if ref in self.statuses else (404, {"error": "gone"})


def _after(status: dict[str, Any], fields: Asked) -> bool:
    return int(status["id"]) > int(fields.get("min_id", 0))


@pytest.fixture
def square() -> Square:
    return Square()


@pytest.fixture
def server(square: Square, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Platform]:
    begin_at(monkeypatch, NOW)
    with platform(square) as made:
        square.url = made.url
        toml = MASTODON.format(account="7", url=made.url)
        use_accounts(tmp_path, monkeypatch, toml, token="t")
        yield made


def test_pages_are_read_forward_and_an_unlisted_post_is_private(
    square: Square, server: Platform
) -> None:
    SocialPosition.objects.create(account="square", marker={"notification": "0"})
    for number in range(1, 101):
        square.mention(number)
    square.mention(101, visibility="unlisted")
    square.mention(102, in_reply_to_id="3")
    (read,) = fetch_social(now=NOW)
    assert (read.stored, read.problem) == (102, "")
    assert SocialPosition.objects.get().marker == {"notification": "102"}
    assert SocialPost.objects.filter(kind="private").count() == 1
    comment = SocialPost.objects.get(kind="comment")
    assert SocialPost.objects.filter(thread=comment.thread).count() == 2


def test_a_deleted_post_is_followed_and_a_rate_limit_waits(
    square: Square, server: Platform
) -> None:
    square.mention(1)
    fetch_social(now=NOW)
    square.statuses.clear()
    (read,) = fetch_social(now=NOW + timedelta(minutes=1))
    assert read.deleted == 1
    square.limited = True
    (read,) = fetch_social(now=NOW + timedelta(minutes=2))
    assert "Ratelimit" in read.problem
    assert fetch_social(now=NOW + timedelta(minutes=4)) == []


def test_images_of_the_own_server_are_stored_and_no_other_address_is_called(
    square: Square, server: Platform
) -> None:
    with platform(lambda *_: (200, b"\x89PNG\r\n\x1a\n")) as elsewhere:
        media = [{"url": f"{server.url}/media/1.png"}, {"url": f"{elsewhere.url}/media/2.png"}]
        square.mention(1, media_attachments=media)
        fetch_social(now=NOW)
        assert elsewhere.asked == []
    assert Attachment.objects.get().media_type == "image/png"
