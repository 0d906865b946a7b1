"""What an advert states held against what the record of its offer says.

A false statement is a mismatch and not also a missing statement. An empty field of the record
means that the offer has none of it.
"""

from __future__ import annotations

from collections.abc import Iterator

from amends.publicity.rules.comparison.advert import Advert
from amends.publicity.rules.comparison.amounts import allowances, speeds, unlimited
from amends.publicity.rules.comparison.bundles import bundle
from amends.publicity.rules.comparison.prices import fees, prices
from amends.publicity.rules.comparison.terms import contract, gift, places, sale
from amends.publicity.rules.findings import Finding
from amends.publicity.rules.reader.grammar import Grammar

_COMPARISONS = (sale, prices, fees, contract, speeds, allowances, unlimited, gift, places)


def compare(ad: Advert, grammar: Grammar) -> Iterator[Finding]:
    """All findings that the record decides."""
    for comparison in _COMPARISONS:
        yield from comparison(ad)
    yield from bundle(ad, grammar)
