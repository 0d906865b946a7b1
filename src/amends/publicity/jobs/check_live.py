"""Check live copies again: a stopped product, a used-up quota, a changed offer."""

from __future__ import annotations

from datetime import datetime

from amends.publicity.actions.write import keep_findings
from amends.publicity.models import PublishedCopy
from amends.publicity.queries import checker


def check_live(now: datetime) -> int:
    """Check every live copy against the record as it is now; how many have a blocking finding."""
    live = PublishedCopy.objects.filter(state=PublishedCopy.State.LIVE)
    if not live.exists():
        return 0
    rules = checker(now)
    found = [keep_findings(row, rules, now=now) for row in live.iterator()]
    return sum(any(one.severity == "block" for one in all_) for all_ in found)
