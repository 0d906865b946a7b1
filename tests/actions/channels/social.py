"""Accounts for tests of social media, signed callbacks, and posts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from amends.channels.actions.take_posts import take_in
from amends.channels.social.connector import FoundPost
from amends.channels.social.models import SocialPost
from amends.channels.social.settings import social_settings
from amends.channels.social.webhook import signature

NOW = datetime(2026, 11, 27, 1, tzinfo=UTC)
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def use_accounts(folder: Path, monkeypatch: pytest.MonkeyPatch, toml: str, **secrets: str) -> None:
    """Let AMENDS_SOCIAL_FILE name these accounts; secrets are written beside it."""
    for name, value in secrets.items():
        (folder / name).write_text(value, encoding="utf-8")
    file = folder / "social.toml"
    file.write_text(toml, encoding="utf-8")
    monkeypatch.setenv("AMENDS_SOCIAL_FILE", str(file))


def use_gateway(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    url: str = "http://127.0.0.1:9",
    more: str = "",
) -> None:
    """One account behind the operator's gateway."""
    toml = f"""
send = true
[[accounts]]
name = "square"
platform = "webhook"
account_id = "7000"
handle = "@Lantian Telecom"
url = "{url}"
secret_file = "secret"
{more}
"""
    use_accounts(folder, monkeypatch, toml, secret=SECRET)


def deliver(
    document: object,
    *,
    at: datetime,
    message_id: str = "msg_1",
    secret: str = SECRET,
    **headers: str,
) -> Any:
    """One signed callback; `headers` replace those of the signature."""
    body = json.dumps(document).encode()
    stamp = str(int(at.timestamp()))
    signed = {
        "Webhook-Id": message_id,
        "Webhook-Timestamp": stamp,
        "Webhook-Signature": signature(secret.encode(), message_id, stamp, body),
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    return Client().post(
        "/hooks/social/square/", body, content_type="application/json", headers=signed
    )


def event(kind: str = "post.created", **post: Any) -> Mapping[str, Any]:
    """One event of a callback."""
    given = {
        "id": "p1",
        "kind": "mention",
        "author": {"id": "42", "name": "小林"},
        "text": "@蓝天 充值100怎么只到账90？",
        "posted_at": "2026-11-27T08:30:00+08:00",
    }
    return {"type": kind, "post": given | post}


def stored(
    *, kind: str = "mention", text: str = "充值100怎么只到账90？", **post: Any
) -> SocialPost:
    """One post of the account "square", stored."""
    given: dict[str, Any] = {
        "id": "p1",
        "author_id": "42",
        "author_name": "小林",
        "posted_at": NOW,
    }
    now = post.pop("now", NOW)
    found = FoundPost(text=text, kind=kind, **(given | post))  # type: ignore[arg-type]
    take_in(social_settings().accounts["square"], [found], now=now)
    return SocialPost.objects.order_by("-id")[0]
