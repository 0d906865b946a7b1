"""A known subscriber's new number, mailbox and address, as the register has them now."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.utils import translation

from amends.access.actions.add_user import add_user
from amends.access.actors import Actor
from amends.access.queries import actor_called
from amends.channels.actions.post import Outgoing, post_many
from amends.channels.files.report import FileReport
from amends.feeds.imports.subscribers import import_subscribers
from amends.operations.erasure import erase_person
from amends.operations.subject_access_export import export_person
from amends.subscribers.models import IndexEntry
from amends.subscribers.queries import former_holders, identify, subscriber
from amends.subscribers.queries.personal import PERSONAL_FIELDS, open_former, open_personal

NOW = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)


def imported(tmp_path: Path, text: str, *, now: datetime = NOW) -> tuple[FileReport, str]:
    path, out = tmp_path / "people.csv", tmp_path / "keys.csv"
    path.write_text(text, encoding="utf-8")
    with translation.override("en"):
        report = import_subscribers(
            path, rejects=tmp_path / "rejects.csv", out=out, now=now, progress=lambda *_: None
        )
    assert report.read == report.accepted + report.duplicates + report.rejected
    return report, out.read_text(encoding="utf-8")


def pseudonyms_of(keys: str) -> dict[str, str]:
    return dict(row.split(",") for row in keys.splitlines()[1:])


ANN = "Ann Example,110101199003078115"
HEADER = "key,phone,name,id_card,email,address,area\n"


def test_what_the_register_says_now_of_somebody_known_is_taken_over(
    db: None, tmp_path: Path
) -> None:
    _, before = imported(tmp_path, HEADER + f"k-1,13900010001,{ANN},ann@example.org,Old Road 1,\n")
    text = HEADER + f"k-1,13900010002,{ANN},ann@example.net,New Road 2,north\n"
    report, after = imported(tmp_path, text)
    assert before == after
    assert any("address 1, area 1, email 1, phone 1" in note for note in report.notes)
    ann = pseudonyms_of(after)["k-1"]
    values = open_personal([ann], PERSONAL_FIELDS)[ann]
    assert (values["phone"], values["email"], values["address"]) == (
        "13900010002", "ann@example.net", "New Road 2",
    )  # fmt: skip
    assert [_holder(number) for number in ("13900010001", "13900010002")] == ["", ann]
    assert _holder("13900010001", at=NOW - timedelta(days=1)) == ann
    assert former_holders("13900010001") == {ann: NOW}
    again, _ = imported(tmp_path, text)
    assert not any("taken over" in note for note in again.notes)


def test_by_the_name_too_where_there_are_no_identity_cards(db: None, tmp_path: Path) -> None:
    header = "key,phone,name,email\n"
    _, keys = imported(tmp_path, header + "k-1,13900010001,Ann Example,ann@example.org\n")
    imported(tmp_path, header + "k-1,13900010002,ANN  EXAMPLE,ann@example.org\n")
    assert [_holder("13900010002")] == [pseudonyms_of(keys)["k-1"]]
    _, after = imported(tmp_path, header + "k-1,13900010002,Bo Other,bo@example.org\n")
    assert pseudonyms_of(after) != pseudonyms_of(keys), "the number may be another person's by now"
    assert _holder(email="ann@example.org") == pseudonyms_of(keys)["k-1"]


def test_a_number_given_on_in_the_same_file_goes_to_who_has_it_now(
    db: None, tmp_path: Path
) -> None:
    header = "key,phone,id_card\n"
    _, before = imported(tmp_path, header + "k-1,13900010001,110101199003078115\n")
    text = header + "k-2,13900010001,\nk-1,13900010002,110101199003078115\n"
    report, after = imported(tmp_path, text)
    assert (report.accepted, report.duplicates) == (1, 1)
    found = pseudonyms_of(after)
    assert found["k-1"] == pseudonyms_of(before)["k-1"]
    assert [_holder("13900010001"), _holder("13900010002")] == [found["k-2"], found["k-1"]]


def test_of_somebody_with_two_numbers_the_one_on_record_stays(db: None, tmp_path: Path) -> None:
    header = "key,phone,id_card\n"
    first = "k-1,13900010001,110101199003078115\n"
    second = "k-1,13900010002,110101199003078115\n"
    _, keys = imported(tmp_path, header + first)
    for text in (header + first + second, header + second + first):
        report, _ = imported(tmp_path, text)
        assert not any("taken over" in note for note in report.notes)
    assert [_holder("13900010001")] == [pseudonyms_of(keys)["k-1"]]


def test_back_at_a_former_number_it_is_theirs(db: None, tmp_path: Path) -> None:
    header = "key,phone,id_card\n"
    for number in ("13900010001", "13900010002", "13900010001"):
        _, keys = imported(tmp_path, header + f"k-1,{number},110101199003078115\n")
    ann = pseudonyms_of(keys)["k-1"]
    assert [_holder("13900010001"), _holder("13900010002")] == [ann, ""]
    assert [text for _, text, _ in open_former(ann)] == ["13900010002"]


def test_a_former_number_is_handed_out_and_erased_with_the_rest(
    db: None, settings: Any, tmp_path: Path
) -> None:
    header = "key,phone,id_card\n"
    for number in ("13900010001", "13900010002"):
        _, keys = imported(tmp_path, header + f"k-1,{number},110101199003078115\n")
    ann = pseudonyms_of(keys)["k-1"]
    settings.MEDIA_ROOT = tmp_path / "files"
    add_user("wei", password="harbour-kite-42", roles=["privacy_officer"])
    officer = actor_called("wei")
    found = export_person(ann, officer, NOW + timedelta(days=1), reason="asked for by mail")
    assert found["former_contacts"] == [{"address": "13900010001", "until": NOW}]
    erase_person(ann, officer, NOW + timedelta(days=1))
    assert open_former(ann) == []
    assert not IndexEntry.objects.filter(subscriber=ann).exists()


def test_values_are_taken_from_rows_that_name_the_person_only(db: None, tmp_path: Path) -> None:
    """Two may use one mailbox; what the row of one says is not the other's."""
    imported(tmp_path, HEADER + f"k-1,13900010001,{ANN},ann@example.org,Old Road 1,north\n")
    text = (
        HEADER
        + f"k-1,13900010001,{ANN},ann@example.org,,\n"
        + "k-2,13900010003,Bo Other,,ann@example.org,New Road 7,south\n"
    )
    report, keys = imported(tmp_path, text)
    ann, bo = (pseudonyms_of(keys)[key] for key in ("k-1", "k-2"))
    assert open_personal([ann], ["address"])[ann] == {"address": "Old Road 1"}
    assert open_personal([bo], ["address"])[bo] == {"address": "New Road 7"}
    assert any("another identity card or name: 1" in note for note in report.notes)


