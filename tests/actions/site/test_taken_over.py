"""A known subscriber's new number, mailbox and address, as the register has them now."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.utils import translation

from amends.access.actions.add_user import add_user
from amends.access.queries import actor_called
from amends.channels.files.report import FileReport
from amends.site.erasure import erase_person
from amends.site.export_person import export_person
from amends.site.imports.subscribers import import_subscribers
from amends.subscribers.models import IndexEntry
from amends.subscribers.personal import PERSONAL_FIELDS, open_former, open_personal
from amends.subscribers.queries import former_holders, identify

NOW = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)


def imported(tmp_path: Path, text: str) -> tuple[FileReport, str]:
    path, out = tmp_path / "people.csv", tmp_path / "keys.csv"
    path.write_text(text, encoding="utf-8")
    with translation.override("en"):
        report = import_subscribers(
            path, rejects=tmp_path / "rejects.csv", out=out, now=NOW, progress=lambda *_: None
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
    imported(tmp_path, header + "k-1,13900010002,Bo Other,bo@example.org\n")
    assert _holder(email="bo@example.org") == "", "the number may be another person's by now"


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
    assert [text for _, text in open_former(ann)] == ["13900010002"]


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


def _holder(phone: str = "", email: str = "", at: datetime | None = None) -> str:
    found = identify(phone=phone, email=email, at=at)
    return found.pseudonym if found else ""
