"""The messages of the demonstration: what is shown, and that the page exists nowhere else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from amends.channels import senders
from amends.channels.actions.invent_delivery import invent_delivery
from amends.channels.actions.post import post
from amends.channels.jobs.send_due import send_due
from amends.channels.models import OutboxMessage
from amends_demo.delivery import CHANNELS, DemoSender, deliver_here, is_open
from tests.pages.conftest import colleague, signed_in

pytestmark = pytest.mark.django_db
PAGE = "/demo/messages/"


@pytest.fixture
def marker(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of a demonstration whose simulation is over."""
    file = tmp_path / "demonstration.json"
    file.write_text('{"size": 600}')
    settings.DEMONSTRATION_FILE = file
    monkeypatch.setattr(senders, "_REPLACEMENTS", {})
    for channel, switch in senders.SWITCHES.items():
        monkeypatch.setitem(senders.SWITCHES, channel, switch)
    return file


def _post(key: str) -> OutboxMessage:
    with transaction.atomic():
        return post(
            now=timezone.now(),
            key=key,
            channel="sms",
            recipient="15400000001",
            body="Your code is 314159. http://testserver/follow/",
            language="en",
        )


def _register() -> None:
    deliver_here()
    for channel in CHANNELS:
        senders.register_sender(channel, senders.SWITCHES[channel])


def test_a_code_is_shown_to_its_customer(marker: Path) -> None:
    _register()
    assert _post("code-1").state == "queued"
    assert send_due() == {"sent": 1}
    page = Client(headers={"accept-language": "en"}).get(PAGE).content.decode()
    assert "314159" in page
    assert 'href="http://testserver/follow/"' in page
    assert "314159" in Client().get(f"{PAGE}?to=154 0000 0001").content.decode()
    assert "314159" not in Client().get(f"{PAGE}?to=15400000002").content.decode()


def test_it_exists_only_in_a_finished_demonstration_on_this_machine(
    marker: Path, settings: Any
) -> None:
    assert is_open()
    settings.LOOPBACK_ONLY = False
    assert Client().get(PAGE).status_code == 404
    deliver_here()
    assert senders._REPLACEMENTS == {}
    settings.LOOPBACK_ONLY = True
    marker.write_text("{}")
    assert Client().get(PAGE).status_code == 404, "the simulation runs"
    marker.unlink()
    assert Client().get(PAGE).status_code == 404


def test_a_provider_that_is_set_is_not_replaced(
    marker: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AMENDS_SMTP_URL", "smtp+plain://localhost:2525")
    monkeypatch.setenv("AMENDS_MAIL_FROM", "desk@example.org")
    _register()
    assert senders.SWITCHES["mail"].open_sender is not DemoSender
    assert senders.SWITCHES["sms"].open_sender is DemoSender


def test_the_desk_links_to_the_messages_and_no_warning(marker: Path) -> None:
    _post("before")
    client = signed_in(colleague("h.handler"))
    assert "nothing reaches a customer" in client.get("/desk/day/").content.decode()
    _register()
    assert invent_delivery(CHANNELS) == 1
    page = client.get("/desk/day/").content.decode()
    assert "nothing reaches a customer" not in page
    assert PAGE in page
