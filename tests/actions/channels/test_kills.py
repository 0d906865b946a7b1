"""Processes killed in the middle, and two at once: nothing lost, nothing doubled."""

from __future__ import annotations

import collections
import email
import os
import random
import secrets
import signal
import time
from pathlib import Path

import pytest
from imapclient import IMAPClient

from actions.channels.conftest import dovecot_running
from mailservers import dovecot
from mailservers.installation import Installation
from mailservers.smtp import SmtpServer

pytestmark = pytest.mark.nightly
STATES = "SELECT state, count(*) FROM channels_outboxmessage GROUP BY state"
MAILS = Path(__file__).parents[2] / "channels_data"

POST = """
from django.db import transaction
from amends.channels.actions.post import Outgoing, post_many
with transaction.atomic():
    post_many([Outgoing(key=f"k{{n}}", channel="mail", recipient=f"reader{{n}}@example.com",
                        body="Hello.", language="en") for n in range({first}, {last})],
              now=timezone.now())
"""
SEND = """
from amends.channels.jobs.send_due import send_due
print(send_due(limit=500))
"""
LATER = """
from datetime import timedelta
from amends.channels.jobs.send_due import send_due
print(send_due(clock=lambda: timezone.now() + timedelta({days})))
"""
DIE_AFTER_STORING = """
import os, signal
from amends.channels.mail import fetch
fetch.put_away = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
from amends.channels.jobs.fetch_mail import fetch_mail
fetch_mail()
"""
DIE_BEFORE_COMMIT = """
import os, signal
from amends.channels.mail import fetch
real = fetch.receive
def killed(*args, **options):
    real(*args, **options)
    os.kill(os.getpid(), signal.SIGKILL)
fetch.receive = killed
from amends.channels.jobs.fetch_mail import fetch_mail
fetch_mail()
"""
FETCH = """
from amends.channels.jobs.fetch_mail import fetch_mail
print(fetch_mail())
"""


@pytest.fixture
def smtp():
    running = SmtpServer()
    yield running
    running.stop()


@pytest.fixture
def house(tmp_path, smtp, migrated_database_url):
    return Installation(
        tmp_path / "house",
        migrated_database_url(tmp_path / "house"),
        AMENDS_SMTP_URL=smtp.url,
        AMENDS_MAIL_FROM="complaints@operator.example",
        AMENDS_MAIL_TIMEOUT_S="120",
    )


def states(house) -> dict[str, int]:
    return collections.Counter(dict(house.rows(STATES)))


def test_a_sender_killed_after_the_server_accepted_leaves_one_mail_and_an_unknown(house, smtp):
    house.run(POST.format(first=0, last=3))
    sender = house.start(SEND)
    smtp.handler.kill_after_accepting = sender.pid
    assert sender.wait(180) == -signal.SIGKILL
    assert len(smtp.accepted) == 1
    house.run(LATER.format(days=1))
    house.run(LATER.format(days=40))
    assert states(house) == {"unknown": 1, "sent": 2}
    assert len({taken.recipient for taken in smtp.accepted}) == len(smtp.accepted) == 3


def test_two_senders_at_once_send_each_message_once(house, smtp):
    house.run(POST.format(first=0, last=120))
    senders = [house.start(SEND), house.start(SEND)]
    for sender in senders:
        _, said = sender.communicate(timeout=300)
        assert sender.returncode == 0, said
    ids = [email.message_from_bytes(taken.content)["Message-ID"] for taken in smtp.accepted]
    assert len(ids) == len(set(ids)) == 120
    assert states(house) == {"sent": 120}


def test_senders_killed_at_random_send_no_message_twice_and_lose_none(house, smtp):
    """Rounds of two senders, one of them killed; AMENDS_KILLS rounds (default 2)."""
    seed = secrets.randbits(32)
    chance = random.Random(seed)
    rounds = int(os.environ.get("AMENDS_KILLS", "2"))
    for number in range(rounds):
        house.run(POST.format(first=number * 100, last=number * 100 + 100))
        already = len(smtp.accepted)
        victim, other = house.start(SEND), house.start(SEND)
        wait_until(lambda already=already: len(smtp.accepted) > already)
        time.sleep(chance.random() * 0.5)
        victim.kill()
        for process in (victim, other):
            process.communicate(timeout=300)
    house.run(LATER.format(days=1))
    house.run(LATER.format(days=2))
    taken = collections.Counter(mail.recipient for mail in smtp.accepted)
    assert set(taken.values()) == {1}, f"seed {seed}"
    after = states(house)
    assert after["sent"] + after["unknown"] == rounds * 100, f"seed {seed}"
    assert after["sent"] <= len(taken) <= rounds * 100, f"seed {seed}"


def wait_until(answer) -> None:
    """Wait for `answer` to come true, at most two minutes."""
    end = time.monotonic() + 120
    while not answer():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def test_a_death_between_posting_and_commit_sends_nothing(house, smtp):
    with pytest.raises(RuntimeError):
        house.run(POST.format(first=0, last=2) + "    import os; os.kill(os.getpid(), 9)\n")
    house.run(SEND)
    assert smtp.accepted == []
    assert states(house) == {}


@pytest.fixture
def mailbox():
    with dovecot_running() as server:
        yield server


@pytest.mark.mailserver
@pytest.mark.parametrize("moment", [DIE_AFTER_STORING, DIE_BEFORE_COMMIT], ids=["after", "before"])
def test_a_fetcher_killed_around_the_storing_loses_and_doubles_nothing(house, mailbox, moment):
    names = ["plain", "gb18030", "nested_multipart"]
    house.environment["AMENDS_IMAP_URL"] = mailbox.url()
    with IMAPClient("localhost", mailbox.port, ssl=False) as client:
        client.login(dovecot.USER, dovecot.PASSWORD)
        for name in names:
            client.append("INBOX", (MAILS / f"{name}.eml").read_bytes())
        for _ in range(2):
            assert house.start(moment).wait(180) == -signal.SIGKILL
        house.run(FETCH)
        client.select_folder("INBOX")
        assert len(client.search(["KEYWORD", "AmendsStored"])) == len(names)
    assert house.ask("InboundMessage.objects.count()") == len(names)
    rows, files = house.ask(
        "[Attachment.objects.exclude(path='').count(), "
        "sum(len(a.path) > 0 and (__import__('pathlib').Path("
        "__import__('django.conf').conf.settings.MEDIA_ROOT) / a.path).is_file() "
        "for a in Attachment.objects.all())]"
    )
    assert rows == files == 5
