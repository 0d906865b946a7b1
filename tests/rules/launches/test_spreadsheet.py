"""The spreadsheet of a case calculates what the assessment says, without Amends."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from openpyxl import load_workbook
from python_calamine import CalamineWorkbook
from tests.needs import program

from amends.causes.launches.queries.spreadsheet import write_spreadsheet
from amends.causes.launches.rules.case import Case, case_of, example
from amends.causes.launches.rules.finance import irr, payback
from amends.causes.launches.rules.forecast import LINES, forecast

_ALWAYS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry"><item
oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode"
oor:op="fuse"><value>0</value></prop></item></oor:items>"""
"""Setting of LibreOffice: calculate every formula of a file that is opened."""


def test_every_figure_is_a_formula_on_the_inputs(tmp_path: Path) -> None:
    document = example()
    document["case"][0]["launch"] = "=1+1"
    write_spreadsheet(case_of(document), tmp_path / "case.xlsx")
    book = load_workbook(tmp_path / "case.xlsx")
    assert book["case"]["A2"].data_type == "s"
    months, results = book["months"], book["results"]
    assert months.max_row == document["case"][0]["months"] + 2
    for page in (months, results):
        for row in page.iter_rows(min_row=2, min_col=2 if page is results else 1):
            assert all(str(cell.value).startswith("=") for cell in row)


@pytest.mark.nightly
@pytest.mark.needs("soffice")
def test_a_spreadsheet_program_calculates_the_same_cell_by_cell(tmp_path: Path) -> None:
    case = case_of(example())
    found = forecast(case)
    months, results = _recalculated(case, tmp_path)
    cash = [float(one) for one in found.cash[:, 0]]
    monthly, _warnings = irr(cash)
    assert monthly is not None
    expected = {
        "npv": float(found.npv(0.1)[0]),
        "irr": (1 + monthly) ** 12 - 1,
        "payback_months": payback(cash),
    } | {name: float(found.lines[name].sum()) for name in LINES}
    assert {name: results[name] for name in expected} == pytest.approx(expected, rel=1e-9)
    columns = {"users": found.active, "new": found.new, "cash": found.cash, **found.lines}
    for name, values in columns.items():
        assert months[name] == pytest.approx(values[:, 0].tolist(), rel=1e-9, abs=1e-6)


def _recalculated(case: Case, folder: Path) -> tuple[dict[str, list[float]], dict[str, float]]:
    profile = folder / "profile" / "user"
    profile.mkdir(parents=True)
    (profile / "registrymodifications.xcu").write_text(_ALWAYS)
    write_spreadsheet(case, folder / "case.xlsx")
    subprocess.run(
        [
            program("soffice"),
            f"-env:UserInstallation={profile.parent.as_uri()}",
            "--headless",
            "--convert-to",
            "xlsx:Calc MS Excel 2007 XML",
            "--outdir",
            folder / "out",
            folder / "case.xlsx",
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
    book = CalamineWorkbook.from_path(folder / "out" / "case.xlsx")
    head, *rows = book.get_sheet_by_name("months").to_python()
    months = {name: [float(row[at]) for row in rows] for at, name in enumerate(head)}
    return months, dict(book.get_sheet_by_name("results").to_python()[1:])
