"""What a text needs beyond what was detected: names, prices, figures that follow from others."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files

from amends.engines.duties.duty import Duty, DutyStep
from amends.people.subscribers.queries import services_of_many
from amends.record.catalogue.queries import OfferView, offers

Figures = dict[str, str | int]
_UNITS = ("mb", "min", "count", "minor")


@dataclass(frozen=True, slots=True)
class TextTerms:
    """The offers in force, and which of them each service is on."""

    offers: Mapping[str, OfferView]
    offer_of: Mapping[str, str]

    def roaming(self, country: str) -> OfferView | None:
        """The published tariff of a country (`roaming:TH`), or the one for all (`roaming`)."""
        return self.offers.get(f"roaming:{country}") or self.offers.get("roaming")


def terms_of(subscribers: Collection[str], *, now: datetime) -> TextTerms:
    """The terms some subscribers have now."""
    lines = services_of_many(subscribers)
    return TextTerms(
        {offer.ref: offer for offer in offers(now)},
        {line.ref: line.offer for service_lines in lines.values() for line in service_lines},
    )


def completed(
    figures_given: Mapping[str, str | int],
    *,
    duty: Duty,
    step: DutyStep,
    service: str,
    terms: TextTerms,
) -> Figures:
    """The figures with everything that follows from them; what is given is never replaced."""
    text_values: Figures = {}
    offer = terms.offers.get(str(figures_given.get("offer") or terms.offer_of.get(service, "")))
    if offer is not None:
        text_values |= {"offer_zh": offer.name_zh, "offer_en": offer.name_en}
        if figures_given.get("counter") == "data" and offer.out_of_plan_minor_per_mb is not None:
            text_values |= {
                "per_mb_minor": offer.out_of_plan_minor_per_mb,
                "currency": offer.currency,
            }
    country = str(figures_given.get("country", ""))
    if country:
        text_values |= {
            "country_zh": country_name(country, "zh"),
            "country_en": country_name(country, "en"),
        }
    if duty.trigger.startswith("roaming") or duty.trigger == "border":
        text_values |= _of_roaming(terms.roaming(country))
    text_values |= _following(figures_given, duty, step)
    named = {"country"} | ({"offer"} if offer is not None else set())
    return text_values | {name: value for name, value in figures_given.items() if name not in named}


def country_name(code: str, language: str) -> str:
    """A country by its ISO code, in Chinese or English; the code itself where it is unknown.

    >>> country_name("TH", "zh"), country_name("TH", "en"), country_name("XX", "en")
    ('泰国', 'Thailand', 'XX')
    """
    return _countries().get(code, {}).get(language) or code


@cache
def _countries() -> dict[str, dict[str, str]]:
    file = files("amends.platform.kit") / "data" / "countries.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))


def _of_roaming(offer: OfferView | None) -> Figures:
    """The tariff is what the operator has published, in the published words."""
    if offer is None:
        return {}
    text_values: Figures = {
        "roaming_tariff_zh": offer.name_zh,
        "roaming_tariff_en": offer.name_en,
        "currency": offer.currency,
    }
    if offer.out_of_plan_minor_per_mb is not None:
        text_values["roaming_mb_minor"] = offer.out_of_plan_minor_per_mb
    return text_values


def _following(figures_given: Mapping[str, str | int], duty: Duty, step: DutyStep) -> Figures:
    """What the engine's two figures, used and passed, mean for this duty."""
    text_values: Figures = {}
    for unit in _UNITS:
        used, limit = figures_given.get(f"used_{unit}"), figures_given.get(f"limit_{unit}")
        if isinstance(used, int) and isinstance(limit, int):
            text_values |= {f"left_{unit}": max(0, limit - used), f"fair_use_{unit}": limit}
    spent, passed = figures_given.get("spent_minor"), figures_given.get("step_minor")
    if not isinstance(spent, int) or not isinstance(passed, int):
        return text_values
    if duty.trigger == "balance":
        # Passed is one more than what leaves exactly the step's amount.
        text_values["balance_minor"] = step.value + passed - 1 - spent
    elif duty.trigger == "abnormal_spend":
        text_values["usual_minor"] = passed // step.value
    else:
        text_values["limit_minor"] = passed
    return text_values
