"""A channel that sends, and messages to send."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import transaction
from imapclient import IMAPClient

from amends.channels import senders as switches
from amends.channels.actions.post import post
from amends.channels.jobs.fetch_mail import fetch_mail
from mailservers import dovecot
from mailservers.certificate import make_certificates

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


@contextmanager
def dovecot_running() -> Iterator[dovecot.Dovecot]:
    """A Dovecot in a folder its own user may enter."""
    folder = Path(tempfile.mkdtemp(prefix="amends-dovecot-"))
    folder.chmod(0o755)
    server = dovecot.Dovecot(folder / "server", make_certificates(folder / "certificates"))
    server.authority = folder / "certificates" / "ca.pem"
    yield server
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def running():
    """One Dovecot for a file of tests."""
    with dovecot_running() as server:
        yield server


@pytest.fixture
def box(running, monkeypatch):
    """The empty mailbox, opened as the tests' own client; the settings point at it."""
    monkeypatch.setenv("AMENDS_IMAP_URL", running.url())
    monkeypatch.setenv("AMENDS_MAIL_FROM", "complaints@operator.example")
    monkeypatch.setenv("AMENDS_MAIL_TIMEOUT_S", "10")
    client = IMAPClient("localhost", running.port, ssl=False)
    client.login(dovecot.USER, dovecot.PASSWORD)
    for _, _, name in client.list_folders():
        if name != "INBOX":
            client.delete_folder(name)
    client.select_folder("INBOX")
    client.delete_messages(client.search())
    client.expunge()
    yield client
    client.logout()


@pytest.fixture
def put(box):
    """Deliver mails to the mailbox."""

    def _put(*mails: bytes, folder: str = "INBOX"):
        for each in mails:
            box.append(folder, each)

    return _put


@pytest.fixture
def fetched(now):
    return lambda **options: fetch_mail(clock=lambda: now, **options)
