"""Two names under one number are two people: in one file, against the record, in any order."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest
import xlsxwriter
from django.utils import translation

from amends.channels.files.report import FileReport
from amends.feeds.imports.subscribers import import_subscribers
from amends.subscribers.models import Subscriber
from amends.subscribers.queries import identify
from amends.subscribers.queries.personal import open_personal

NOW = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
COLUMNS = ["key", "name", "phone", "email", "id_card", "left"]
N1, N2, N3 = "13900010001", "13900010002", "13900010003"
A_CARD, B_CARD = "110101199003078115", "110101199003072223"
Rows = list[tuple[str, ...]]
Register = Callable[[Rows], "Outcome"]


class Outcome:
    """What an import said, and whose each key is."""

    def __init__(self, report: FileReport, out: Path, rejects: Path) -> None:
        self.report = report
        with out.open(encoding="utf-8") as file:
            rows = list(csv.reader(file))[1:]
        self.keys = dict(rows)
        assert len(self.keys) == len(rows), "no key has two pseudonyms"
        self.reasons = rejects.read_text("utf-8-sig") if report.rejects_file else ""
        self.counts = (report.accepted, report.duplicates, report.rejected)

    def told(self, words: str) -> bool:
        return any(words in note for note in self.report.notes)


@pytest.fixture(params=["csv", "xlsx"])
def register(db: None, tmp_path: Path, request: pytest.FixtureRequest) -> Register:
    def imported(rows: Rows) -> Outcome:
        path, out = tmp_path / f"people.{request.param}", tmp_path / "keys.csv"
        table = [COLUMNS, *([*row, *[""] * (len(COLUMNS) - len(row))] for row in rows)]
        if request.param == "csv":
            with path.open("w", encoding="utf-8", newline="") as file:
                csv.writer(file).writerows(table)
        else:
            with xlsxwriter.Workbook(path) as book:
                sheet = book.add_worksheet()
                for number, row in enumerate(table):
                    sheet.write_row(number, 0, row)
        rejects = tmp_path / "rejects.csv"
        with translation.override("en"):
            report = import_subscribers(
                path, rejects=rejects, out=out, now=NOW, progress=lambda *_: None
            )
        assert report.read == report.accepted + report.duplicates + report.rejected == len(rows)
        return Outcome(report, out, rejects)

    return imported


def _settles(register: Register, rows: Rows) -> Outcome:
    """Import a file, and the same again, which changes nothing."""
    first = register(rows)
    people = _people()
    again = register(rows)
    assert again.keys == first.keys
    assert again.counts == (0, first.counts[0] + first.counts[1], first.counts[2])
    assert _people() == people
    return first


def _people() -> dict[str, dict[str, str]]:
    names = list(Subscriber.objects.order_by("pseudonym").values_list("pseudonym", flat=True))
    return open_personal(names, ("name", "phone", "email", "id_card"))


def test_two_names_under_one_number_are_two_people(register: Register) -> None:
    done = _settles(
        register,
        [("k-1", "Ann Example", N1, "ann@example.org"), ("k-2", "Bo Other", N1, "bo@example.org")],
    )
    assert done.counts == (2, 0, 0)
    assert done.keys["k-1"] != done.keys["k-2"]
    assert done.told("another identity card or name: 2")
    assert identify(phone=N1) is None


@pytest.mark.parametrize("card_of", [0, 1])
def test_a_card_beside_another_name_without_one(register: Register, card_of: int) -> None:
    rows = [["k-1", "Ann Example", N1, "", ""], ["k-2", "Bo Other", N1, "", ""]]
    rows[card_of][4] = A_CARD
    done = _settles(register, [tuple(row) for row in rows])
    assert done.counts == (2, 0, 0)
    assert done.keys["k-1"] != done.keys["k-2"]


@pytest.mark.parametrize(
    ("one", "other"),
    [("王 伟", "王伟"), ("Ann Example", "EXAMPLE, ann"), ("ＡＮＮ　ＥＸＡＭＰＬＥ", "Ann Example"),
     ("王伟先生", "王伟"), ("Mr John Smith", "John Smith"), ("", "Ann Example"), ("王**", "王伟")],
)  # fmt: skip
def test_spellings_of_one_name_and_a_name_that_is_missing(
    register: Register, one: str, other: str
) -> None:
    done = _settles(register, [("k-1", one, N1), ("k-2", other, N1)])
    assert done.counts == (1, 1, 0)
    assert done.keys["k-1"] == done.keys["k-2"]
    assert register([("k-3", one, N1)]).keys["k-3"] == done.keys["k-1"]
    (person,) = _people().values()
    assert person["name"] == (other if one in ("", "王**") else one)


def test_a_name_given_in_part_takes_nothing_over_and_ousts_no_whole_one(
    register: Register,
) -> None:
    masked = register([("k-1", "王**", N1)]).keys["k-1"]
    done = register([("k-1", "王**", N1, "ann@example.org")])
    assert done.told("not taken over: 1")
    register([("k-2", "王伟", N2, "", A_CARD)])
    known = register([("k-2", "王**", N2, "", A_CARD)]).keys["k-2"]
    people = _people()
    assert (people[masked]["email"], people[known]["name"]) == ("", "王伟")


@pytest.mark.parametrize(("one", "other"), [("Mr Smith", "Mrs Smith"), ("王先生", "王女士")])
def test_titles_tell_a_household_apart(register: Register, one: str, other: str) -> None:
    done = _settles(register, [("k-1", one, N1), ("k-2", other, N1)])
    assert done.keys.get("k-1") != done.keys.get("k-2")


def test_a_row_that_could_be_either_is_set_aside_wherever_it_stands(register: Register) -> None:
    rows = [("k-1", "Ann Example", N1), ("k-2", "Bo Other", N1), ("k-3", "", N1)]
    for order in ([0, 1, 2], [2, 0, 1], [0, 2, 1]):
        Subscriber.objects.all().delete()
        done = _settles(register, [rows[place] for place in order])
        assert (done.counts, sorted(done.keys)) == ((2, 0, 1), ["k-1", "k-2"])
        assert "nothing tells which of them it is" in done.reasons


def test_another_name_with_a_new_number_and_a_mailbox_on_record(register: Register) -> None:
    ann = register([("k-1", "Ann Example", N1, "home@example.org")]).keys["k-1"]
    done = _settles(register, [("k-2", "Bo Other", N2, "home@example.org")])
    assert done.keys["k-2"] != ann
    assert _people()[ann]["phone"] == N1


def test_a_number_given_on_without_a_word_of_leaving(register: Register) -> None:
    ann = register([("k-1", "Ann Example", N1, "ann@example.org")]).keys["k-1"]
    done = _settles(register, [("k-2", "Bo Other", N1)])
    assert done.keys["k-2"] != ann
    assert identify(phone=N1) is None
    gone = register([("k-1", "Ann Example", N1, "ann@example.org", "", "2026-05-03")])
    assert gone.keys == {"k-1": ann}
    holder = identify(phone=N1)
    assert holder is not None
    assert holder.pseudonym == done.keys["k-2"]


def test_who_left_by_another_name_leaves_the_holder_served(register: Register) -> None:
    ann = register([("k-1", "Ann Example", N1)]).keys["k-1"]
    done = _settles(register, [("k-0", "Bo Other", N1, "", "", "2025-01-02")])
    assert done.keys["k-0"] != ann
    holder = identify(phone=N1)
    assert holder is not None
    assert (holder.pseudonym, holder.has_left) == (ann, False)


def test_numbers_exchanged_with_mailboxes_alone_are_set_aside(register: Register) -> None:
    register([("k-1", "", N1, "ann@example.org"), ("k-2", "", N2, "bo@example.org")])
    before = _people()
    done = _settles(
        register, [("k-1", "", N2, "ann@example.org"), ("k-2", "", N1, "bo@example.org")]
    )
    assert (done.counts, done.keys) == ((0, 0, 2), {})
    assert "its phone is one person's and its mailbox another's" in done.reasons
    assert _people() == before


@pytest.mark.parametrize("by", ["card", "mailbox"])
def test_numbers_that_go_round_follow_their_people(register: Register, by: str) -> None:
    numbers = [N1, N2, N3]
    cards = [A_CARD, B_CARD, "110101199003074448"]

    def rows(shift: int) -> Rows:
        return [
            (f"k-{one}", f"Name{one} Family", numbers[(one + shift) % 3])
            + (("", cards[one]) if by == "card" else (f"n{one}@example.org",))
            for one in range(3)
        ]

    before = register(rows(0)).keys
    after = _settles(register, rows(1))
    assert after.keys == before
    assert {_people()[before[f"k-{one}"]]["phone"] for one in range(3)} == set(numbers)
    assert _people()[before["k-0"]]["phone"] == N2


def test_one_person_with_two_keys_and_two_keys_with_one_card(register: Register) -> None:
    done = _settles(
        register,
        [("k-1", "Ann Example", N1), ("k-2", "ann example", N1),
         ("k-3", "Bo Other", N2, "", B_CARD), ("k-4", "Bo Married", N3, "", B_CARD)],
    )  # fmt: skip
    assert done.counts == (2, 2, 0)
    assert done.keys["k-1"] == done.keys["k-2"]
    assert done.keys["k-3"] == done.keys["k-4"]


def test_one_key_with_two_numbers_is_one_person(register: Register) -> None:
    done = _settles(register, [("k-1", "Ann Example", N1), ("k-1", "Ann Example", N2)])
    assert done.counts == (1, 1, 0)


def test_a_key_of_two_people_names_neither(register: Register) -> None:
    """Facts that are sent for it would be the one's or the other's."""
    done = _settles(
        register, [("k-1", "Ann Example", N1), ("k-1", "Bo Other", N2), ("k-2", "Cy Third", N3)]
    )
    assert (done.counts, list(done.keys)) == ((3, 0, 0), ["k-2"])
    assert done.told("two people, or do not say that it is one: 1")


def test_a_key_whose_other_row_is_set_aside_names_nobody(register: Register) -> None:
    done = _settles(register, [("k-1", "Ann Example", N1), ("k-1", "Bo Other", "none")])
    assert (done.counts, done.keys) == ((1, 0, 1), {})


def test_names_of_the_file_who_could_all_be_one_on_record(register: Register) -> None:
    nobody = register([("k-0", "", N1)]).keys["k-0"]
    done = _settles(register, [("k-1", "Ann Example", N1), ("k-2", "Bo Other", N1)])
    assert done.counts == (2, 0, 0)
    assert nobody not in done.keys.values()


def test_two_cards_who_could_both_be_one_on_record(register: Register) -> None:
    nobody = register([("k-0", "", N1)]).keys["k-0"]
    done = _settles(register, [("k-1", "", N1, "", A_CARD), ("k-2", "", N1, "", B_CARD)])
    assert len({nobody, *done.keys.values()}) == 3


def test_a_name_shared_by_two_cards_tells_neither(register: Register) -> None:
    done = _settles(
        register,
        [("k-1", "王伟", N1, "", A_CARD), ("k-2", "王伟", N1, "", B_CARD), ("k-3", "王伟", N1)],
    )
    assert (done.counts, sorted(done.keys)) == ((2, 0, 1), ["k-1", "k-2"])


def test_a_shops_mailbox_makes_nobody_anybody_else(register: Register) -> None:
    rows: Rows = [
        (f"k-{one}", "王伟" if one % 2 else f"Name{one}", f"1390002{one:04}", "shop@example.org")
        for one in range(30)
    ]
    done = _settles(register, rows)
    assert len(set(done.keys.values())) == 30
    nameless = register([("k-99", "", "", "shop@example.org")])
    assert (nameless.counts, nameless.keys) == ((0, 0, 1), {})


def test_a_number_written_for_hundreds_who_have_none(register: Register) -> None:
    rows: Rows = [(f"k-{one}", f"Name{one} Family", "13800000000") for one in range(200)]
    done = _settles(register, [*rows, ("k-0b", "FAMILY, Name0", "13800000000")])
    assert done.counts == (200, 1, 0)
    assert done.keys["k-0"] == done.keys["k-0b"]
    nameless = register([("k-x", "", "13800000000")])
    assert nameless.counts == (0, 0, 1)


def test_whoever_left_and_is_back_with_another_number_in_one_file(register: Register) -> None:
    done = register(
        [
            ("k-1", "Ann Example", N1, "", A_CARD, "2025-03-04"),
            ("k-1b", "Ann Example", N2, "", A_CARD),
        ]
    )
    assert done.counts == (2, 0, 0)
    again = register(
        [
            ("k-1", "Ann Example", N1, "", A_CARD, "2025-03-04"),
            ("k-1b", "Ann Example", N2, "", A_CARD),
        ]
    )
    assert again.keys == done.keys
    holder = identify(phone=N2)
    assert holder is not None
    assert (holder.pseudonym, holder.has_left) == (done.keys["k-1b"], False)


def test_a_former_contract_told_again_ends_no_later_one(register: Register) -> None:
    rows = [("k-1", "Ann Example", "", "ann@example.org", "", "2025-03-04"),
            ("k-1b", "Ann Example", N2, "ann@example.org")]  # fmt: skip
    first = register(rows)
    for _ in range(2):
        again = register(rows)
        assert (again.keys, again.counts) == (first.keys, (0, 2, 0))
    holder = identify(phone=N2)
    assert holder is not None
    assert (holder.pseudonym, holder.has_left) == (first.keys["k-1b"], False)


def test_the_order_of_a_files_rows_decides_nothing(register: Register) -> None:
    rows: Rows = [
        ("k-1", "Ann Example", N1, "home@example.org"), ("k-2", "", N1), ("k-3", "Example Ann", N2),
        ("k-4", "Bo Other", N2, "home@example.org"), ("k-5", "", "", "home@example.org"),
        ("k-6", "Cy Third", N3, "", A_CARD), ("k-7", "", N3), ("k-8", "王先生", N3),
        ("k-9", "Cy Third", "", "home@example.org"),
    ]  # fmt: skip
    seen = set()
    for seed in range(6):
        Subscriber.objects.all().delete()
        some = rows[:]
        Random(seed).shuffle(some)
        done = _settles(register, some)
        groups: dict[str, set[str]] = {}
        for key, whose in done.keys.items():
            groups.setdefault(whose, set()).add(key)
        seen.add(frozenset(frozenset(keys) for keys in groups.values()))
    assert len(seen) == 1
