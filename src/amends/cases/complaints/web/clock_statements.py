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
        clock_statements = statements(
            jurisdiction=complaint.jurisdiction,
            province=complaint.province,
            on=day_in(complaint.jurisdiction, complaint.received_at),
            kind=complaint.code,
        )
    except UnableToKnowLimits:
        return []
    marked = None
    if any(_DISASTER in statement.excepts for statement in clock_statements):
        marked = _disaster(complaint)
    return [
        SideStatement(
            statement,
            _DISASTER in statement.excepts,
            marked if _DISASTER in statement.excepts else None,
        )
        for statement in clock_statements
    ]


def _disaster(complaint: Complaint) -> StoredFact | None:
    """The mark on the complaint's hot issue that stands."""
    if complaint.hot_issue is None:
        return None
    kinds = {"DisasterDeclared", "DisasterWithdrawn"}
    declared = facts_on(hot_issue_subject(complaint.hot_issue), kinds=kinds)
    return declared[-1] if declared and declared[-1].kind == "DisasterDeclared" else None
