"""A fact as a person reads it: its sentence, its money and its moments in the reader's form."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django.utils.translation import gettext as _

from amends.cases.complaints.texts.units import scope_words
from amends.cases.complaints.web.words import EVENTS
from amends.channels.queries.capabilities import channel_sign
from amends.engines.decisions.clocks import STEPS
from amends.engines.decisions.dossier.sheet import code_title, questions
from amends.people.access.web.signs import fact_title
from amends.people.access.web.words import chinese
from amends.people.partners.queries import partner_names
from amends.platform.kit.formats import format_moment, format_money, format_speed, join_words
from amends.record.catalogue.queries import areas, code_names, offer_names
from amends.record.facts.field_words import label
from amends.record.facts.kinds import KINDS
from amends.record.facts.stored import StoredFact

_COMPLETE = {True: ("是", "yes"), False: ("否", "no")}
_INITIATORS = {
    "subscriber": ("用户本人", "the subscriber"),
    "operator": ("本公司", "the operator"),
    "partner": ("合作方", "a partner"),
}


def sentence(fact: StoredFact, zone: str) -> str:
    """What the fact says, as its kind words it; a kind nobody has worded is named."""
    kind = KINDS.get(fact.kind)
    if kind is None:
        return fact_title(fact.kind)
    fields_by_name = {name: value for name, _label, value in fields(fact, zone)}
    fields_by_name |= {
        name.removesuffix("_minor"): value
        for name, value in fields_by_name.items()
        if "_minor" in name
    }
    fields_by_name["happened"] = format_moment(fact.happened_at, _language(), zone)
    try:
        return (kind.zh if chinese() else kind.en).format_map(fields_by_name)
    except KeyError:
        return fact_title(fact.kind)


def fields(fact: StoredFact, zone: str) -> list[tuple[str, str, str]]:
    """(name, label, value) of each field: what the log calls it, what we do, and what it holds."""
    shown_fields = []
    for name, value in sorted(fact.payload.items()):
        if name == "currency" and any(key.endswith("_minor") for key in fact.payload):
            continue
        shown_fields.append(
            (name, label(name, zh=chinese()), _value(name, value, fact.payload, zone))
        )
    return shown_fields


_PARTNERS = frozenset({"agent", "partner", "provider"})
_OFFERS = frozenset({"offer", "from_offer", "to_offer"})
_SAID_IN_DOSSIERS = frozenset({"cause", "charge_kind", "method", "role", "technology"})
_SEVERITIES = {
    "minor": ("轻微", "minor"),
    "major": ("严重", "major"),
    "critical": ("特别严重", "critical"),
}


def _value(name: str, value: str | int, payload: Mapping[str, str | int], zone: str) -> str:
    if isinstance(value, int):
        if name.endswith("_minor"):
            return format_money(value, str(payload.get("currency", "")))
        if name.endswith("_ms"):
            return format_moment(value, _language(), zone)
        if name.endswith("_kbps"):
            return format_speed(value)
        return _COMPLETE[bool(value)][0 if chinese() else 1] if name == "complete" else str(value)
    if name == "reason" and value:
        # What the platform writes of its own accord is marked where it does so.
        return _(value)
    if name == "channel":
        return str(channel_sign(value).word)
    if name == "change":
        return str(EVENTS.get(value, value))
    if name == "step" and value in STEPS:
        return STEPS[value][0 if chinese() else 1]
    if name == "initiator":
        both = _INITIATORS.get(value.partition(":")[0])
        return both[0 if chinese() else 1] if both else value
    if name in _PARTNERS and value:
        return partner_names([value], _language())[value]
    if name in ("brand", "campaign"):
        return _picked(code_names(name).get(value), value)
    if name in _OFFERS:
        return _picked(offer_names().get(value), value)
    if name == "severity":
        return _picked(_SEVERITIES.get(value), value)
    if name == "fields":
        return join_words(
            (code_title("field", part.strip(), zh=chinese()) for part in value.split(",")),
            _language(),
        )
    if name == "duty":
        return _duty(value)
    if name in _SAID_IN_DOSSIERS:
        return code_title(name, value, zh=chinese())
    if name == "area":
        return _area(value)
    if name == "kinds":
        between = "、" if chinese() else ", "
        return between.join(fact_title(kind.strip()) for kind in value.split(","))
    if name == "scope":
        return scope_words(value)
    return value


def _picked(both: tuple[str, str] | None, code: str) -> str:
    return (both and both[0 if chinese() else 1]) or code


def _duty(duty: str) -> str:
    name = questions(date.today()).duty_name(duty)  # noqa: DTZ011 - names hold on any day
    title = code_title("duty", name, zh=chinese())
    return duty if title == name else title


def _area(code: str) -> str:
    return {area.code: area.name_zh if chinese() else area.name_en for area in areas()}.get(
        code, code
    )


def _language() -> str:
    return "zh" if chinese() else "en"
