"""The bulletin: one object, four formats that say the same, and nothing small to be had back."""

from __future__ import annotations

import csv
import io
import re
import subprocess
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from django.utils import translation
from scipy.optimize import linprog
from tests.needs import program
from tests.rules.stats.test_suppression import attack
from tests.shell import amends

from amends.cases.complaints.models import Complaint
from amends.engines.classification.taxonomy import taxonomy
from amends.people.subscribers.models import Subscriber
from amends.problems.indicators.rules.bulletin import (
    HIDDEN,
    WITHIN,
    Bulletin,
    Section,
    UnableToReadQuarter,
    printable,
)
from amends.problems.indicators.rules.shares import indicators
from amends.problems.indicators.texts.bulletin import _Maker, bulletin
from amends.problems.indicators.texts.documents import FORMATS, UnableToWriteBulletin, document
from amends.problems.indicators.texts.documents.cells import SIGN

NOW = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)
START = datetime(2026, 7, 1, tzinfo=UTC)


@pytest.fixture
def quarter(db: None) -> int:
    """Complaints of one quarter over areas, classes and channels of very different size."""
    chance = np.random.default_rng(3)
    codes = list(taxonomy().codes)
    weights = {"area-1": 160, "area-2": 60, "area-3": 25, "area-4": 6}
    rows = []
    for area, number in weights.items():
        for _ in range(number):
            at = START + timedelta(hours=float(chance.uniform(24, 24 * 88)))
            rows.append(
                Complaint(
                    channel=str(chance.choice(["web", "phone", "sms"], p=[0.6, 0.37, 0.03])),
                    area=area,
                    code=str(chance.choice(codes)),
                    received_at=at,
                    recorded_at=at,
                    state_since=at,
                    jurisdiction="cn",
                    first_words="x",
                    classified_by="test",
                )
            )
    Complaint.objects.bulk_create(rows)
    return len(rows)


def _made(*, is_public: bool, language: str = "zh-hans") -> Bulletin:
    return bulletin("2026Q3", zone="Asia/Shanghai", now=NOW, language=language, is_public=is_public)


def test_the_tables_add_up_to_what_came_in(quarter: int) -> None:
    made = _made(is_public=False)
    tables = {one.id: one for one in made.sections}
    for name, column in (("areas", 5), ("channel", 1), ("months", 1)):
        *rows, total = tables[name].rows
        assert sum(row[column] for row in rows) == total[column] == quarter
    assert tables["versions"].hidden == 0
    by_version: dict[str, int] = {}
    for version, _name, count, _match in tables["versions"].rows:
        by_version[version] = by_version.get(version, 0) + count
    assert set(by_version.values()) == {quarter}, "each version of classes holds every complaint"
    matches = {row[1]: row[3] for row in tables["versions"].rows}
    assert (matches["资费争议"], matches["收费争议"]) == ("收费争议", "资费争议")
    assert matches["用户服务"] == "断点：不可比"


def test_what_is_published_cannot_be_subtracted_back(quarter: int) -> None:
    whole, public = (_csv(_made(is_public=one)) for one in (False, True))
    assert SIGN not in {value for _s, _r, _c, value in whole}
    for section, columns in (("areas", 5), ("channel", 1), ("months", 1)):
        shown = _grid(public, section, columns)
        true = _grid(whole, section, columns)
        if columns == 1:
            shown = [[row[0], row[0]] for row in shown]
            true = [[row[0], row[0]] for row in true]
        for i, row in enumerate(shown):
            for j, value in enumerate(row):
                assert value is None or value == 0 or value >= 10
                assert value is None or value == true[i][j]
        for (i, j), (low, high) in attack(shown).items():
            count = true[i][j]
            assert count is not None
            if count < 10:
                assert high - low >= 10 - 1e-6, (section, i, j, low, high)
    assert any(value == SIGN for _s, _r, _c, value in public)
    # A rate times its users is a count: it goes with it.
    for row in {r for s, r, _c, v in public if s == "areas" and v == SIGN}:
        cells = {c: v for s, r, c, v in public if (s, r) == ("areas", row)}
        assert cells["合计"] != SIGN or cells["每百万用户"] in (SIGN, "")
    assert "electronic" not in {s for s, *_ in public}


def _received(number: int, first: datetime, days: int) -> None:
    Complaint.objects.bulk_create(
        Complaint(
            channel="web",
            area="area-1",
            code="network.speed",
            received_at=at,
            recorded_at=at,
            state_since=at,
            jurisdiction="cn",
            first_words="x",
            classified_by="test",
        )
        for at in (first + timedelta(hours=24 * days * n / number) for n in range(number))
    )


