"""What a file may do to a scan: no outbreak is made of it, nothing vanishes, everything is said."""

import csv
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from amends.engines.detection import scan as rules
from amends.platform.kit.errors import BadInput
from amends.problems.hotissues.actions.scan_file import UnableToScan, scan_file
from amends.problems.hotissues.queries.counts_file import read_counts
from amends.problems.hotissues.refusals import UnableToReadCounts

pytestmark = pytest.mark.no_database

SETTINGS = {"alarms": None, "false_per_series_year": 0.1}


def weeks(path, columns, **texts):
    days = pl.date_range(
        pl.date(2020, 1, 6), pl.date(2020, 1, 6) + pl.duration(weeks=319), "1w", eager=True
    )
    pl.DataFrame({"week": days, **columns, **texts}).write_csv(path)
    return path


def poisson(mean, seed, size=320):
    return np.random.default_rng(seed).poisson(mean, size)


def rows(path, header, lines):
    path.write_text("\n".join([header, *(",".join(map(str, line)) for line in lines)]) + "\n")
    return path


def day(n):
    return f"{date(2026, 1, 1) + timedelta(days=n):%Y-%m-%d}"


def usual(days=70, a_day=15):
    """Day, clock, person, text, class."""
    return [
        (
            day(n),
            f"{8 + k % 12:02d}:{k:02d}",
            f"p{n}-{k}",
            f"matter {chr(97 + k)} of {n % 7}",
            "a" if k % 2 else "b",
        )
        for n in range(days)
        for k in range(a_day)
    ]


def test_a_new_version_of_the_classes_is_no_outbreak(tmp_path):
    """In the last 20 weeks half of what was counted elsewhere falls under `fees`."""
    fees, other = poisson(20, 1), poisson(60, 2)
    fees[300:] += 30
    other[300:] -= 30
    columns = {"fees": fees, "other": other}
    plain = scan_file(weeks(tmp_path / "a.csv", columns), last=15, **SETTINGS)
    assert plain.scan.alarms[:, 0].any()
    assert any("--move 'other -> fees'" in note for note in plain.file.notes)
    version = ["2019"] * 300 + ["2025"] * 20
    said = scan_file(weeks(tmp_path / "b.csv", columns, version=version), last=15, **SETTINGS)
    assert said.file.series == ["fees", "other"]
    assert not said.scan.alarms.any()
    assert any("2025" in note for note in said.file.notes)


def test_an_outbreak_is_not_said_to_be_a_move(tmp_path):
    fees, other = poisson(20, 1), poisson(60, 2)
    fees[-2:] += 60
    found = scan_file(weeks(tmp_path / "a.csv", {"fees": fees, "other": other}), last=5, **SETTINGS)
    assert found.scan.alarms[-1, 0]
    assert not any("--move" in note for note in found.file.notes)


def test_an_outbreak_after_a_new_version_is_still_seen(tmp_path):
    fees = poisson(20, 1)
    fees[300:] += 30
    fees[-2:] += 90
    version = ["2019"] * 300 + ["2025"] * 20
    found = scan_file(
        weeks(tmp_path / "a.csv", {"fees": fees}, version=version), last=5, **SETTINGS
    )
    assert found.scan.alarms[-1, 0]


def test_a_new_version_is_the_newest_in_whatever_order_the_file_is(tmp_path):
    """Before, a file with its newest week first lost these weeks, and was judged by the old version;
    and the whole, which a version does not change, was not known before it either."""
    fees, other = poisson(20, 1), poisson(60, 2)
    fees[300:] += 30
    other[300:] -= 30
    other[318:] += 90
    version = ["2025"] * 300 + ["2026"] * 20
    path = weeks(tmp_path / "counts.csv", {"fees": fees, "other": other}, version=version)
    pl.read_csv(path).reverse().write_csv(path)
    found = scan_file(path, last=30, **SETTINGS)
    assert not found.scan.alarms[:-4].any()
    assert (found.file.counts[:300] == -1).all()
    assert (found.file.counts[300:] >= 0).all()
    assert found.total.alarms[-2:].all()
    assert not found.total.alarms[:-2].any()
    assert any("from 2025-10-06 on" in str(note) for note in found.file.notes)


