"""Published bulletins come in as printed; what does not add up is flagged, never mended."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.pages.conftest import colleague, signed_in
from tests.shell import amends

from amends.problems.indicators.models import PublishedFigure

MISPRINTED = """bulletin,quarter,name,count,before,change,source
安徽,2014Q4,total,13,14,+47%,bulletin of the province
安徽,2014Q4,电信,5,,,
安徽,2014Q4,移动,1,,,
安徽,2014Q4,联通,7,,,
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "anhui.csv"
    path.write_text(MISPRINTED, encoding="utf-8")
    return path


def test_the_misprinted_bulletin_is_kept_as_printed_and_flagged(db: None, file: Path) -> None:
    done = amends("indicators", "import-bulletin", str(file), "--json", "--check")
    assert done.code == 1, "findings exist"
    told = done.document
    assert (told["read"], told["accepted"], told["rejected"]) == (4, 4, 0)
    (flag,) = told["flags"]
    assert (flag["line"], flag["what"], flag["printed"]) == ("total", "change", 47.0)
    assert flag["computed"] == pytest.approx(-7.14, abs=0.01)
    total = PublishedFigure.objects.get(line="total")
    assert (total.count, total.before, total.change_percent) == (13, 14, 47.0)
    for language, words in (
        ("en", "change: printed 47%, the counts give -7.1%"),
        ("zh-hans", "按件数算得-7.1%"),
    ):
        page = signed_in(colleague(f"lin.{language}", "manager"), language).get(
            "/desk/indicators/?section=all"
        )
        assert words in page.content.decode()
        line = {"en": "Line", "zh-hans": "项目"}[language]
        assert f'<th scope="col">{line}</th>' in page.content.decode()


def test_the_same_file_twice_changes_nothing(db: None, file: Path) -> None:
    amends("indicators", "import-bulletin", str(file))
    told = amends("indicators", "import-bulletin", str(file), "--json").document
    assert (told["accepted"], told["duplicates"], told["rejected"]) == (0, 4, 0)
    file.write_text(MISPRINTED.replace(",13,", ",31,"), encoding="utf-8")
    told = amends("indicators", "import-bulletin", str(file), "--json").document
    assert (told["accepted"], told["duplicates"], told["rejected"]) == (0, 3, 1)
    assert PublishedFigure.objects.get(line="total").count == 13


def test_a_bulletin_in_two_files_is_held_together_and_flagged_each_time(
    db: None, tmp_path: Path
) -> None:
    head, total, *parts = MISPRINTED.replace(",13,14,+47%", ",14,14,0%").splitlines()
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    first.write_text("\n".join([head, total]), encoding="utf-8")
    second.write_text("\n".join([head, *parts]), encoding="utf-8")
    assert amends("indicators", "import-bulletin", str(first), "--check").code == 0
    for _again in range(2):
        done = amends("indicators", "import-bulletin", str(second), "--check", "--json")
        assert done.code == 1
        (flag,) = done.document["flags"]
        assert (flag["line"], flag["what"], flag["computed"]) == ("total", "sum", 13)
    assert [one["what"] for one in PublishedFigure.objects.get(line="total").flags] == ["sum"]
    assert PublishedFigure.objects.count() == 4


def test_a_bulletin_as_a_chinese_office_writes_it(
    db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    path = tmp_path / "安徽.csv"
    path.write_text(
        "通告,季度,企业,申诉量,上季度,环比\n安徽,2014年第四季度,合计,13,14,持平\n"
        "安徽,2014年四季度,电信,5,,\n安徽,2014年4季度,移动,1,,\n安徽,2014Q4,联通,7,6,+16.7%\n",
        encoding="utf-8",
    )
    done = amends("indicators", "import-bulletin", str(path), "--check")
    assert done.code == 1
    assert "安徽 2014-Q4，合计：环比印的是0%，按其他数字应为-7.1%。" in done.out
    assert PublishedFigure.objects.filter(quarter="2014-Q4").count() == 4
    assert PublishedFigure.objects.get(count=13).line == "total"


@pytest.mark.parametrize(
    "line",
    [
        "x,2014Q5,total,1",
        "x,2014Q4,total,-1",
        "x,2014Q4,total,1.5",
        "x,2014Q4,total,",
        ",2014Q4,a,1",
        "x,2014Q4,total,nan",
        "x,2999Q1,total,1",
        "x,2014Q4,total,ten",
        "x,2014Q4,total,99999999999",
    ],
)
def test_a_line_that_cannot_be_read_is_set_aside_with_its_reason(
    db: None, tmp_path: Path, line: str
) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(f"bulletin,quarter,name,count\n{line}\ny,2014Q4,total,3\n", encoding="utf-8")
    told = amends("indicators", "import-bulletin", str(path), "--json").document
    assert (told["read"], told["accepted"], told["rejected"]) == (2, 1, 1)
    assert "reason" in Path(told["rejects_file"]).read_text(encoding="utf-8-sig")


def test_a_file_without_the_columns_is_refused(db: None, tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    done = amends("indicators", "import-bulletin", str(path))
    assert done.code == 2
    assert "bulletin, quarter, name, count" in done.err


@pytest.mark.parametrize(
    ("change", "rate", "flags"),
    [
        ("-7", "9", 0),
        ("-7.1", "8.7", 0),
        ("-7.14", "8.67", 0),
        ("-8", "8", 2),
        ("-7.3", "8.6", 2),
        ("-7.10", "8.70", 2),
    ],
)
def test_a_figure_is_held_to_the_digits_it_was_printed_with(
    db: None, tmp_path: Path, change: str, rate: str, flags: int
) -> None:
    """13 after 14 is -7.142…%, and 13 of 1.5 million are 8.666… per million."""
    path = tmp_path / "one.csv"
    path.write_text(
        "bulletin,quarter,name,count,before,change,rate,users\n"
        f"x,2014Q4,total,13,14,{change}%,{rate},1500000\n",
        encoding="utf-8",
    )
    told = amends("indicators", "import-bulletin", str(path), "--json").document
    assert len(told["flags"]) == flags
