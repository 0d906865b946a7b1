"""`amends hotissues scan` on files as people have them."""

import json
import re
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from amends.platform.kit.errors import BadInput
from amends.problems.hotissues.actions.scan_file import UnableToScan, scan_file
from amends.problems.hotissues.refusals import UnableToReadCounts
from amends.site.cli.app import build

pytestmark = pytest.mark.no_database


@pytest.fixture(autouse=True)
def fewer_drawn() -> None:
    """Files of others are held against thresholds as they are shipped."""


@pytest.fixture
def weeks(tmp_path):
    """Six years of weeks, two quiet series and one that runs hot in the last week but one."""
    counts = np.random.default_rng(5).poisson(12, (320, 3))
    counts[-2:, 2] += 30
    path = tmp_path / "counts.csv"
    pl.DataFrame(counts, schema=["quiet", "still", "hot"]).write_csv(path)
    return path


def test_the_hot_series_is_found_and_written(weeks, tmp_path, capsys):
    out = tmp_path / "alarms.csv"
    build("hotissues")(
        ["hotissues", "scan", str(weeks), "--last", "10", "--alarms", str(out), "--json"],
        standalone_mode=False,
    )
    document = json.loads(capsys.readouterr().out)
    assert {"series", "periods", "alarms", "expected_false_per_series_year", "seconds"} <= set(
        document
    )
    assert (document["series"], document["periods"]) == (3, 10)
    assert 0 < document["expected_false_per_series_year"] <= 0.45
    written = pl.read_csv(out)
    assert written.columns == ["quiet", "still", "hot"]
    assert written.height == 10
    assert written["hot"].to_list()[-2:] == [1, 1]
    assert document["alarms"] == int(written.to_numpy().sum())


def test_what_began_is_listed_with_its_share_of_false_ones(tmp_path, capsys):
    """Two hundred series, of which ten have begun to run hot in the newest week."""
    counts = np.random.default_rng(8).poisson(9, (320, 200))
    counts[-1, :10] += 30
    path = tmp_path / "many.csv"
    pl.DataFrame(counts, schema=[f"s{n}" for n in range(200)]).write_csv(path)
    scan = ["hotissues", "scan", str(path), "--last", "5", "--false-share"]
    build("hotissues")([*scan, "0.1", "--json"], standalone_mode=False)
    fresh = json.loads(capsys.readouterr().out)["fresh"]
    named = [one["series"] for one in fresh["series"]]
    assert {f"s{n}" for n in range(10)} <= set(named)
    assert len(named) <= 13
    assert all(one["counted"] > one["expected"] for one in fresh["series"])
    build("hotissues")([*scan, "0.1"], standalone_mode=False)
    assert "Begun by" in capsys.readouterr().out
    with pytest.raises(UnableToScan, match="cannot be kept"):
        build("hotissues")([*scan, "0.9"], standalone_mode=False)


def test_parquet_tells_the_same(weeks, tmp_path):
    parquet = tmp_path / "counts.parquet"
    pl.read_csv(weeks).write_parquet(parquet)
    scans = [
        scan_file(path, last=10, alarms=None, false_per_series_year=0.45).scan
        for path in (weeks, parquet)
    ]
    assert (scans[0].evidence == scans[1].evidence).all()


@pytest.mark.parametrize(
    ("cell", "words"), [("-3", "is no count"), ("2.5", "is no count"), ("many", "is no count")]
)
def test_what_is_no_count_is_named(tmp_path, cell, words):
    path = tmp_path / "bad.csv"
    path.write_text("a,b\n1,2\n3," + cell + "\n")
    with pytest.raises(UnableToReadCounts, match=words) as refused:
        scan_file(path, last=1, alarms=None, false_per_series_year=0.45)
    assert "line 3, column b" in str(refused.value)


