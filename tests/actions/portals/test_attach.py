"""Files with a contact: judged by content, sealed on disk, opened with an event, strays removed."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings

from amends.cases.complaints.actions.attach import (
    MAX_FILES,
    NewFile,
    UnableToAttach,
    UnableToOpenAttachment,
    attach,
    open_attachment,
)
from amends.cases.complaints.actions.intake import Submission
from amends.cases.complaints.actions.receive import receive
from amends.cases.complaints.jobs.remove_orphaned_files import tidy_files
from amends.cases.complaints.models import Attachment, Event
from amends.cases.complaints.queries.attachments import FILES, attachments_of
from amends.platform.kit.actors import system
from amends.platform.vault import stored_files
from amends.platform.vault.actions.rotate import reseal, start_rotation
from amends.platform.vault.stored_files import UnableToReadStored
from tests.clock import MORNING, begin_at

NOW = MORNING
DESK = system("desk")
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    begin_at(monkeypatch, NOW)


@pytest.fixture
def contact() -> tuple[str, str]:
    """A complaint and its contact."""
    receipt = receive(
        Submission(channel="web", key="k1", text="账单不对", received_at=NOW), now=NOW
    )
    return receipt.complaint, receipt.contact


def path_of(file: str) -> Path:
    return Path(settings.MEDIA_ROOT, FILES.path(file))


def on_disk() -> list[Path]:
    return [path for path in path_of("x").parents[1].rglob("*") if path.is_file()]


def test_what_is_kept_comes_back_and_is_sealed_on_disk(contact) -> None:
    ref, key = contact
    (file,) = attach(key, [NewFile("账单.pdf", b"%PDF-1.7 secret words")], now=NOW)
    assert b"secret" not in path_of(file).read_bytes()
    assert "账单".encode() not in bytes(Attachment.objects.get().name)
    opened = open_attachment(ref, file, actor=DESK, now=NOW)
    assert (opened.name, opened.media_type) == ("账单.pdf", "application/pdf")
    assert opened.content == b"%PDF-1.7 secret words"
    assert list(Event.objects.order_by("at", "id").values_list("verb", flat=True)) == [
        "files_attached",
        "file_opened",
    ]
    assert [view.name for view in attachments_of(ref)] == ["账单.pdf"]


def test_the_same_bytes_again_are_the_file_that_is_there(contact) -> None:
    _, key = contact
    same = NewFile("a.txt", b"one")
    first = attach(key, [same, same, NewFile("b.txt", b"two")], now=NOW)
    again = attach(key, [same], now=NOW)
    assert first[0] == first[1] == again[0]
    assert Attachment.objects.count() == 2
    assert Event.objects.filter(verb="files_attached").count() == 1


def test_sent_twice_at_once_each_file_is_kept_once(contact, monkeypatch) -> None:
    _, key = contact
    same, other = NewFile("a.txt", b"one"), NewFile("b.txt", b"two")
    write, before = stored_files.write, set(on_disk())

    def slow(*args: object, **more: object) -> object:
        monkeypatch.setattr(stored_files, "write", write)
        quicker.extend(attach(key, [same], now=NOW))
        return write(*args, **more)  # type: ignore[arg-type]

    quicker: list[str] = []
    monkeypatch.setattr(stored_files, "write", slow)
    ids = attach(key, [same, other], now=NOW)
    assert ids[0] == quicker[0]
    assert set(ids) == set(Attachment.objects.values_list("id", flat=True))
    assert set(on_disk()) - before == {path_of(file) for file in ids}
    events = Event.objects.filter(verb="files_attached").order_by("id")
    assert [event.details["files"] for event in events] == [1, 1]


def test_one_bad_file_and_none_is_kept(contact) -> None:
    _, key = contact
    with pytest.raises(UnableToAttach) as refusal:
        attach(key, [NewFile("a.txt", b"good"), NewFile("b.pdf", b"MZ\x90")], now=NOW)
    assert refusal.value.reason == "program"
    assert Attachment.objects.count() == 0
    with pytest.raises(UnableToAttach):
        attach(key, [NewFile(f"{n}.txt", b"%d" % n) for n in range(MAX_FILES + 1)], now=NOW)


@pytest.mark.parametrize("content", [b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old office", b"{\\rtf1 x}"])
def test_old_office_files_may_carry_macros_and_are_refused(contact, content: bytes) -> None:
    with pytest.raises(UnableToAttach):
        attach(contact[1], [NewFile("a.doc", content)], now=NOW)


def test_a_file_opens_only_under_its_own_complaint(contact) -> None:
    other = receive(Submission(channel="web", key="k2", text="别的事", received_at=NOW), now=NOW)
    (file,) = attach(contact[1], [NewFile("a.txt", b"mine")], now=NOW)
    with pytest.raises(UnableToOpenAttachment):
        open_attachment(other.complaint, file, actor=DESK, now=NOW)
    assert not Event.objects.filter(verb="file_opened").exists()


def test_a_file_that_was_changed_on_disk_does_not_open(contact) -> None:
    ref, key = contact
    (file,) = attach(key, [NewFile("a.txt", b"true")], now=NOW)
    path = path_of(file)
    *begun, last = path.read_bytes()
    path.write_bytes(bytes([*begun, last ^ 1]))
    with pytest.raises(UnableToReadStored):
        open_attachment(ref, file, actor=DESK, now=NOW)


def test_files_survive_a_rotation_of_the_master_keys(contact) -> None:
    ref, key = contact
    (file,) = attach(key, [NewFile("a.txt", b"lasting")], now=NOW)
    start_rotation()
    reseal()
    assert open_attachment(ref, file, actor=DESK, now=NOW).content == b"lasting"


def test_only_old_files_nobody_names_are_removed(contact) -> None:
    (named,) = attach(contact[1], [NewFile("a.txt", b"named")], now=NOW)
    for stray in ("0" * 31 + "a", "0" * 31 + "b"):
        stored_files.write(stray, b"left behind", store=FILES)
    two_days_ago = (NOW - timedelta(days=2)).timestamp()
    for old in (named, "0" * 31 + "a"):
        os.utime(path_of(old), (two_days_ago, two_days_ago))
    assert tidy_files(now=NOW) >= 1
    assert path_of(named).exists()
    assert not path_of("0" * 31 + "a").exists()
    assert path_of("0" * 31 + "b").exists()
    path_of("0" * 31 + "b").unlink()
