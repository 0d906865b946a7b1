"""Numbers that are never blocked: emergency, public, bank, operator and service numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from amends.platform.kit.errors import gettext_noop as _
from amends.platform.kit.packs import RuleFile

EMERGENCY, SERVICE = "emergency", "service"

_AREA = r"(?:0?(?:10|2[0-9]|[3-9][0-9]{2}))?"
"""An area code of China in front of a short number, as in 010-95588."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtectedRange:
    """Numbers of one kind.

    rule      the rule that protects them, as `protected-numbers-cn@2000-01-01: cn.operators`
    kind      `emergency`: nothing stops them; `service`: never blocked, a warning may be shown
    numbers   whole national numbers
    patterns  of a whole national number
    """

    rule: str
    zh: str
    en: str
    kind: str
    numbers: frozenset[str]
    patterns: tuple[re.Pattern[str], ...] = ()


def protected_ranges(files: Sequence[RuleFile]) -> tuple[ProtectedRange, ...]:
    """The ranges of the rule files in force, in their order.

    >>> from datetime import date
    >>> from amends.platform.kit.packs import rules_in_force
    >>> on = date(2026, 12, 1)
    >>> ranges = protected_ranges(rules_in_force("cn", "protection", "protected_numbers", on))
    >>> [range_of(number, ranges).en for number in ("110", "95588", "01095588", "10086")]
    ... # doctest: +NORMALIZE_WHITESPACE
    ['Emergency numbers', 'Short numbers of banks, insurers and other national services',
     'Short numbers of banks, insurers and other national services', 'Numbers of operators']
    >>> range_of("17000001111", ranges) is range_of("10691234567", ranges) is None
    True
    """
    return tuple(
        ProtectedRange(
            rule=f"{file.version}: {row['id']}",
            zh=row["zh"],
            en=row["en"],
            kind=row["kind"],
            numbers=frozenset(row.get("numbers", ())),
            patterns=tuple(
                re.compile(f"{_AREA}(?:{pattern})" if file.name.endswith("-cn") else pattern)
                for pattern in row.get("patterns", ())
            ),
        )
        for file in files
        for row in file.rules
    )


def range_of(national: str, ranges: Sequence[ProtectedRange]) -> ProtectedRange | None:
    """The range that protects a number in its national form; None where none does."""
    for protected_range in ranges:
        if national in protected_range.numbers or any(
            p.fullmatch(national) for p in protected_range.patterns
        ):
            return protected_range
    return None


OWN_NUMBERS = _("Numbers of the operator")
EMERGENCY_NUMBERS = _("Emergency numbers")
