"""The app as a channel: a gateway that answers, refuses, knows nobody, hangs up, or is not there."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction

from amends.causes.notices.actions.follow import follow
from amends.causes.notices.actions.send import send_notices
from amends.causes.notices.models import Notice, Preference
from amends.channels.actions.post import Outgoing, post_many
from amends.channels.app.settings import gateway
from amends.channels.jobs.send_due import send_due
from amends.channels.models import OutboxMessage
from amends.channels.senders import sends
from amends.engines.duties.book import book
from amends.engines.metering.keys import notice_key
from amends.people.subscribers.actions.register import NewSubscriber, register
from amends.platform.kit.periods import to_ms

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 4, tzinfo=UTC)
SECRET = "a secret of the gateway and ours"
PHONE = "13900001234"


class Gateway:
    """A push gateway on loopback; `answer` is the status it gives, 0 to hang up."""

    def __init__(self) -> None:
        self.answer = 202
        self.heard: list[tuple[dict[str, str], bytes]] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                server.heard.append((dict(self.headers), body))
                if server.answer:
                    self.send_response(server.answer)
                    self.end_headers()
                else:
                    self.close_connection = True

            def log_message(self, *_: Any) -> None:
                """Tests say what went wrong themselves."""

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http.server_address[1]}/push"


@pytest.fixture
def push(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Gateway]:
    found = Gateway()
    secret = tmp_path / "secret"
    secret.write_text(SECRET + "\n", encoding="utf-8")
    monkeypatch.setenv("AMENDS_APP_URL", found.url)
    monkeypatch.setenv("AMENDS_APP_SECRET_FILE", str(secret))
    yield found
    found.http.shutdown()
    found.http.server_close()


def posted() -> OutboxMessage:
    with transaction.atomic():
        message = Outgoing(
            key="k", channel="app", recipient=PHONE, subject="流量", body="已用8 GB", language="zh"
        )
        return post_many([message], now=NOW)[0]


def sent() -> OutboxMessage:
    send_due(clock=lambda: NOW)
    return OutboxMessage.objects.get()


def test_a_message_is_handed_over_signed_and_counts_as_sent(push: Gateway) -> None:
    message = posted()
    assert sent().state == "sent"
    ((headers, body),) = push.heard
    assert json.loads(body) == {
        "id": message.id,
        "to": PHONE,
        "title": "流量",
        "body": "已用8 GB",
        "language": "zh",
    }
    signed = f"{headers['Webhook-Id']}.{headers['Webhook-Timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(SECRET.encode(), signed, hashlib.sha256).digest())
    assert headers["Webhook-Signature"] == f"v1,{expected.decode()}"


@pytest.mark.parametrize(
    ("answer", "state", "permanent"),
    [
        (404, "failed", True),
        (422, "failed", True),
        (401, "queued", False),
        (503, "queued", False),
        (0, "unknown", False),
    ],
)
def test_what_the_gateway_answers_decides(
    push: Gateway, answer: int, state: str, permanent: bool
) -> None:
    push.answer = answer
    posted()
    found = sent()
    assert (found.state, found.permanent) == (state, permanent)
    assert len(push.heard) == 1


def test_a_gateway_that_is_not_there_costs_no_try(push: Gateway) -> None:
    posted()
    push.http.shutdown()
    push.http.server_close()
    found = sent()
    assert (found.state, found.attempts) == ("queued", 0)


def test_without_a_gateway_the_channel_sends_nothing() -> None:
    assert not sends("app")
    assert posted().state == "held"


def test_who_has_no_app_is_told_by_the_next_channel(push: Gateway) -> None:
    push.answer = 404
    person = register(NewSubscriber(name="某人", phone=PHONE), now=NOW)
    Preference.objects.create(
        subscriber=person,
        duty="cn.allowance_near",
        channel="app",
        chosen_at_ms=to_ms(NOW),
        chosen_on="web",
    )
    duty = book("cn", NOW.date()).find("cn.allowance_near")
    assert duty is not None
    named = {
        "subscriber": person,
        "service": "svc-1",
        "duty": duty.id,
        "version": duty.version,
        "period": "2026-11-01/data",
        "step": "80%",
    }
    notice = Notice.objects.create(
        key=notice_key(**named),
        pack="cn",
        due_at_ms=to_ms(NOW),
        due_by_ms=to_ms(NOW),
        figures=json.dumps({"counter": "data", "used_mb": 8192, "limit_mb": 10240}),
        detected_at_ms=to_ms(NOW),
        next_at_ms=to_ms(NOW),
        **named,
    )
    send_notices(now=NOW)
    assert notice.messages.get().channel == "app", "the user's own choice goes first"
    send_due(clock=lambda: NOW)
    follow(now=NOW)
    send_notices(now=NOW)
    assert [one.channel for one in notice.messages.order_by("id")] == ["app", "sms"]


@pytest.mark.parametrize(
    "url", ["http://push.example/x", "ftp://127.0.0.1/x", "push.example", "https://"]
)
def test_an_address_that_would_speak_in_the_clear_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("AMENDS_APP_URL", url)
    with pytest.raises(ImproperlyConfigured):
        gateway()


def test_a_gateway_without_a_secret_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AMENDS_APP_URL", "https://push.example/x")
    with pytest.raises(ImproperlyConfigured, match="SECRET"):
        gateway()
    short = tmp_path / "short"
    short.write_text("short", encoding="utf-8")
    monkeypatch.setenv("AMENDS_APP_SECRET_FILE", str(short))
    with pytest.raises(ImproperlyConfigured, match="24"):
        gateway()
