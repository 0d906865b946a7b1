"""Which rule a new case is assigned by, and to whom of a team."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class CaseTraits:
    """What assignment rules ask of a case.

    code      its class, such as `billing.wrong_charge`
    language  of the customer, `zh` or `en`
    """

    kind: str
    code: str
    area: str
    language: str
    brand: str = ""


@dataclass(frozen=True, slots=True)
class WorkScope:
    """What is worked on; an empty tuple is no limit."""

    classes: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()

    def covers(self, case: CaseTraits) -> bool:
        """Whether the case is within it; a class covers those below it.

        >>> WorkScope(classes=("billing",)).covers(CaseTraits("complaint", "billing.fee", "", "zh"))
        True
        >>> WorkScope(classes=("bill",)).covers(CaseTraits("complaint", "billing.fee", "", "zh"))
        False
        """
        return (
            (
                not self.classes
                or any(_below(case.code, scope_class) for scope_class in self.classes)
            )
            and (not self.areas or case.area in self.areas)
            and (not self.languages or case.language.split("-")[0] in self.languages)
        )


@dataclass(frozen=True, slots=True)
class RuleTerms:
    """One assignment rule with the scope of its team; `valid_until` is the last day it holds."""

    id: int
    case_kind: str
    scope: WorkScope
    team_scope: WorkScope
    team_brand: str
    valid_from: date
    valid_until: date | None


def matching_rule(rules: Iterable[RuleTerms], case: CaseTraits, *, on: date) -> int | None:
    """The id of the first rule that holds on a day and matches; None where none does."""
    for rule in rules:
        if (
            rule.valid_from <= on
            and (rule.valid_until is None or on <= rule.valid_until)
            and rule.case_kind in ("", case.kind)
            and rule.team_brand in ("", case.brand)
            and rule.scope.covers(case)
            and rule.team_scope.covers(case)
        ):
            return rule.id
    return None


def least_loaded(
    members: Sequence[str], open_cases: Mapping[str, int], *, max_open: int | None = None
) -> str:
    """The member with the fewest open cases, "" if all have `max_open` or more; names break ties.

    >>> least_loaded(["usr-a", "usr-b"], {"usr-a": 3, "usr-b": 1})
    'usr-b'
    >>> least_loaded(["usr-a"], {"usr-a": 3}, max_open=3)
    ''
    """
    free = [
        member for member in members if max_open is None or open_cases.get(member, 0) < max_open
    ]
    return min(
        free, key=lambda free_member: (open_cases.get(free_member, 0), free_member), default=""
    )


def _below(code: str, root: str) -> bool:
    return code == root or code.startswith(f"{root}.")
