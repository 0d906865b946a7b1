"""Which numbers nothing blocks: those of the rule files, of the operator, and emergency numbers."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from hashlib import sha256

import phonenumbers
from django.conf import settings

from amends.causes.protection.numbers import national, spelled
from amends.causes.protection.rules.protected_numbers import (
    EMERGENCY,
    EMERGENCY_NUMBERS,
    OWN_NUMBERS,
    SERVICE,
    ProtectedRange,
    protected_ranges,
    range_of,
)
from amends.people.operator.queries import operator
from amends.platform.kit.packs import rules_in_force
from amends.platform.vault.normal_forms import phone_region

OWN = ProtectedRange(
    rule="own numbers",
    zh="本运营商的号码",
    en=OWN_NUMBERS,
    kind=SERVICE,
    numbers=frozenset(),
)
ABROAD = ProtectedRange(
    rule="phonenumbers: emergency numbers",
    zh="紧急呼叫号码",
    en=EMERGENCY_NUMBERS,
    kind=EMERGENCY,
    numbers=frozenset(),
)


def protection_of(number: str, *, on: date) -> ProtectedRange | None:
    """Why a number is never blocked on a day; None where it may be."""
    home = national(spelled(number))
    if protecting := range_of(home, _ranges(settings.JURISDICTION, on)):
        return protecting
    region = phone_region(settings.JURISDICTION)
    if phonenumbers.is_emergency_number(home, region):
        return ABROAD
    own = (operator().hotline, *settings.NEVER_BLOCKED)
    return (
        OWN
        if spelled(number) in {spelled(own_number) for own_number in own if own_number.strip()}
        else None
    )


def protected_version(on: date) -> str:
    """A digest of the protected numbers: rule files, the hotline, own numbers."""
    parts = [protected_range.rule for protected_range in _ranges(settings.JURISDICTION, on)]
    parts += [operator().hotline, *settings.NEVER_BLOCKED]
    return sha256("\n".join(parts).encode()).hexdigest()[:40]


@lru_cache(maxsize=32)
def _ranges(pack: str, on: date) -> tuple[ProtectedRange, ...]:
    return protected_ranges(rules_in_force(pack, "protection", "protected_numbers", on))
