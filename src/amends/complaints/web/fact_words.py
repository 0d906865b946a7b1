"""A fact as a person reads it: its sentence, its money and its moments in the reader's form."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django.utils.translation import gettext as _

from amends.catalogue.queries import areas, code_names, offer_names
from amends.complaints.web.field_words import label
from amends.complaints.web.words import CHANNELS, EVENTS, chinese, event_kind_words, sign
from amends.decisions.clocks import STEPS
from amends.decisions.dossier.texts import questions
from amends.facts.coverage import EVERYONE
from amends.facts.kinds import KINDS
from amends.facts.stored import StoredFact
from amends.kit.formats import format_moment, format_money, format_speed, join_words
from amends.partners.queries import partner_names

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
        return event_kind_words(fact.kind)
    said = {name: value for name, _label, value in fields(fact, zone)}
    said |= {name.removesuffix("_minor"): value for name, value in said.items() if "_minor" in name}
    said["happened"] = format_moment(fact.happened_at, _language(), zone)
    try:
        return (kind.zh if chinese() else kind.en).format_map(said)
    except KeyError:
        return event_kind_words(fact.kind)


def fields(fact: StoredFact, zone: str) -> list[tuple[str, str, str]]:
    """(name, label, value) of each field: what the log calls it, what we do, and what it holds."""
    shown = []
    for name, value in sorted(fact.payload.items()):
        if name == "currency" and any(key.endswith("_minor") for key in fact.payload):
            continue
        shown.append((name, label(name, zh=chinese()), _value(name, value, fact.payload, zone)))
    return shown


_PARTNERS = frozenset({"agent", "partner", "provider"})
_OFFERS = frozenset({"offer", "from_offer", "to_offer"})
_SAID_IN_DOSSIERS = frozenset({"cause", "charge_kind", "method", "role", "technology"})
_SEVERITIES = {
    "minor": ("轻微", "minor"), "major": ("严重", "major"), "critical": ("特别严重", "critical"),
}  # fmt: skip


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
        return str(sign(CHANNELS, value).word)
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
            (_from_dossiers("field", one.strip()) for one in value.split(",")), _language()
        )
    if name == "duty":
        return _duty(value)
    if name in _SAID_IN_DOSSIERS:
        return _from_dossiers(name, value)
    if name == "area":
        return _area(value)
    if name == "kinds":
        between = "、" if chinese() else ", "
        return between.join(event_kind_words(kind.strip()) for kind in value.split(","))
    if name == "scope":
        return scope_words(value)
    return value


def _picked(both: tuple[str, str] | None, code: str) -> str:
    return (both and both[0 if chinese() else 1]) or code


def _from_dossiers(group: str, code: str) -> str:
    """A code in the words in which dossiers tell it; what they do not know stays as it is."""
    words = questions(date.today()).words.get(group, {})  # noqa: DTZ011 - names hold on any day
    return _picked(words.get(code), code)


def _duty(duty: str) -> str:
    name = questions(date.today()).duty_name(duty)  # noqa: DTZ011 - names hold on any day
    said = _from_dossiers("duty", name)
    return duty if said == name else said


def _area(code: str) -> str:
    return {one.code: one.name_zh if chinese() else one.name_en for one in areas()}.get(code, code)


def scope_words(scope: str) -> str:
    """Whom a statement speaks for: everyone, an area, or a brand."""
    what, _colon, which = scope.partition(":")
    if scope == EVERYONE:
        return _("everyone")
    if what == "brand":
        return _picked(code_names("brand").get(which), which)
    return _area(which) if what == "area" else which or scope


def _language() -> str:
    return "zh" if chinese() else "en"
