"""Values of placeholders: facts of the catalogue, duties, time limits and the operator."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime

from django.conf import settings
from django.utils.translation import get_language, override

from amends.engines.decisions.clocks import UnableToKnowLimits, rule_sets, term_of
from amends.engines.duties.book import book
from amends.people.operator.queries import operator
from amends.platform.kit.formats import is_chinese
from amends.platform.kit.packs import day_in, pack
from amends.platform.kit.terms import Term
from amends.record.catalogue.queries import key_facts_on_sale, offers
from amends.record.catalogue.texts.words import money, name_of, number, per_period
from amends.record.facts.offers.key_facts import KeyFacts, not_on_sale
from amends.work.knowledge.choices import DefaultValue


def _amount(value: float | None, zh: str, en: str) -> str:
    if value is None:
        return ""
    return f"{number(value)}{zh}" if _is_chinese() else f"{number(value)} {en}"


def _is_chinese() -> bool:
    return is_chinese(get_language() or "")


OFFER_FIELDS: Mapping[str, Callable[[KeyFacts], str]] = {
    "name": name_of,
    "price": lambda facts: per_period(facts.price, facts) if facts.price is not None else "",
    "promo_price": lambda facts: money(facts.promo_price, facts),
    "promo_months": lambda facts: _amount(facts.promo_months, "个月", "months"),
    "one_time_fee": lambda facts: money(facts.one_time_fee, facts),
    "exit_fee": lambda facts: money(facts.early_termination_fee, facts),
    "overage": lambda facts: money(facts.overage_per_gb, facts),
    "contract": lambda facts: _amount(facts.contract_months, "个月", "months"),
    "data": lambda facts: _amount(facts.data_gb, "GB", "GB"),
    "minutes": lambda facts: _amount(facts.voice_min, "分钟", "minutes"),
    "messages": lambda facts: _amount(facts.messages, "条", "messages"),
    "speed": lambda facts: _amount(facts.down_nominal_mbps, "Mbit/s", "Mbit/s"),
    "min_speed": lambda facts: _amount(facts.down_min_mbps, "Mbit/s", "Mbit/s"),
    "peak_speed": lambda facts: _amount(facts.down_median_peak_mbps, "Mbit/s", "Mbit/s"),
}
"""Field of `{offer.REF.FIELD}` → what it says in the language in force; "" where it is missing."""


def fact_values(names: Iterable[str], language: str, *, now: datetime) -> dict[str, str]:
    """The values of placeholders in a language; a name without a value is left out."""
    wanted = list(names)
    offers_on_sale = _offers_on_sale(wanted, now)
    with override("zh-hans" if language.startswith("zh") else "en"):
        values_by_name = {name: _value(name, offers_on_sale, now) for name in wanted}
    return {name: value for name, value in values_by_name.items() if value}


def known_facts(language: str, *, now: datetime) -> dict[str, str]:
    """Every placeholder there is with its value in a language."""
    day = day_in(settings.JURISDICTION, now)
    names = [
        *(f"offer.{offer.ref}.{field}" for offer in offers(now) for field in OFFER_FIELDS),
        *(f"rule.{name}" for name in _terms(day)),
        *(f"duty.{duty.id}.marks" for duty in book(settings.JURISDICTION, day).duties),
        *(f"duty.{duty.id}.within" for duty in book(settings.JURISDICTION, day).duties),
        "duty.quiet.from",
        "duty.quiet.to",
        "operator.name",
        "operator.hotline",
        "operator.hours",
        "regulator.name",
        "regulator.contact",
    ]
    return fact_values(names, language, now=now)


def _value(name: str, offers_on_sale: Mapping[str, KeyFacts], now: datetime) -> str:
    kind, _dot, fact_path = name.partition(".")
    if kind == "offer":
        return _offer_value(fact_path, offers_on_sale)
    read = {
        "rule": _rule_value,
        "duty": _duty_value,
        "operator": _operator_value,
        "regulator": _regulator_value,
    }.get(kind)
    return read(fact_path, now) if read else ""


def _offers_on_sale(names: Iterable[str], now: datetime) -> dict[str, KeyFacts]:
    """The offers that placeholders name, read at once; a stopped or frozen one is left out."""
    paths = (name.partition(".") for name in names)
    refs = {fact_path.rpartition(".")[0] for kind, _dot, fact_path in paths if kind == "offer"}
    today = day_in(settings.JURISDICTION, now)
    return {
        ref: facts
        for ref, facts in key_facts_on_sale(refs, now).items()
        if not not_on_sale(facts, today)
    }


def _offer_value(fact_path: str, offers_on_sale: Mapping[str, KeyFacts]) -> str:
    """The value for an offer on sale; another has none."""
    ref, _dot, field = fact_path.rpartition(".")
    say, facts = OFFER_FIELDS.get(field), offers_on_sale.get(ref)
    return say(facts) if say is not None and facts is not None else ""


def _terms(day: date) -> dict[str, Term]:
    """Time limit → its term, the national ones and the overlay's."""
    try:
        files = rule_sets(jurisdiction=settings.JURISDICTION, on=day)
    except UnableToKnowLimits:
        return {}
    return {row["id"]: term_of(row) for file in files for row in file.rules if "amount" in row}


def _rule_value(fact_path: str, now: datetime) -> str:
    term = _terms(day_in(settings.JURISDICTION, now)).get(fact_path)
    if term is None:
        return ""
    return term.zh if _is_chinese() else term.en


def _duty_value(fact_path: str, now: datetime) -> str:
    duties = book(settings.JURISDICTION, day_in(settings.JURISDICTION, now))
    name, _dot, field = fact_path.rpartition(".")
    if name == "quiet":
        moment = duties.quiet and {"from": duties.quiet.start, "to": duties.quiet.end}.get(field)
        return f"{moment:%H:%M}" if moment else ""
    duty = duties.find(name)
    if duty is None:
        return ""
    if field == "marks":
        marks = [f"{step.value}%" for step in duty.steps if step.kind == "percent"]
        return ("、" if _is_chinese() else ", ").join(marks)
    if field == "within" and duty.within:
        return duty.within.latest.zh if _is_chinese() else duty.within.latest.en
    return ""


def _operator_value(fact_path: str, now: datetime) -> str:
    profile = operator()
    language = "zh-hans" if _is_chinese() else "en"
    return {
        "name": profile.name_in(language),
        "hotline": profile.hotline or str(DefaultValue.HOTLINE.label),
        "hours": profile.hours_in(language),
    }.get(fact_path, "")


def _regulator_value(fact_path: str, now: datetime) -> str:
    day = day_in(settings.JURISDICTION, now)
    regulator = pack(settings.JURISDICTION, day).data.get("regulator", {})
    language = "zh" if _is_chinese() else "en"
    own = operator().regulator_contact_in("zh-hans" if _is_chinese() else "en")
    return {
        "name": regulator.get(language, ""),
        "contact": own or regulator.get(f"contact_{language}", ""),
    }.get(fact_path, "")
