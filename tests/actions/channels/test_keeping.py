"""What is kept on disk and in rows: sealed, bound to its place, tidied, and forgotten on demand."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest
from django.db import transaction

from amends.channels.actions.forget import forget
from amends.channels.actions.receive import Incoming, ReceivedFile, receive
from amends.channels.actions.record_call import UnableToTakeDown, take_down
from amends.channels.jobs.remove_orphaned_files import tidy
from amends.channels.models import Attachment, InboundMessage, OutboxMessage
from amends.channels.queries import files_of, open_file, open_letter, open_message
from amends.channels.queries.contacts import contact_index
from amends.platform.kit.periods import Period
from amends.platform.vault import stored_files
from amends.platform.vault.sealing import UnableToUnseal

pytestmark = [pytest.mark.django_db, pytest.mark.postgres_too]

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))


def arrive(now, **changes):
    fields = {
        "channel": "mail",
        "external_id": "m1",
        "sender": "li.lei@example.com",
        "sender_name": "李雷",
        "text": "扣费不明",
        "subject": "投诉",
        "received_at": now,
        "original": b"raw",
        "files": [ReceivedFile("a.png", PNG)],
        **changes,
    }
    return receive(Incoming(**fields), now=now)


def test_a_file_opens_only_for_the_row_it_was_sealed_for(now, files_folder):
    one, two = arrive(now), arrive(now, external_id="m2")
    first, second = (files_of([message.pk])[0].id for message in (one, two))
    assert open_file(first)[2] == PNG
    mine = Attachment.objects.get(pk=first)
    Attachment.objects.filter(pk=second).update(path=mine.path)
    with pytest.raises(stored_files.UnableToReadStored):
        open_file(second)
    Attachment.objects.filter(pk=second).update(key_sealed=mine.key_sealed)
    with pytest.raises(UnableToUnseal):
        open_file(second)


def test_a_changed_or_lost_file_is_named_so(now, files_folder):
    file = files_of([arrive(now).pk])[0].id
    path = files_folder / Attachment.objects.get(pk=file).path
    *begun, last = path.read_bytes()
    path.write_bytes(bytes([*begun, last ^ 1]))
    with pytest.raises(stored_files.UnableToReadStored):
        open_file(file)
    path.unlink()
    with pytest.raises(stored_files.UnableToReadStored):
        open_file(file)


def test_no_path_leads_out_of_the_folder_of_files(now):
    for path in ("../../etc/passwd", "/etc/passwd"):
        with pytest.raises(ValueError):
            stored_files.remove(path)


def test_files_and_folders_are_nobody_elses_to_read(now, files_folder):
    arrive(now)
    for path in files_folder.glob("*/*"):
        assert path.stat().st_mode & 0o077 == 0
        assert path.parent.stat().st_mode & 0o077 == 0


def test_only_old_files_without_a_row_are_tidied_away(now, files_folder):
    kept = files_of([arrive(now).pk])[0].id
    stray, fresh = ("a" * 32), ("b" * 32)
    for name in (stray, fresh):
        stored_files.write(name, b"x")
    old = (now - timedelta(days=2)).timestamp()
    for path in files_folder.glob("*/*"):
        os.utime(path, (old, old) if path.name != fresh else (now.timestamp(),) * 2)
    assert tidy(clock=lambda: now) == 1
    names = {path.name for path in files_folder.glob("*/*")}
    assert kept in names
    assert fresh in names
    assert stray not in names


@pytest.mark.django_db(transaction=True)
def test_somebody_is_forgotten_with_words_files_and_letters(post_mail, now, files_folder):
    message = arrive(now)
    other = arrive(now, external_id="m2", sender="other@example.com")
    letter = post_mail(recipient="LI.LEI@example.com")
    file = files_of([message.pk])[0].id
    assert forget(addresses=[("li.lei@example.com", Period(now - timedelta(days=1)))], now=now) == 2
    emptied = open_message(message.pk)
    assert (emptied.sender, emptied.sender_name, emptied.text, emptied.subject) == ("",) * 4
    assert open_letter(letter.pk) == ("", "")
    assert OutboxMessage.objects.get(pk=letter.pk).state == "cancelled"
    with pytest.raises(Attachment.DoesNotExist):
        open_file(file)
    assert len(list(files_folder.glob("*/*"))) == 2, "the other person's files stay"
    assert open_message(other.pk).text == "扣费不明"
    assert InboundMessage.objects.count() == 2


def test_messages_of_an_ended_retention_are_forgotten_by_id(now):
    message = arrive(now)
    assert forget(message_ids=[message.pk], now=now) == 1
    assert open_message(message.pk).text == ""


def test_forgetting_that_fails_forgets_nothing(now):
    message = arrive(now)

    @transaction.atomic
    def fail():
        forget(message_ids=[message.pk], now=now)
        raise RuntimeError("the erasure was not recorded")

    with pytest.raises(RuntimeError):
        fail()
    assert open_message(message.pk).text == "扣费不明"
    assert open_file(files_of([message.pk])[0].id)[2] == PNG


def test_a_call_is_taken_down_once_with_its_number_in_one_form(now):
    call = {"call": "2026-05-04/17", "text": "宽带断了三天", "started_at": now, "now": now}
    first = take_down(**call, caller="138 0013 8000")
    assert take_down(**call, caller="13800138000").pk == first.pk
    second = take_down(**{**call, "call": "18"}, caller="+8613800138000")
    assert first.sender_index == second.sender_index
    assert open_message(first.pk).sender == "+8613800138000"
    withheld = take_down(**{**call, "call": "19"})
    assert withheld.sender_index == ""


def test_numbers_without_a_country_are_read_as_in_the_operators_own(now, settings):
    settings.JURISDICTION = "uk"
    call = {"call": "17", "text": "No line for three days", "started_at": now, "now": now}
    called = take_down(**call, caller="07700 900123")
    assert open_message(called.pk).sender == "+447700900123"
    assert called.sender_index == contact_index("07700 900123") == contact_index("+447700900123")


@pytest.mark.parametrize("wrong", [{"text": " "}, {"caller": "my number"}])
def test_a_call_without_words_or_with_no_number_is_refused(now, wrong):
    call = {"call": "1", "text": "断网", "started_at": now, "now": now, **wrong}
    with pytest.raises(UnableToTakeDown):
        take_down(**call)
