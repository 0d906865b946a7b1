"""A launch as figures: sheets of rows, checked cell by cell."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson

from amends.kit.errors import gettext_noop as _
from amends.launches.rules.sheets import BY_NAME, SHEETS, TRAFFIC, Column, Sheet, UnableToReadCase

Row = dict[str, Any]
Case = dict[str, list[Row]]
"""Sheet → rows, every cell checked and every default filled in."""
Place = Callable[[str, int, str], tuple[str, dict[str, object]]]
"""Sheet, row (from 0) and column → words that say where the cell stands, with their values."""


def in_json(sheet: str, row: int, column: str) -> tuple[str, dict[str, object]]:
    """Where a cell stands in a JSON document."""
    return _("%(sheet)s, row %(row)s, %(column)s"), {
        "sheet": sheet, "row": row + 1, "column": column,
    }  # fmt: skip


PriceOf = Callable[[str, str], Row | None]
"""Offer and currency → its row of the sheet `price`; None where the catalogue has none."""


def case_of(document: object, *, place: Place = in_json, price_of: PriceOf | None = None) -> Case:
    """A checked case from sheets of rows; a refusal names sheet and cell.

    price_of  gives the price plan of the offer where the sheet `price` is empty
    """
    if not isinstance(document, Mapping):
        raise UnableToReadCase(
            _("A case is an object of sheets."),
            next_step=_("Begin with `amends launches template`."),
        )
    for name in document:
        if name not in BY_NAME:
            raise UnableToReadCase(
                _("There is no sheet “%(sheet)s” in a case."),
                next_step=_("Remove it, or use one of %(known)s."),
                values={"sheet": str(name)[:40], "known": ", ".join(BY_NAME)},
            )
    if price_of and not document.get("price"):
        document = {**document, **_price_on_record(document, price_of)}
    case = {sheet.name: _rows(sheet, document.get(sheet.name), place) for sheet in SHEETS}
    _Checks(case, place).run()
    return case


def _price_on_record(document: Mapping[str, Any], price_of: PriceOf) -> dict[str, Any]:
    head = document.get("case")
    first = head[0] if isinstance(head, Sequence) and head else head
    if not isinstance(first, Mapping):
        return {}
    row = price_of(str(first.get("offer") or ""), str(first.get("currency") or ""))
    return {"price": [row]} if row else {}


def sha256(case: Case) -> str:
    """SHA-256 of the checked inputs: workbook and JSON of the same figures have the same."""
    return hashlib.sha256(orjson.dumps(case, option=orjson.OPT_SORT_KEYS)).hexdigest()


def example() -> dict[str, list[Row]]:
    """The worked example of the template, as a document."""
    return {
        sheet.name: [
            dict(zip((one.name for one in sheet.columns), row, strict=True))
            for row in sheet.example
        ]
        for sheet in SHEETS
    }


def _rows(sheet: Sheet, given: object, place: Place) -> list[Row]:
    if isinstance(given, Mapping):
        given = [given]
    if not given:
        if sheet.needed:
            raise UnableToReadCase(
                _("The sheet “%(sheet)s” is missing or empty."),
                meaning=_("Without it the launch cannot be calculated."),
                next_step=_("Fill it in; `amends launches template` shows how."),
                values={"sheet": sheet.name},
            )
        return []
    if not isinstance(given, Sequence) or isinstance(given, str):
        raise _refusal(
            place, sheet.name, 0, sheet.columns[0].name, _("A list of rows is expected.")
        )
    if sheet.single and len(given) > 1:
        raise _refusal(place, sheet.name, 1, sheet.columns[0].name, _("One row is expected."))
    return [_row(sheet, number, row, place) for number, row in enumerate(given)]


def _row(sheet: Sheet, number: int, row: object, place: Place) -> Row:
    if not isinstance(row, Mapping):
        raise _refusal(
            place, sheet.name, number, sheet.columns[0].name, _("An object is expected.")
        )
    known = {column.name for column in sheet.columns}
    if unknown := next((one for one in row if one not in known), None):
        raise _refusal(place, sheet.name, number, str(unknown)[:40], _("No such column exists."))
    return {
        column.name: _cell(column, row.get(column.name),
                           lambda what, column=column, **values: _refusal(
                               place, sheet.name, number, column.name, what, **values))
        for column in sheet.columns
    }  # fmt: skip


def _cell(column: Column, given: object, refusal: Callable[..., UnableToReadCase]) -> Any:
    if isinstance(given, str):
        given = given.strip()
    if given is None or given == "":
        if column.needed:
            raise refusal(_("The cell is empty."))
        return column.default
    if column.kind == "text":
        return str(int(given) if isinstance(given, float) and given.is_integer() else given)[:80]
    if column.kind == "choice":
        if given not in column.choices:
            raise refusal(
                _("“%(given)s” is none of %(known)s."), given=str(given)[:40],
                known=", ".join(column.choices),
            )  # fmt: skip
        return given
    number = _figure(column, given, refusal)
    if column.low is not None and number < column.low:
        if column.low == 0:
            raise refusal(_("%(given)s is negative."), given=f"{number:g}")
        raise refusal(_("%(given)s is below %(low)s."), given=f"{number:g}", low=f"{column.low:g}")
    if column.kind == "share" and number > 1:
        raise refusal(
            _("%(given)s is no share: write 0.3 or 30%% for thirty per cent."), given=f"{number:g}"
        )
    if column.high is not None and number > column.high:
        raise refusal(
            _("%(given)s is above %(high)s."), given=f"{number:g}", high=f"{column.high:g}"
        )
    return number


def _figure(column: Column, given: object, refusal: Callable[..., UnableToReadCase]) -> float | int:
    if isinstance(given, str) and given.endswith("%") and column.kind == "share":
        try:
            given = float(given[:-1]) / 100
        except ValueError:
            pass
    if isinstance(given, bool) or not isinstance(given, int | float) or not math.isfinite(given):
        raise refusal(_("“%(given)s” is no number."), given=str(given)[:40])
    if column.kind == "whole":
        if given != int(given):
            raise refusal(_("%(given)s is no whole number."), given=f"{given:g}")
        return int(given)
    return float(given)


def _refusal(
    place: Place, sheet: str, row: int, column: str, what: str, **values: object
) -> UnableToReadCase:
    where, at = place(sheet, row, column)
    return UnableToReadCase(
        what, meaning=_("Nothing was calculated, and nothing is lost."),
        next_step=_("Correct the cell and run it again."),
        where=where, at=at, values=values,
    )  # fmt: skip


class _Checks:
    """What one cell alone does not show."""

    def __init__(self, case: Case, place: Place) -> None:
        self.case, self.place = case, place

    def run(self) -> None:
        self._unique("segments", ("segment",))
        self._unique("tariffs", ("tariff",))
        self._unique("switches", ("tariff", "segment"))
        self._unique("analogues", ("analogue", "month"))
        self._unique("settlement", ("traffic", "network"))
        self._unique("uncertainty", ("input",))
        self._unique("stop_loss", ("trigger",))
        self._unique("capacity", ("resource",))
        self._uptake()
        self._usage()
        self._settlement()
        self._switches()
        self._costs()
        self._rest()

    def _refuse(self, sheet: str, row: int, column: str, what: str, **values: object) -> None:
        raise _refusal(self.place, sheet, row, column, what, **values)

    def _unique(self, sheet: str, columns: tuple[str, ...]) -> None:
        met: set[tuple[Any, ...]] = set()
        for number, row in enumerate(self.case[sheet]):
            key = tuple(row[one] for one in columns)
            if key in met:
                self._refuse(sheet, number, columns[-1], _("This row stands here twice."))
            met.add(key)

    def _uptake(self) -> None:
        analogues = {row["analogue"] for row in self.case["analogues"]}
        shares: dict[str, float] = {}
        last: dict[str, int] = {}
        for number, row in enumerate(self.case["analogues"]):
            name = row["analogue"]
            if row["month"] < last.get(name, 0) or row["share"] < shares.get(name, 0):
                self._refuse("analogues", number, "share",
                             _("Months and shares must rise from row to row."))  # fmt: skip
            shares[name], last[name] = row["share"], row["month"]
        for number, row in enumerate(self.case["segments"]):
            if row["analogue"]:
                if row["p"] is not None or row["q"] is not None:
                    self._refuse("segments", number, "analogue",
                                 _("Give p and q, or an analogue, not both."))  # fmt: skip
                if row["analogue"] not in analogues:
                    self._refuse("segments", number, "analogue",
                                 _("The analogue “%(name)s” stands on no row of its sheet."),
                                 name=row["analogue"])  # fmt: skip
            elif row["p"] is None or row["q"] is None:
                self._refuse("segments", number, "p" if row["p"] is None else "q",
                             _("The cell is empty: give p and q, or an analogue."))  # fmt: skip
            elif not row["p"]:
                self._refuse("segments", number, "p",
                             _("Nobody ever begins: p must be above 0."))  # fmt: skip
        if not any(row["market"] for row in self.case["segments"]):
            self._refuse("segments", 0, "market", _("Nobody will buy it: every market is 0."))

    def _usage(self) -> None:
        end = 0.0
        for number, row in enumerate(self.case["usage"]):
            if row["from_percentile"] != end:
                self._refuse("usage", number, "from_percentile",
                             _("The bands overlap or leave a gap: %(end)s is expected."),
                             end=f"{end:g}")  # fmt: skip
            if row["to_percentile"] <= row["from_percentile"]:
                self._refuse("usage", number, "to_percentile", _("The band ends before it begins."))
            end = row["to_percentile"]
        if end != 100:
            self._refuse("usage", len(self.case["usage"]) - 1, "to_percentile",
                         _("The last band must end at 100."))  # fmt: skip

    def _settlement(self) -> None:
        for kind in TRAFFIC:
            rows = [(number, row) for number, row in enumerate(self.case["settlement"])
                    if row["traffic"] == kind]  # fmt: skip
            total = sum(row["share"] for _number, row in rows)
            if rows and abs(total - 1) > 1e-6:
                self._refuse("settlement", rows[-1][0], "share",
                             _("The shares of %(traffic)s add up to %(total)s, not to 1."),
                             traffic=kind, total=f"{total:g}")  # fmt: skip
            if not rows and any(row[kind] for row in self.case["usage"]):
                self._refuse("settlement", len(self.case["settlement"]), "traffic",
                             _("A row for %(traffic)s is missing."), traffic=kind)  # fmt: skip

    def _switches(self) -> None:
        stock = {row["tariff"]: row["subscribers"] for row in self.case["tariffs"]}
        markets = {row["segment"]: row["market"] for row in self.case["segments"]}
        leaving: dict[str, float] = {}
        shares: dict[str, float] = {}
        for number, row in enumerate(self.case["switches"]):
            for column, known in (("tariff", stock), ("segment", markets)):
                if row[column] not in known:
                    self._refuse("switches", number, column,
                                 _("“%(name)s” stands on no row of its sheet."),
                                 name=row[column])  # fmt: skip
            tariff, segment = row["tariff"], row["segment"]
            shares[segment] = shares.get(segment, 0) + row["share"]
            leaving[tariff] = leaving.get(tariff, 0) + row["share"] * markets[segment]
            if shares[segment] > 1 + 1e-9:
                self._refuse("switches", number, "share",
                             _("The shares of %(segment)s add up to more than 1."),
                             segment=segment)  # fmt: skip
            if leaving[tariff] > stock[tariff] + 1e-6:
                self._refuse("switches", number, "share",
                             _("More would leave %(tariff)s than the %(stock)s it has."),
                             tariff=tariff, stock=f"{stock[tariff]:,}")  # fmt: skip

    def _costs(self) -> None:
        months = self.case["case"][0]["months"]
        met: list[Row] = []
        for number, row in enumerate(self.case["costs"]):
            end = row["to_month"]
            row["to_month"] = row["from_month"] if row["kind"] == "once" else \
                months if end is None else end  # fmt: skip
            if row["to_month"] < row["from_month"]:
                self._refuse("costs", number, "to_month", _("The months end before they begin."))
            if row["from_month"] > months:
                self._refuse("costs", number, "from_month",
                             _("The case has only %(months)s months."), months=months)  # fmt: skip
            for other in met:
                if (other["item"], other["kind"]) == (row["item"], row["kind"]) and not (
                    other["to_month"] < row["from_month"] or row["to_month"] < other["from_month"]
                ):
                    self._refuse("costs", number, "from_month",
                                 _("The months of “%(item)s” overlap another row."),
                                 item=row["item"])  # fmt: skip
            met.append(row)

    def _rest(self) -> None:
        for number, row in enumerate(self.case["uncertainty"]):
            if not row["low"] <= row["mode"] <= row["high"]:
                self._refuse("uncertainty", number, "mode",
                             _("Least, most likely and most must rise in this order."))  # fmt: skip
        for number, row in enumerate(self.case["capacity"]):
            if row["kind"] != "data_cells" and not row["hold_s"]:
                self._refuse("capacity", number, "hold_s",
                             _("Calls need the seconds they last."))  # fmt: skip
            if not 0 < row["target"] < 1:
                self._refuse("capacity", number, "target",
                             _("A share above 0 and below 1 is expected."))  # fmt: skip
        for number, row in enumerate(self.case["complaints"]):
            if not row["user_months"]:
                self._refuse("complaints", number, "user_months", _("It must be above 0."))
        if not self.case["price"][0]["month"] and not any(
            self.case["price"][0][one] for one in ("extra_min", "extra_sms", "extra_mb")
        ):
            self._refuse("price", 0, "month", _("The offer has no price at all."))