def test_rows_that_name_nobody_are_not_one_person(tmp_path):
    """A batch that came without names, of a file that has a column of persons."""
    lines = [(*row[:2], row[2] if n % 3 else "", row[3]) for n, row in enumerate(usual())]
    batch = [(day(69), f"{9 + n % 9:02d}:{n:02d}", "", f"one matter {n}") for n in range(40)]
    path = rows(tmp_path / "rows.csv", "date,time,person,text", [*lines, *batch])
    found = scan_file(path, last=14, **SETTINGS)
    assert found.scan.alarms[-1, 0]
    assert found.file.counts[-1, 0] == 55
    assert any("390 rows name no person" in str(note) for note in found.file.notes)


@pytest.mark.parametrize("column", ["code", "complaint_category", "投诉分类"])
def test_classes_of_rows_by_version_while_the_whole_keeps_its_history(tmp_path, column):
    """Whatever the column of classes is called, and where the newest row has no version."""
    lines = [(*line, "1") for line in usual(60)] + [
        (*line[:4], "b", "2") for line in usual(74)[60 * 15 :]
    ]
    newest = max(range(len(lines)), key=lambda n: lines[n][:2])
    lines[newest] = (*lines[newest][:5], "")
    path = rows(tmp_path / "c.csv", f"date,time,person,text,{column},version", lines)
    found = scan_file(path, last=10, by=(column,), **SETTINGS)
    assert not found.scan.alarms.any()
    at = found.file.series.index(f"{column}=b")
    assert (found.file.counts[:60, at] < 0).all()
    assert (found.file.counts[:, 0] == 15).all()
    assert any("version “2”" in note for note in found.file.notes)


def test_a_cell_another_program_left_unknown_is_unknown(tmp_path):
    counts = [str(n) for n in poisson(20, 3)]
    counts[100], counts[200] = "NaN", "NULL"
    found = scan_file(weeks(tmp_path / "counts.csv", {"a": counts}), last=4, **SETTINGS)
    assert np.flatnonzero(found.file.counts[:, 0] < 0).tolist() == [100, 200]


def test_a_merged_area_is_one_from_the_beginning(tmp_path):
    north, south, both = poisson(20, 3), poisson(20, 4), poisson(40, 5)
    north[310:] = south[310:] = 0
    both[:310] = 0
    path = weeks(tmp_path / "a.csv", {"north": north, "south": south, "both": both})
    assert scan_file(path, last=10, **SETTINGS).scan.alarms.any()
    found = scan_file(path, last=10, moves=["north -> both", "south -> both"], **SETTINGS)
    assert found.file.series == ["both"]
    assert not found.scan.alarms.any()
    assert (found.file.counts[:, 0] == north + south + both).all()


def test_a_split_area_has_parts_without_a_past(tmp_path):
    north, east, west = poisson(40, 3), poisson(20, 4), poisson(20, 5)
    north[310:], east[:310], west[:310] = 0, 0, 0
    path = weeks(tmp_path / "a.csv", {"north": north, "east": east, "west": west})
    assert scan_file(path, last=10, **SETTINGS).scan.alarms.any()
    found = scan_file(path, last=10, moves=["north -> east, west"], **SETTINGS)
    assert not found.scan.alarms.any()
    assert found.total is not None
    assert not found.total.alarms.any()