def test_a_column_named_twice_and_a_date_that_is_none_are_refused(tmp_path):
    twice, undated = tmp_path / "twice.csv", tmp_path / "undated.csv"
    twice.write_text("a,b,a\n1,2,3\n")
    write_days(undated, [1, 2, 3])
    undated.write_text(undated.read_text() + "yesterday,9\n")
    for path, words in ((twice, "named “a”"), (undated, "“yesterday” is no date")):
        with pytest.raises(UnableToReadCounts, match=words) as refused:
            scan_file(path, last=1, alarms=None, false_per_series_year=0.45)
        assert f"line {1 if path is twice else 5}" in str(refused.value)


def test_wishes_that_cannot_be_kept_are_refused(weeks):
    for last, rate in ((0, 0.45), (5, 0.0), (5, 1_000.0)):
        with pytest.raises(UnableToScan):
            scan_file(weeks, last=last, alarms=None, false_per_series_year=rate)


def test_a_batch_without_a_topic_is_seen_in_the_total(tmp_path):
    """Every series rises a little, none enough."""
    generator = np.random.default_rng(8)
    counts = generator.poisson(1.0, (320, 60))
    counts[-1] = generator.poisson(1.9, 60)
    path = tmp_path / "many.csv"
    pl.DataFrame(counts, schema=[f"s{n}" for n in range(60)]).write_csv(path)
    found = scan_file(path, last=4, alarms=None, false_per_series_year=0.1)
    assert found.total.alarms[-1, 0]
    assert found.scan.alarms[-1].mean() < 0.2
    newest = found.total_issues()[0]
    assert (newest["first"], newest["last"]) == ("week 320", "week 320")
    assert newest["counted"] == counts[-1].sum() > newest["expected"] + 30


def write_days(path, counts, **columns):
    days = pl.date_range(
        pl.date(2026, 1, 1),
        pl.date(2026, 1, 1) + pl.duration(days=len(counts) - 1),
        "1d",
        eager=True,
    )
    pl.DataFrame({"day": days, "a": counts, **columns}).write_csv(path)
    return path


def test_days_are_told_from_their_dates(tmp_path):
    counts = np.random.default_rng(9).poisson(10, 90)
    counts[-1] += 40
    found = scan_file(
        write_days(tmp_path / "d.csv", counts), last=5, alarms=None, false_per_series_year=0.45
    )
    assert found.file.period == "day"
    issue = found.result(seconds=0.0).issues[0]
    assert (issue["series"], issue["first"]) == ("a", "2026-03-31")


def test_a_gap_is_missing_not_zero(tmp_path):
    counts = np.random.default_rng(9).poisson(10, 90)
    path = write_days(tmp_path / "d.csv", counts)
    lines = path.read_text().splitlines()
    path.write_text("\n".join([*lines[:40], *lines[45:]]) + "\n")
    found = scan_file(path, last=80, alarms=None, false_per_series_year=0.45)
    assert (found.file.counts < 0).sum() == 5
    assert found.result(seconds=0.0).notes
    assert np.nanmin(found.scan.mean[:, 0]) > 5


def test_a_period_twice_is_refused_with_its_line(tmp_path):
    path = write_days(tmp_path / "d.csv", [1, 2, 3])
    path.write_text(path.read_text() + "2026-01-02,9\n")
    with pytest.raises(UnableToReadCounts, match="twice") as refused:
        scan_file(path, last=1, alarms=None, false_per_series_year=0.45)
    assert "line 5" in str(refused.value)


@pytest.mark.parametrize("rows", [1, 5])
def test_hardly_a_period_raises_nothing(tmp_path, rows):
    path = tmp_path / "one.csv"
    path.write_text("a,b\n" + "500,0\n" * rows)
    found = scan_file(path, last=49, alarms=tmp_path / "out.csv", false_per_series_year=0.45)
    assert found.result(seconds=0.0).alarms == 0
    assert pl.read_csv(tmp_path / "out.csv").height == rows
    assert found.file.notes == [
        f"Nothing could be judged: a period needs 10 weeks before it, and the file has {rows} in all."
    ]


