"""A fact as a sentence in the reader's language, and what its source is called."""

from __future__ import annotations

import re
from datetime import date

from django.conf import settings
from django.utils import timezone
from django.utils.translation import get_language, pgettext

from amends.catalogue.queries import offer_name
from amends.facts.kinds import KINDS
from amends.kit.formats import format_date, format_money, is_chinese
from amends.kit.packs import load_rules, pack
from amends.ledger.queries import StoredFact
from amends.notices.presentation import channel_words, counter_words, notice_words
from amends.notices.rules.watching import marks_of

_DATED = re.compile(r"(?:(?P<where>[A-Z]{2})@)?(?P<day>\d{4}-\d\d-\d\d)(?:/(?P<what>\w+))?")


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
        values["duty"] = notice_words(str(values["duty"]), day, str(values.get("step", "")))
    if "channel" in values:
        values["channel"] = channel_words(str(values["channel"]))
    if "counter" in values:
        values["counter"] = counter_words(str(values["counter"]), chinese=chinese)
    if "charge_kind" in values:
        values["charge_kind"] = charge_words(str(values["charge_kind"]))
    if "offer" in values:
        values["offer"] = offer_name(str(values["offer"]), fact.happened_at, chinese=chinese)
    return (kind.zh if chinese else kind.en).format_map(values)


def charge_words(kind: str) -> str:
    """A kind of charge as notices name it."""
    known = marks_of(load_rules("amends.notices", "watching", timezone.localdate())).kinds
    both = known.get(kind)
    return (both[0] if is_chinese(get_language() or "") else both[1]) if both else kind


def period_words(period: str) -> str:
    """What a notice was due for: a day, the month from it, what was used or charged, and where.

    An order stays as the operator's systems number it.
    """
    language = get_language() or ""
    found = _DATED.fullmatch(period)
    day = _day_of(found["day"]) if found else None
    if found is None or day is None:
        return period
    said = [format_date(day, language)]
    if found["where"]:
        said.append(found["where"])
    if found["what"]:
        what = found["what"]
        counted = counter_words(what, chinese=is_chinese(language))
        said.append(charge_words(what) if counted == what else counted)
    return " · ".join(said)


def _day_of(written: str) -> date | None:
    """None for what only looks like a day: an order may be numbered 2026-13-45."""
    try:
        return date.fromisoformat(written)
    except ValueError:
        return None


def source_words(source: str) -> str:
    """The system that stated a fact, as the desk names it."""
    return {
        "crm": pgettext("source", "orders and services"),
        "confirmations": pgettext("source", "confirmations"),
        "billing": pgettext("source", "billing"),
        "auditor": pgettext("source", "the audit of notices"),
        "notices": pgettext("source", "notices"),
        "usage": pgettext("source", "usage"),
    }.get(source, source)