def test_the_hint_of_a_move_can_be_followed_as_it_stands(tmp_path):
    """A split is said with all its parts, a merger with all that went into it."""
    north, south, none = poisson(40, 11), poisson(30, 12), np.zeros(320, int)
    before = np.arange(320) < 305
    gone = np.where(before, north, 0)
    parts = {name: np.where(before, none, poisson(20, n)) for name, n in (("ne", 13), ("nw", 14))}
    split = weeks(tmp_path / "split.csv", {"north": gone, "south": south, **parts})
    hints = [str(note) for note in scan_file(split, last=30, **SETTINGS).file.notes]
    assert hints
    assert all("--move 'north -> ne, nw'" in note for note in hints)
    both = np.where(before, 0, north + south)
    columns = {"north": gone, "south": np.where(before, south, 0), "both": both}
    merged = weeks(tmp_path / "merged.csv", columns)
    (hint,) = (str(note) for note in scan_file(merged, last=30, **SETTINGS).file.notes)
    assert "--move 'north -> both' --move 'south -> both'" in hint


@pytest.mark.parametrize("move", ["north", "-> east", "nowhere -> north"])
def test_a_move_that_names_nothing_is_refused(tmp_path, move):
    path = weeks(tmp_path / "a.csv", {"north": poisson(5, 3)})
    with pytest.raises(UnableToScan, match=r"no move|no series"):
        scan_file(path, last=10, moves=[move], **SETTINGS)


def test_old_complaints_brought_in_today_raise_no_alarm_today(tmp_path):
    """900 complaints of spring, recorded on the last day."""
    lines = [(line[0], f"{line[0]} {line[1]}", *line[2:]) for line in usual(70, a_day=3)]
    late = [(line[0], f"{day(69)} 12:00", f"old{n}", *line[3:]) for n, line in enumerate(usual(60))]
    path = rows(tmp_path / "c.csv", "received,recorded_at,person,text,code", lines + late)
    found = scan_file(path, last=3, **SETTINGS)
    assert found.file.counts[-1, 0] == 3
    assert not found.scan.alarms.any()
    assert any("came: 900, of" in note and "not today" in note for note in found.file.notes)


def test_a_mistyped_year_hides_nothing(tmp_path):
    lines = [
        *usual(),
        ("2062-03-01", "10:00", "x", "matter", "a"),
        ("1926-03-01", "10:00", "y", "matter", "a"),
    ]
    path = rows(tmp_path / "c.csv", "date,time,person,text,code", lines)
    found = scan_file(path, last=10, **SETTINGS)
    assert found.file.counts.shape[0] == 70
    assert found.file.counts.sum() == 70 * 15
    assert any("2 rows dated months" in note for note in found.file.notes)


def test_days_that_were_not_delivered_are_unknown(tmp_path):
    lines = [line for line in usual() if line[0] not in (day(40), day(41))]
    found = scan_file(
        rows(tmp_path / "c.csv", "date,time,person,text,code", lines), last=40, **SETTINGS
    )
    assert (found.file.counts[40:42] < 0).all()
    assert not found.scan.alarms.any()
    assert any("treated as missing data" in note for note in found.file.notes)


def test_ten_thousand_identities_are_counted_and_shown_as_suspected(tmp_path):
    bot = [
        (
            day(69),
            "10:00",
            f"bot{n}",
            f"Give me my money back now dear operator {'!' * (n % 3)} {n}",
            "a",
        )
        for n in range(10_000)
    ]
    path = rows(tmp_path / "c.csv", "date,time,person,text,code", usual() + bot)
    found = scan_file(path, last=2, by=("code",), **SETTINGS)
    result = found.result(seconds=0.0)
    issue = next(one for one in result.issues if one["series"] == "total")
    assert issue["suspected"] == 10_000
    assert issue["counted"] >= 10_000
    other = [one for one in result.issues if one["series"] == "code=b"]
    assert not other
    assert any("10,000 rows" in note and "suspected" in note for note in result.notes)