def test_only_zeros_raise_nothing_and_one_complaint_is_no_issue(tmp_path):
    counts = np.zeros((320, 2), dtype=int)
    counts[-1, 1] = 1
    path = tmp_path / "zeros.csv"
    pl.DataFrame(counts, schema=["never", "once"]).write_csv(path)
    found = scan_file(path, last=20, alarms=None, false_per_series_year=0.45)
    assert not found.scan.alarms[:, 0].any()


def complaints(path, rows):
    lines = ["date,time,person,title,area"]
    lines += [",".join(row) for row in rows]
    path.write_text("\n".join(lines) + "\n")
    return path


def ordinary(days=60, a_day=5):
    return [
        (
            f"2026-{1 + day // 28:02d}-{1 + day % 28:02d}",
            f"{9 + n:02d}:15",
            f"p{day}-{n}",
            # A title that only a few rows share: one of five words alone would be a category.
            f"matter {chr(97 + n)} {chr(97 + day % 26)}",
            "north",
        )
        for day in range(days)
        for n in range(a_day)
    ]


def test_one_person_filing_ten_thousand_times_is_one_person(tmp_path):
    rows = ordinary() + [
        ("2026-03-04", "10:00", "angry", f"again {n}", "north") for n in range(10_000)
    ]
    found = scan_file(
        complaints(tmp_path / "c.csv", rows), last=10, alarms=None, false_per_series_year=0.45
    )
    assert found.file.counts.max() == 6
    assert found.result(seconds=0.0).alarms == 0


def test_a_machine_with_many_identities_is_shown_and_said(tmp_path):
    rows = ordinary() + [
        ("2026-03-04", "10:00", f"bot{n}", f"Refund me now {n}!", "north") for n in range(500)
    ]
    found = scan_file(
        complaints(tmp_path / "c.csv", rows), last=10, alarms=None, false_per_series_year=0.45
    )
    result = found.result(seconds=0.0)
    assert result.alarms > 0
    assert any("suspected" in note and "500" in note for note in result.notes)


def test_series_by_a_column(tmp_path):
    path = complaints(tmp_path / "c.csv", ordinary())
    found = scan_file(path, last=10, alarms=None, false_per_series_year=0.45, by=("area",))
    assert found.file.series == ["total", "area=north"]
    assert (found.file.counts[:, 0] == found.file.counts[:, 1]).all()


@pytest.mark.shared
def test_the_batch_complaint_of_june_2015(shared):
    """Parameters of days were committed before this file was first scanned."""
    found = scan_file(
        shared / "data/comcast_titles/comcast_dev.csv",
        last=91,
        alarms=None,
        false_per_series_year=0.45,
    )
    runs = found.result(seconds=0.0).issues
    (surge,) = [issue for issue in runs if issue["first"] == "2015-06-23"]
    assert surge["last"] >= "2015-06-26"
    # Two others, of one day each: as many as may be, and no more are told in the docs.
    others = [(issue["first"], issue["last"]) for issue in runs if issue is not surge]
    assert others == [("2015-06-18", "2015-06-18"), ("2015-06-13", "2015-06-13")]
    assert not [issue for issue in runs if "2015-06-23" < issue["first"] <= "2015-06-26"]


def test_what_complaints_begin_to_speak_of_is_told(tmp_path):
    new = [
        ("2026-03-04", f"{8 + n}:10", f"new{n}", f"charged for a ringtone pack {word}", "north")
        for n, word in enumerate(
            ["again", "never asked", "why", "twice", "call me 13800138000"] * 2
        )
    ]
    path = complaints(tmp_path / "c.csv", ordinary() + new)
    found = scan_file(path, last=5, alarms=None, false_per_series_year=0.45, by=("area",))
    (topic,) = found.result(seconds=0.0).topics
    assert topic["terms"][0] == "charged for a ringtone pack"
    assert (topic["first"], topic["persons"], topic["series"]) == ("2026-03-04", 10, "total")
    assert topic["lines"] == list(range(302, 312))
    assert len(topic["quoted"]) == 5
    assert not any("13800138000" in text for text in topic["quoted"])


