"""What the rules of its day say of a complaint without a number of days, and whether it holds."""

from __future__ import annotations

from dataclasses import dataclass

from amends.cases.complaints.actions.incidents import hot_issue_subject
from amends.cases.complaints.queries.casefile import Complaint
from amends.engines.decisions.clocks import RuleStatement
from amends.engines.decisions.deadlines import UnableToKnowLimits, statements
from amends.platform.kit.packs import day_in
from amends.record.facts.stored import StoredFact
from amends.record.ledger.queries import facts_on

_DISASTER = "natural_disaster"


@dataclass(frozen=True, slots=True)
class SideStatement:
    """One saying; `disaster` is the fact by which it does not hold, None where it holds."""

    says: RuleStatement
    excepts_disaster: bool
    disaster: StoredFact | None


def side_statements(complaint: Complaint) -> list[SideStatement]:
    """The sayings for a complaint's kind; nothing where nobody knows the rules of its day."""
    try:
        said = statements(
            jurisdiction=complaint.jurisdiction,
            province=complaint.province,
            on=day_in(complaint.jurisdiction, complaint.received_at),
            kind=complaint.code,
        )
    except UnableToKnowLimits:
        return []
    marked = None
    if any(_DISASTER in one.excepts for one in said):
        marked = _disaster(complaint)
    return [
        SideStatement(one, _DISASTER in one.excepts, marked if _DISASTER in one.excepts else None)
        for one in said
    ]


def _disaster(complaint: Complaint) -> StoredFact | None:
    """The mark on the complaint's hot issue that stands."""
    if complaint.hot_issue is None:
        return None
    kinds = {"DisasterDeclared", "DisasterWithdrawn"}
    found = facts_on(hot_issue_subject(complaint.hot_issue), kinds=kinds)
    return found[-1] if found and found[-1].kind == "DisasterDeclared" else None