def test_a_bot_at_the_turn_of_a_minute_is_one_too(tmp_path):
    """Thirty texts in half a minute, fifteen on each side of a full one."""
    bot = [
        (
            day(69),
            f"10:{second // 60:02d}:{second % 60:02d}",
            f"bot{second}",
            "pay me back now",
            "a",
        )
        for second in range(45, 75)
    ]
    path = rows(tmp_path / "bot.csv", "date,time,person,text,class", [*usual(), *bot])
    found = scan_file(path, last=7, by=("class",), **SETTINGS)
    assert found.issues()[0]["suspected"] == 30
    assert any("30 rows of 2026-03-11 10:00" in str(note) for note in found.file.notes)


def test_a_clock_that_was_moved_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(rules, "NULL_PLACES", 2_000)
    monkeypatch.setattr(rules, "LEAST_SERIES", 20)
    profile = np.array([1] * 7 + [12] * 13 + [3] * 4)
    counts = np.random.default_rng(2).poisson(np.tile(profile, 36))
    counts[-168:] = np.roll(counts[-168:].reshape(-1, 24), 8, axis=1).ravel()
    moments = pl.datetime_range(
        pl.datetime(2026, 1, 1), pl.datetime(2026, 2, 5, 23), "1h", eager=True
    )
    pl.DataFrame({"hour": moments, "a": counts}).write_csv(tmp_path / "h.csv")
    notes = scan_file(tmp_path / "h.csv", last=1, **SETTINGS).file.notes
    assert any("8 hours later" in note and "clock" in note for note in notes)


def test_an_hour_twice_is_refused(tmp_path):
    """The end of summer time, in local time."""
    path = tmp_path / "h.csv"
    path.write_text(
        "hour,a\n2026-10-25 01:00,1\n2026-10-25 02:00,1\n2026-10-25 02:00,2\n2026-10-25 03:00,1\n"
    )
    with pytest.raises(UnableToReadCounts, match="twice"):
        scan_file(path, last=1, **SETTINGS)


def counts(path, write, *, head="week", separator=",", size=120):
    """Counts of two series by week, the week written as `write` writes its Monday."""
    start = date(2024, 1, 1)
    lines = [separator.join((*head.split(), "billing", "network"))]
    for n in range(size):
        monday = start + timedelta(weeks=n)
        lines.append(separator.join((write(monday), str(7 + n % 5), str(30 + n % 7))))
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.mark.parametrize(
    "write",
    [
        "%Y-%m-%d",
        "%Y/%m/%d",
        "%d/%m/%Y",
        "%m/%d/%Y",
        "%d.%m.%Y",
        "%Y年%m月%d日",
        "%Y%m%d",
        "%G-W%V",
        "%G%V",
        "%d %b %Y",
    ],
)
def test_dates_are_read_as_people_write_them_and_are_no_series(tmp_path, write):
    path = counts(tmp_path / "c.csv", lambda day: day.strftime(write))
    found = read_counts(path)
    assert found.series == ["billing", "network"]
    assert (found.label(0), found.label(119), found.period) == ("2024-01-01", "2026-04-13", "week")


def test_a_year_beside_a_week_is_a_monday(tmp_path):
    path = counts(tmp_path / "c.csv", lambda day: day.strftime("%G,%V"), head="year week")
    found = read_counts(path)
    assert (found.series, found.label(119)) == (["billing", "network"], "2026-04-13")
    wrong = tmp_path / "w.csv"
    wrong.write_text(path.read_text().replace("2025,01,", "2025,54,"))
    with pytest.raises(UnableToReadCounts, match="Year 2025 has no week 54"):
        read_counts(wrong)


