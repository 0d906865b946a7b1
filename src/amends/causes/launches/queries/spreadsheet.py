"""A case as a workbook whose formulas calculate its months, value, payback and usage bands."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name, xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from amends.causes.launches.rules.case import Case
from amends.causes.launches.rules.forecast import LINES
from amends.causes.launches.rules.sheets import BY_NAME, SHEETS, TRAFFIC

FIRST = 1
"""The row, from 0, in which figures begin: names of the columns stand above."""
_UNITS = {
    "on_net_min": "min",
    "off_net_min": "min",
    "roaming_min": None,
    "sms": "sms",
    "data_mb": "mb",
}
"""Kind of traffic → allowance of the price plan it counts against."""


def write_spreadsheet(case: Case, path: Path) -> None:
    """Write the inputs of a case and formulas for its months, value, payback and usage bands.

    Sheets: those of the case; `unit_cost`, `per_user`, `months`, `results`. A program that opens
    the file calculates it; nothing in it is a stored result.
    """
    with xlsxwriter.Workbook(
        path, {"strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        for sheet in SHEETS:
            _inputs(book.add_worksheet(sheet.name), case, sheet.name)
        _unit_cost(book.add_worksheet("unit_cost"), case)
        _per_user(book.add_worksheet("per_user"), case)
        columns = _Months(book.add_worksheet("months"), case).write()
        _results(book.add_worksheet("results"), case, columns)


def _inputs(page: Worksheet, case: Case, name: str) -> None:
    for column_index, column in enumerate(BY_NAME[name].columns):
        page.write(0, column_index, column.name)
        page.set_column(column_index, column_index, max(12, len(column.name) + 2))
        for number, row in enumerate(case[name]):
            if row[column.name] is not None:
                page.write(FIRST + number, column_index, row[column.name])


def _cell(sheet: str, column: str, row: int = 0) -> str:
    """Absolute reference of an input, its row counted from 0."""
    names = [sheet_column.name for sheet_column in BY_NAME[sheet].columns]
    return f"{sheet}!{xl_rowcol_to_cell(FIRST + row, names.index(column), True, True)}"


def _range(case: Case, sheet: str, column: str) -> str:
    last = _cell(sheet, column, max(len(case[sheet]) - 1, 0)).partition("!")[2]
    return f"{_cell(sheet, column)}:{last}"


def _unit_cost(page: Worksheet, case: Case) -> None:
    """What one unit of each kind of traffic costs in settlement."""
    page.write_row(0, 0, ["traffic", "settlement"])
    for number, kind in enumerate(TRAFFIC, FIRST):
        page.write(number, 0, kind)
        kinds, shares, rates = (
            _range(case, "settlement", cost_column) for cost_column in ("traffic", "share", "rate")
        )
        page.write_formula(number, 1, f"=SUMPRODUCT(({kinds}=A{number + 1})*{shares}*{rates})")


def _per_user(page: Worksheet, case: Case) -> None:
    """Income and settlement a user and month: each usage band, of each segment and as it is."""
    page.write_row(0, 0, ["segment", "usage_factor", "from", "weight", "income", "settlement"])
    row = FIRST
    for segment in (None, *range(len(case["segments"]))):
        for band in range(len(case["usage"])):
            name = "" if segment is None else _cell("segments", "segment", segment)
            factor = "1" if segment is None else _cell("segments", "usage_factor", segment)
            start, end = (_cell("usage", f"{bound}_percentile", band) for bound in ("from", "to"))
            page.write_formula(row, 0, f"={name}" if name else '=""')
            page.write_formula(row, 1, f"={factor}")
            page.write_formula(row, 2, f"={start}")
            page.write_formula(row, 3, f"=({end}-{start})/100")
            page.write_formula(row, 4, "=" + _income(band, f"$B{row + 1}"))
            page.write_formula(row, 5, "=" + _settlement(band, f"$B{row + 1}"))
            row += 1


def _income(band: int, factor: str) -> str:
    parts = [_cell("price", "month")]
    for unit in ("min", "sms", "mb"):
        used = "+".join(
            _cell("usage", kind, band)
            for kind, unit_of_kind in _UNITS.items()
            if unit_of_kind == unit
        )
        included, extra = (
            _cell("price", f"{price_part}_{unit}") for price_part in ("included", "extra")
        )
        parts.append(f"MAX(({used})*{factor}-{included},0)*{extra}")
    return "+".join(parts)


def _settlement(band: int, factor: str) -> str:
    paid = [
        f"{_cell('usage', kind, band)}*unit_cost!$B${number + 1}"
        for number, kind in enumerate(TRAFFIC, FIRST)
    ]
    return f"({'+'.join(paid)})*{factor}"


class _Months:
    """The sheet `months`: users of each segment, each line of money, cash and its value."""

    def __init__(self, page: Worksheet, case: Case) -> None:
        self.page, self.case = page, case
        self.last = case["case"][0]["months"]
        self.columns: dict[str, str] = {}

    def write(self) -> dict[str, str]:
        """Write every column; name → range of its months."""
        self._column("month", (f"={month}" for month in range(self.last + 1)))
        for number, _row in enumerate(self.case["segments"]):
            self._segment(number)
        self._column("users", self._each(lambda at: self._sum("active", at)))
        self._column("new", self._each(lambda at: self._sum("new", at)))
        for number, _row in enumerate(self.case["switches"]):
            self._switch(number)
        self._lines()
        self._value()
        first, last = FIRST + 1, FIRST + 1 + self.last
        return {
            name: f"months!${column}${first}:${column}${last}"
            for name, column in self.columns.items()
        }

    def _column(self, name: str, formulas: Iterator[str]) -> None:
        column_index = len(self.columns)
        self.columns[name] = xl_col_to_name(column_index)
        self.page.write(0, column_index, name)
        for month, formula in enumerate(formulas):
            self.page.write_formula(FIRST + month, column_index, formula)

    def _each(self, formula: Any) -> Iterator[str]:
        return (f"={formula(month)}" for month in range(self.last + 1))

    def _at(self, name: str, month: int) -> str:
        return f"{self.columns[name]}{FIRST + month + 1}"

    def _sum(self, name: str, month: int) -> str:
        segment_indexes = range(len(self.case["segments"]))
        return "+".join(self._at(f"{name} {number + 1}", month) for number in segment_indexes)

    def _segment(self, number: int) -> None:
        n = number + 1
        market, churn = (
            _cell("segments", figure_name, number) for figure_name in ("market", "churn_month")
        )
        self._column(f"adopted {n}", self._each(lambda at: f"{market}*({self._share(number, at)})"))
        self._column(
            f"new {n}",
            self._each(
                lambda at: (
                    f"MAX({self._at(f'adopted {n}', at)}"
                    f"-{self._at(f'adopted {n}', at - 1) if at else 0},0)"
                )
            ),
        )
        active = xl_col_to_name(len(self.columns))
        self._column(
            f"active {n}",
            self._each(
                lambda at: (
                    f"{f'{active}{FIRST + at}' if at else 0}*(1-{churn})+{self._at(f'new {n}', at)}"
                )
            ),
        )

    def _share(self, number: int, month: int) -> str:
        row, at = self.case["segments"][number], self._at("month", month)
        if row["analogue"]:
            return self._analogue(row["analogue"], month)
        p, q = (_cell("segments", figure_name, number) for figure_name in ("p", "q"))
        fading = f"EXP(-({p}+{q})*{at})"
        return f"(1-{fading})/(1+{q}/{p}*{fading})"

    def _analogue(self, name: str, month: int) -> str:
        """The curve of an earlier launch between the two rows around a month."""
        rows = [
            n for n, analogue in enumerate(self.case["analogues"]) if analogue["analogue"] == name
        ]
        before = [n for n in rows if self.case["analogues"][n]["month"] <= month]
        after = [n for n in rows if self.case["analogues"][n]["month"] > month]
        low = _cell("analogues", "share", before[-1]) if before else "0"
        if not after:
            return low
        start = _cell("analogues", "month", before[-1]) if before else "0"
        high, end = (
            _cell("analogues", figure_name, after[0]) for figure_name in ("share", "month")
        )
        return f"{low}+({high}-{low})*({self._at('month', month)}-{start})/({end}-{start})"

    def _switch(self, number: int) -> None:
        row, n = self.case["switches"][number], number + 1
        tariff = [tariff_row["tariff"] for tariff_row in self.case["tariffs"]].index(row["tariff"])
        segment = [segment_row["segment"] for segment_row in self.case["segments"]].index(
            row["segment"]
        ) + 1
        share = _cell("switches", "share", number)
        churn, margin = (
            _cell("tariffs", figure_name, tariff) for figure_name in ("churn_month", "margin_month")
        )
        column_letters = xl_col_to_name(len(self.columns))
        self._column(
            f"remaining {n}",
            self._each(
                lambda at: (
                    f"{f'{column_letters}{FIRST + at}' if at else 0}*(1-{churn})"
                    f"+{self._at(f'new {segment}', at)}*{share}"
                )
            ),
        )
        self._column(
            f"lost {n}",
            self._each(lambda at: f"{margin}*{self._at(f'active {segment}', at)}*{share}"),
        )
        self._column(
            f"saved {n}",
            self._each(
                lambda at: (
                    f"{margin}*({self._at(f'active {segment}', at)}*{share}"
                    f"-{self._at(f'remaining {n}', at)})"
                )
            ),
        )

    def _lines(self) -> None:
        bands, segments = len(self.case["usage"]), range(len(self.case["segments"]))

        def per_user(column: str, at: int) -> str:
            parts = []
            for number in segments:
                first = FIRST + 1 + bands * (number + 1)
                weights, each = (
                    f"per_user!${column_letter}${first}:${column_letter}${first + bands - 1}"
                    for column_letter in ("D", column)
                )
                users = self._at(f"active {number + 1}", at)
                parts.append(f"{users}*SUMPRODUCT({weights},{each})")
            return "+".join(parts)

        self._column("income", self._each(lambda at: per_user("E", at)))
        self._column("settlement", self._each(lambda at: per_user("F", at)))
        self._column("running", self._each(self._running))
        self._column("once", self._each(lambda at: self._cost("once", at)))
        self._column(
            "complaints", self._each(lambda at: f"{self._at('users', at)}*{self._complaint_cost()}")
        )
        moves = range(1, len(self.case["switches"]) + 1)
        for line, part in (("lost_margin", "lost"), ("churn_saved", "saved")):
            self._column(
                line,
                self._each(
                    lambda at, part=part: (
                        "+".join(self._at(f"{part} {n}", at) for n in moves) or "0"
                    )
                ),
            )

    def _running(self, at: int) -> str:
        users, new = self._at("users", at), self._at("new", at)
        return (
            f"{self._cost('month', at)}+{self._cost('per_user_month', at)}*{users}"
            f"+{self._cost('per_new_user', at)}*{new}"
        )

    def _cost(self, kind: str, at: int) -> str:
        if not self.case["costs"]:
            return "0"
        kinds, first, last, amount = (
            _range(self.case, "costs", cost_column)
            for cost_column in ("kind", "from_month", "to_month", "amount")
        )
        month = self._at("month", at)
        return f'SUMPRODUCT(({kinds}="{kind}")*({first}<={month})*({last}>={month})*{amount})'

    def _complaint_cost(self) -> str:
        if not self.case["complaints"]:
            return "0"
        count, months = (
            _range(self.case, "complaints", cost_column)
            for cost_column in ("complaints", "user_months")
        )
        return f"SUM({count})/SUM({months})*{_cell('case', 'complaint_cost')}"

    def _value(self) -> None:
        costs = [line for line in LINES if line not in ("income", "churn_saved")]
        self._column(
            "cash",
            self._each(
                lambda at: (
                    f"{self._at('income', at)}+{self._at('churn_saved', at)}-("
                    + "+".join(self._at(cost, at) for cost in costs)
                    + ")"
                )
            ),
        )
        rate = _cell("case", "discount_rate")
        self._column(
            "present",
            self._each(
                lambda at: f"{self._at('cash', at)}*(1+{rate})^(-{self._at('month', at)}/12)"
            ),
        )
        first = self._at("cash", 0)
        self._column("cumulated", self._each(lambda at: f"SUM(${first}:{self._at('cash', at)})"))
        self._column(
            "paid back by",
            self._each(
                lambda at: (
                    f"IF({self._at('cumulated', at)}<-0.000000001,{self._at('month', at)}+1,0)"
                )
            ),
        )


def _results(page: Worksheet, case: Case, columns: dict[str, str]) -> None:
    months = case["case"][0]["months"]
    paid = f"MAX({columns['paid back by']})"
    rows = {
        "npv": f"SUM({columns['present']})",
        "irr": f'IFERROR((1+IRR({columns["cash"]},0.01))^12-1,"")',
        "payback_months": f'IF({paid}>{months},"",{paid})',
        "cash_low": f"MIN(0,MIN({columns['cumulated']}))",
        **{name: f"SUM({columns[name]})" for name in LINES},
    }
    page.write_row(0, 0, ["figure", "value"])
    page.set_column(0, 1, 18)
    for number, (name, formula) in enumerate(rows.items(), FIRST):
        page.write(number, 0, name)
        page.write_formula(number, 1, "=" + formula)
