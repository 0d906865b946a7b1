"""The access rules in force on a day, read once."""

from __future__ import annotations

from datetime import date
from functools import cache

from amends.people.access.rules.decide import AccessRules, rules_from
from amends.platform.kit.packs import load_rules


@cache
def rules_on(day: date) -> AccessRules:
    """The rights, roles, purposes and pages in force on `day`."""
    rule_set = load_rules("amends.people.access", "access", day)
    return rules_from(rule_set.version, rule_set.data)
