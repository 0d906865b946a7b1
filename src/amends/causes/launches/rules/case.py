"""A launch as figures: sheets of rows, checked cell by cell."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from typing import Any

import orjson

from amends.causes.launches.rules.figures import has_decimal_comma, is_ambiguous, read_figure
from amends.causes.launches.rules.sheets import (
    BY_NAME,
    ERLANGS,
    HIGHEST_COST_TO_INCOME,
    HIGHEST_STOP_LOSS,
    SHEETS,
    TRAFFIC,
    Column,
    PlanSheet,
    UnableToReadCase,
    UnableToReadCells,
)
from amends.platform.kit.errors import gettext_noop as _

Row = dict[str, Any]
Case = dict[str, list[Row]]
"""Sheet → rows, every cell checked and every default filled in."""
Place = Callable[[str, int, str], tuple[str, dict[str, object]]]
"""Sheet, row (from 0) and column → words that say where the cell stands, with their values."""


def in_json(sheet: str, row: int, column: str) -> tuple[str, dict[str, object]]:
    """Where a cell stands in a JSON document."""
    return _("%(sheet)s, row %(row)s, %(column)s"), {
        "sheet": sheet,
        "row": row + 1,
        "column": column,
    }


PriceOf = Callable[[str, str], Row | None]
"""Offer and currency → its row of the sheet `price`; None where the catalogue has none."""


def case_of(
    document: object,
    *,
    locate: Place = in_json,
    price_of: PriceOf | None = None,
    amiss: Mapping[str, Sequence[UnableToReadCase]] | None = None,
) -> Case:
    """A checked case from sheets of rows; a refusal names every cell that cannot be used.

    price_of  gives the price plan of the offer where the sheet `price` is empty
    amiss     sheet → what is wrong with its columns; its rows are not read, the others are
    """
    if not isinstance(document, Mapping):
        raise UnableToReadCase(
            _("A case is an object of sheets."),
            next_step=_("Begin with `amends launches template`."),
        )
    amiss = amiss or {}
    errors = [
        UnableToReadCase(
            _("There is no sheet “%(sheet)s” in a case."),
            next_step=_("Remove it, or use one of %(known)s."),
            values={"sheet": shown(name), "known": ", ".join(BY_NAME)},
        )
        for name in document
        if name not in BY_NAME
    ]
    errors += [error for several in amiss.values() for error in several]
    if price_of and not document.get("price"):
        document = {**document, **_price_on_record(document, price_of)}
    reader = _Reader(document, locate)
    reader.broken.update(amiss)
    case = {sheet.name: [] if sheet.name in amiss else reader.rows(sheet) for sheet in SHEETS}
    errors += reader.errors
    checks = _Checks(case, locate, broken=reader.broken)
    checks.run()
    errors += checks.errors
    if errors:
        raise errors[0] if len(errors) == 1 else UnableToReadCells(errors)
    return case


def _price_on_record(document: Mapping[str, Any], price_of: PriceOf) -> dict[str, Any]:
    head = document.get("case")
    first = head[0] if isinstance(head, list) and head else head
    if not isinstance(first, Mapping):
        return {}
    offer_and_currency = [str(first.get(name) or "").strip()[:64] for name in ("offer", "currency")]
    row = (
        price_of(*offer_and_currency)
        if all(text and text.isprintable() for text in offer_and_currency)
        else None
    )
    return {"price": [row]} if row else {}


def sha256(case: Case) -> str:
    """SHA-256 of the checked inputs: workbook and JSON of the same figures have the same."""
    return hashlib.sha256(orjson.dumps(case, option=orjson.OPT_SORT_KEYS)).hexdigest()


def example() -> dict[str, list[Row]]:
    """The worked example of the template, as a document."""
    return {
        sheet.name: [
            dict(zip((column.name for column in sheet.columns), row, strict=True))
            for row in sheet.example
        ]
        for sheet in SHEETS
    }


class _Reader:
    """Reads the sheets of a document, and collects what is wrong in them.

    broken  sheets with an error: what hangs on them is not checked further
    """

    def __init__(self, document: Mapping[str, object], locate: Place) -> None:
        self.document, self.place = document, locate
        self.errors: list[UnableToReadCase] = []
        self.broken: set[str] = set()
        self.decimal_comma = has_decimal_comma(_texts(document))
        self.currency = _currency(document)

    def rows(self, sheet: PlanSheet) -> list[Row]:
        """The rows of a sheet, with None in the cells that are wrong."""
        sheet_rows = self.document.get(sheet.name)
        if isinstance(sheet_rows, Mapping):
            sheet_rows = [sheet_rows]
        first = sheet.columns[0].name
        if sheet_rows is None or sheet_rows == "" or sheet_rows == []:
            if sheet.needed:
                self.broken.add(sheet.name)
                self.errors.append(
                    UnableToReadCase(
                        _("The sheet “%(sheet)s” is missing or empty."),
                        meaning=_("Without it the launch cannot be calculated."),
                        next_step=_("Fill it in; `amends launches template` shows how."),
                        values={"sheet": sheet.name},
                    )
                )
            return []
        if not isinstance(sheet_rows, Sequence) or isinstance(sheet_rows, str):
            return self._refuse(sheet, 0, first, _("A list of rows is expected."))
        if sheet.single and len(sheet_rows) > 1:
            return self._refuse(sheet, 1, first, _("One row is expected."))
        if len(sheet_rows) > sheet.most:
            return self._refuse(
                sheet, sheet.most, first, _("There are more than %(most)s rows."), most=sheet.most
            )
        return [self._row(sheet, number, row) for number, row in enumerate(sheet_rows)]

    def _row(self, sheet: PlanSheet, number: int, row: object) -> Row:
        if not isinstance(row, Mapping):
            self._refuse(sheet, number, sheet.columns[0].name, _("An object is expected."))
            return {}
        column_names = {column.name for column in sheet.columns}
        for column_name in row:
            if column_name not in column_names:
                self._refuse(sheet, number, shown(column_name), _("No such column exists."))
        cells = {}
        for column in sheet.columns:
            try:
                cells[column.name] = _cell(
                    column,
                    row.get(column.name),
                    decimal_comma=self.decimal_comma,
                    currency=self.currency,
                )
            except _UnusableCell as error:
                cells[column.name] = None
                self._refuse(sheet, number, column.name, error.what, **error.values)
        return cells

    def _refuse(
        self, sheet: PlanSheet, row: int, column: str, what: str, **values: object
    ) -> list[Row]:
        self.broken.add(sheet.name)
        self.errors.append(_refusal(self.place, sheet.name, row, column, what, **values))
        return []


def _texts(document: Mapping[str, object]) -> Iterator[str]:
    """The texts in the columns of figures."""
    for sheet in SHEETS:
        sheet_texts = document.get(sheet.name)
        rows = [sheet_texts] if isinstance(sheet_texts, Mapping) else sheet_texts
        for row in rows if isinstance(rows, list) else ():
            for column in sheet.columns:
                cell = row.get(column.name) if isinstance(row, Mapping) else None
                if isinstance(cell, str) and column.kind not in ("text", "choice"):
                    yield cell


def _currency(document: Mapping[str, Any]) -> str:
    head = document.get("case")
    first = head[0] if isinstance(head, list) and head else head
    return shown(first.get("currency")) if isinstance(first, Mapping) else ""


class _UnusableCell(Exception):
    """What is wrong with a cell, in words with values."""

    def __init__(self, what: str, **values: object) -> None:
        super().__init__(what)
        self.what, self.values = what, values


def shown(cell: object) -> str:
    """The beginning of what was given, for a message."""
    if isinstance(cell, Mapping):
        return "{…}"
    if isinstance(cell, Sequence) and not isinstance(cell, str):
        return "[…]"
    text = f"{cell:g}" if isinstance(cell, float) else str(cell)
    text = text if len(text) <= 40 else text[:40] + "…"
    return "".join(character if character.isprintable() else "\ufffd" for character in text)


def _cell(column: Column, cell: object, *, decimal_comma: bool, currency: str) -> Any:
    if isinstance(cell, str):
        cell = cell.strip()
    if cell is None or cell == "":
        if column.needed:
            raise _UnusableCell(_("The cell is empty."))
        return column.default
    if column.kind == "text":
        return _text(column, cell)
    if column.kind == "choice":
        if cell not in column.choices:
            raise _UnusableCell(
                _("“%(given)s” is none of %(known)s."),
                given=shown(cell),
                known=", ".join(column.choices),
            )
        return cell
    if isinstance(cell, str):
        cell = _read(column, cell, decimal_comma=decimal_comma, currency=currency)
    is_number = isinstance(cell, int | float) and not isinstance(cell, bool)
    if not is_number or cell != cell:
        raise _UnusableCell(_("“%(given)s” is no number."), given=shown(cell))
    assert isinstance(cell, int | float)
    # Compared before it is converted: an integer of 400 digits is no float.
    if cell < column.low:
        if column.low == 0:
            raise _UnusableCell(_("%(given)s is negative."), given=shown(cell))
        raise _UnusableCell(
            _("%(given)s is below %(low)s."), given=shown(cell), low=f"{column.low:,g}"
        )
    if column.kind == "share" and cell > 1:
        raise _UnusableCell(
            _("%(given)s is no share: write 0.3 or 30%% for thirty per cent."), given=shown(cell)
        )
    if cell > column.high:
        raise _UnusableCell(
            _("%(given)s is above %(high)s, the most that is calculated here."),
            given=shown(cell),
            high=f"{column.high:,.0f}",
        )
    if column.kind == "whole":
        if cell != int(cell):
            raise _UnusableCell(_("%(given)s is no whole number."), given=shown(cell))
        return int(cell)
    return float(cell)


def _text(column: Column, cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        cell = int(cell)
    if isinstance(cell, bool) or not isinstance(cell, str | int | float):
        raise _UnusableCell(_("“%(given)s” is no text."), given=shown(cell))
    text = str(cell)
    if not text.isprintable():
        raise _UnusableCell(_("“%(given)s” has characters that are no text."), given=shown(text))
    if len(text) > column.high:
        raise _UnusableCell(
            _("The text has %(length)s characters; at most %(most)s are possible."),
            length=len(text),
            most=f"{column.high:.0f}",
        )
    return text


def _read(column: Column, text: str, *, decimal_comma: bool, currency: str) -> float:
    """The figure that a text gives: with signs of money, marks of thousands, or per cent."""
    figure = read_figure(text)
    if figure is None or (figure.is_percentage and column.kind != "share"):
        raise _UnusableCell(_("“%(given)s” is no number."), given=shown(text))
    if decimal_comma and is_ambiguous(text):
        raise _UnusableCell(
            _("“%(given)s” may mean thousands or decimals: write it without that mark."),
            given=shown(text),
        )
    if figure.currencies and currency not in figure.currencies:
        raise _UnusableCell(
            _("“%(given)s” is not in %(currency)s, the currency of the case."),
            given=shown(text),
            currency=currency,
        )
    return figure.value / 100 if figure.is_percentage else figure.value


def _refusal(
    locate: Place, sheet: str, row: int, column: str, what: str, **values: object
) -> UnableToReadCase:
    where, at = locate(sheet, row, column)
    return UnableToReadCase(
        what,
        meaning=_("Nothing was calculated, and nothing is lost."),
        next_step=_("Correct the cell and run it again."),
        where=where,
        at=at,
        values=values,
    )


LEAST_P = 1e-9
"""With less, nobody begins in any number of months."""


class _Checks:
    """What one cell alone does not show; sheets with errors of their own are left out."""

    def __init__(self, case: Case, locate: Place, *, broken: Set[str]) -> None:
        self.case, self.place, self.broken = case, locate, broken
        self.errors: list[UnableToReadCase] = []

    def run(self) -> None:
        """Collect what is wrong."""
        for sheet, columns in (
            ("segments", ("segment",)),
            ("tariffs", ("tariff",)),
            ("switches", ("tariff", "segment")),
            ("analogues", ("analogue", "month")),
            ("settlement", ("traffic", "network")),
            ("uncertainty", ("input",)),
            ("stop_loss", ("trigger",)),
            ("capacity", ("resource",)),
        ):
            if sheet not in self.broken:
                self._unique(sheet, columns)
        for check, sheets in (
            (self._head, ("case",)),
            (self._uptake, ("segments", "analogues")),
            (self._usage, ("usage",)),
            (self._settlement, ("settlement", "usage")),
            (self._switches, ("switches", "tariffs", "segments")),
            (self._costs, ("costs", "case")),
            (self._uncertainty, ("uncertainty",)),
            (self._capacity, ("capacity", "segments")),
            (self._price, ("price",)),
            (self._stop_loss, ("stop_loss", "price", "usage")),
        ):
            if self.broken.isdisjoint(sheets):
                check()

    def _refuse(self, sheet: str, row: int, column: str, what: str, **values: object) -> None:
        self.errors.append(_refusal(self.place, sheet, row, column, what, **values))

    def _head(self) -> None:
        if not re.fullmatch("[A-Z]{3}", self.case["case"][0]["currency"]):
            self._refuse(
                "case", 0, "currency", _("Three capital letters are expected, such as CNY.")
            )

    def _unique(self, sheet: str, columns: tuple[str, ...]) -> None:
        met: set[tuple[Any, ...]] = set()
        for number, row in enumerate(self.case[sheet]):
            key = tuple(row[column] for column in columns)
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
                self._refuse(
                    "analogues", number, "share", _("Months and shares must rise from row to row.")
                )
            shares[name], last[name] = row["share"], row["month"]
        for number, row in enumerate(self.case["segments"]):
            if row["analogue"]:
                if row["p"] is not None or row["q"] is not None:
                    self._refuse(
                        "segments", number, "analogue", _("Give p and q, or an analogue, not both.")
                    )
                if row["analogue"] not in analogues:
                    self._refuse(
                        "segments",
                        number,
                        "analogue",
                        _("The analogue “%(name)s” stands on no row of its sheet."),
                        name=row["analogue"],
                    )
            elif row["p"] is None or row["q"] is None:
                self._refuse(
                    "segments",
                    number,
                    "p" if row["p"] is None else "q",
                    _("The cell is empty: give p and q, or an analogue."),
                )
            elif row["p"] < LEAST_P:
                self._refuse("segments", number, "p", _("Nobody ever begins: p must be above 0."))
        if not any(row["market"] for row in self.case["segments"]):
            self._refuse("segments", 0, "market", _("Nobody will buy it: every market is 0."))

    def _usage(self) -> None:
        end = 0.0
        for number, row in enumerate(self.case["usage"]):
            if row["from_percentile"] != end:
                self._refuse(
                    "usage",
                    number,
                    "from_percentile",
                    _("The bands overlap or leave a gap: %(end)s is expected."),
                    end=f"{end:g}",
                )
            if row["to_percentile"] <= row["from_percentile"]:
                self._refuse("usage", number, "to_percentile", _("The band ends before it begins."))
            end = row["to_percentile"]
        if end != 100:
            self._refuse(
                "usage",
                len(self.case["usage"]) - 1,
                "to_percentile",
                _("The last band must end at 100."),
            )

    def _settlement(self) -> None:
        for kind in TRAFFIC:
            rows = [
                (number, row)
                for number, row in enumerate(self.case["settlement"])
                if row["traffic"] == kind
            ]
            total = sum(row["share"] for _number, row in rows)
            if rows and abs(total - 1) > 1e-6:
                self._refuse(
                    "settlement",
                    rows[-1][0],
                    "share",
                    _("The shares of %(traffic)s add up to %(total)s, not to 1."),
                    traffic=kind,
                    total=f"{total:g}",
                )
            if not rows and any(row[kind] for row in self.case["usage"]):
                self._refuse(
                    "settlement",
                    len(self.case["settlement"]),
                    "traffic",
                    _("A row for %(traffic)s is missing."),
                    traffic=kind,
                )

    def _switches(self) -> None:
        stock = {row["tariff"]: row["subscribers"] for row in self.case["tariffs"]}
        markets = {row["segment"]: row["market"] for row in self.case["segments"]}
        leaving: dict[str, float] = {}
        shares: dict[str, float] = {}
        for number, row in enumerate(self.case["switches"]):
            tariff, segment = row["tariff"], row["segment"]
            for column, allowed in (("tariff", stock), ("segment", markets)):
                if row[column] not in allowed:
                    self._refuse(
                        "switches",
                        number,
                        column,
                        _("“%(name)s” stands on no row of its sheet."),
                        name=row[column],
                    )
            if tariff not in stock or segment not in markets:
                continue
            shares[segment] = shares.get(segment, 0) + row["share"]
            leaving[tariff] = leaving.get(tariff, 0) + row["share"] * markets[segment]
            if shares[segment] > 1 + 1e-9:
                self._refuse(
                    "switches",
                    number,
                    "share",
                    _("The shares of %(segment)s add up to more than 1."),
                    segment=segment,
                )
            if leaving[tariff] > stock[tariff] + 1e-6:
                self._refuse(
                    "switches",
                    number,
                    "share",
                    _("More would leave %(tariff)s than the %(stock)s it has."),
                    tariff=tariff,
                    stock=f"{stock[tariff]:,}",
                )

    def _costs(self) -> None:
        months = self.case["case"][0]["months"]
        met: list[Row] = []
        for number, row in enumerate(self.case["costs"]):
            end = row["to_month"]
            row["to_month"] = (
                row["from_month"] if row["kind"] == "once" else months if end is None else end
            )
            if row["to_month"] < row["from_month"]:
                self._refuse("costs", number, "to_month", _("The months end before they begin."))
            if row["from_month"] > months:
                self._refuse(
                    "costs",
                    number,
                    "from_month",
                    _("The case has only %(months)s months."),
                    months=months,
                )
            for other_cost in met:
                if (other_cost["item"], other_cost["kind"]) == (row["item"], row["kind"]) and not (
                    other_cost["to_month"] < row["from_month"]
                    or row["to_month"] < other_cost["from_month"]
                ):
                    self._refuse(
                        "costs",
                        number,
                        "from_month",
                        _("The months of “%(item)s” overlap another row."),
                        item=row["item"],
                    )
            met.append(row)

    def _uncertainty(self) -> None:
        for number, row in enumerate(self.case["uncertainty"]):
            if not row["low"] <= row["mode"] <= row["high"]:
                self._refuse(
                    "uncertainty",
                    number,
                    "mode",
                    _("Least, most likely and most must rise in this order."),
                )

    def _capacity(self) -> None:
        people = sum(row["market"] for row in self.case["segments"])
        for number, row in enumerate(self.case["capacity"]):
            if not 0 < row["target"] < 1:
                self._refuse(
                    "capacity", number, "target", _("A share above 0 and below 1 is expected.")
                )
            if row["kind"] == "data_cells":
                continue
            if not row["hold_s"]:
                self._refuse("capacity", number, "hold_s", _("Calls need the seconds they last."))
            erlangs, max_erlangs = (
                people * row["per_user"] * row["hold_s"] / 3600,
                ERLANGS[row["kind"]],
            )
            if erlangs > max_erlangs:
                self._refuse(
                    "capacity",
                    number,
                    "per_user",
                    _(
                        "The whole market would offer %(erlangs)s erlangs in the busy hour; "
                        "at most %(most)s are calculated. Check calls a user and seconds."
                    ),
                    erlangs=f"{erlangs:,.0f}",
                    most=f"{max_erlangs:,}",
                )
            if row["installed"] > max_erlangs:
                self._refuse(
                    "capacity",
                    number,
                    "installed",
                    _("%(given)s is above %(high)s, the most that is calculated here."),
                    given=f"{row['installed']:,.0f}",
                    high=f"{max_erlangs:,}",
                )

    def _price(self) -> None:
        price = self.case["price"][0]
        if not any(
            price[price_part] for price_part in ("month", "extra_min", "extra_sms", "extra_mb")
        ):
            self._refuse("price", 0, "month", _("The offer has no price at all."))

    def _stop_loss(self) -> None:
        """A limit that nothing reaches stops nothing."""
        for number, row in enumerate(self.case["stop_loss"]):
            highest = HIGHEST_STOP_LOSS.get(row["trigger"])
            if highest is None:
                highest = HIGHEST_COST_TO_INCOME * self._income()
            if row["limit"] > highest:
                self._refuse(
                    "stop_loss",
                    number,
                    "limit",
                    _("A limit above %(highest)s would stop nothing."),
                    highest=f"{highest:,g}",
                )

    def _income(self) -> float:
        """What the heaviest user pays a month."""
        price = self.case["price"][0]
        max_usage = {
            "min": max(row["on_net_min"] + row["off_net_min"] for row in self.case["usage"]),
            "sms": max(row["sms"] for row in self.case["usage"]),
            "mb": max(row["data_mb"] for row in self.case["usage"]),
        }
        extra = sum(
            max(used - price[f"included_{unit}"], 0) * price[f"extra_{unit}"]
            for unit, used in max_usage.items()
        )
        return float(price["month"] + extra)
