"""WeChat: published vectors, messages in the secure mode, forged ones, five answers in 48 hours."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from django.core.cache import cache
from django.test import Client
from tests.actions.channels.social import NOW, use_accounts
from tests.clock import begin_at
from tests.socialservers.platform import Asked, Platform, platform

from amends.channels.actions.answer_post import UnableToAnswerPost, answer_post
from amends.channels.jobs.send_due import send_due
from amends.channels.models import InboundMessage
from amends.channels.social.models import CallbackRefusal, SocialPost
from amends.channels.social.settings import social_settings
from amends.channels.social.wechat import decrypted, signature
from amends.platform.kit.actors import Actor

pytestmark = pytest.mark.django_db
HANDLER = Actor("user", "usr-handler", ("handler",))
TOKEN, APP = "123456", "wx49f0ab532d5d035a"
KEY = "kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR"
WECHAT = """
send = true
[[accounts]]
name = "wechat"
platform = "wechat"
account_id = "gh_desk"
app_id = "wx49f0ab532d5d035a"
url = "{url}"
token_file = "token"
aes_key_file = "key"
secret_file = "secret"
"""
# Published with wechatpy (MIT), tests/test_crypto.py: what a server of WeChat made.
ECHO = "4ByGGj+sVCYcvGeQYhaKIk1o0pQRNbRjxybjTGblXrBaXlTXeOo1+bXFXDQQb1o6co6Yh9Bv41n7hOchLF6p+Q=="
ECHO_SIGNATURE = "dd6b9c95b495b3f7e2901bfbc76c664930ffdb96"
PUBLISHED = (
    "9s4gMv99m88kKTh/H8IdkOiMg6bisoy3ypwy9H4hvSPe9nsGaqyw5hhSjdYbcrKk+j3nba4HMOTzHrluLBYqxgNcBqGs"
    "L8GqxlhZgURnAtObvesEl5nZ+uBE8bviY0LWke8Zy9V/QYKxNV2FqllNXcfmstttyIkMKCCmVbCFM2JTF5wY0nFhHZSj"
    "PUL2Q1qvSUCUld+/WIXrx0oyKQmpB6o8NRrrNrsDf03oxI1p9FxUgMnwKKZeOA/uu+2IEvEBtb7muXsVbwbgX05UPPJv"
    "FurDXafG0RQyPR+mf1nDnAtQmmNOuiR5MIkdQ39xn1vWwi1O5oazPoQJz0nTYjxxEE8kv3kFxtAGVRe3ypD3WeK2XeFY"
    "FMNMpatF9XiKzHo3"
)


class OfficialPlatform:
    """The interface of official accounts: tokens and customer service messages."""

    def __init__(self) -> None:
        self.code = 0
        self.sent: list[dict[str, Any]] = []

    def __call__(self, method: str, path: str, fields: Asked) -> tuple[int, Any] | None:
        if path == "/cgi-bin/token":
            return 200, {"access_token": "t-1", "expires_in": 7200}
        if fields["access_token"] != "t-1" or self.code:
            return 200, {"errcode": self.code or 40001, "errmsg": "no"}
        self.sent.append(json.loads(fields["body"]))
        return 200, {"errcode": 0, "errmsg": "ok"}


@pytest.fixture
def official() -> OfficialPlatform:
    return OfficialPlatform()


@pytest.fixture(autouse=True)
def server(
    official: OfficialPlatform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Platform]:
    begin_at(monkeypatch, NOW)
    cache.clear()
    with platform(official) as made:
        toml = WECHAT.format(url=made.url)
        use_accounts(tmp_path, monkeypatch, toml, token=TOKEN, key=KEY, secret="app-secret")
        yield made


def _encrypted(message: str, *, app_id: str = APP, last: int = 0) -> str:
    """As WeChat encrypts; `last` replaces the last byte of the padding."""
    raw = message.encode()
    body = b"r" * 16 + len(raw).to_bytes(4, "big") + raw + app_id.encode()
    count = 32 - len(body) % 32
    body += bytes([count]) * (count - 1) + bytes([last or count])
    key = b64decode(f"{KEY}=")
    cipher = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    return b64encode(cipher.update(body) + cipher.finalize()).decode()


def _message(text: str = "我被多扣了钱", **fields: str) -> str:
    given = {
        "ToUserName": "gh_desk",
        "FromUserName": "oUser1",
        "CreateTime": str(int(NOW.timestamp())),
        "MsgType": "text",
        "Content": text,
        "MsgId": "1234567890123456",
    }
    rows = "".join(f"<{n}><![CDATA[{v}]]></{n}>" for n, v in (given | fields).items() if v)
    return f"<xml>{rows}</xml>"


def _deliver(encrypted: str, *, at: datetime = NOW, signed: str = "", body: str = "") -> Any:
    stamp = str(int(at.timestamp()))
    query = {
        "timestamp": stamp,
        "nonce": "n",
        "encrypt_type": "aes",
        "msg_signature": signed or signature(TOKEN, stamp, "n", encrypted),
    }
    envelope = body or f"<xml><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>"
    return Client().post(
        "/hooks/social/wechat/", envelope, content_type="text/xml", query_params=query
    )


def test_the_published_vectors_open(monkeypatch: pytest.MonkeyPatch) -> None:
    account = social_settings().accounts["wechat"]
    assert b"<![CDATA[test]]>" in decrypted(account, PUBLISHED)
    signed = signature(TOKEN, "1411525903", "461056294", PUBLISHED)
    assert signed == "407518b7649e86ef23978113f92d27afa9296533"
    begin_at(monkeypatch, datetime.fromtimestamp(1411443780, tz=UTC))
    query = {
        "msg_signature": ECHO_SIGNATURE,
        "timestamp": "1411443780",
        "nonce": "437374425",
        "echostr": ECHO,
    }
    assert Client().get("/hooks/social/wechat/", query).content == b"5927782489442352469"
    query["nonce"] = "437374424"
    assert Client().get("/hooks/social/wechat/", query).status_code == 401


def test_a_message_is_stored_once_and_events_are_not_messages() -> None:
    assert _deliver(_encrypted(_message())).content == b""
    assert _deliver(_encrypted(_message())).status_code == 200
    without_id = {"MsgId": "", "Content": "没有编号的消息"}
    for _try in range(2):
        _deliver(_encrypted(_message(**without_id)))
    _deliver(_encrypted(_message(MsgType="event", MsgId="")))
    assert SocialPost.objects.count() == 2
    assert CallbackRefusal.objects.get(reason="replayed").count == 2
    assert InboundMessage.objects.filter(state="new").count() == 2, "private: to the dispatcher"


def test_forged_and_malformed_callbacks_are_refused_and_counted() -> None:
    good = _encrypted(_message())
    refused = [
        _deliver(good, signed="0" * 40),
        _deliver(good, at=NOW - timedelta(minutes=6)),
        _deliver(_encrypted(_message(), app_id="wx-other")),
        _deliver(_encrypted(_message(ToUserName="gh_other"))),
        _deliver(_encrypted(_message(), last=33)),
        _deliver(_encrypted(_message(), last=2)),
        _deliver("bm90IGEgYmxvY2s="),
        _deliver("", body=_message()),
        _deliver(good, body="<xml><Encrypt>"),
        _deliver(good, body='<!DOCTYPE x [<!ENTITY e "e">]><xml><Encrypt>&e;</Encrypt></xml>'),
        _deliver(_encrypted("<xml>")),
    ]
    assert {answer.status_code for answer in refused} == {400, 401}
    assert not SocialPost.objects.exists()
    counted = dict(CallbackRefusal.objects.values_list("reason", "count"))
    assert counted == {"forged": 7, "old": 1, "unreadable": 3}


def test_five_answers_in_48_hours(official: OfficialPlatform, server: Platform) -> None:
    _deliver(_encrypted(_message()))
    post = SocialPost.objects.get()
    for number in range(5):
        answer_post(post.pk, text=f"第{number}条", public=False, actor=HANDLER, now=NOW)
    with pytest.raises(UnableToAnswerPost, match="5 answers"):
        answer_post(post.pk, text="第六条", public=False, actor=HANDLER, now=NOW)
    assert send_due(clock=lambda: NOW, holder="test") == {"sent": 5}
    assert official.sent[0] == {"touser": "oUser1", "msgtype": "text", "text": {"content": "第0条"}}
    assert server.paths().count("/cgi-bin/token") == 1, "the token is remembered"


@pytest.mark.parametrize(
    ("code", "state"), [(45015, "failed"), (45009, "queued"), (-1, "queued"), (40001, "queued")]
)
def test_errors_are_permanent_or_pass(code: int, state: str, official: OfficialPlatform) -> None:
    _deliver(_encrypted(_message()))
    answer_post(SocialPost.objects.get().pk, text="已收到", public=False, actor=HANDLER, now=NOW)
    official.code = code
    assert send_due(clock=lambda: NOW, holder="test") == {state: 1}


def test_there_is_no_public_answer() -> None:
    _deliver(_encrypted(_message()))
    with pytest.raises(UnableToAnswerPost, match="in private"):
        answer_post(SocialPost.objects.get().pk, text="x", public=True, actor=HANDLER, now=NOW)
