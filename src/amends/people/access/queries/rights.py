"""The access rules in force on a day, read once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import cache

from django.utils import timezone
from django.utils.translation import get_language

from amends.people.access.rules.decide import AccessRules, rules_from
from amends.platform.kit.formats import is_chinese
from amends.platform.kit.packs import load_rules


@cache
def rules_on(day: date) -> AccessRules:
    """The rights, roles, purposes and pages in force on `day`."""
    rule_set = load_rules("amends.people.access", "access", day)
    return rules_from(rule_set.version, rule_set.data)


def role_title(role: str) -> str:
    """The title of a role in the reader's language."""
    chinese, english = rules_on(timezone.localdate()).roles.get(role, (role, role))
    return chinese if is_chinese(get_language() or "en") else english


def role_titles(roles: Iterable[str]) -> str:
    """The titles of roles in one text."""
    comma = "、" if is_chinese(get_language() or "en") else ", "
    return comma.join(role_title(role) for role in sorted(roles))
