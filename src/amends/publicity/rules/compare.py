"""What an advert states held against what the record of its offer says.

A false statement is a mismatch and not also a missing statement. An empty field of the record
means that the offer has none of it.
"""

from __future__ import annotations

from collections.abc import Iterator

from amends.publicity.rules.check_amounts import allowances, speeds, unlimited
from amends.publicity.rules.check_prices import fees, prices
from amends.publicity.rules.check_terms import contract, gift, places, sale
from amends.publicity.rules.comparison import AdvertComparison
from amends.publicity.rules.findings import Finding

_CHECKS = (sale, prices, fees, contract, speeds, allowances, unlimited, gift, places)


def compare(comparison: AdvertComparison) -> Iterator[Finding]:
    """All findings that the record decides."""
    for check in _CHECKS:
        yield from check(comparison)
