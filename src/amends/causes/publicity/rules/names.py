"""Where the names of offers stand in a text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cached_property

from amends.causes.publicity.rules.reader.grammar import CJK, any_of
from amends.causes.publicity.rules.reader.normalise import lowered, normalise
from amends.causes.publicity.rules.reader.reading import Mention
from amends.record.facts.offers.key_facts import KeyFacts

UNKNOWN = "?"
"""The offer of a name that is like the own name with another figure, and on no record."""
_KIND = re.compile(r"(?:套餐|宽带|卡|包)?$")
_EVERYBODYS = {
    "不限量",
    "不限流量",
    "无限流量",
    "unlimited data",
    "unlimited plan",
    "unlimited sim",
}
"""What is left of a name without its brand and is how all adverts speak."""
_FIGURE_AND_KIND = re.compile(r"\d+\w?套餐$")


class OfferNames:
    """The names of all offers, with and without the brand that several begin with."""

    def __init__(self, offers: Iterable[KeyFacts]) -> None:
        self._offers = {offer.id: offer for offer in offers}
        counted = Counter(_beginning(offer.name) for offer in self._offers.values() if offer.name)
        self._known_forms: dict[str, dict[str, re.Pattern[str] | None]] = {}
        self._brands = {brand for brand, number in counted.items() if number > 1}

    def mentions(self, text: str, own: str) -> list[Mention]:
        """The names in a text in small letters, in order; `own` is the offer of the copy."""
        forms = self._own_forms(own)
        mentions = []
        if self._pattern is not None:
            for this in self._pattern.finditer(text):
                offer = own if this[0] in forms else self._named[this[0]]
                mentions.append(Mention(this.start(), this.end(), offer))
        for form, like in forms.items():
            for at in _places(form, text):
                _add(mentions, Mention(at, at + len(form), own))
            if like is not None:
                for this in like.finditer(text):
                    _add(mentions, Mention(this.start(), this.end(), UNKNOWN))
        return sorted(mentions, key=lambda mention: mention.start)

    def _own_forms(self, own: str) -> Mapping[str, re.Pattern[str] | None]:
        """The forms of the copy's own offer, each with the names that are like it."""
        if own not in self._known_forms:
            offer = self._offers.get(own)
            forms = self._forms(offer) if offer else []
            self._known_forms[own] = {form: _like(form) for form in forms}
        return self._known_forms[own]

    def _forms(self, offer: KeyFacts) -> list[str]:
        """The forms of an offer's own name, the longest first: with and without brand and kind."""
        forms: set[str] = set()
        for name in (offer.name, offer.name_en):
            forms |= {name, _KIND.sub("", name), _FIGURE_AND_KIND.sub("", name)}
            short = self._without_brand(name)
            if short != name:  # two characters alone are a word: 不限 of 青云不限卡
                shorter = (_KIND.sub("", short), _FIGURE_AND_KIND.sub("", short))
                forms |= {short, *(form for form in shorter if len(form) > 2)}
        telling = (form for form in forms if len(form) > 1 and _tells(form))
        return sorted((lowered(normalise(form)) for form in telling), key=len, reverse=True)

    def _without_brand(self, name: str) -> str:
        brand = _beginning(name)
        return name.removeprefix(brand) if brand in self._brands else name

    @cached_property
    def _named(self) -> Mapping[str, str]:
        """The offer of each name, in small letters."""
        named: dict[str, str] = {}
        for offer in self._offers.values():
            for name in (offer.name, offer.name_en):
                for form in (name, self._without_brand(name)):
                    if len(form) > 2 and (form == name or _tells(form)):
                        named.setdefault(lowered(normalise(form)), offer.id)
        return named

    @cached_property
    def _pattern(self) -> re.Pattern[str] | None:
        return re.compile(any_of(self._named)) if self._named else None


def _beginning(name: str) -> str:
    return name.split(" ")[0] + " " if " " in name else name[:2]


def _tells(form: str) -> bool:
    """Whether a form is more than one common word or a figure."""
    if not any(map(str.isalpha, form)):
        return False
    if form.lower() in _EVERYBODYS:
        return False
    return " " in form or not form.isalpha() or bool(CJK.search(form))


def _places(form: str, text: str) -> Iterable[int]:
    at = text.find(form)
    while at >= 0:
        yield at
        at = text.find(form, at + len(form))


def _like(form: str) -> re.Pattern[str] | None:
    """Names that differ from the own only in the figure: Fibre 150 beside Fibre 500."""
    if len(form) < 4 or not any(map(str.isdigit, form)) or form[0].isdigit():
        return None
    pattern = re.sub(r"\d+", r"\\d{1,4}", re.escape(form))
    return re.compile(rf"(?<![a-z0-9]){pattern}(?![a-z0-9])" if form.isascii() else pattern)


def _add(mentions: list[Mention], mention: Mention) -> None:
    if not any(earlier.start < mention.end and mention.start < earlier.end for earlier in mentions):
        mentions.append(mention)
