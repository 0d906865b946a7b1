"""Finding cases by reference."""

from __future__ import annotations

from collections.abc import Iterable

from amends.people.access import refusals
from amends.people.access.models import Case
from amends.platform.database.prepared_queries import PreparedQueryForKeys
from amends.platform.kit.batches import slices

_CASES = PreparedQueryForKeys(lambda refs: Case.objects.filter(ref__in=refs))


def find(ref: str) -> Case:
    """One case by reference."""
    return find_many([ref])[0]


def find_many(refs: Iterable[str]) -> list[Case]:
    """Cases by reference, in the order given; raises UnableToFindAccessCase if one is missing."""
    wanted = list(refs)
    cases_by_ref: dict[str, Case] = {}
    for part in slices(wanted):
        cases_by_ref.update((case.ref, case) for case in _CASES.rows(part))
    for ref in wanted:
        if ref not in cases_by_ref:
            raise refusals.unknown_case()
    return [cases_by_ref[ref] for ref in wanted]
