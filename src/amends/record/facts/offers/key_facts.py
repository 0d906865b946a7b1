"""The key facts of one version of an offer, from the flat form or from TMF620 v5 JSON."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Any

from amends.platform.kit.errors import BadInput
from amends.platform.kit.errors import gettext_noop as _
from amends.record.facts.offers.tmf620 import flat_of, is_tmf620

PERIODS = ("month", "once", "year")
_TRUE = {"yes", "true", "1", "y", "是"}
_FALSE = {"no", "false", "0", "n", "否", ""}
_AS_TEXT = {
    "id",
    "name",
    "name_en",
    "kind",
    "provider",
    "currency",
    "period",
    "conditions_zh",
    "conditions_en",
    "eligible_zh",
    "eligible_en",
    "filing",
    "plan_id",
    "technology",
    "terms_url",
    "support_url",
    "support_phone",
    "network_url",
    "privacy_url",
    "credit_currency",
}
_UNUSABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_DATES = {"sale_from", "sale_to"}
_FLAGS = {"sold_alone", "campus"}
_LISTS = {"bundle_required", "parts", "areas"}


class UnableToReadOffer(BadInput):
    """A cell of an offer cannot be what its column says."""

    code = "offer_unreadable"


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """The key facts of one version. Prices in whole units of `currency`, speeds in Mbit/s, data in
    GB, calls in minutes, lengths in months; `None` or "" where the offer has none.

    price, promo_price  of a `period`; the promotion holds for the first `promo_months`
    throttle_after_gb   data after which the speed falls to `throttle_mbps`
    overage_per_gb      price of data beyond the allowance
    down_min_mbps       minimum speed that the contract promises
    measured_tests      how many tests `down_median_peak_mbps` rests on; its interval is
                        `measured_low_mbps` to `measured_high_mbps` (95 %)
    gift_cny, gift_months  a gift in the currency of the price, and the months it is paid over
    credit, credit_months  the same in `credit_currency`, where it is written so
    quota, taken        places, and how many of them are given away
    parts               of a bundle: `id=price` of each part that is sold singly too, `id` of others
    areas               codes of the areas it is sold in; empty: everywhere
    filing              number under which the regulator or the tariff notice lists it
    plan_id             identifier of its US broadband label
    """

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
    name_en: str = ""
    kind: str = ""
    provider: str = ""
    one_time_fee: float | None = None
    overage_per_gb: float | None = None
    messages: float | None = None
    down_min_mbps: float | None = None
    up_nominal_mbps: float | None = None
    measured_tests: float | None = None
    measured_low_mbps: float | None = None
    measured_high_mbps: float | None = None
    latency_ms: float | None = None
    taken: float | None = None
    parts: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    conditions_zh: str = ""
    conditions_en: str = ""
    eligible_zh: str = ""
    eligible_en: str = ""
    filing: str = ""
    plan_id: str = ""
    technology: str = ""
    terms_url: str = ""
    support_url: str = ""
    support_phone: str = ""
    network_url: str = ""
    privacy_url: str = ""
    credit: float | None = None
    credit_currency: str = ""
    credit_months: float | None = None

    @property
    def gift(self) -> float | None:
        """The amount of the gift, in either of the two columns."""
        return self.gift_cny if self.gift_cny is not None else self.credit

    @property
    def gift_spread(self) -> float | None:
        """Over how many months the gift is paid."""
        return self.gift_months if self.gift_months is not None else self.credit_months

    @property
    def threshold_gb(self) -> float | None:
        """From how much data on the offer is slowed down or stopped."""
        return self.throttle_after_gb if self.throttle_after_gb is not None else self.data_cap_gb

    @property
    def needs_other(self) -> bool:
        """Whether it cannot be had without another product."""
        return bool(self.bundle_required) and not self.sold_alone

    @property
    def places_left(self) -> float | None:
        """Places that are still free; None where their number is not limited."""
        return None if self.quota is None else max(0.0, self.quota - (self.taken or 0))

    def monthly(self, price: float) -> float:
        """A price of the record by the month; a single payment stays as it is."""
        return price / 12 if self.period == "year" else price

    def single_prices(self) -> list[tuple[str, float | None]]:
        """The parts of a bundle with the price of each that is sold singly."""
        cut = (part.partition("=") for part in self.parts)
        return [(name.strip(), float(price) if price else None) for name, _equals, price in cut]

    def flat(self) -> dict[str, Any]:
        """The flat form as JSON holds it: columns that say something."""
        return {
            name: _plain(value)
            for name, value in asdict(self).items()
            if value not in (None, (), "")
        }


FIELDS = tuple(field.name for field in fields(KeyFacts))


def not_on_sale(facts: KeyFacts, on: date) -> str:
    """Why an offer may not be sold on a day: "not_yet", "ended", "full"; "" where it may.

    >>> not_on_sale(KeyFacts("a", sale_to=date(2026, 11, 30)), date(2026, 12, 1))
    'ended'
    """
    if facts.sale_from and on < facts.sale_from:
        return "not_yet"
    if facts.sale_to and on > facts.sale_to:
        return "ended"
    return "full" if facts.places_left == 0 else ""


def key_facts_of(row: Mapping[str, Any]) -> KeyFacts:
    """Key facts out of a row of the flat form or a TMF620 `ProductOffering`.

    Raises UnableToReadOffer for a cell that cannot be what its column says.
    """
    flat = _flat_of(row) if is_tmf620(row) else row
    values = {name: _value(name, flat.get(name)) for name in FIELDS if name in flat}
    if not values.get("id"):
        raise UnableToReadOffer(
            _("The offer has no id."), next_step=_("Fill the column id, each with its own.")
        )
    facts = KeyFacts(**{name: value for name, value in values.items() if value is not None})
    _refuse_contradictions(facts)
    return facts


def _flat_of(row: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return flat_of(row, FIELDS)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise UnableToReadOffer(
            _("This is no product offering in the form of TMF620 v5."),
            next_step=_("Compare its prices, terms and characteristics with the standard."),
        ) from error


def _refuse_contradictions(facts: KeyFacts) -> None:
    if facts.period not in PERIODS:
        raise UnableToReadOffer(
            _("“%(value)s” is no period."),
            next_step=_("Write month, once or year."),
            values={"value": facts.period},
        )
    if not re.fullmatch(r"[A-Za-z]{3}", facts.currency):
        raise UnableToReadOffer(
            _("“%(value)s” is no currency."),
            next_step=_("Write one code of three letters, as CNY."),
            values={"value": facts.currency[:20]},
        )
    if facts.sale_from and facts.sale_to and facts.sale_from > facts.sale_to:
        raise UnableToReadOffer(
            _("The sale of %(offer)s ends on %(end)s, before it begins on %(start)s."),
            next_step=_("Correct sale_from or sale_to."),
            values={"offer": facts.id, "end": facts.sale_to, "start": facts.sale_from},
        )


def _value(name: str, cell: object) -> Any:
    if name in _LISTS:
        return _list(name, cell)
    text = _text(name, cell)
    if name in _FLAGS:
        return _flag(name, text)
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


def _list(name: str, cell: object) -> tuple[str, ...]:
    """The items of a list column: a JSON list, or text with semicolons between them."""
    if isinstance(cell, list | tuple):
        listed = tuple(text for item in cell if (text := _text(name, item)))
    else:
        cut = (part.strip() for part in re.split(r"[;；]", _text(name, cell).strip("[]")))
        listed = tuple(part for part in cut if part)
    if name == "parts":
        for part in listed:
            _value("price of a part", part.partition("=")[2])
    return listed


def _text(name: str, cell: object) -> str:
    """One value as text. Raises UnableToReadOffer for a list, an object or control characters."""
    if cell is None:
        return ""
    if not isinstance(cell, str | int | float | bool | date):
        raise UnableToReadOffer(
            _("Column %(column)s holds a list or an object: %(value)s"),
            next_step=_("Write one value in the cell."),
            values={"column": name, "value": str(cell)[:40]},
        )
    text = str(cell).strip()
    if _UNUSABLE.search(text):
        raise UnableToReadOffer(
            _("Column %(column)s holds characters that are no text."),
            next_step=_("Type the cell again."),
            values={"column": name},
        )
    return text


def _number(text: str) -> float:
    # Python alone would read 1_000 as a thousand.
    if "_" in text:
        raise ValueError
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


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value
