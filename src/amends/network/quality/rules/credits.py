"""What an incident gives back to an affected user without asking, by dated rule."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from math import ceil

from amends.platform.kit.packs import load_rules

_DAY = timedelta(days=1)
_DAYS_OF_MONTH = 30


@dataclass(frozen=True, slots=True)
class CreditTerms:
    """After how long an incident of a kind gives something, and which part of a day's fee."""

    after: timedelta
    fee_permille: int


@dataclass(frozen=True, slots=True)
class CreditRule:
    """The rule in force: its version, terms by kind, most days that count."""

    version: str
    terms: dict[str, CreditTerms]
    most_days: int


@cache
def credit_rule(on: date) -> CreditRule:
    """The rule in force on a day.

    >>> credit_rule(date(2026, 12, 1)).terms["outage"].fee_permille
    1000
    """
    file = load_rules("amends.network.quality", "incident-credits", on)
    terms = {
        kind: CreditTerms(timedelta(hours=row["after_hours"]), row["fee_permille"])
        for kind, row in file.data["credits"].items()
    }
    return CreditRule(file.version, terms, file.data["limits"]["most_days"])


def credit_minor(rule: CreditRule, kind: str, lasted: timedelta, monthly_minor: int) -> int:
    """The credit for one line in minor units: the part of the fee for each day begun.

    monthly_minor  the monthly fee of the line

    >>> rule = credit_rule(date(2026, 12, 1))
    >>> credit_minor(rule, "outage", timedelta(hours=30), 9_000)
    600
    >>> credit_minor(rule, "outage", timedelta(hours=3), 9_000)
    0
    """
    terms = rule.terms.get(kind)
    if terms is None or lasted < terms.after or monthly_minor <= 0:
        return 0
    days = min(ceil(lasted / _DAY), rule.most_days)
    return round(monthly_minor * days * terms.fee_permille / (_DAYS_OF_MONTH * 1000))
