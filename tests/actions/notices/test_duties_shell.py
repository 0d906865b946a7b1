"""`amends notices duties`, `preview` and `events` as scripts use them."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest

import shell
from amends.causes.notices.models import LifeEvent
from amends.causes.notices.texts.duties import duty_list, not_counted_of
from amends.engines.duties.book import book


@pytest.mark.no_database
def test_duties_of_a_day_with_their_sources() -> None:
    done = shell.amends("notices", "duties", "--pack", "cn", "--on", "2013-05-01", "--json")
    assert done.code == 0, done.err
    document = done.document
    assert document["rules"] == ["duties-cn@2012-01-20"]
    abnormal = next(one for one in document["duties"] if one["id"] == "cn.abnormal")
    assert (abnormal["steps"][0]["value"], abnormal["steps"][0]["months"]) == (5, 3)
    assert abnormal["verified"] is False
    henan = shell.amends("notices", "duties", "--pack", "cn-41", "--on", "2026-05-01", "--json")
    by_id = {one["id"]: one for one in henan.document["duties"]}
    assert "cn.abnormal" not in by_id
    assert by_id["cn-41.abnormal"]["steps"][0]["value"] == 3
    words = shell.amends("notices", "duties", "--pack", "eu", "--on", "2026-05-01")
    assert "eu.roam.gate2" in words.out
    said = " ".join(words.out.split())
    assert "eu.roam.112: holds in the Union, the European Economic Area, Moldova and" in said
    assert "eu.roam.vas: does not concern machines" in said
    of_union = {one["id"]: one for one in duty_list(book("eu", date(2026, 5, 1))).duties}
    assert len(of_union["eu.roam.112"]["countries"]) == 32


@pytest.mark.no_database
def test_before_the_first_rule_there_is_no_duty() -> None:
    done = shell.amends("notices", "duties", "--on", "2001-01-01", "--json")
    assert (done.code, done.document["duties"]) == (0, [])


@pytest.mark.no_database
def test_a_preview_in_both_languages_with_ones_own_figures() -> None:
    done = shell.amends(
        "notices", "preview", "cn.allowance_near", "--figure", "used_mb=9216", "--json"
    )
    assert done.code == 0, done.err
    bodies = {text["language"]: text for text in done.document["texts"]}
    assert "已用9 GB" in bodies["zh"]["body"]
    assert "You have used 9 GB of 10 GB" in bodies["en"]["body"]
    assert {text["parts"] for text in done.document["texts"]} == {1}


@pytest.mark.no_database
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("preview", "cn.nothing"), "No duty cn.nothing is in force"),
        (("preview", "cn.allowance_near", "--figure", "used_mb"), "is not NAME=VALUE"),
        (("preview", "cn.allowance_near", "--figure", "used_mb=a"), "is a whole number"),
        (("duties", "--on", "yesterday"), "is no day"),
        (("duties", "--pack", "moon"), "There is no pack"),
    ],
)
def test_what_cannot_be_read_is_said(words: tuple[str, ...], said: str) -> None:
    done = shell.amends("notices", *words)
    assert done.code == 2
    assert said in done.err


@pytest.mark.no_database
def test_duties_say_what_the_engine_does_not_count() -> None:
    words = shell.amends("notices", "duties", "--pack", "eu", "--on", "2026-05-01").out
    assert "eu.roam.fup_used: not counted by this engine: data of a roaming pack" in words
    assert "engine: machines" not in words, "whom a rule leaves out is left out, not counted too"
    document = shell.amends("notices", "duties", "--pack", "cn", "--json").document
    by_id = {one["id"]: one["not_counted"] for one in document["duties"]}
    assert by_id["cn.allowance_near"] == ["mms"]
    assert by_id["cn.own_cap"] == []


@pytest.mark.no_database
@pytest.mark.parametrize("pack", ["cn", "eu", "uk", "us", "au", "in"])
def test_what_is_not_counted_has_words_in_both_languages(pack: str) -> None:
    for one in not_counted_of(book(pack, date(2026, 11, 24))):
        assert one.words(chinese=True)
        assert one.words(chinese=False)


@pytest.mark.django_db
def test_events_out_of_a_file_bad_rows_beside(tmp_path: Path) -> None:
    path = tmp_path / "ends.csv"
    rows = [
        ["ref", "kind", "subscriber", "service", "happens_at", "owed_minor"],
        ["a-1", "arrears", "p-1", "s-1", "2026-12-20T00:00+08:00", "8840"],
        ["a-2", "arrears", "p-2", "s-2", "2026-12-20T00:00", "10"],
        ["a-3", "landing", "p-3", "s-3", "2026-12-20T00:00+08:00", "10"],
        ["a-4", "arrears", "p-4", "s-4", "soon", "10"],
        ["a-5", "arrears", "p-5", "s-5", "2026-12-20T00:00+08:00", "ten"],
        ["a-1", "arrears", "p-1", "s-1", "2026-12-20T00:00+08:00", "8840"],
    ]
    with path.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows(rows)
    done = shell.amends("notices", "events", str(path), "--json")
    assert done.code == 0, done.err
    document = done.document
    assert (document["read"], document["accepted"], document["duplicates"]) == (6, 1, 1)
    assert document["rejected"] == 4
    reasons = Path(document["rejects_file"]).read_text(encoding="utf-8-sig")
    for said in ("has no zone", "no event “landing”", "is not a time", "is not a whole number"):
        assert said in reasons
    assert [row.figures for row in LifeEvent.objects.all()] == ['{"owed_minor": 8840}']
    again = shell.amends("notices", "events", str(path), "--json")
    assert (again.document["accepted"], again.document["duplicates"]) == (0, 2)


@pytest.mark.django_db
def test_a_file_without_a_needed_column_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "ends.csv"
    path.write_text("ref,kind\na,arrears\n", encoding="utf-8")
    done = shell.amends("notices", "events", str(path))
    assert done.code == 2
    assert "ends.csv:1" in done.err
    assert "no column subscriber, service, happens_at" in done.err
