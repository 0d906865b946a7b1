"""Fetching from a real Dovecot: stored once, then flagged, whatever happens in between."""

from __future__ import annotations

import email.message
from datetime import timedelta
from pathlib import Path

import pytest
from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError

from amends.channels.actions.claim import claim
from amends.channels.actions.claim_inbound import undispatched
from amends.channels.actions.record import record
from amends.channels.jobs.resolve_unknown import look_up_unknown
from amends.channels.mail import fetch as fetching
from amends.channels.mail.fetch import Fetched
from amends.channels.models import Attachment, InboundMessage, Mailbox, OutboxMessage
from amends.channels.queries import files_of
from amends.channels.rules.outcomes import DeliveryOutcome
from amends.operations.health.alarms import sounding
from amends.operations.health.readings import readings
from shell import amends

pytestmark = [pytest.mark.django_db, pytest.mark.mailserver]
MAILS = Path(__file__).parents[2] / "channels_data"
PLAIN = (MAILS / "plain.eml").read_bytes()


def flags(box):
    box.select_folder("INBOX")
    return {b"AmendsStored" in found for found in box.get_flags(box.search()).values()}


def test_every_invented_mail_is_stored_once_and_flagged(put, fetched, box):
    paths = sorted(MAILS.glob("*.eml"))
    put(*(path.read_bytes() for path in paths))
    assert fetched() == Fetched(stored=len(paths))
    assert flags(box) == {True}
    assert InboundMessage.objects.filter(state="new").count() == len(paths) - 7
    assert InboundMessage.objects.filter(state="ignored").count() == 7
    assert fetched() == Fetched()


def test_a_mail_waits_for_the_dispatcher_with_all_it_said(put, fetched, now):
    put((MAILS / "nested_multipart.eml").read_bytes())
    fetched()
    [waiting] = undispatched(holder="d", now=now + timedelta(days=3650))
    assert (waiting.sender, waiting.sender_name) == ("qian@example.cn", "钱多多")
    assert waiting.text.startswith("漫游三天")
    assert waiting.language == "zh"
    assert [file.media_type for file in files_of([waiting.id])] == ["image/png", "application/pdf"]
    assert Attachment.objects.filter(message=waiting.id, is_original=True).count() == 1


def test_the_same_mail_in_two_copies_is_one_message(put, fetched):
    put(PLAIN, b"Received: from elsewhere\r\n" + PLAIN)
    assert fetched() == Fetched(stored=1, known=1)


def test_only_so_many_a_round_and_the_rest_next_time(put, fetched):
    put(*(PLAIN.replace(b"plain-1", b"plain-%d" % n) for n in range(5)))
    assert [fetched(limit=2).stored for _ in range(4)] == [2, 2, 1, 0]


def test_stored_mail_can_be_moved_away(put, fetched, box, monkeypatch):
    box.create_folder("Stored")
    monkeypatch.setenv("AMENDS_IMAP_DONE_FOLDER", "Stored")
    put(PLAIN)
    assert fetched() == Fetched(stored=1)
    box.select_folder("INBOX")
    assert box.search() == []
    assert box.folder_status("Stored", ["MESSAGES"]) == {b"MESSAGES": 1}


def test_new_numbers_of_the_server_double_nothing(put, fetched, box):
    put(PLAIN)
    fetched()
    box.remove_flags(box.search(), [b"AmendsStored"])
    Mailbox.objects.update(uid_validity=1, last_uid=99)
    assert fetched() == Fetched(known=1)
    assert Mailbox.objects.get().uid_validity != 1


@pytest.fixture
def without_flags(monkeypatch):
    """A server that keeps no flags of ours."""

    def select_folder(client, folder):
        answer = original(client, folder)
        return {**answer, b"PERMANENTFLAGS": (b"\\Seen",)}

    original = IMAPClient.select_folder
    monkeypatch.setattr(IMAPClient, "select_folder", select_folder)


def test_a_server_that_keeps_no_flags_is_read_by_numbers(put, fetched, without_flags):
    put(PLAIN)
    assert fetched() == Fetched(stored=1)
    assert fetched() == Fetched()
    put(PLAIN.replace(b"plain-1", b"plain-2"))
    assert fetched() == Fetched(stored=1)


