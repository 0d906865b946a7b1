"""The simulated handlers: approve what rules propose, decide what rules leave to people."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from amends.access.actors import Actor
from amends.complaints.actions.overrule import overrule
from amends.complaints.actions.settle import settle
from amends.demo.rules.handling import (
    AWAY_DAYS,
    REFUNDED_ELSEWHERE,
    Answer,
    answer_by_hand,
    handled_at_ms,
)
from amends.demo.rules.tables import DAY_MS
from amends.kit.errors import Refused
from amends.kit.periods import from_ms

_CURRENCY = "CNY"
_SENIOR_ABOVE_MINOR, _MANAGER_ABOVE_MINOR = 5_000, 50_000


@dataclass(slots=True)
class Handlers:
    """People with their queue: (when they get to it, complaint, verdict, amount, enquiry)."""

    actors: dict[str, Actor]
    end_ms: int
    rng: np.random.Generator
    queue: list[tuple[int, str, str, int, bool]] = field(default_factory=list)
    decided: dict[str, int] = field(default_factory=dict)

    def wait_for(
        self,
        complaint: str,
        *,
        since_ms: int,
        due_ms: int | None,
        verdict: str,
        amount_minor: int,
        enquiry: bool,
    ) -> None:
        """Put a complaint in the queue that no rule may settle alone."""
        at_ms = handled_at_ms(self.rng, since_ms=since_ms, due_ms=due_ms)
        heapq.heappush(self.queue, (at_ms, complaint, verdict, amount_minor, enquiry))

    def work(self, *, until_ms: int) -> None:
        """Decide whatever the handlers get to before `until_ms`, each at its own moment."""
        last_ms = min(until_ms, self.end_ms - AWAY_DAYS * DAY_MS)
        while self.queue and self.queue[0][0] < last_ms:
            at_ms, complaint, verdict, amount, enquiry = heapq.heappop(self.queue)
            self._decide(complaint, at_ms, verdict, amount, enquiry)
            self.decided[complaint] = at_ms

    def _decide(self, complaint: str, at_ms: int, verdict: str, amount: int, enquiry: bool) -> None:
        now = from_ms(at_ms)
        if verdict in ("", "person_must_decide"):
            said = answer_by_hand(self.rng, enquiry=enquiry)
            amount = said.amount_minor
            self._overrule(complaint, said, now)
        try:
            settle(complaint, actor=self._whoever_may(amount), now=now)
        except Refused:
            # Two complaints about one charge: what the other gave back cannot be given twice.
            self._overrule(complaint, REFUNDED_ELSEWHERE, now)
            settle(complaint, actor=self._whoever_may(0), now=now)

    def _overrule(self, complaint: str, said: Answer, now: datetime) -> None:
        overrule(
            complaint, verdict=said.verdict, amount_minor=said.amount_minor, currency=_CURRENCY,
            reason=said.reason, actor=self._whoever_may(said.amount_minor), now=now,
        )  # fmt: skip

    def _whoever_may(self, amount_minor: int) -> Actor:
        if amount_minor > _MANAGER_ABOVE_MINOR:
            return self.actors["manager"]
        senior = amount_minor > _SENIOR_ABOVE_MINOR
        return self.actors["senior_handler" if senior else "handler"]
