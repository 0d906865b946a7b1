"""The exact terms a user says yes to, and the hash that binds every challenge to them."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from hashlib import sha256


@dataclass(frozen=True, slots=True)
class OrderTerms:
    """What is asked for, to whom, at what price, for how long.

    price_minor  a month, in minor units of `currency`; 0 for a free service
    term_months  0 where it renews each month until it is stopped
    before       the offer a change leaves, or ""
    """

    order: str
    subscriber: str
    service: str
    kind: str
    offer: str
    offer_version: str
    before: str
    price_minor: int
    currency: str
    term_months: int
    provider: str

    def digest(self) -> str:
        """SHA-256 over the terms in their one spelling, as 64 hexadecimal digits.

        >>> terms = OrderTerms("open", "p", "s", "value_added", "ring", "1", "", 1000,
        ...                    "CNY", 0, "x")
        >>> from dataclasses import replace
        >>> terms.digest() == replace(terms, price_minor=1500).digest()
        False
        """
        spelled = json.dumps(
            asdict(self), sort_keys=True, separators=(",", ":"), ensure_ascii=False
        )
        return sha256(spelled.encode()).hexdigest()
