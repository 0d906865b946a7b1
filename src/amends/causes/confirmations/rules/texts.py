"""Templates of messages to the user about orders; one with an empty field is not sent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from string import Formatter

from amends.causes.confirmations.rules.answers import STOPPED_BY_KEYWORD
from amends.causes.confirmations.rules.terms import OrderTerms
from amends.platform.kit.errors import BadInput, gettext_noop
from amends.platform.kit.formats import format_money, is_chinese
from amends.platform.kit.packs import RuleFile, load_rules

_TEXTS_OF = date(2026, 11, 27)
# Parts that may be empty: who provides it if it is the operator, a price where nothing is priced,
# how to stop what is being stopped.
_MAY_BE_EMPTY = frozenset(("provider", "price", "why", "leave"))


class UnableToWriteMessage(BadInput):
    """A field of the message is missing or empty."""

    code = "message_incomplete"


def message(text: str, language: str, fields: Mapping[str, str]) -> str:
    """A message of `texts@….toml` in `zh` or `en`.

    >>> message("refused", "en", {"what": "open “Ringtone”"})[:13]
    '[Not ordered]'
    """
    rows = {row["id"]: row for row in _file().data["texts"]}
    if text not in rows:
        raise UnableToWriteMessage(
            gettext_noop("There is no message “%(text)s”."),
            next_step=gettext_noop("Choose one of %(known)s."),
            values={"text": text, "known": ", ".join(sorted(rows))},
        )
    template = str(rows[text]["zh" if is_chinese(language) else "en"])
    for _, name, _, _ in Formatter().parse(template):
        if name and name not in _MAY_BE_EMPTY and not fields.get(name):
            raise UnableToWriteMessage(
                gettext_noop("The message %(message)s lacks %(field)s."),
                next_step=gettext_noop("Fill the field; nothing was sent."),
                values={"message": text, "field": name},
            )
    return template.format(**fields).strip()


def in_words(
    terms: OrderTerms, language: str, *, name: str, before: str = "", provider: str = "", mine: str
) -> dict[str, str]:
    """What an order is, its price, who provides it and how to stop it, as the fields of a message.

    name, before, provider  as the reader knows them, not references
    mine                    the address of the page of one's own services
    """
    phrases = _file().data["words"]
    language_key = "zh" if is_chinese(language) else "en"
    term = phrases["months" if terms.term_months else "open_term"][language_key]
    price = ""
    if terms.order != "stop":
        price = phrases["price" if terms.price_minor else "free"][language_key].format(
            amount=format_money(terms.price_minor, terms.currency),
            term=term.format(months=terms.term_months),
        )
    leave = ""
    if terms.order != "stop":
        leave_text = "leave_by_word" if terms.kind in STOPPED_BY_KEYWORD else "leave"
        leave = phrases[leave_text][language_key].format(mine=mine)
    return {
        "leave": leave,
        "mine": mine,
        "what": phrases[terms.order][language_key].format(name=name, before=before),
        "price": price,
        "provider": phrases["provider"][language_key].format(provider=provider) if provider else "",
    }


@lru_cache(maxsize=1)
def _file() -> RuleFile:
    return load_rules("amends.causes.confirmations", "texts", _TEXTS_OF)
