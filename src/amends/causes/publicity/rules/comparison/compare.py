"""What an advert states held against what the record of its offer says.

A false statement is a mismatch and not also a missing statement. An empty field of the record
means that the offer has none of it.
"""

from __future__ import annotations

from collections.abc import Iterator

from amends.causes.publicity.rules.comparison.advert import Advert
from amends.causes.publicity.rules.comparison.amounts import allowances, speeds, unlimited
from amends.causes.publicity.rules.comparison.bundles import bundle
from amends.causes.publicity.rules.comparison.prices import fees, prices
from amends.causes.publicity.rules.comparison.terms import contract, gift, places, sale
from amends.causes.publicity.rules.findings import Finding
from amends.causes.publicity.rules.reader.grammar import Grammar

_COMPARISONS = (sale, prices, fees, contract, speeds, allowances, unlimited, gift, places)


def compare(ad: Advert, grammar: Grammar) -> Iterator[Finding]:
    """All findings that the record decides.

    A false number is doubted where the right one stands in the text without having been read.
    """
    for comparison in _COMPARISONS:
        for finding in comparison(ad):
            yield (
                finding.doubted()
                if finding.end > finding.start and _has_unread(ad, finding.field)
                else finding
            )
    yield from bundle(ad, grammar)


def _has_unread(ad: Advert, field: str) -> bool:
    names = ("price", "promo_price") if field == "price" else (field,)
    values = (getattr(ad.offer, name, None) for name in names)
    return any(
        ad.unread(number) for number in values if isinstance(number, int | float) and number >= 5
    )
