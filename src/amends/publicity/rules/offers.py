"""The key facts of an offer, from the flat form or from TMF620 v5 JSON."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from amends.kit.errors import BadInput
from amends.kit.errors import gettext_noop as _

PERIODS = ("month", "once", "year")
_TRUE = {"yes", "true", "1", "y", "是"}
_FALSE = {"no", "false", "0", "n", "否", ""}
_AS_TEXT = {"id", "name", "currency", "period"}
_DATES = {"sale_from", "sale_to"}
_FLAGS = {"sold_alone", "campus"}


class UnableToReadOffer(BadInput):
    """A cell of an offer cannot be what its column says."""

    code = "offer_unreadable"


@dataclass(frozen=True, slots=True)
class Offer:
    """One version of an offer. Prices in whole units of `currency`, speeds in Mbit/s, data in GB;
    `None` where the offer has none."""

    id: str
    name: str = ""
    price: float | None = None
    currency: str = "CNY"
    period: str = "month"
    promo_price: float | None = None
    promo_months: float | None = None
    contract_months: float | None = None
    early_termination_fee: float | None = None
    down_nominal_mbps: float | None = None
    down_median_peak_mbps: float | None = None
    data_gb: float | None = None
    data_cap_gb: float | None = None
    throttle_after_gb: float | None = None
    throttle_mbps: float | None = None
    voice_min: float | None = None
    gift_cny: float | None = None
    gift_months: float | None = None
    quota: float | None = None
    sale_from: date | None = None
    sale_to: date | None = None
    bundle_required: tuple[str, ...] = ()
    sold_alone: bool | None = None
    campus: bool = False

    @property
    def threshold_gb(self) -> float | None:
        """From how much data on the offer is slowed down or stopped."""
        return self.throttle_after_gb if self.throttle_after_gb is not None else self.data_cap_gb

    @property
    def needs_other(self) -> bool:
        """Whether it cannot be had without another product."""
        return bool(self.bundle_required) and not self.sold_alone

    def monthly(self, price: float) -> float:
        """A price of the record by the month; a single payment stays as it is."""
        return price / 12 if self.period == "year" else price


FIELDS = tuple(field.name for field in fields(Offer))


def offer_of(row: Mapping[str, Any]) -> Offer:
    """An offer out of a row of the flat form or a TMF620 `ProductOffering`.

    Raises UnableToReadOffer for a cell that cannot be what its column says.
    """
    flat = from_tmf620(row) if is_tmf620(row) else row
    values = {name: _value(name, flat.get(name)) for name in FIELDS if name in flat}
    if not values.get("id"):
        raise UnableToReadOffer(
            _("The offer has no id."), next_step=_("Fill the column id, each with its own.")
        )
    offer = Offer(**{name: value for name, value in values.items() if value is not None})
    if offer.period not in PERIODS:
        raise UnableToReadOffer(
            _("“%(value)s” is no period."),
            next_step=_("Write month, once or year."),
            values={"value": offer.period},
        )
    if offer.sale_from and offer.sale_to and offer.sale_from > offer.sale_to:
        raise UnableToReadOffer(
            _("The sale of %(offer)s ends on %(end)s, before it begins on %(start)s."),
            next_step=_("Correct sale_from or sale_to."),
            values={"offer": offer.id, "end": offer.sale_to, "start": offer.sale_from},
        )
    return offer


def _value(name: str, cell: object) -> Any:
    if isinstance(cell, list | tuple):
        return tuple(str(item).strip() for item in cell if str(item).strip())
    text = "" if cell is None else str(cell).strip()
    if name in _FLAGS:
        return _flag(name, text)
    if name == "bundle_required":
        return tuple(part.strip() for part in re.split(r"[;；]", text.strip("[]")) if part.strip())
    if not text:
        return None
    if name in _AS_TEXT:
        return text
    try:
        return date.fromisoformat(text[:10]) if name in _DATES else _number(text)
    except ValueError as error:
        raise UnableToReadOffer(
            _("“%(value)s” in %(column)s cannot be read."),
            next_step=_("Write numbers as 49 or 49.5 and days as 2026-12-31."),
            values={"value": text[:40], "column": name},
        ) from error


def _number(text: str) -> float:
    value = float(text.replace(",", ""))
    if not 0 <= value < 1e12:
        raise ValueError
    return value


def _flag(name: str, text: str) -> bool | None:
    if text.lower() in _TRUE:
        return True
    if text.lower() in _FALSE:
        return False if text else None
    raise UnableToReadOffer(
        _("“%(value)s” in %(column)s is neither yes nor no."),
        next_step=_("Write yes or no."),
        values={"value": text[:40], "column": name},
    )


def is_tmf620(row: Mapping[str, Any]) -> bool:
    """Whether a JSON object is a `ProductOffering` of TMF620."""
    return "productOfferingPrice" in row or str(row.get("@type", "")).endswith("ProductOffering")


def from_tmf620(item: Mapping[str, Any]) -> dict[str, Any]:
    """The flat form of a `ProductOffering` whose prices and characteristics are inline.

    A characteristic named as a column of the flat form (`down_nominal_mbps`, …) fills it.
    """
    flat: dict[str, Any] = {"id": item.get("id"), "name": item.get("name", "")}
    window = item.get("validFor") or {}
    flat["sale_from"] = str(window.get("startDateTime") or "")[:10]
    flat["sale_to"] = str(window.get("endDateTime") or "")[:10]
    for price in item.get("productOfferingPrice") or []:
        _price_of(flat, price)
    for term in item.get("productOfferingTerm") or []:
        length = term.get("duration") or {}
        months = 12 if str(length.get("units", "")).lower().startswith("year") else 1
        if length.get("amount"):
            flat["contract_months"] = float(length["amount"]) * months
    bundle = item.get("bundledProductOffering") or []
    if bundle:
        flat["bundle_required"] = [str(one.get("name") or one.get("id")) for one in bundle]
    if "isSellable" in item:
        flat["sold_alone"] = "yes" if item["isSellable"] else "no"
    for use in _characteristics(item):
        name = str(use.get("name", ""))
        values = use.get("productSpecCharacteristicValue") or use.get("characteristicValue") or []
        found = [one.get("value") for one in values] or [use.get("value")]
        if name in FIELDS:
            flat[name] = found if name == "bundle_required" else found[0]
    return {name: "" if value is None else value for name, value in flat.items()}


def _characteristics(item: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    listed = ("prodSpecCharValueUse", "productOfferingCharacteristic")
    return [use for name in listed for use in item.get(name) or []]


def _price_of(flat: dict[str, Any], price: Mapping[str, Any]) -> None:
    money = price.get("price") or {}
    money = money.get("taxIncludedAmount") or money.get("dutyFreeAmount") or money
    amount = money.get("value", money.get("amount"))
    kind = str(price.get("priceType", "recurring")).lower()
    said = f"{price.get('name', '')} {kind}".lower()
    if "terminat" in said or "exit" in said:
        flat["early_termination_fee"] = amount
    elif "promo" in said or "intro" in said:
        flat["promo_price"] = amount
        length = (price.get("unitOfMeasure") or {}).get("amount")
        flat["promo_months"] = price.get("promo_months", length or "")
    elif "price" not in flat:
        flat["price"] = amount
        flat["currency"] = money.get("unit", money.get("currency", "CNY"))
        period = str(price.get("recurringChargePeriodType", "month")).lower()
        year = period.startswith(("year", "annual"))
        flat["period"] = "once" if "time" in kind else "year" if year else "month"
