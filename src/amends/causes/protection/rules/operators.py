"""Which operator a number belongs to, by its prefix."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from amends.platform.kit.packs import load_rules


@dataclass(frozen=True, slots=True)
class OperatorPrefix:
    """An operator with its names; `code` is "unknown" where no prefix fits."""

    code: str
    zh: str
    en: str


UNKNOWN = OperatorPrefix("unknown", "未知", "unknown")
FOREIGN = OperatorPrefix("foreign", "境外", "another country")


def operators(on: date) -> Mapping[str, OperatorPrefix]:
    """Prefix → operator, on a day.

    >>> operators(date(2026, 12, 1))["170"].en
    'Virtual operators'
    """
    rows = load_rules("amends.causes.protection", "operators", on).rules
    return {
        prefix: OperatorPrefix(row["id"], row["zh"], row["en"])
        for row in rows
        for prefix in row["prefixes"]
    }


def operator_of(
    number: str, *, foreign: bool, prefixes: Mapping[str, OperatorPrefix]
) -> OperatorPrefix:
    """The operator of a number in its national form."""
    if foreign:
        return FOREIGN
    return prefixes.get(number[:3]) or prefixes.get(number[:2]) or UNKNOWN