def test_a_mail_that_cannot_be_stored_keeps_no_other_from_it(put, fetched, box, now, monkeypatch):
    def full_disk(incoming, *, now):
        if incoming.subject == "utf16":
            raise OSError("no space left")
        return original(incoming, now=now)

    original = fetching.receive
    put(PLAIN, (MAILS / "utf16.eml").read_bytes(), (MAILS / "gb18030.eml").read_bytes())
    with monkeypatch.context() as patch:
        patch.setattr(fetching, "receive", full_disk)
        assert fetched() == Fetched(stored=2, failed=1)
    assert flags(box) == {True, False}
    heard = [one.alarm.id for one in sounding(readings(now=now))]
    assert "AmendsMailboxFailing" in heard, "somebody is told of it, not the log alone"
    assert fetched() == Fetched(stored=1)
    assert flags(box) == {True}
    assert Mailbox.objects.get().error == ""


def test_without_flags_a_mail_that_cannot_be_stored_is_fetched_again(
    put, fetched, now, monkeypatch, without_flags
):
    def full_disk(incoming, *, now):
        if b"bad" in incoming.original:
            raise OSError("no space left")
        return original(incoming, now=now)

    def numbered(*names):
        return [PLAIN.replace(b"plain-1", b"plain-%s" % name) for name in names]

    def alarmed():
        return "AmendsMailboxFailing" in {one.alarm.id for one in sounding(readings(now=now))}

    original = fetching.receive
    put(*numbered(b"bad-1", b"bad-2", b"3", b"4"))
    with monkeypatch.context() as patch:
        patch.setattr(fetching, "receive", full_disk)
        assert fetched(limit=2) == Fetched(failed=2)
        assert fetched(limit=2) == Fetched(stored=2), "those that failed hold up nobody"
        assert alarmed(), "not tried in this round, and missing still"
        first = Mailbox.objects.get().failed_uids
        assert fetched(limit=1) == Fetched(failed=1)
        assert Mailbox.objects.get().failed_uids == first[::-1], "each has its turn"
    assert fetched() == Fetched(stored=2)
    assert fetched() == Fetched()
    assert InboundMessage.objects.count() == 4
    assert Mailbox.objects.get().failed_uids == []
    assert not alarmed()


def test_a_mail_the_server_cannot_read_out_holds_up_no_other(put, fetched, monkeypatch):
    def broken(client, uids, data, *rest):
        if data == ["BODY.PEEK[]"] and uids == [min(client.search())]:
            raise IMAPClientError("fetch failed: [SERVERBUG] Internal error occurred.")
        return original(client, uids, data, *rest)

    original = IMAPClient.fetch
    put(PLAIN, PLAIN.replace(b"plain-1", b"plain-2"))
    with monkeypatch.context() as patch:
        patch.setattr(IMAPClient, "fetch", broken)
        assert fetched() == Fetched(stored=1, failed=1)
    assert fetched() == Fetched(stored=1)


def test_a_mail_that_failed_and_is_gone_is_not_waited_for(
    put, fetched, box, monkeypatch, without_flags
):
    put(PLAIN)
    with monkeypatch.context() as patch:
        patch.setattr(fetching, "receive", lambda *_, **__: 1 / 0)
        assert fetched() == Fetched(failed=1)
    box.delete_messages(box.search())
    box.expunge()
    assert fetched() == Fetched()
    assert (Mailbox.objects.get().failed_uids, Mailbox.objects.get().error) == ([], "")


def test_a_mail_beyond_the_bound_is_stored_cut_with_its_words(put, fetched, now, monkeypatch):
    monkeypatch.setenv("AMENDS_MAIL_MAX_MB", "1")
    mail = email.message.EmailMessage()
    mail["From"], mail["Subject"] = "big@example.com", "Large"
    mail.set_content("The recording is attached.")
    mail.add_attachment(b"ID3" + b"x" * 3_000_000, "audio", "mpeg", filename="call.mp3")
    put(mail.as_bytes())
    assert fetched() == Fetched(stored=1)
    [waiting] = undispatched(holder="d", now=now + timedelta(days=3650))
    assert waiting.text == "The recording is attached."
    assert "too_large_and_cut" in InboundMessage.objects.get().reason


def sent_letter(post_mail, now, **changes):
    letter = post_mail(**changes)
    claim("mail", holder="a", now=now)
    record(letter.pk, DeliveryOutcome("sent"), holder="a", now=now)
    return letter


def test_a_bounce_fails_the_message_it_names_and_no_other(put, fetched, post_mail, now):
    hit, other = sent_letter(post_mail, now), sent_letter(post_mail, now)
    bounce = (MAILS / "bounce_permanent.eml").read_bytes()
    put(bounce.replace(b"0123456789abcdef" * 2, hit.pk.encode()))
    put(bounce.replace(b"0123456789abcdef" * 2 + b"@operator", other.pk.encode() + b"@elsewhere"))
    fetched()
    assert OutboxMessage.objects.get(pk=hit.pk).state == "failed"
    assert OutboxMessage.objects.get(pk=other.pk).state == "sent", "not under our domain"