def test_a_row_of_another_name_does_not_move_a_person_to_another_area(
    db: None, tmp_path: Path
) -> None:
    first = HEADER + f"k-1,13900010001,{ANN},ann@example.org,Old Road 1,north\n"
    _, keys = imported(tmp_path, first)
    ann = pseudonyms_of(keys)["k-1"]
    imported(tmp_path, HEADER + "k-1,13900010001,,,,,south\n")
    assert _area(ann) == "south", "a row that contradicts nothing does"
    _, keys = imported(tmp_path, HEADER + "k-2,13900010001,Bo Other,,,,west\n")
    assert (_area(ann), _area(pseudonyms_of(keys)["k-2"])) == ("south", "west")


def test_numbers_exchanged_without_identity_cards_go_by_mailbox_and_name(
    db: None, tmp_path: Path
) -> None:
    header = "key,phone,name,email\n"
    _, before = imported(
        tmp_path,
        header + "k-1,13900010001,Ann,ann@example.org\nk-2,13900010002,Bo,bo@example.org\n",
    )
    _, after = imported(
        tmp_path,
        header + "k-1,13900010002,ANN,ann@example.org\nk-2,13900010001,Bo,bo@example.org\n",
    )
    assert after == before
    found = pseudonyms_of(after)
    assert [_holder("13900010001"), _holder("13900010002")] == [found["k-2"], found["k-1"]]
    earlier = NOW - timedelta(days=1)
    assert _holder("13900010001", at=earlier) == found["k-1"]


