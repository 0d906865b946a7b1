"""A TMF620 v5 `ProductOffering` as the flat form of key facts."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from amends.platform.kit.errors import BadInput
from amends.platform.kit.errors import gettext_noop as _

_LISTS = ("bundle_required", "parts", "areas")


def is_tmf620(row: Mapping[str, Any]) -> bool:
    """Whether a JSON object is a `ProductOffering` of TMF620."""
    return "productOfferingPrice" in row or str(row.get("@type", "")).endswith("ProductOffering")


def flat_of(item: Mapping[str, Any], names: Collection[str]) -> dict[str, Any]:
    """The flat form of a `ProductOffering` whose prices and characteristics are inline.

    A characteristic named as a column of the flat form (`down_nominal_mbps`, …) fills it. Raises
    BadInput where its prices are in several currencies.
    """
    flat: dict[str, Any] = {"id": item.get("id"), "name": item.get("name", "")}
    window = item.get("validFor") or {}
    flat["sale_from"] = str(window.get("startDateTime") or "")[:10]
    flat["sale_to"] = str(window.get("endDateTime") or "")[:10]
    prices = item.get("productOfferingPrice") or []
    for price in sorted(
        prices, key=lambda offer_price: "time" in str(offer_price.get("priceType", "")).lower()
    ):
        _price_of(flat, price)
    for term in item.get("productOfferingTerm") or []:
        length = term.get("duration") or {}
        months = 12 if str(length.get("units", "")).lower().startswith("year") else 1
        if length.get("amount"):
            flat["contract_months"] = float(length["amount"]) * months
    bundle = item.get("bundledProductOffering") or []
    if bundle:
        flat["bundle_required"] = [
            str(bundled.get("name") or bundled.get("id")) for bundled in bundle
        ]
    if "isSellable" in item:
        flat["sold_alone"] = "yes" if item["isSellable"] else "no"
    for use in _characteristics(item):
        name = str(use.get("name", ""))
        values = use.get("productSpecCharacteristicValue") or use.get("characteristicValue") or []
        use_values = [use_value.get("value") for use_value in values] or [use.get("value")]
        if name in names:
            flat[name] = use_values if name in _LISTS else use_values[0]
    return {name: "" if value is None else value for name, value in flat.items()}


def _characteristics(item: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    listed = ("prodSpecCharValueUse", "productOfferingCharacteristic")
    return [use for name in listed for use in item.get(name) or []]


def _price_of(flat: dict[str, Any], price: Mapping[str, Any]) -> None:
    money = price.get("price") or {}
    money = money.get("taxIncludedAmount") or money.get("dutyFreeAmount") or money
    amount = money.get("value", money.get("amount"))
    currency = money.get("unit", money.get("currency"))
    if currency and flat.setdefault("currency", currency) != currency:
        raise BadInput(
            _("The prices of %(offer)s are in %(one)s and in %(other)s."),
            next_step=_("Give each currency an offering of its own."),
            values={"offer": flat["id"], "one": flat["currency"], "other": currency},
            code="offer_currencies_mixed",
        )
    kind = str(price.get("priceType", "recurring")).lower()
    price_text = f"{price.get('name', '')} {kind}".lower()
    if "terminat" in price_text or "exit" in price_text:
        flat["early_termination_fee"] = amount
    elif "promo" in price_text or "intro" in price_text:
        flat["promo_price"] = amount
        length = (price.get("unitOfMeasure") or {}).get("amount")
        flat["promo_months"] = price.get("promo_months", length or "")
    elif "price" in flat and ("time" in kind or "set" in price_text or "install" in price_text):
        flat["one_time_fee"] = amount
    elif "price" not in flat:
        flat["price"] = amount
        period = str(price.get("recurringChargePeriodType", "month")).lower()
        year = period.startswith(("year", "annual"))
        flat["period"] = "once" if "time" in kind else "year" if year else "month"
