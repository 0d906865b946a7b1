"""The file of subscribers: each field is found by its own name, and what is not used is told."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.utils import translation

from amends.channels.files.mapping import infer
from amends.channels.files.report import FileReport
from amends.feeds.imports.subscriber_rows import WANTED
from amends.feeds.imports.subscribers import import_subscribers
from amends.subscribers.actions.register import NewSubscriber, register
from amends.subscribers.queries import identify

NOW = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)


@pytest.mark.no_database
@pytest.mark.parametrize("field", [one.name for one in WANTED])
def test_each_field_is_found_by_the_name_the_guide_gives_it(field: str) -> None:
    assert infer([field], [["x"]], WANTED).columns == {field: field}


def _notes(tmp_path: Path, text: str) -> tuple[list[str], str]:
    report, keys = _imported(tmp_path, text)
    return report.notes, keys


def _imported(tmp_path: Path, text: str) -> tuple[FileReport, str]:
    path = tmp_path / "people.csv"
    path.write_text(text, encoding="utf-8")
    out = tmp_path / "keys.csv"
    with translation.override("en"):
        report = import_subscribers(
            path, rejects=tmp_path / "rejects.csv", out=out, now=NOW, progress=lambda *_: None
        )
    assert report.read == report.accepted + report.duplicates + report.rejected
    return report, out.read_text(encoding="utf-8")


def _pseudonyms(keys: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for row in keys.splitlines()[1:]:
        key, _, pseudonym = row.partition(",")
        found.setdefault(key, []).append(pseudonym)
    return found


def test_a_column_called_key_is_the_operators_own(db: None, tmp_path: Path) -> None:
    notes, keys = _notes(tmp_path, "key,phone\nk-17,13900010001\n")
    assert "key ← key" in notes
    assert keys.splitlines()[1].startswith("k-17,sub-")
    assert not [one for one in notes if "Not used" in one or "No column" in one]


def test_what_is_not_used_is_told(db: None, tmp_path: Path) -> None:
    notes, keys = _notes(tmp_path, "crm_no,phone,tariff\nk-18,13900010002,gold\n")
    assert "Not used: crm_no, tariff." in notes
    assert any("No column holds your own key" in one for one in notes)
    assert keys.splitlines()[1].startswith(",sub-")


FILE = """key,name,phone,email,id_card
k-1,Ann,13900010001,,
k-2,Bo,,bo@example.org,
k-3,Cy,13900010003,,110101199003078115
"""


def test_the_same_file_again_names_everybody_with_the_same_pseudonym(
    db: None, tmp_path: Path
) -> None:
    """Facts of the next day need the pseudonyms of people who came with an earlier file."""
    first, before = _imported(tmp_path, FILE)
    again, after = _imported(tmp_path, FILE)
    assert (first.accepted, again.accepted, again.duplicates) == (3, 0, 3)
    assert after == before
    assert list(_pseudonyms(after)) == ["k-1", "k-2", "k-3"]


def test_a_person_who_stands_twice_in_a_file_is_registered_once(db: None, tmp_path: Path) -> None:
    text = (
        "key,name,phone,email,id_card\n"
        "k-1,Ann,13900010001,,\n"
        "k-1,Ann,+86 139 0001 0001,ann@example.org,\n"
        "k-2,Ann,,ANN@example.org,\n"
        "k-3,Dee,,,\n"
        "k-3,Dee,,,\n"
    )
    report, keys = _imported(tmp_path, text)
    assert (report.accepted, report.duplicates) == (2, 3)
    found = _pseudonyms(keys)
    assert found["k-1"] == found["k-2"], "her mailbox came with a row of hers"
    _, again = _imported(tmp_path, text.replace("k-3,Dee,,,\n", ""))
    assert again.splitlines() == keys.splitlines()[:3]
    assert [len(found[key]) for key in ("k-1", "k-2", "k-3")] == [1, 1, 1]
    ann = identify(phone="13900010001")
    assert ann is not None, "a number of one person is hers"
    assert [ann.pseudonym] == found["k-1"]
    assert any("registered anew by the next file: 1" in note for note in report.notes)


def test_two_people_with_one_number_are_told_apart_by_their_identity_cards(
    db: None, tmp_path: Path
) -> None:
    text = (
        "key,phone,id_card\n"
        "k-1,13900010001,110101199003078115\n"
        "k-2,13900010001,110101199003072223\n"
    )
    first, before = _imported(tmp_path, text)
    again, after = _imported(tmp_path, text)
    assert (first.accepted, again.duplicates) == (2, 2)
    assert after == before
    third = "key,phone,id_card\nk-3,13900010001,\nk-4,13900010001,110101199003074448\n"
    report, keys = _imported(tmp_path, third)
    assert (report.accepted, report.rejected) == (1, 1)
    assert list(_pseudonyms(keys)) == ["k-4"]
    assert "nothing tells which of them it is" in (tmp_path / "rejects.csv").read_text("utf-8-sig")


def test_who_stands_on_record_twice_does_not_become_more_with_each_file(
    db: None, tmp_path: Path
) -> None:
    for _ in range(2):
        register(NewSubscriber(phone="13900010009"), now=NOW)
    report, keys = _imported(tmp_path, "key,phone\nk-9,13900010009\n")
    assert (report.accepted, report.rejected) == (0, 1)
    assert _pseudonyms(keys) == {}


def test_a_number_is_not_taken_over_on_the_word_of_a_mailbox_alone(
    db: None, tmp_path: Path
) -> None:
    header = "key,phone,email\n"
    before, _ = _imported(tmp_path, header + "k-1,13900010001,ann@example.org\n")
    same, _ = _imported(tmp_path, header + "k-1,+8613900010001,ann@example.org\n")
    moved, _ = _imported(tmp_path, header + "k-1,13900010002,ann@example.org\n")
    said = [any("not taken over: 1" in note for note in one.notes) for one in (before, same, moved)]
    assert said == [False, False, True]
    assert identify(phone="13900010002") is None


def test_a_number_given_out_again_makes_nobody_the_person_who_had_it(
    db: None, tmp_path: Path
) -> None:
    """The register may say who has a number now before it says who left."""
    header = "key,phone,id_card\n"
    _, before = _imported(tmp_path, header + "k-1,13900010001,110101199003078115\n")
    report, after = _imported(tmp_path, header + "k-2,13900010001,110101199003072223\n")
    assert (report.accepted, report.duplicates) == (1, 0)
    assert any("another identity card or name: 1" in note for note in report.notes)
    assert _pseudonyms(before)["k-1"] != _pseudonyms(after)["k-2"]
    assert identify(phone="13900010001") is None, "whose it is has to be told first"
    gone = "key,phone,id_card,left\nk-1,13900010001,110101199003078115,2026-05-03\n"
    _imported(tmp_path, gone)
    now = identify(phone="13900010001")
    assert now is not None
    assert [now.pseudonym] == _pseudonyms(after)["k-2"]


def test_a_card_given_later_is_no_other_card(db: None, tmp_path: Path) -> None:
    _, before = _imported(tmp_path, "key,phone\nk-1,13900010001\n")
    report, after = _imported(tmp_path, "key,phone,id_card\nk-1,13900010001,110101199003078115\n")
    assert (report.accepted, report.duplicates) == (0, 1)
    assert after == before
