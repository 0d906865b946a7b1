"""What an advert states: numbers with their unit, their role, and the words that prove them.

A number whose unit or role is not clear has the role "unsure": it goes to a person.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from amends.publicity.rules.amounts import minutes, rates_and_data
from amends.publicity.rules.money import discounts, money
from amends.publicity.rules.terms import places, terms
from amends.publicity.rules.text import StatedFact, Text

_I = re.I
_READERS: tuple[tuple[Callable[[Text], Iterator[StatedFact]], re.Pattern[str]], ...] = (
    (money,
     re.compile(r"[¥￥£$€₹元块角]|rmb|cny|yuan|gbp|usd|eur|pound|dollar|pence|\dp\b|rs", _I)),
    (discounts, re.compile(r"折|半价|half|%", re.I)),
    (rates_and_data, re.compile(r"[gtm]b?|兆|kb|gig|meg", re.I)),
    (minutes, re.compile(r"分钟|min", re.I)),
    (terms, re.compile(r"[月年期]|month|year|mth", re.I)),
    (places, re.compile(
        r"[前首限共仅]|名额|数量|first|limited|only|just|maximum|places|spots|units|vouchers", re.I
    )),
)  # fmt: skip
"""Each reader with a word that must stand in a text of interest to it: most texts lack some."""


def facts_of(text: str) -> list[StatedFact]:
    """Every number of a folded text that has a unit."""
    cut = Text(text)
    found = [fact for read, words in _READERS if words.search(text) for fact in read(cut)]
    return sorted(found, key=lambda fact: fact.start)