@pytest.mark.parametrize(("before", "known"), [(4, False), (9, False), (12, True)])
@pytest.mark.parametrize("form", ["html", "csv", "xlsx"])
def test_no_change_gives_a_hidden_count_of_another_quarter_back(
    quarter: int, before: int, known: bool, form: str
) -> None:
    """Who knows this quarter's rate and the change against another knows the other's rate."""
    for since in (datetime(2026, 4, 2, tzinfo=UTC), datetime(2025, 7, 2, tzinfo=UTC)):
        _received(before, since, 80)
    Subscriber.objects.create(
        pseudonym="p", registered_at=datetime(2020, 1, 1, tzinfo=UTC), area="area-1"
    )
    made = _made(is_public=True, language="en")
    shown = " ".join(made.lead)
    if form == "xlsx":
        book = openpyxl.load_workbook(io.BytesIO(document(made, form)[0]))
        shown += " ".join(str(c.value) for sheet in book for row in sheet.iter_rows() for c in row)
    else:
        shown += document(made, form)[0].decode()
    changes = [float(one) for one in re.findall(r"([+-][0-9.]+)%,", shown)]
    had = [quarter / (1 + change / 100) for change in changes]
    assert bool(had) is known
    assert all(count >= 10 for count in had)
    assert ("fewer than 10 complaints" in shown) is not known


def test_the_quarter_before_is_the_one_its_own_bulletin_counts(quarter: int) -> None:
    """One day more of it, and both bulletins together would tell how many came on that day."""
    made = _Maker("2026-Q3", date(2026, 7, 1), date(2026, 10, 1), "UTC", NOW.date(), "en", True, "")
    found = made.report
    assert made.report.before is None or made.report.before.start == date(2026, 4, 1)
    assert found.start == date(2026, 7, 1)


def test_a_quarter_that_lacks_days_is_not_compared_with(quarter: int) -> None:
    """Records that begin on 29 May say nothing of April, and three weeks are no quarter."""
    _received(40, datetime(2026, 5, 29, 4, tzinfo=UTC), 30)
    Subscriber.objects.create(
        pseudonym="p", registered_at=datetime(2020, 1, 1, tzinfo=UTC), area="area-1"
    )
    made = _made(is_public=False, language="en")
    assert not [line for line in made.lead if line.startswith("Against")]
    assert [line for line in made.lead if "begin on 29 May 2026" in line]
    _received(40, datetime(2026, 4, 2, 4, tzinfo=UTC), 80)
    assert [line for line in _made(is_public=False, language="en").lead if "Against" in line]


def test_a_quarter_that_is_not_over_is_compared_with_none(quarter: int) -> None:
    _received(60, datetime(2026, 10, 2, 4, tzinfo=UTC), 40)
    Subscriber.objects.create(
        pseudonym="p", registered_at=datetime(2020, 1, 1, tzinfo=UTC), area="area-1"
    )
    made = bulletin("2026Q4", zone="Asia/Shanghai", now=NOW, language="en", is_public=False)
    assert not [line for line in made.lead if line.startswith("Against")]
    assert [line for line in made.lead if "not over" in line]


@pytest.mark.no_database
def test_no_two_counts_of_handling_have_a_small_difference() -> None:
    """Whoever knows which counts are parts of which, and every printed one, can only say of a small
    one that it lies in an interval ten wide."""
    asked = [(one.count, one.of) for one in indicators(NOW.date()).values()][:-1]
    chance = np.random.default_rng(17)
    hidden = 0
    for _ in range(60):
        counts = _nested(chance)
        shown = {
            name: cell
            for name, cell in printable(counts, asked, is_public=True).items()
            if isinstance(cell, int)
        }
        if counts["complaints"] >= 10:
            shown["complaints"] = counts["complaints"]
        hidden += len(counts) - len(shown)
        for part, wholes in WITHIN.items():
            for whole in wholes:
                if part not in counts or not 0 < counts[whole] - counts[part] < 10:
                    continue
                low, high = _told(shown, {whole: 1.0, part: -1.0})
                assert high - low >= 9, (counts, shown, whole, part)
        for name, count in counts.items():
            if 0 < count < 10:
                low, high = _told(shown, {name: 1.0})
                assert high - low >= 9, (counts, shown, name)
    assert hidden > 60


def _nested(chance: np.random.Generator) -> dict[str, int]:
    """Counts as they hang together: parts of wholes, often nearly all or hardly any of them."""
    found = {"complaints": int(chance.integers(11, 120))}
    for name in (
        "in_time",
        "reopened",
        "answered",
        "rated",
        "decided",
        "solved",
        "content",
        "upheld",
        "granted",
        "paid",
    ):
        whole = found[WITHIN[name][0]]
        few = min(int(chance.integers(0, 12)), whole)
        found[name] = [few, whole - few, int(chance.integers(0, whole + 1))][chance.integers(3)]
    found["decided_by_rule"] = int(chance.integers(0, found["decided"] + 1))
    found["overruled"] = int(chance.integers(0, found["decided"] - found["decided_by_rule"] + 1))
    found["ruled"] = found["decided_by_rule"] + found["overruled"]
    return found


