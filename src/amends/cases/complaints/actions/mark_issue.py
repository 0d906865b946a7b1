"""Mark complaints with the hot issue they belong to; the app that finds issues is a layer above."""

from __future__ import annotations

from collections.abc import Mapping

from amends.cases.complaints.models import Complaint
from amends.platform.kit.batches import slices


def mark_issue(numbers: Mapping[str, int | None]) -> None:
    """Set complaint → number of its hot issue; None takes the mark away."""
    by_number: dict[int | None, list[str]] = {}
    for ref, number in numbers.items():
        by_number.setdefault(number, []).append(ref)
    for number, refs in by_number.items():
        for part in slices(refs):
            complaints = Complaint.objects.filter(id__in=part)
            complaints.update(hot_issue=number)
