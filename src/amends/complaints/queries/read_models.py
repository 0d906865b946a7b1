"""What `queries` return of a complaint: plain values, no rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from amends.complaints.rules.states import ComplaintState as ComplaintState
from amends.complaints.rules.states import table


@dataclass(frozen=True, slots=True)
class ComplaintSummary:
    """What is known of a complaint at a glance; nothing in it says who the person is."""

    id: str
    tracking_code: str
    channel: str
    language: str
    person_shown: str
    identity: str
    first_words: str
    area: str
    province: str
    brand: str
    code: str
    code2: str
    confidence_permille: int
    ask_for_words: bool
    state: str
    urgent: bool
    received_at: datetime
    next_step: str
    next_due_at: datetime | None
    contacts_count: int
    verdict: str
    amount_minor: int
    currency: str
    may_act_alone: bool
    handler: str
    reopened_count: int


@dataclass(frozen=True, slots=True)
class ContactView:
    """One contact, its words masked."""

    id: str
    channel: str
    received_at: datetime
    text: str
    joined_because: str
    by: str


@dataclass(frozen=True, slots=True)
class ClockView:
    """One legal deadline and the rule it comes from."""

    step: str
    due_at: datetime
    rule: str
    counting: str
    binding: bool
    verified: bool
    met_at: datetime | None
    breached_at: datetime | None
    paused_at: datetime | None


@dataclass(frozen=True, slots=True)
class ReplyView:
    """A reply, drafted or sent."""

    id: str
    kind: str
    language: str
    subject: str
    body: str
    drafted_at: datetime
    drafted_by: str
    posted_at: datetime | None


@dataclass(frozen=True, slots=True)
class EventView:
    """Something that happened to the complaint."""

    at: datetime
    verb: str
    from_state: str
    to_state: str
    actor: str
    reason: str
    details: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DecisionView:
    """A decision of its moment; `dossier` and `decision` are the documents of the rules."""

    id: str
    at: datetime
    by: str
    verdict: str
    amount_minor: int
    currency: str
    rule: str
    strength: str
    alone: bool
    dossier: Mapping[str, Any]
    decision: Mapping[str, Any]
    reason: str
    overrules: str


@dataclass(frozen=True, slots=True)
class ComplaintView:
    """Everything the complaint page shows, except what only a grant opens.

    address_given  whether a phone number or mailbox came with the complaint
    """

    row: ComplaintSummary
    subscriber: str
    address_given: bool
    service: str
    case: str
    identity_by: str
    wanted: str
    because: list[str]
    classified_by: str
    state_since: datetime
    resolved_at: datetime | None
    history: bool
    jurisdiction: str
    contacts: list[ContactView] = field(default_factory=list)
    clocks: list[ClockView] = field(default_factory=list)
    events: list[EventView] = field(default_factory=list)
    decisions: list[DecisionView] = field(default_factory=list)
    replies: list[ReplyView] = field(default_factory=list)

    @property
    def state(self) -> ComplaintState:
        """The state with its words for the complainant."""
        return table().states[self.row.state]

    def subscriber_may(self, verb: str) -> bool:
        """Whether the life cycle lets the subscriber make this move now."""
        moves = table().moves_from(self.row.state, who="subscriber")
        return any(move.verb == verb for move in moves)