def _told(shown: dict[str, int], aim: dict[str, float]) -> tuple[float, float]:
    """The attacker's two linear programmes."""
    names = sorted({*WITHIN, "complaints"} - {"late"})
    at = {name: n for n, name in enumerate(names)}
    rows = []
    for part in names:
        for whole in WITHIN.get(part, ()):
            row = np.zeros(len(names))
            row[at[part]], row[at[whole]] = 1.0, -1.0
            rows.append(row)
    equal, right = [], []
    for name, count in shown.items():
        row = np.zeros(len(names))
        row[at[name]] = 1.0
        equal.append(row)
        right.append(float(count))
    # What a rule said and nobody changed, and what somebody changed, are all a rule said.
    row = np.zeros(len(names))
    row[at["ruled"]], row[at["decided_by_rule"]], row[at["overruled"]] = 1.0, -1.0, -1.0
    equal.append(row)
    right.append(0.0)
    target = np.zeros(len(names))
    for name, sign in aim.items():
        target[at[name]] = sign
    ends = [
        sign
        * linprog(
            sign * target,
            A_ub=np.array(rows),
            b_ub=np.zeros(len(rows)),
            A_eq=np.array(equal),
            b_eq=right,
            bounds=(0, 500),
            method="highs",
        ).fun
        for sign in (1.0, -1.0)
    ]
    return ends[0], ends[1]


def _csv(made: Bulletin) -> list[tuple[str, str, str, str]]:
    data, _media_type, _name = document(made, "csv")
    rows = csv.DictReader(io.StringIO(data.decode("utf-8-sig")))
    return [(one["section"], one["row"], one["column"], one["value"]) for one in rows]


def _grid(
    rows: list[tuple[str, str, str, str]], section: str, columns: int
) -> list[list[int | None]]:
    found: dict[str, list[int | None]] = {}
    for name, row, _column, value in rows:
        if name == section and len(found.setdefault(row, [])) < columns:
            found[row].append(None if value == SIGN else int(value))
    return list(found.values())


@pytest.fixture(scope="module")
def dirty() -> Bulletin:
    """Names as nobody should give them, a hidden cell, and nothing to say."""
    rows = [
        ("=1+1", 1234, 0.5, 7.25),
        ("@cmd <b>", HIDDEN, HIDDEN, None),
        ("总计 [all]/x", 5, 0.125, 0.0),
    ]
    section = Section(
        "s",
        "表*一/[二]",
        ("地区", "+数", "占比", "天"),
        ("text", "count", "share", "days"),
        rows,
        "=说明",
    )
    return Bulletin(
        "2026-Q3",
        "zh-hans",
        True,
        "=标题",
        "副题",
        ["第一句"],
        [section, section],
        [("=1+1", "-含义")],
        ["注"],
    )


@pytest.mark.no_database
def test_formulas_are_words_in_every_table(dirty: Bulletin) -> None:
    book = openpyxl.load_workbook(io.BytesIO(document(dirty, "xlsx")[0]))
    assert len(book.sheetnames) == 3
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert all(cell.data_type != "f" for cell in cells)
    values = {cell.value for cell in cells}
    assert {"'=1+1", "'@cmd <b>", 1234, 0.5, 7.25, SIGN} <= values
    for row in csv.reader(io.StringIO(document(dirty, "csv")[0].decode("utf-8-sig"))):
        assert not any(cell.startswith(("=", "@", "+", "-")) for cell in row), row


@pytest.mark.no_database
def test_the_page_escapes_and_needs_nothing_else(dirty: Bulletin) -> None:
    page = document(dirty, "html")[0].decode()
    assert "<b>" not in page
    assert "@cmd &lt;b&gt;" in page
    assert "<script" not in page
    assert "http" not in page
    assert page.count(f">{SIGN}<") == 4


@pytest.mark.no_database
def test_the_print_carries_its_own_chinese(dirty: Bulletin) -> None:
    data = document(dirty, "pdf")[0]
    assert data.startswith(b"%PDF-")
    assert b"NotoSansSC" in data
    assert b"/FontFile3" in data, "the typeface is embedded"


@pytest.mark.no_database
@pytest.mark.needs("pdftotext")
def test_the_words_of_the_print_can_be_copied(dirty: Bulletin, tmp_path: Path) -> None:
    file = tmp_path / "bulletin.pdf"
    file.write_bytes(document(dirty, "pdf")[0])
    reader = program("pdftotext")
    text = subprocess.run([reader, str(file), "-"], capture_output=True, check=True).stdout.decode()
    for words in ("=标题", "第一句", "总计", "1,234", "50.0%", SIGN, "含义"):
        assert words in text, words


