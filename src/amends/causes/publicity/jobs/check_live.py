"""Check live copies again: a stopped product, a used-up quota, a changed offer."""

from __future__ import annotations

from datetime import datetime

from amends.causes.publicity.actions.write import check_again
from amends.causes.publicity.models import FindingSeverity, PublishedCopy


def check_live(now: datetime) -> int:
    """Check every live copy against the record as it is now; how many have a blocking finding."""
    live = PublishedCopy.objects.filter(state=PublishedCopy.State.LIVE)
    if not live.exists():
        return 0
    findings_by_copy = check_again(live.iterator(), now=now)
    return sum(
        any(finding.severity == FindingSeverity.BLOCK for finding in all_)
        for all_ in findings_by_copy
    )