def test_two_who_use_one_mailbox_are_told_apart_by_their_numbers(db: None, tmp_path: Path) -> None:
    header = "key,phone,name,email\n"
    imported(tmp_path, header + "k-1,13900010001,Ann,ann@example.org\n")
    _, before = imported(tmp_path, header + "k-2,13900010002,Bo,\n")
    _, after = imported(tmp_path, header + "k-2,13900010002,Bo,ann@example.org\n")
    assert after == before


A_CARD, B_CARD = "110101199003078115", "110101199003072223"
LATER = [NOW + timedelta(days=100 * number) for number in range(4)]


def _told_of_each_time(officer: Actor, who: str) -> list[bool]:
    """Whether what came to an address in each of three times is handed out to somebody."""
    handed = export_person(who, officer, LATER[3], reason="asked for by mail")["messages"]
    return [f"Text {at:%j}" in str(handed) for at in LATER[:3]]


def _messages(address: str) -> None:
    for at in LATER[:3]:
        text = Outgoing(
            key=f"{address} {at}", channel="mail" if "@" in address else "sms", recipient=address,
            subject="s", body=f"Text {at:%j}", language="en", reference="",
        )  # fmt: skip
        with transaction.atomic():
            post_many([text], now=at + timedelta(days=50))


@pytest.fixture
def officer(db: None, settings: Any, tmp_path: Path) -> Actor:
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.ERASURES_FILE = tmp_path / "erasures.jsonl"
    add_user("wei", password="harbour-kite-42", roles=["privacy_officer"])
    return actor_called("wei")


CHANGED = (
    "key,phone,id_card",
    f"k-1,13900010001,{A_CARD}",
    f"k-1,13900010002,{A_CARD}\nk-2,13900010001,{B_CARD}",
    f"k-2,13900010003,{B_CARD}\nk-1,13900010001,{A_CARD}",
)
LEFT = (
    "key,phone,id_card,left",
    f"k-1,13900010001,{A_CARD},",
    f"k-1,13900010001,{A_CARD},{LATER[1]:%Y-%m-%d}\nk-2,13900010001,{B_CARD},",
    f"k-2,13900010001,{B_CARD},{LATER[2]:%Y-%m-%d}\nk-1,13900010001,{A_CARD},",
)


@pytest.mark.parametrize("register", [CHANGED, LEFT], ids=["had another", "left and is back"])
def test_back_at_a_number_that_was_anothers_meanwhile(
    officer: Actor, tmp_path: Path, register: tuple[str, ...]
) -> None:
    header, *texts = register
    for now, text in zip(LATER, texts, strict=False):
        _, keys = imported(tmp_path, f"{header}\n{text}\n", now=now)
    found, number = pseudonyms_of(keys), "13900010001"
    ann, bo = found["k-1"], found["k-2"]
    moments = [at + timedelta(days=50) for at in LATER[:3]]
    assert [_holder(number, at=at) for at in moments] == [ann, bo, ann]
    assert list(former_holders(number)) == [bo]
    _messages(number)
    assert _told_of_each_time(officer, ann) == [True, False, True]
    assert _told_of_each_time(officer, bo) == [False, True, False]


