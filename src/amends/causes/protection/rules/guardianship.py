"""Who may decide for whose line: by law, on which document, and for how long."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from amends.platform.kit.packs import RuleFile, Verified


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardianshipRule:
    """A basis of guardianship.

    until_age       ends on the day before this birthday (years); 0 for adults
    most_days       longest time until the documents are examined again
    refuses_orders  the law lets the guardian refuse orders of the ward
    sets_level      the law lets the guardian choose the ward's level of protection
    objection_ends  an objection of the ward suspends these powers
    """

    basis: str
    zh: str
    en: str
    until_age: int
    most_days: int
    refuses_orders: bool
    sets_level: bool
    objection_ends: bool
    source: str
    verified: Verified
    version: str


def guardianship_rules(files: Sequence[RuleFile]) -> dict[str, GuardianshipRule]:
    """Basis → rule, of the files in force.

    >>> from amends.platform.kit.packs import rules_in_force
    >>> on = date(2026, 12, 1)
    >>> rules = guardianship_rules(rules_in_force("cn", "protection", "guardianship", on))
    >>> [one.basis for one in rules.values() if one.refuses_orders]
    ['minor', 'court']
    """
    return {
        row["id"]: GuardianshipRule(
            basis=row["id"],
            zh=row["zh"],
            en=row["en"],
            until_age=int(row["until_age"]),
            most_days=int(row["most_days"]),
            refuses_orders=bool(row["refuses_orders"]),
            sets_level=bool(row["sets_level"]),
            objection_ends=bool(row["objection_ends"]),
            source=row["source"],
            verified=row["verified"],
            version=file.version,
        )
        for file in files
        for row in file.rules
    }


def last_day(rule: GuardianshipRule, *, today: date, born: date | None) -> date | None:
    """The last day that a guardianship may have; None where the age is missing.

    >>> rule = GuardianshipRule(
    ...     basis="minor", zh="", en="", until_age=18, most_days=6600, refuses_orders=True,
    ...     sets_level=True, objection_ends=False, source="", verified=False, version="",
    ... )
    >>> last_day(rule, today=date(2026, 12, 1), born=date(2012, 2, 29)).isoformat()
    '2030-02-28'
    """
    longest = today + timedelta(days=rule.most_days)
    if not rule.until_age:
        return longest
    if born is None:
        return None
    year = born.year + rule.until_age
    is_leap_day = (born.month, born.day) == (2, 29)
    birthday = date(year, 3, 1) if is_leap_day else born.replace(year=year)
    return min(longest, birthday - timedelta(days=1))
