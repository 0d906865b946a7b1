"""Finding cases by reference."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from amends.people.access.models import Case
from amends.platform.database.prepared_queries import PreparedQueryForKeys
from amends.platform.kit.batches import slices
from amends.platform.kit.errors import BadInput

_CASES = PreparedQueryForKeys(lambda refs: Case.objects.filter(ref__in=refs))


class UnableToFindAccessCase(BadInput):
    """There is no case of this reference."""

    code = "case_unknown"


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
            raise UnableToFindAccessCase(
                _("There is no such case."), meaning=_("Nothing was shown.")
            )
    return [cases_by_ref[ref] for ref in wanted]