def test_a_mailbox_given_on_is_each_ones_for_their_time(officer: Actor, tmp_path: Path) -> None:
    header, mailbox = "key,email,id_card\n", "desk@example.org"
    imported(tmp_path, header + f"k-1,{mailbox},{A_CARD}\n", now=LATER[0])
    text = f"k-1,ann@example.org,{A_CARD}\nk-2,{mailbox},{B_CARD}\n"
    _, keys = imported(tmp_path, header + text, now=LATER[1])
    ann, bo = (pseudonyms_of(keys)[key] for key in ("k-1", "k-2"))
    assert _holder(email=mailbox) == bo
    assert _holder(email=mailbox, at=LATER[0] + timedelta(days=1)) == ann
    _messages(mailbox)
    assert _told_of_each_time(officer, ann) == [True, False, False]
    assert _told_of_each_time(officer, bo) == [False, True, True]
    erase_person(ann, officer, LATER[3])
    assert _told_of_each_time(officer, bo) == [False, True, True]


def test_a_mailbox_that_two_use_stays_wholly_with_who_keeps_it(
    officer: Actor, tmp_path: Path
) -> None:
    header, mailbox = "key,email,id_card\n", "home@example.org"
    both = f"k-1,{mailbox},{A_CARD}\nk-2,{mailbox},{B_CARD}\n"
    imported(tmp_path, header + both, now=LATER[0])
    text = f"k-1,ann@example.org,{A_CARD}\nk-2,{mailbox},{B_CARD}\n"
    _, keys = imported(tmp_path, header + text, now=LATER[1])
    ann, bo = (pseudonyms_of(keys)[key] for key in ("k-1", "k-2"))
    assert _holder(email=mailbox, at=LATER[0] + timedelta(days=1)) == "", "of two neither"
    assert _holder(email=mailbox) == bo
    _messages(mailbox)
    assert _told_of_each_time(officer, bo) == [True, True, True]
    assert _told_of_each_time(officer, ann) == [True, False, False]


def test_a_mailbox_taken_over_by_somebody_known_brings_nothing_of_before(
    officer: Actor, tmp_path: Path
) -> None:
    header, mailbox = "key,email,id_card\n", "desk@example.org"
    first = f"k-1,{mailbox},{A_CARD}\nk-2,bo@example.org,{B_CARD}\n"
    imported(tmp_path, header + first, now=LATER[0])
    text = f"k-1,ann@example.org,{A_CARD}\nk-2,{mailbox},{B_CARD}\n"
    _, keys = imported(tmp_path, header + text, now=LATER[1])
    ann, bo = (pseudonyms_of(keys)[key] for key in ("k-1", "k-2"))
    assert _holder(email=mailbox, at=LATER[0] + timedelta(days=1)) == ann
    _messages(mailbox)
    assert _told_of_each_time(officer, bo) == [False, True, True]
    assert _told_of_each_time(officer, ann) == [True, False, False]


def test_a_former_mailbox_that_is_nobody_elses_stays_with_the_person(
    officer: Actor, tmp_path: Path
) -> None:
    header, mailbox = "key,email,id_card\n", "ann@example.org"
    imported(tmp_path, header + f"k-1,{mailbox},{A_CARD}\n", now=LATER[0])
    _, keys = imported(tmp_path, header + f"k-1,ann@example.net,{A_CARD}\n", now=LATER[1])
    _messages(mailbox)
    ann = pseudonyms_of(keys)["k-1"]
    handed = export_person(ann, officer, LATER[3], reason="asked for by mail")
    assert handed["former_contacts"] == [{"address": mailbox, "until": LATER[1]}]
    assert _told_of_each_time(officer, ann) == [True, True, True]
    assert _holder(email=mailbox) == ann


def _area(pseudonym: str) -> str:
    found = subscriber(pseudonym)
    return found.area if found else ""


def _holder(phone: str = "", email: str = "", at: datetime | None = None) -> str:
    found = identify(phone=phone, email=email, at=at)
    return found.pseudonym if found else ""