def carried_rows(tmp_path, header="date,area,class,product"):
    """Ninety days of two areas, two classes, two products; billing in the south runs hot at last."""
    chance = np.random.default_rng(12)
    lines = [header]
    for day in range(90):
        for area in ("north", "south"):
            for kind in ("billing", "speed"):
                for product in ("fibre", "mobile"):
                    hot = day >= 88 and (area, kind) == ("south", "billing")
                    lines += [f"{date(2026, 1, 1) + timedelta(day)},{area},{kind},{product}"] * int(
                        chance.poisson(20 if hot else 2)
                    )
    path = tmp_path / "rows.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_an_alarm_names_what_carries_it(tmp_path, capsys):
    path = carried_rows(tmp_path)
    scan = ["hotissues", "scan", str(path), "--last", "7"]
    by = [word for name in ("area", "class", "product") for word in ("--by", name)]
    build("hotissues")([*scan, *by, "--json"], standalone_mode=False)
    document = json.loads(capsys.readouterr().out)
    found = {one["series"]: one for one in document["issues"]}
    (part,) = found["total"]["carried"]
    assert part["part"] == {"area": "south", "class": "billing"}
    assert part["persons"] > 3 * part["expected"]
    # The expectation is the detector's own, shared out as before: a quarter of all.
    assert part["expected"] == pytest.approx(found["total"]["expected"] / 4, rel=0.2)
    assert [one["part"] for one in found["area=south"]["carried"]] == [{"class": "billing"}]
    assert [one["part"] for one in found["class=billing"]["carried"]] == [{"area": "south"}]
    assert document["expected_false_a_week"] > 0
    # A class and an area of one batch are not told again, and each has its share of the inflow.
    assert found["total"]["explained_by"] is None
    whole = {"series": "total", "first": found["total"]["first"]}
    assert found["area=south"]["explained_by"] == found["class=billing"]["explained_by"] == whole
    assert "share" not in found["total"]
    assert found["area=south"]["share"] > 0.7
    assert found["area=south"]["expected_share"] == pytest.approx(0.5, abs=0.05)
    build("hotissues")([*scan, *by], standalone_mode=False)
    said = " ".join(capsys.readouterr().out.split())
    assert said.count("is carried by") == 1
    assert "is carried by area south, class billing" in said
    (same,) = re.findall("The same issue: ([^.]*)", said)
    assert {"area=south", "class=billing", "product=fibre"} <= {*same.split(", ")}
    assert "share (expected)" in said
    assert "per week over all series" in said


def test_counts_by_two_dimensions_are_placed_on_their_own_expectations(tmp_path):
    chance = np.random.default_rng(13)
    names = [f"area={area}|class={kind}" for area in "abcd" for kind in ("billing", "speed", "tv")]
    counts = chance.poisson(6, (300, len(names)))
    counts[-2:, 3:6] += 14
    path = tmp_path / "crossed.csv"
    pl.DataFrame(counts, schema=names).write_csv(path)
    found = scan_file(path, last=10, alarms=None, false_per_series_year=0.45).issues()
    hot = [one for one in found if one["series"].startswith("area=b")]
    assert len(hot) == 3
    assert [one["explained_by"] is None for one in hot] == [True, False, False]
    for one in hot:
        assert [part["part"] for part in one["carried"]] == [{"area": "b"}]


def test_a_column_nobody_could_guess_is_named(tmp_path, capsys):
    path = carried_rows(tmp_path, header="x1,area,class,product")
    with pytest.raises(BadInput, match="--map date=COLUMN"):
        scan_file(path, last=7, alarms=None, false_per_series_year=0.45, by=["area"])
    scan = ["hotissues", "scan", str(path), "--last", "7", "--by", "area", "--map", "date=x1"]
    build("hotissues")([*scan, "--json"], standalone_mode=False)
    document = json.loads(capsys.readouterr().out)
    assert "area=south" in {one["series"] for one in document["issues"]}
