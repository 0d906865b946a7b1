"""`amends hotissues effect` on files."""

import json
import subprocess
import sys
from datetime import date

import numpy as np
import polars as pl
import pytest

from amends.problems.measures.actions.judge_file import FileTerms, UnableToJudgeFile, judge_file
from amends.site.cli.app import build

pytestmark = pytest.mark.no_database


@pytest.fixture
def weeks(tmp_path):
    generator = np.random.default_rng(7)
    after = np.arange(60) >= 40
    frame = pl.DataFrame(
        {
            "date": pl.date_range(pl.date(2025, 1, 6), pl.date(2026, 2, 23), "1w", eager=True),
            "treated": generator.poisson(np.where(after, 60, 100)),
            "control": generator.poisson(300, 60),
            "after": after.astype(int),
        }
    )
    path = tmp_path / "weeks.csv"
    frame.write_csv(path)
    return path


def test_the_document_has_its_shape(weeks, capsys):
    build("hotissues")(["hotissues", "effect", str(weeks), "--json"], standalone_mode=False)
    document = json.loads(capsys.readouterr().out)
    assert document["verdict"] == "works"
    assert document["low"] < document["rate_ratio"] == pytest.approx(0.6, abs=0.08)
    assert document["high"] < 1
    assert 0 < document["smallest_detectable_drop"] < 0.2
    assert document["method"] == "conditional binomial"
    assert document["check"]["rate_ratio"] == pytest.approx(0.6, abs=0.15)
    assert document["check"]["p"] <= 0.05
    assert document["anytime"]["verdict"] == "works"
    assert document["anytime"]["shown_after"] <= 4
    assert document["against_alarmed"] is None


def test_the_command_needs_nothing_but_the_file(weeks, tmp_path):
    """In a process of its own, where nobody has set Django up."""
    done = subprocess.run(
        [sys.executable, "-m", "amends", "hotissues", "effect", str(weeks), "--json"],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["anytime_rests_on"] == "control"


def test_a_date_says_the_same_as_marks(weeks):
    from datetime import date

    marked = judge_file(weeks, FileTerms())
    dated = judge_file(weeks, FileTerms(since=date(2025, 10, 13)))
    assert marked == dated


def test_cells_that_alarmed_and_were_left_alone_are_compared(weeks, capsys):
    frame = pl.read_csv(weeks).with_columns(alarmed=pl.col("treated"))
    frame.write_csv(weeks)
    build("hotissues")(["hotissues", "effect", str(weeks), "--json"], standalone_mode=False)
    document = json.loads(capsys.readouterr().out)
    assert document["verdict"] == "not_shown_to_work"
    assert document["against_alarmed"]["rate_ratio"] == pytest.approx(1.0)
    assert "alarmed" in document["reasons"][0]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a,b\n1,2\n", "no column 'treated'"),
        ("treated,control\n1,2\n", "when the measure began"),
        ("treated,after\n1,2\n", "neither 0 nor 1"),
        ("treated,after\n-1,0\n", "no count"),
        ("treated,after\n1.5,0\n", "no count"),
        ("treated,users,after\n1,0,0\n", "no number of users"),
        ("treated,after\n", "no rows"),
        ("", "no table"),
    ],
)
def test_what_cannot_be_judged_is_named(tmp_path, text, words):
    path = tmp_path / "bad.csv"
    path.write_text(text)
    with pytest.raises(UnableToJudgeFile, match=words):
        judge_file(path, FileTerms())


def test_a_period_that_stands_there_twice_is_refused_with_its_line(weeks):
    lines = weeks.read_text().splitlines()
    weeks.write_text("\n".join([*lines[:8], *lines[7:]]) + "\n")
    with pytest.raises(UnableToJudgeFile, match="twice") as refused:
        judge_file(weeks, FileTerms(since=date(2025, 10, 13)))
    assert "line 9" in str(refused.value)


def test_a_file_of_another_spreadsheet_is_judged_alike(weeks):
    """Cells apart by `;`, and 1,234 for a count, as `scan` reads them."""
    plain = judge_file(weeks, FileTerms())
    frame = pl.read_csv(weeks).with_columns(
        (pl.col("treated", "control") * 100).map_elements(lambda n: f"{n:,}", pl.String)
    )
    weeks.write_text(frame.write_csv(separator=";"))
    assert judge_file(weeks, FileTerms()).rate_ratio == pytest.approx(plain.rate_ratio)


def test_an_empty_cell_is_said_to_be_one(weeks):
    lines = weeks.read_text().splitlines()
    day, _, rest = lines[6].split(",", 2)
    lines[6] = f"{day},NaN,{rest}"
    weeks.write_text("\n".join(lines) + "\n")
    with pytest.raises(UnableToJudgeFile, match="empty") as refused:
        judge_file(weeks, FileTerms())
    assert "line 7" in str(refused.value)


def test_a_wash_out_of_less_than_nothing_is_refused(weeks):
    with pytest.raises(UnableToJudgeFile, match="wash-out -3"):
        judge_file(weeks, FileTerms(wash_out=-3))


@pytest.mark.parametrize(("dated", "rests_on"), [(True, "too_short"), (False, "series")])
def test_without_a_control_it_says_what_looking_often_rests_on(weeks, capsys, dated, rests_on):
    """Before, there was no such verdict without a control, and nothing said why."""
    frame = pl.read_csv(weeks).drop("control", *([] if dated else ["date"]))
    frame.write_csv(weeks)
    build("hotissues")(["hotissues", "effect", str(weeks), "--json"], standalone_mode=False)
    document = json.loads(capsys.readouterr().out)
    assert document["anytime_rests_on"] == rests_on
    assert (document["anytime"] or {}).get("verdict") == (None if dated else "works")
    build("hotissues")(["hotissues", "effect", str(weeks)], standalone_mode=False)
    said = " ".join(capsys.readouterr().out.split())
    assert ("assumes that" in said, "gives no verdict" in said) == (not dated, dated)
