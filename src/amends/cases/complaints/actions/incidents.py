"""Facts of declared incidents that complaints may belong to, besides the evidence of the case."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from amends.cases.complaints.models import Complaint
from amends.engines.decisions.dossier.network import KINDS, is_declared
from amends.people.access.actions.evidence import Evidence
from amends.record.ledger.queries import StoredFact, facts_on


def hot_issue_subject(number: int) -> str:
    """What the facts on a hot issue are on; a complaint knows its issue by number."""
    return f"hotissue-{number}"


def with_incidents(
    complaints: Iterable[Complaint], evidence: Mapping[str, Evidence]
) -> dict[str, tuple[StoredFact, ...]]:
    """Complaint → the facts of its case, and those on its hot issue and on incidents around it.

    evidence  by case
    """
    items = list(complaints)
    own = {item.id: evidence[item.case].facts for item in items}
    named = {ref: _named(facts) for ref, facts in own.items()}
    tied = {
        item.id: hot_issue_subject(item.hot_issue) for item in items if item.hot_issue is not None
    }
    subjects = {
        *tied.values(),
        *(named_subject for refs in named.values() for named_subject in refs),
    }
    if not subjects:
        return own
    facts_by_subject: dict[str, list[StoredFact]] = defaultdict(list)
    for fact in facts_on(subjects, kinds=KINDS):
        facts_by_subject[fact.subject].append(fact)
    for ref, facts in own.items():
        around = [
            fact
            for subject in named[ref] - {tied.get(ref, "")}
            for fact in facts_by_subject[subject]
            if fact.kind == "StatementPublished"
        ]
        own[ref] = (*facts, *facts_by_subject.get(tied.get(ref, ""), ()), *around)
    return own


def _named(facts: Iterable[StoredFact]) -> set[str]:
    """The declared incidents that areas and offers of the case name."""
    return {
        str(fact.payload["incident"])
        for fact in facts
        if fact.kind == "IncidentOpened" and is_declared(fact)
    }
