"""A fact as a sentence in the reader's language, and what its source is called."""

from __future__ import annotations

from django.conf import settings
from django.utils import timezone
from django.utils.translation import get_language

from amends.causes.notices.texts.duties import (
    channel_words,
    charge_words,
    counter_words,
    duty_title,
)
from amends.engines.decisions.dossier.sheet import source_title
from amends.platform.kit.formats import format_money, is_chinese
from amends.platform.kit.packs import pack
from amends.record.catalogue.queries import offer_name
from amends.record.facts.kinds import KINDS
from amends.record.ledger.queries import StoredFact


def sentence(fact: StoredFact) -> str:
    """What a fact says; money, channels, offers and notices in the reader's form."""
    kind = KINDS[fact.kind]
    chinese = is_chinese(get_language() or "")
    day = timezone.localdate(fact.happened_at)
    values: dict[str, str | int] = dict(fact.payload)
    own = pack(settings.JURISDICTION, timezone.localdate()).currency
    currency = str(values.get("currency") or own)
    for name in list(values):
        if name.endswith("_minor"):
            values[name.removesuffix("_minor")] = format_money(int(values[name]), currency)
    if "duty" in values:
        values["duty"] = duty_title(str(values["duty"]), day)
    if "channel" in values:
        values["channel"] = channel_words(str(values["channel"]))
    if "counter" in values:
        values["counter"] = counter_words(str(values["counter"]), chinese=chinese)
    if "charge_kind" in values:
        values["charge_kind"] = charge_words(str(values["charge_kind"]))
    if "offer" in values:
        values["offer"] = offer_name(str(values["offer"]), fact.happened_at, chinese=chinese)
    return (kind.zh if chinese else kind.en).format_map(values)


def source_words(source: str) -> str:
    """The system that stated a fact, by the name it has in dossiers of complaints."""
    return source_title(source, zh=is_chinese(get_language() or ""))
