"""A new channel is one folder and one line; nobody else knows a channel by its name."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import transaction
from tests.source_tree import app_path, source_files, source_path

import amends
from amends.channels import register, senders
from amends.channels.actions.post import post
from amends.channels.jobs.send_due import send_due
from amends.channels.models import OutboxMessage
from amends.channels.queries import capabilities

SOURCE = Path(amends.__file__).parent
RECIPES = SOURCE.parents[1] / "docs" / "developer" / "adding.md"
NOW = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
CHANNEL = """
from contextlib import contextmanager
from pathlib import Path

from amends.channels.channel import Channel
from amends.channels.rules.outcomes import DeliveryOutcome

SENT = Path(__file__).with_name("sent.txt")


class Pigeon:
    def send(self, message, *, begin):
        if not begin():
            return None
        SENT.write_text(f"{message.recipient}: {message.body}", encoding="utf-8")
        return DeliveryOutcome("sent", provider_message_id="pigeon-1")


@contextmanager
def open_sender(clock):
    yield Pigeon()


CHANNEL = Channel(
    name="pigeon", title="Pigeon", noun="carrier pigeon", by="by pigeon", icon="message",
    receives=True, aliases=("pigeon", "信鸽"), reaches="phone",
    is_configured=lambda: True, open_sender=open_sender,
)
"""
NOT_CHANNELS = (
    "metering/",
    "launches/",
    "audits/",
    "duties/",
    "notices/actions/record_changes.py",
    "notices/texts/duties.py",
)
"""There the word stands for a counter of usage: messages, beside data and voice."""
DATA = ("demo/", "feeds/helpdesks/", "kit/formats.py", "site/web/setup.py")
"""What simulated or other systems say, and an example."""


@pytest.fixture
def pigeon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    folder = tmp_path / "pigeon"
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "channel.py").write_text(CHANNEL, encoding="utf-8")
    import amends.channels

    monkeypatch.setattr(amends.channels, "__path__", [*amends.channels.__path__, str(tmp_path)])
    monkeypatch.setattr(register, "CHANNELS", (*register.CHANNELS, "pigeon"))
    monkeypatch.setitem(senders.SWITCHES, "pigeon", senders.Switch(lambda: False, None))
    register.channels.cache_clear()
    yield folder
    register.channels.cache_clear()


@pytest.mark.django_db(transaction=True)
def test_a_toy_channel_sends_and_is_known_everywhere(pigeon: Path) -> None:
    register.register_senders()
    with transaction.atomic():
        post(key="k", channel="pigeon", recipient="15400000001", body="coo", language="en", now=NOW)
    counts = send_due(clock=lambda: NOW, holder="test")
    assert counts == {"sent": 1}, counts
    assert OutboxMessage.objects.get().state == OutboxMessage.State.SENT
    assert (pigeon / "sent.txt").read_text(encoding="utf-8") == "15400000001: coo"
    assert capabilities.channel_titles()["pigeon"] == "Pigeon"
    assert capabilities.reaching()["pigeon"] == "phone"
    assert "信鸽" in capabilities.channel_aliases()["pigeon"]


@pytest.mark.no_database
def test_the_recipe_of_a_channel_names_at_most_five_files_outside_its_folder() -> None:
    recipe = (
        RECIPES.read_text(encoding="utf-8").partition("## A channel")[2].partition("\nPages, ")[0]
    )
    named = set(re.findall(r"`((?:[\w-]+/)+[\w.@…-]+\.(?:py|md|toml|po))`", recipe))
    assert "channels/register.py" in named
    assert len({one for one in named if "/NAME/" not in one}) <= 5


@pytest.mark.no_database
def test_only_its_folder_and_the_register_name_text_messages() -> None:
    elsewhere = [
        place
        for path in source_files("*.py")
        if not (place := str(app_path(path))).startswith(
            ("channels/sms/", "channels/register.py", *NOT_CHANNELS, *DATA)
        )
        if not place.endswith("/demonstration.py")
        if "migrations/" not in place and re.search(r"""["']sms["']""", path.read_text("utf-8"))
    ]
    assert elsewhere == []


@pytest.mark.no_database
def test_every_channel_of_a_duty_is_known() -> None:
    import tomllib

    known = {*capabilities.outgoing(), *capabilities.channel_titles(), "contract", "bill", "store"}
    strange = {
        (path.name, one)
        for path in source_path("notices/rules/data").glob("duties-*.toml")
        for duty in tomllib.loads(path.read_text(encoding="utf-8")).get("duties", [])
        for one in duty.get("channels", [])
        if one not in known
    }
    assert strange == set()
