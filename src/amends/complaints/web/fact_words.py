"""A fact as a person reads it: its sentence, its money and its moments in the reader's form."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _

from amends.complaints.web.words import CHANNELS, chinese, event_kind_words, sign
from amends.facts.kinds import KINDS
from amends.facts.stored import StoredFact
from amends.kit.formats import format_moment, format_money, format_speed
from amends.subscribers.queries import areas

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
        label = name.removesuffix("_ms").removesuffix("_minor").removesuffix("_kbps")
        shown.append((name, label.replace("_", " "), _value(name, value, fact.payload, zone)))
    return shown


def _value(name: str, value: str | int, payload: Mapping[str, str | int], zone: str) -> str:
    if isinstance(value, int):
        if name.endswith("_minor"):
            return format_money(value, str(payload.get("currency", "")))
        if name.endswith("_ms"):
            return format_moment(value, _language(), zone)
        if name.endswith("_kbps"):
            return format_speed(value)
        return _("yes") if name == "complete" and value else str(value)
    if name == "channel":
        return str(sign(CHANNELS, value).word)
    if name == "initiator":
        both = _INITIATORS.get(value.partition(":")[0])
        return both[0 if chinese() else 1] if both else value
    if name == "area":
        return {one.code: one.name_zh if chinese() else one.name_en for one in areas()}.get(
            value, value
        )
    return value


def _language() -> str:
    return "zh" if chinese() else "en"
