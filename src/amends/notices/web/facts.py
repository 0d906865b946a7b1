"""A fact as a sentence in the reader's language."""

from __future__ import annotations

from django.conf import settings
from django.utils import timezone
from django.utils.translation import get_language

from amends.facts.kinds import KINDS
from amends.kit.formats import format_money, is_chinese
from amends.kit.packs import pack
from amends.ledger.queries import StoredFact


def sentence(fact: StoredFact) -> str:
    """What a fact says; money in the reader's form."""
    kind = KINDS[fact.kind]
    chinese = is_chinese(get_language() or "")
    values: dict[str, str | int] = dict(fact.payload)
    own = pack(settings.JURISDICTION, timezone.localdate()).currency
    currency = str(values.get("currency") or own)
    for name in list(values):
        if name.endswith("_minor"):
            values[name.removesuffix("_minor")] = format_money(int(values[name]), currency)
    return (kind.zh if chinese else kind.en).format_map(values)
