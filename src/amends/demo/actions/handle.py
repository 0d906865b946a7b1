"""The simulated handlers: approve what rules propose, decide what rules leave to people."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from amends.access.actors import Actor
from amends.complaints.actions.overrule import overrule
from amends.complaints.actions.settle import settle_many
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


@dataclass(frozen=True, slots=True, order=True)
class _Waiting:
    """A complaint in the queue: when it is to be done, and what the rules say of it."""

    at_ms: int
    complaint: str
    verdict: str
    amount_minor: int
    enquiry: bool


@dataclass(slots=True)
class Handlers:
    """People who decide by hand, and their queue."""

    actors: dict[str, Actor]
    end_ms: int
    rng: np.random.Generator
    queue: list[_Waiting] = field(default_factory=list)
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
        waiting = _Waiting(at_ms, complaint, verdict, amount_minor, enquiry)
        heapq.heappush(self.queue, waiting)

    def work(self, *, until_ms: int) -> None:
        """Decide whatever the handlers get to before `until_ms`; what waits for one role together.

        They sit down once between two deliveries, when the first complaint is to be done.
        """
        last_ms = min(until_ms, self.end_ms - AWAY_DAYS * DAY_MS)
        first_ms = self.queue[0].at_ms if self.queue else last_ms
        desks: dict[str, list[str]] = {}
        while self.queue and self.queue[0].at_ms < last_ms:
            waiting = heapq.heappop(self.queue)
            said = None
            if waiting.verdict in ("", "person_must_decide"):
                said = answer_by_hand(self.rng, enquiry=waiting.enquiry)
                self._overrule(waiting.complaint, said, from_ms(first_ms))
            amount = said.amount_minor if said else waiting.amount_minor
            desks.setdefault(_role_for(amount), []).append(waiting.complaint)
        for role, complaints in desks.items():
            self._settle(role, complaints, first_ms)

    def _settle(self, role: str, complaints: list[str], at_ms: int) -> None:
        """Settle together; where that is refused, halve until the one that cannot be is found."""
        now = from_ms(at_ms)
        try:
            settle_many(complaints, actor=self.actors[role], now=now)
        except Refused:
            if len(complaints) > 1:
                half = len(complaints) // 2
                self._settle(role, complaints[:half], at_ms)
                self._settle(role, complaints[half:], at_ms)
                return
            # Two complaints about one charge: what the other gave back cannot be given twice.
            self._overrule(complaints[0], REFUNDED_ELSEWHERE, now)
            settle_many(complaints, actor=self.actors[role], now=now)
        self.decided.update(dict.fromkeys(complaints, at_ms))

    def _overrule(self, complaint: str, said: Answer, now: datetime) -> None:
        overrule(
            complaint, verdict=said.verdict, amount_minor=said.amount_minor, currency=_CURRENCY,
            reason=said.reason, actor=self.actors[_role_for(said.amount_minor)], now=now,
        )  # fmt: skip


def _role_for(amount_minor: int) -> str:
    """Who may give so much back."""
    if amount_minor > _MANAGER_ABOVE_MINOR:
        return "manager"
    return "senior_handler" if amount_minor > _SENIOR_ABOVE_MINOR else "handler"