def test_all_formats_in_both_languages_from_the_record(quarter: int) -> None:
    for language, word in (("zh-hans", "投诉"), ("en", "Complaints")):
        made = _made(is_public=False, language=language)
        assert word in made.title
        for form in FORMATS:
            data, _media_type, name = document(made, form)
            assert len(data) > 1000
            assert name.endswith(f".{form}")


def test_what_is_no_quarter_or_format_is_refused(db: None, dirty: Bulletin) -> None:
    for text in ("2026", "2026Q5", "Q3", "0000Q1", "2026Q3; drop"):
        with pytest.raises(UnableToReadQuarter, match="2026Q3"):
            bulletin(text, zone="UTC", now=NOW, language="en", is_public=True)
    with pytest.raises(UnableToWriteBulletin, match="pdf"):
        document(dirty, "docx")
    with pytest.raises(UnableToReadQuarter) as refused:
        bulletin("2026Q5", zone="UTC", now=NOW, language="zh-hans", is_public=True)
    with translation.override("zh-hans"):
        assert "不是季度" in refused.value.in_words(translation.gettext)
    with translation.override("zh-hans"), pytest.raises(UnableToWriteBulletin, match="格式"):
        document(dirty, "docx")


@pytest.mark.parametrize(
    ("language", "words"), [("en", "has not begun"), ("zh-hans", "还没有开始")]
)
def test_a_quarter_that_has_not_begun_is_refused(db: None, language: str, words: str) -> None:
    for public in (True, False):
        with pytest.raises(UnableToReadQuarter) as refused:
            bulletin("2027Q1", zone="UTC", now=NOW, language="zh-hans", is_public=public)
        with translation.override(language):
            assert words in refused.value.in_words(translation.gettext)


@pytest.mark.parametrize("is_public", [True, False])
def test_a_quarter_before_the_records_shows_no_noughts(quarter: int, is_public: bool) -> None:
    """Nought complaints would say that nobody complained; half a quarter is said to be one."""
    where = {"zone": "UTC", "now": NOW, "language": "en", "is_public": is_public}
    early = bulletin("2014Q4", **where)
    assert early.sections == []
    assert [words[:41] for words in early.lead] == ["There are no records of complaints for th"]
    for form in FORMATS:
        assert document(early, form)[0]
    assert not any("not counted" in words for words in bulletin("2026Q3", **where).lead)
    Complaint.objects.filter(received_at__lt=START + timedelta(days=40)).delete()
    Subscriber.objects.create(pseudonym="p", registered_at=START - timedelta(days=900))
    assert any(
        "earlier days are not counted" in words for words in bulletin("2026Q3", **where).lead
    )


def test_the_shell_cuts_no_figure_short_and_speaks_its_readers_language(
    quarter: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    asked = ("indicators", "report", "--from", "2026-07-01", "--to", "2026-09-30", "--by", "area")
    table = amends(*asked).out
    assert "…" not in table
    assert "area-1" in table
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    table = amends(*asked).out
    assert "…" not in table
    assert " 地区 " in table
    assert not {"area ", "within", "higher"} & set(table.split("\n")[1])


def test_a_quarter_without_complaints_says_so(db: None) -> None:
    made = bulletin("2019Q1", zone="UTC", now=NOW, language="en", is_public=True)
    assert made.lead[0] == "Complaints received: 0."
    assert document(made, "pdf")[0].startswith(b"%PDF-")


def test_the_command_writes_the_file_and_says_what_is_hidden(quarter: int, tmp_path: Path) -> None:
    done = amends(
        "indicators",
        "bulletin",
        "--quarter",
        "2026Q3",
        "--format",
        "xlsx",
        "--public",
        "--out",
        str(tmp_path),
        "--json",
    )
    told = done.document
    assert (told["quarter"], told["public"]) == ("2026-Q3", True)
    assert told["hidden_cells"] > 0
    assert Path(told["file"]).stat().st_size == told["bytes"]
    refused = amends("indicators", "bulletin", "--quarter", "soon")
    assert (refused.code, "2026Q3" in refused.err) == (2, True)


def test_the_command_tells_the_figures_of_a_period(quarter: int) -> None:
    done = amends("indicators", "report", "--from", "2026-07-01", "--to", "2026-09-30", "--json")
    told = done.document
    assert sum(one["complaints"] for one in told["units"]) == quarter
    kept = told["shares"]["kept"]
    assert (kept["count"], kept["of"], kept["share"]) == (quarter, quarter, 1.0)
    assert kept["low"] < 1.0
    assert amends("indicators", "report", "--from", "July", "--to", "2026-09-30").code == 2
