"""Whom the rows of a register speak of: by the operator's key, else by number; never by name."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import pytest

from amends.entrances.feeds.imports.facts import import_facts
from amends.entrances.feeds.imports.subscriber_rows import WANTED
from amends.people.subscribers.actions.erase import erase
from amends.people.subscribers.actions.register import NewSubscriber, register
from amends.people.subscribers.models import IndexEntry, Subscriber
from amends.people.subscribers.queries import subscriber
from amends.people.subscribers.queries.personal import open_customer_keys, open_personal
from amends.platform.tabular.columns import choose_columns
from shell import amends
from tests.actions.feeds.registers import A_CARD, B_CARD, N1, N2, N3, NOW, holder, imported

pytestmark = pytest.mark.django_db
KEYED = "key,phone,name,id_card,email,left"


@pytest.mark.no_database
def test_each_field_is_found_by_the_name_the_guide_gives_it() -> None:
    for field in [one.name for one in WANTED]:
        assert choose_columns([field], [["x"]], WANTED).by_role == {field: [field]}


def test_what_is_used_and_not_used_is_told(tmp_path: Path) -> None:
    done = imported(tmp_path, "key,phone,tariff", f"k-1,{N1},gold")
    assert done.told("key ← key")
    assert done.told("Not used: tariff.")
    assert not done.told("No column holds your own key")
    assert imported(tmp_path, "crm_no,phone", f"k-1,{N2}").told("No column holds your own key")


def test_the_same_register_again_changes_nothing(tmp_path: Path) -> None:
    rows = (f"k-1,{N1},Ann,,,", "k-2,,Bo,,bo@example.org,", f"k-3,,,{A_CARD},,", "k-4,,Dee,,,")
    first, again = (imported(tmp_path, KEYED, *rows) for _ in range(2))
    assert (first.counts, again.counts) == ((4, 0, 0), (0, 4, 0))
    assert again.keys == first.keys
    assert not again.told("taken over")


def test_a_customer_is_known_by_the_key_whatever_else_changes(tmp_path: Path) -> None:
    header = "key,phone,name,email,address,area,brand"
    first = imported(tmp_path, header, f"k-1,{N1},Ann,ann@example.org,Road 1,north,plum")
    row = f"k-1,{N2},Ann Married,ann@example.net,Road 2,south,pear"
    done = imported(tmp_path, header, row)
    assert (done.keys, done.counts) == (first.keys, (0, 1, 0))
    assert done.told("address 1, area 1, brand 1, email 1, name 1, phone 1")
    who = done.keys["k-1"]
    assert open_personal([who], ["name", "phone", "email", "address"])[who] == {
        "name": "Ann Married",
        "phone": N2,
        "email": "ann@example.net",
        "address": "Road 2",
    }
    view = subscriber(who)
    assert view is not None
    assert (view.area, view.brand) == ("south", "pear")
    assert not imported(tmp_path, header, row).told("taken over")


def test_an_empty_or_masked_cell_changes_nothing(tmp_path: Path) -> None:
    who = imported(tmp_path, KEYED, f"k-1,{N1},王伟,,,").keys["k-1"]
    imported(tmp_path, KEYED, "k-1,,王**,,,")
    assert open_personal([who], ["name", "phone"])[who] == {"name": "王伟", "phone": N1}


def test_names_neither_join_nor_part_anybody(tmp_path: Path) -> None:
    done = imported(tmp_path, KEYED, f"k-1,{N1},Ann Example,,,", f"k-2,{N2},Ann Example,,,")
    assert done.counts == (2, 0, 0)
    again = imported(tmp_path, "phone,name", f"{N1},Bo Other")
    assert again.counts == (0, 1, 0)


@pytest.mark.parametrize(
    ("given", "values"),
    [("phone", N1), ("email", "ann@example.org"), ("id_card", A_CARD)],
)
def test_a_row_without_a_key_is_known_by_what_is_one_persons(
    tmp_path: Path, given: str, values: str
) -> None:
    who = register(NewSubscriber(**{given: values}), now=NOW)  # type: ignore[arg-type]
    assert imported(tmp_path, f"{given},area", f"{values},north").counts == (0, 1, 0)
    found = subscriber(who)
    assert found is not None
    assert found.area == "north"
    assert imported(tmp_path, f"key,{given}", f"k-1,{values}").keys == {"k-1": who}, "gets the key"
    assert open_customer_keys(who) == ["k-1"]
    assert amends("subscribers", "find", "--value", "k-1").out.strip() == who


def test_a_number_alone_changes_no_contact_of_its_holder(tmp_path: Path) -> None:
    who = imported(tmp_path, KEYED, f"k-1,{N1},,,ann@example.org,").keys["k-1"]
    done = imported(tmp_path, "phone,email", f"{N1},bo@example.org")
    assert done.told("not taken over: 1")
    assert open_personal([who], ["email"])[who] == {"email": "ann@example.org"}


def test_rows_of_one_person_are_registered_once_in_any_order(tmp_path: Path) -> None:
    rows = (
        f"k-1,{N1},Ann,,ann@example.org,",
        f"k-2,{N2},,{A_CARD},,",
        f"k-3,,,{A_CARD},,",
        f",{N1},,,,",
        ",,,,ANN@example.org,",
    )
    for some in list(permutations(rows))[::17]:
        Subscriber.objects.all().delete()
        done = imported(tmp_path, KEYED, *some)
        assert done.counts == (2, 3, 0)
        assert done.keys["k-1"] != done.keys["k-2"] == done.keys["k-3"]


AMBIGUOUS = {
    "one key, two numbers": ((f"k-1,{N1},,,,", f"k-1,{N2},,,,"), "contradict each other", 2),
    "one key, two cards": ((f"k-1,,,{A_CARD},,", f"k-1,,,{B_CARD},,"), "contradict each other", 2),
    "known key, another card": ((f"k-a,,,{B_CARD},,",), "with another identity card", 1),
    "key of one, card of another": ((f"k-n,,,{A_CARD},,",), "with another customer", 1),
    "a number two want": ((f"k-8,{N3},,,,", f"k-9,{N3},,,,", f",{N3},,,,"), "several customers", 3),
    "a number that is taken": ((f"k-9,{N1},,,,",), "another customer's on record", 1),
    "a known key with another's number": ((f"k-n,{N1},,,,",), "another customer's on record", 1),
    "a card with another's number": ((f",{N1},,{B_CARD},,",), "another customer's on record", 1),
    "number of one, mailbox of another": ((f",{N1},,,nu@example.org,",), "and its mailbox", 1),
    "mailbox of one, a new number": ((f",{N3},,,nu@example.org,",), "with another phone", 1),
    "a mailbox of two": ((",,,,home@example.org,",), "is several people's", 1),
    "nothing but a name": ((",,Ann Example,,,",), "names nobody", 1),
    "bytes": (("k-9,\x00\x01,,,,",), "bytes that are no text", 1),
    "a masked number": (("k-9,139****0001,,,,",), "is masked", 1),
    "no number": (("k-9,none,,,,",), "holds no digit", 1),
}


@pytest.mark.parametrize("case", AMBIGUOUS)
def test_what_is_ambiguous_is_set_aside_with_its_reason(tmp_path: Path, case: str) -> None:
    rows, reason, refused = AMBIGUOUS[case]
    known = imported(
        tmp_path,
        KEYED,
        f"k-a,{N1},,{A_CARD},ann@example.org,",
        f"k-n,{N2},,,nu@example.org,",
        "k-h,,,,home@example.org,",
        "k-i,,,,home@example.org,",
    )
    before = _record()
    done = imported(tmp_path, KEYED, "k-ok,,,,,", *rows)
    assert (done.counts, set(done.keys)) == ((1, 0, refused), {"k-ok"})
    assert done.reasons.count(reason) == refused
    assert {who: _record()[who] for who in known.keys.values()} == before


def _record() -> dict[str, dict[str, str]]:
    names = list(Subscriber.objects.values_list("pseudonym", flat=True))
    return open_personal(names, ("name", "phone", "email", "id_card"))


@pytest.mark.parametrize(
    "first", [f"k-1,{N2},,,,", f"k-1,{N1},,,,2026-05-03", "k-1,,,,,2026-05-03"]
)
def test_a_number_goes_to_the_next_once_its_holder_has_left_or_another(
    tmp_path: Path, first: str
) -> None:
    before = imported(tmp_path, KEYED, f"k-1,{N1},,,,")
    refused = imported(tmp_path, KEYED, f"k-2,{N1},,,,", "k-3,,,,,")
    assert refused.counts == (1, 0, 1)
    done = imported(tmp_path, KEYED, f"k-2,{N1},,,,", first)
    assert done.counts == (1, 1, 0)
    assert done.keys["k-1"] == before.keys["k-1"] != done.keys["k-2"] == holder(N1)
    assert imported(tmp_path, KEYED, f"k-2,{N1},,,,", first).counts == (0, 2, 0)


def test_without_keys_too_when_a_row_says_who_left(tmp_path: Path) -> None:
    header, gone = "phone,left", f"{N1},2026-05-03"
    imported(tmp_path, header, f"{N1},")
    ann = holder(N1)
    assert imported(tmp_path, header, f"{N1},", gone).counts == (1, 1, 0)
    assert holder(N1) not in ("", ann)
    assert imported(tmp_path, header, gone, f"{N1},").counts == (0, 2, 0)


def test_who_left_long_before_the_holder_came_is_somebody_else(tmp_path: Path) -> None:
    imported(tmp_path, "phone", N1)
    ann = holder(N1)
    done = imported(tmp_path, KEYED, f"k-0,{N1},,,,2025-01-02")
    assert (done.counts, holder(N1)) == ((1, 0, 0), ann)


def test_numbers_that_go_round_follow_their_keys(tmp_path: Path) -> None:
    numbers = (N1, N2, N3)
    first = imported(tmp_path, "key,phone", *(f"k-{n},{numbers[n]}" for n in range(3)))
    round_ = [f"k-{n},{numbers[(n + 1) % 3]}" for n in range(3)]
    assert imported(tmp_path, "key,phone", *round_).keys == first.keys
    assert [holder(number) for number in numbers] == [first.keys[f"k-{n}"] for n in (2, 0, 1)]
    halted = imported(tmp_path, "key,phone", f"k-0,{N1}", f"k-2,{N3}")
    assert (halted.counts, holder(N3)) == ((0, 0, 2), first.keys["k-1"]), "k-1 still has N3"


def test_who_left_is_back_under_the_same_key(tmp_path: Path) -> None:
    who = imported(tmp_path, KEYED, f"k-1,{N1},,,,2026-05-03").keys["k-1"]
    silent = imported(tmp_path, "key,phone", f"k-1,{N1}")
    assert (silent.counts, holder(N1)) == ((0, 1, 0), ""), (
        "a file that is silent brings nobody back"
    )
    done = imported(tmp_path, KEYED, f"k-1,{N1},,,,2026-05-03", f"k-1,{N2},,,,")
    assert (done.keys, done.counts) == ({"k-1": who}, (0, 2, 0))
    assert done.told("served now: 1")
    assert (holder(N1), holder(N2)) == ("", who)


def test_two_keys_with_one_card_are_one_person_with_one_number(tmp_path: Path) -> None:
    who = imported(tmp_path, KEYED, f"k-1,{N1},,{A_CARD},,").keys["k-1"]
    rows = (f"k-2,{N2},,{A_CARD},,", f"k-1,{N1},,{A_CARD},,")
    done = imported(tmp_path, KEYED, *rows)
    assert done.keys == {"k-1": who, "k-2": who}
    assert not done.told("taken over")
    assert holder(N1) == who
    assert open_customer_keys(who) == ["k-1", "k-2"]


def test_an_erased_customer_imported_again_is_somebody_new(tmp_path: Path) -> None:
    row = f"k-1,{N1},Ann,{A_CARD},ann@example.org,"
    who = imported(tmp_path, KEYED, row).keys["k-1"]
    erase(who, now=NOW)
    assert open_customer_keys(who) == []
    assert not IndexEntry.objects.filter(subscriber=who).exists()
    done = imported(tmp_path, KEYED, row)
    assert done.counts == (1, 0, 0)
    assert done.keys["k-1"] != who


def test_a_fact_names_its_subscriber_by_the_key(tmp_path: Path) -> None:
    who = imported(tmp_path, KEYED, f"k-1,{N1},,,,").keys["k-1"]
    path, rest = tmp_path / "facts.csv", "ServiceStopped,2026-05-03T10:00:00+08:00,crm,svc-1"
    counts = []
    for column, values in (("customer_key", ("k-1", "k-0")), ("subscriber", (who,))):
        path.write_text(
            "\n".join(
                (
                    f"kind,happened_at,source,subject,initiator,{column}",
                    *(f"{rest},subscriber,{value}" for value in values),
                )
            ),
            "utf-8",
        )
        done = import_facts(path, rejects=tmp_path / "r.csv", now=NOW, progress=lambda *_: None)
        counts.append((done.accepted, done.duplicates, done.rejected))
    assert counts == [(1, 0, 1), (0, 1, 0)], "the same fact, by key or by pseudonym"