def test_a_column_that_numbers_the_rows_is_no_series(tmp_path):
    first = date(2024, 1, 1)
    path = counts(tmp_path / "c.csv", lambda day: str((day - first).days // 7 + 1), head="no")
    found = read_counts(path)
    assert found.series == ["billing", "network"]
    assert found.notes == ["Column “no” only numbers the periods: it is not counted as a series."]


@pytest.mark.parametrize("separator", [";", "\t"])
def test_a_file_of_another_spreadsheet_is_read_alike(tmp_path, separator):
    path = counts(tmp_path / "c.csv", date.isoformat, separator=separator)
    assert (
        read_counts(path).counts.sum()
        == read_counts(counts(tmp_path / "d.csv", date.isoformat)).counts.sum()
    )


def test_thousands_with_a_comma_are_counts(tmp_path):
    path = tmp_path / "c.csv"
    days = [date(2024, 1, 1) + timedelta(weeks=n) for n in range(30)]
    path.write_text("week,a\n" + "".join(f'{day},"1,2{n:02}"\n' for n, day in enumerate(days)))
    assert read_counts(path).counts[:, 0].tolist() == [1200 + n for n in range(30)]


def test_a_period_beside_the_others_is_named_with_its_line(tmp_path):
    path = counts(tmp_path / "c.csv", date.isoformat)
    path.write_text(path.read_text().replace("2024-01-29", "2024-01-30"))
    with pytest.raises(UnableToReadCounts) as refused:
        read_counts(path)
    assert "line 6" in str(refused.value.where)


def test_counts_with_a_column_of_words_name_that_column(tmp_path):
    days = pl.date_range(pl.date(2024, 1, 1), pl.date(2024, 6, 1), "1w", eager=True)
    frame = pl.DataFrame({"week": days, "a": range(5, 5 + days.len()), "note": ["x"] * days.len()})
    frame.write_parquet(tmp_path / "c.parquet")
    with pytest.raises(UnableToReadCounts) as refused:
        read_counts(tmp_path / "c.parquet")
    assert "column note" in str(refused.value.where)


def test_categories_of_numbers_are_counts(tmp_path):
    days = pl.date_range(pl.date(2024, 1, 1), pl.date(2024, 6, 1), "1w", eager=True)
    numbers = pl.Series("a", [str(5 + n % 4) for n in range(days.len())]).cast(pl.Categorical)
    pl.DataFrame({"week": days}).with_columns(numbers).write_parquet(tmp_path / "c.parquet")
    assert read_counts(tmp_path / "c.parquet").counts[:4, 0].tolist() == [5, 6, 7, 8]


def test_rows_with_a_number_beside_and_a_row_without_a_date_stay_rows(tmp_path):
    lines = [f"{date(2026, 1, 1) + timedelta(days=n)},{20 + n % 50},x,a" for n in range(60)]
    path = rows(tmp_path / "c.csv", "date,age,text,code", [tuple(one.split(",")) for one in lines])
    assert read_counts(path).series == ["total"]
    path.write_text(path.read_text() + "unknown,30,x,a\n")
    assert read_counts(path).series == ["total"]


def test_a_line_of_a_hundred_kilobytes_without_a_cell_is_no_table(tmp_path):
    path = tmp_path / "deep.csv"
    path.write_text("[" * 200_000 + "]" * 200_000 + "\n1\n", encoding="utf-8")
    before = csv.field_size_limit(131_072)  # of a process that read no other file yet
    try:
        with pytest.raises(BadInput):
            scan_file(path, last=15, **SETTINGS)
    finally:
        csv.field_size_limit(before)


def test_a_cut_list_says_how_many_there_are(tmp_path):
    columns = {f"s{n}": np.append(poisson(10, n, 319), 60) for n in range(30)}
    found = scan_file(weeks(tmp_path / "a.csv", columns), last=2, **SETTINGS)
    result = found.result(seconds=0.0)
    assert (len(result.issues), result.issues_found) == (20, 30)
    assert len(found.result(seconds=0.0, limit=30).issues) == 30


def test_a_refused_file_was_not_scanned(tmp_path):
    path = rows(tmp_path / "c.csv", "when,who", [("nobody", "knows")])
    with pytest.raises(BadInput, match=r"Nothing was scanned\.") as refused:
        scan_file(path, last=2, **SETTINGS)
    assert "imported" not in str(refused.value)
