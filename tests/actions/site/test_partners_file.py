"""Partners and contracts come in from a file; what was allowed in the past is not written anew."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from amends.people.partners.queries import partner, partner_status
from shell import amends

pytestmark = pytest.mark.django_db

HEADER = "partner,kind,name_zh,name_en,contract,roles,valid_from,valid_to,brand"
NORTH = 'north,agent,北城代理,North Agents,c-1,"sales;service",2026-01-01,{until},plum'


def taken(folder: Path, *rows: str) -> tuple[int, int, int]:
    file = folder / "partners.csv"
    file.write_text("\n".join((HEADER, *rows)), encoding="utf-8")
    done = amends("import", "partners", file, "--json")
    found = done.document
    assert done.code == (2 if found["rejected"] == found["read"] else 0), done.err
    assert found["read"] == found["accepted"] + found["duplicates"] + found["rejected"]
    return found["accepted"], found["duplicates"], found["rejected"]


def at(month: int, day: int, hour: int = 4) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


def test_a_contract_holds_to_the_end_of_its_last_day(tmp_path: Path) -> None:
    assert taken(tmp_path, NORTH.format(until="2026-06-30")) == (1, 0, 0)
    found = partner("north")
    assert found
    assert (found.kind, found.name_zh, found.name_en) == ("agent", "北城代理", "North Agents")
    assert partner_status("north", at(6, 30, 15)).roles == ("sales", "service")  # 23:00 there
    assert partner_status("north", at(6, 30, 16)).reason == "no_contract"
    assert not partner_status("north", at(5, 1)).serves("pear")


def test_the_same_row_changes_nothing_and_an_earlier_end_ends_it(tmp_path: Path) -> None:
    taken(tmp_path, NORTH.format(until=""))
    assert taken(tmp_path, NORTH.format(until="")) == (0, 1, 0)
    assert taken(tmp_path, NORTH.format(until="2026-06-30")) == (1, 0, 0)
    assert partner_status("north", at(7, 2)).reason == "no_contract"
    assert partner_status("north", at(6, 2)).valid


def test_the_past_is_not_written_anew(tmp_path: Path) -> None:
    taken(tmp_path, NORTH.format(until="2026-06-30"))
    later = NORTH.format(until="2026-12-31")
    other = later.replace("sales;service", "sales")
    assert taken(tmp_path, later, other, NORTH.format(until="")) == (0, 0, 3)
    assert partner_status("north", at(7, 2)).reason == "no_contract"


@pytest.mark.parametrize(
    "row",
    [
        ",agent,,,,,,,",
        "north,friend,,,,,,,",
        "north,agent,,,c-1,,2026-01-01,,",
        "north,agent,,,,sales,2026-01-01,,",
        "north,agent,,,c-1,sales,,,",
        "north,agent,,,c-1,sales,last year,,",
        "north,agent,,,c-1,sales,2026-05-01,2026-04-01,",
        "north,agent,,,c-1,sales,2026-05-01,9999-12-31,",
        "north,agent,,,c-1,sales,9999-12-31T23:00:00-08:00,,",
        f"{'n' * 65},agent,,,,,,,",
    ],
)
def test_a_bad_row_is_set_aside_whole(tmp_path: Path, row: str) -> None:
    assert taken(tmp_path, row, "south,provider,南方,South,,,,,") == (1, 0, 1)
    assert partner("north") is None
    assert partner("south")


def test_a_file_without_the_columns_is_refused_in_words(tmp_path: Path) -> None:
    file = tmp_path / "partners.csv"
    file.write_text("name\nNorth\n", encoding="utf-8")
    done = amends("import", "partners", file)
    assert done.code != 0
    assert "no column partner, kind" in done.err
