"""The audit of notices at work every week; where gates are closed, what it finds is given back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from amends.cases.audits.actions.audit import audit
from amends.cases.audits.actions.notify_refunds import notify_refunds
from amends.cases.audits.actions.propose_refunds import propose_refunds
from amends.cases.audits.queries import month_names
from amends.platform.kit.actors import Actor, system
from amends.platform.kit.periods import from_ms
from amends.work.remedies.actions.approve import approve
from amends.work.remedies.queries import approver_of, remedies_of
from amends_demo.rules.tables import DAY_MS

_EVERY_MS = 7 * DAY_MS
_BACK = timedelta(days=35)


@dataclass(slots=True)
class Watch:
    """Who approves, and when the last audit ran.

    gives_back  whether what it finds is given back unasked
    told  those told of their refund: pseudonym → when, and how much in all
    """

    actors: Mapping[str, Actor]
    gives_back: bool = False
    last_ms: int = 0
    notified: dict[str, tuple[int, int]] = field(default_factory=dict)

    def look(self, until_ms: int) -> None:
        """Audit the last weeks if one has passed; give back what is owed, and say so."""
        if until_ms - self.last_ms < _EVERY_MS:
            return
        self.last_ms, now = until_ms, from_ms(until_ms)
        start, end = (now - _BACK).date(), now.date() + timedelta(days=1)
        audit(start=start, end=end, jurisdiction="cn", actor=system("auditor"), now=now)
        if not self.gives_back:
            return
        seen = propose_refunds(periods=month_names(start, end), actor=system("auditor"), now=now)
        self._approve({proposal.cause for proposal in seen.proposals}, now)
        for person, minor in notify_refunds(now=now).items():
            first_ms, before = self.notified.get(person, (until_ms, 0))
            self.notified[person] = (first_ms, before + minor)

    def _approve(self, causes: set[str], now: datetime) -> None:
        for remedies in remedies_of(sorted(causes)).values():
            waiting = [remedy for remedy in remedies if remedy.state == "proposed"]
            if waiting:
                total_minor = sum(remedy.amount_minor for remedy in remedies)
                role = approver_of(total_minor, waiting[0].currency, now.date()).role
                approve(
                    [waiting_remedy.id for waiting_remedy in waiting],
                    actor=self.actors[role or "manager"],
                    now=now,
                )
