"""A number or mailbox that was somebody's before: theirs for its time, handed out and erased."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from amends.channels.actions.post import Outgoing, post_many
from amends.operations.actions.erasure import erase_person
from amends.operations.actions.subject_access_export import export_person
from amends.people.access.actions.add_user import add_user
from amends.people.access.queries import actor_called
from amends.people.subscribers.models import IndexEntry
from amends.people.subscribers.queries import former_holders
from amends.people.subscribers.queries.personal import open_customer_keys, open_former
from amends.platform.kit.actors import Actor
from tests.actions.feeds.registers import N1, N2, N3, NOW, holder, imported

LATER = [NOW + timedelta(days=100 * number) for number in range(4)]


def _told_of_each_time(officer: Actor, who: str) -> list[bool]:
    """Whether what came to an address in each of three times is handed out to somebody."""
    handed = export_person(who, officer, LATER[3], reason="asked for by mail")["messages"]
    return [f"Text {at:%j}" in str(handed) for at in LATER[:3]]


def _messages(address: str) -> None:
    for at in LATER[:3]:
        text = Outgoing(
            key=f"{address} {at}",
            channel="mail" if "@" in address else "sms",
            recipient=address,
            subject="s",
            body=f"Text {at:%j}",
            language="en",
            reference="",
        )
        with transaction.atomic():
            post_many([text], now=at + timedelta(days=50))


@pytest.fixture
def officer(db: None, settings: Any, tmp_path: Path) -> Actor:
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.ERASURES_FILE = tmp_path / "erasures.jsonl"
    add_user("wei", password="harbour-kite-42", roles=["privacy_officer"])
    return actor_called("wei")


CHANGED = ("key,phone", f"k-1,{N1}", f"k-1,{N2}\nk-2,{N1}", f"k-2,{N3}\nk-1,{N1}")
LEFT = (
    "key,phone,left",
    f"k-1,{N1},",
    f"k-1,{N1},{LATER[1]:%Y-%m-%d}\nk-2,{N1},",
    f"k-2,{N1},{LATER[2]:%Y-%m-%d}\nk-1,{N1},",
)


@pytest.mark.parametrize("register", [CHANGED, LEFT], ids=["had another", "left and is back"])
def test_back_at_a_number_that_was_anothers_meanwhile(
    officer: Actor, tmp_path: Path, register: tuple[str, ...]
) -> None:
    header, *texts = register
    for now, text in zip(LATER, texts, strict=False):
        found = imported(tmp_path, header, *text.split("\n"), now=now).keys
    ann, bo = found["k-1"], found["k-2"]
    moments = [at + timedelta(days=50) for at in LATER[:3]]
    assert [holder(N1, at=at) for at in moments] == [ann, bo, ann]
    assert list(former_holders(N1)) == [bo]
    _messages(N1)
    assert _told_of_each_time(officer, ann) == [True, False, True]
    assert _told_of_each_time(officer, bo) == [False, True, False]


def test_one_after_the_other_each_has_their_time(officer: Actor, tmp_path: Path) -> None:
    """The register tells late who has a number: from its holder's leaving on it is the next one's."""
    imported(tmp_path, "key,phone", f"k-1,{N1}", now=LATER[0])
    gone = f"k-1,{N1},{LATER[1]:%Y-%m-%d}"
    found = imported(tmp_path, "key,phone,left", gone, f"k-2,{N1},", now=LATER[2]).keys
    ann, bo = found["k-1"], found["k-2"]
    assert [holder(N1, at=at + timedelta(days=50)) for at in LATER[:3]] == [ann, bo, bo]
    _messages(N1)
    assert _told_of_each_time(officer, ann) == [True, False, False]
    assert _told_of_each_time(officer, bo) == [False, True, True]


HOME = "home@example.org"
MAILBOXES = {
    "given on": ((f"k-1,{HOME}",), [True, False, False], [False, True, True]),
    "of two": ((f"k-1,{HOME}", f"k-2,{HOME}"), [True, False, False], [True, True, True]),
    "of somebody known": (
        (f"k-1,{HOME}", "k-2,bo@example.org"),
        [True, False, False],
        [False, True, True],
    ),
}


@pytest.mark.parametrize("case", MAILBOXES)
def test_a_mailbox_is_each_ones_for_their_time(officer: Actor, tmp_path: Path, case: str) -> None:
    first, of_ann, of_bo = MAILBOXES[case]
    imported(tmp_path, "key,email", *first, now=LATER[0])
    second = ("k-1,ann@example.org", f"k-2,{HOME}")
    keys = imported(tmp_path, "key,email", *second, now=LATER[1]).keys
    ann, bo = keys["k-1"], keys["k-2"]
    before = holder(email=HOME, at=LATER[0] + timedelta(days=1))
    assert (before, holder(email=HOME)) == ("" if case == "of two" else ann, bo)
    _messages(HOME)
    assert _told_of_each_time(officer, ann) == of_ann
    assert _told_of_each_time(officer, bo) == of_bo


def test_what_was_theirs_and_the_key_are_handed_out_and_erased(
    officer: Actor, tmp_path: Path
) -> None:
    imported(tmp_path, "key,phone,email", f"k-1,{N1},{HOME}", now=LATER[0])
    row = f"k-1,{N2},ann@example.org"
    ann = imported(tmp_path, "key,phone,email", row, now=LATER[1]).keys["k-1"]
    _messages(HOME)
    handed = export_person(ann, officer, LATER[3], reason="asked for by mail")
    assert handed["person"]["customer_keys"] == ["k-1"]
    before = sorted(one["address"] for one in handed["former_contacts"])
    assert before == [N1, HOME]
    assert _told_of_each_time(officer, ann) == [True, True, True], "nobody else's since"
    assert (holder(N1), holder(email=HOME)) == ("", ann)
    erase_person(ann, officer, LATER[3])
    assert open_former(ann) == open_customer_keys(ann) == []
    assert not IndexEntry.objects.filter(subscriber=ann).exists()


def test_back_at_a_former_number_it_is_theirs_all_the_time(db: None, tmp_path: Path) -> None:
    for number in (N1, N2, N1):
        ann = imported(tmp_path, "key,phone", f"k-1,{number}").keys["k-1"]
    assert [holder(N1), holder(N2)] == [ann, ""]
    assert [text for _, text, _ in open_former(ann)] == [N2]
