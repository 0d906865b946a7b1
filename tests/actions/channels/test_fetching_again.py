"""Mails that were passed over are found again by their identity, and none is stored twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.pages.conftest import colleague

from amends.channels.mail.refetch import fetch_again
from amends.channels.mail.settings import mail_settings
from amends.channels.models import InboundMessage, Mailbox
from shell import amends

PLAIN = (Path(__file__).parents[2] / "channels_data/plain.eml").read_bytes()
pytestmark = [pytest.mark.django_db, pytest.mark.mailserver]
SINCE = datetime(2026, 5, 1, tzinfo=UTC).date()


def _mails(count: int) -> list[bytes]:
    return [
        PLAIN.replace(b"Message-ID: <", f"Message-ID: <{number}.".encode(), 1)
        for number in range(count)
    ]


def _again(now: datetime, *, do: bool = True):
    return fetch_again(mail_settings(), since=SINCE, do=do, clock=lambda: now)


def test_what_was_passed_over_is_stored_once(put, box, fetched, now):
    one, two, three = _mails(3)
    for mail in (one, two, three):
        box.append("INBOX", mail, msg_time=now - timedelta(days=2))
    box.select_folder("INBOX")
    # An earlier version passed over the second as if it were stored.
    box.add_flags(box.search()[1], [b"AmendsStored"])
    assert fetched().stored == 2
    assert InboundMessage.objects.count() == 2
    looked = _again(now, do=False)
    assert (looked.seen, len(looked.missing), looked.stored) == (3, 1, 0)
    assert InboundMessage.objects.count() == 2, "a look changes nothing"
    assert _again(now).stored == 1
    assert InboundMessage.objects.count() == 3
    late = InboundMessage.objects.latest("recorded_at", "id")
    assert late.received_at == now - timedelta(days=2), "its clock runs from the day it came"
    again = _again(now)
    assert (again.seen, again.missing, again.stored) == (3, [], 0)


def test_what_waits_is_flagged_when_it_is_taken_in(put, box, fetched, now):
    put(*_mails(2))
    assert _again(now).stored == 2
    box.select_folder("INBOX")
    assert all(b"AmendsStored" in told for told in box.get_flags(box.search()).values())
    assert fetched().stored == fetched().known == 0


def test_after_a_restore_mails_put_away_since_come_back(
    put,
    box,
    fetched,
    now,
    monkeypatch,
):
    box.create_folder("Done")
    monkeypatch.setenv("AMENDS_IMAP_DONE_FOLDER", "Done")
    put(*_mails(3))
    assert fetched().stored == 3
    InboundMessage.objects.order_by("-id").first().delete()
    Mailbox.objects.all().delete()
    assert fetched().stored == 0, "it was moved, and is not in the mailbox any more"
    assert _again(now).stored == 1
    assert InboundMessage.objects.count() == 3
    box.select_folder("Done")
    assert len(box.search()) == 3


def test_older_mails_are_left_alone(box, fetched, now):
    [mail] = _mails(1)
    box.append("INBOX", mail, msg_time=datetime(2026, 4, 20, tzinfo=UTC))
    assert _again(now).seen == 0


def test_the_command_looks_first_and_is_the_administrators(put, box, fetched, now):
    put(*_mails(2))
    colleague("root", "administrator")
    colleague("bob", "handler")
    refused = amends("messages", "fetch-again", "--by", "bob", "--since", "2026-01-01")
    assert refused.code != 0
    assert "Only an administrator" in refused.err
    wrong = amends("messages", "fetch-again", "--by", "root", "--since", "yesterday")
    assert wrong.code == 2
    assert "yesterday is no day" in wrong.err
    looked = amends("messages", "fetch-again", "--by", "root", "--since", "2026-01-01")
    assert looked.code == 0, looked.err
    assert "2 mails looked through, 2 not on record, 0 taken in" in looked.out
    assert "Nothing was changed" in looked.out
    done = amends(
        "messages", "fetch-again", "--by", "root", "--since", "2026-01-01", "--do", "--json"
    )
    document = done.document
    assert len(document.pop("received")) == 2
    assert document == {"seen": 2, "missing": 2, "stored": 2, "failed": 0}
