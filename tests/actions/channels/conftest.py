"""A channel that sends, and messages to send."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import transaction

from amends.channels import switches
from amends.channels.actions.post import post

NOW = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture(autouse=True)
def files_folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"
    return settings.MEDIA_ROOT


@pytest.fixture
def open_channel(monkeypatch):
    """Switch the channel `mail` on for one test."""
    monkeypatch.setitem(switches.SWITCHES, "mail", switches.Switch(lambda: True, None))


@pytest.fixture
def post_mail(open_channel):
    """Post one mail, each call with its own key unless one is given."""
    made = []

    def _post(**changes):
        made.append(1)
        fields = {
            "key": f"reply:{len(made)}",
            "channel": "mail",
            "recipient": "han.meimei@example.com",
            "subject": "关于您的投诉",
            "body": "您好，已为您退还三元。",
            "language": "zh",
            "reference": "complaint-1",
            **changes,
        }
        with transaction.atomic():
            return post(now=fields.pop("now", NOW), **fields)

    return _post