def test_an_answer_proves_delivery_and_settles_an_unknown_message(put, fetched, post_mail, now):
    letter = post_mail(recipient="ann.porter@example.com", reference="complaint-3")
    claim("mail", holder="a", now=now)
    record(letter.pk, DeliveryOutcome("unknown"), holder="a", now=now)
    reply = (MAILS / "reply_gmail.eml").read_bytes()
    put(reply.replace(b"0123456789abcdef" * 2, letter.pk.encode()))
    fetched()
    stored = OutboxMessage.objects.get(pk=letter.pk)
    assert (stored.state, stored.delivered_at) == ("sent", now)
    [waiting] = undispatched(holder="d", now=now + timedelta(days=3650))
    assert (waiting.reference, waiting.sender_known) == ("complaint-3", True)
    assert waiting.tracking_code == "7QX2-M9T4-0AB8"


def test_an_answer_from_somebody_else_proves_nothing(put, fetched, post_mail, now):
    letter = sent_letter(post_mail, now, recipient="not.ann@example.com")
    reply = (MAILS / "reply_gmail.eml").read_bytes()
    put(reply.replace(b"0123456789abcdef" * 2, letter.pk.encode()))
    fetched()
    assert OutboxMessage.objects.get(pk=letter.pk).delivered_at is None


def test_our_own_mail_coming_back_gets_no_automatic_answer(put, fetched, now):
    put(PLAIN.replace(b"ann.porter@example.com", b"complaints@operator.example"))
    fetched()
    [waiting] = undispatched(holder="d", now=now + timedelta(days=3650))
    assert not waiting.may_answer


def test_an_unknown_mail_is_found_among_the_sent(put, box, post_mail, now, monkeypatch):
    found, missing = post_mail(), post_mail()
    claim("mail", holder="a", now=now)
    for letter in (found, missing):
        record(letter.pk, DeliveryOutcome("unknown"), holder="a", now=now)
    box.create_folder("Sent")
    put(f"Message-ID: <{found.pk}@operator.example>\r\n\r\nHello".encode(), folder="Sent")
    assert look_up_unknown(clock=lambda: now) == 0, "no folder is set"
    monkeypatch.setenv("AMENDS_IMAP_SENT_FOLDER", "Sent")
    assert look_up_unknown(clock=lambda: now) == 1
    assert OutboxMessage.objects.get(pk=found.pk).state == "sent"
    assert OutboxMessage.objects.get(pk=missing.pk).state == "unknown"


@pytest.mark.parametrize("scheme", ["imaps", "imap"])
def test_tls_is_checked(running, put, fetched, monkeypatch, scheme):
    put(PLAIN)
    monkeypatch.setenv("AMENDS_IMAP_URL", running.url(scheme))
    assert fetched() == Fetched(), "an unknown authority is refused"
    assert "does not let us in" in Mailbox.objects.get().error
    monkeypatch.setenv("AMENDS_MAIL_CA_FILE", str(running.authority))
    assert fetched() == Fetched(stored=1)
    assert Mailbox.objects.get().error == ""


def test_a_wrong_password_is_noted_and_not_repeated(running, box, fetched, monkeypatch):
    monkeypatch.setenv("AMENDS_IMAP_URL", running.url().replace("fish", "bone"))
    assert fetched() == Fetched()
    error = Mailbox.objects.get().error
    assert "does not let us in" in error
    assert "bone" not in error


def test_a_mailbox_that_cannot_be_read_asks_for_somebody(running, put, fetched, now, monkeypatch):
    def heard() -> list[str]:
        return [one.alarm.id for one in sounding(readings(now=now))]

    put(PLAIN)
    monkeypatch.setenv("AMENDS_IMAP_URL", running.url().replace("fish", "bone"))
    assert "AmendsMailboxFailing" not in heard(), "nobody has tried yet"
    fetched()
    assert "AmendsMailboxFailing" in heard()
    shown = amends("operation", "show", "--check")
    assert shown.code == 1
    assert "AMENDS_IMAP_URL" in shown.err
    monkeypatch.setenv("AMENDS_IMAP_URL", running.url())
    assert fetched() == Fetched(stored=1)
    assert "AmendsMailboxFailing" not in heard()


def test_an_unset_mailbox_fails_nobody(db, now, monkeypatch):
    monkeypatch.delenv("AMENDS_IMAP_URL", raising=False)
    found = [one.value for one in readings(now=now) if one.name == "amends_mailbox_failing"]
    assert found == [None]


def test_without_a_mailbox_nothing_is_fetched(monkeypatch, fetched):
    monkeypatch.delenv("AMENDS_IMAP_URL", raising=False)
    assert fetched() == Fetched()
