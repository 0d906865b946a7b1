"""The types of events, each from one kind of fact, and the fields that receivers get.

Fields are references, codes, amounts and times: no text that a person wrote, no name of a
colleague, and nothing that leads to a subscriber.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from amends.record.facts.kinds import KINDS
from amends.record.facts.stored import StoredFact

VERSION = 1
"""Of the schemas; a new optional field keeps it, any other change is a new version."""
TEST = "test"
"""The type of the event that an administrator sends to try an endpoint."""
_TYPES = {str: "string", int: "integer"}


@dataclass(frozen=True, slots=True)
class EventType:
    """A type of events: its name, the kind of fact it comes from, the fields of its data."""

    name: str
    kind: str
    fields: tuple[str, ...]

    def schema(self) -> dict[str, Any]:
        """JSON schema (2020-12) of the data."""
        kind = KINDS[self.kind]
        properties = {
            name: {"type": _TYPES[(kind.required | kind.optional)[name]]} for name in self.fields
        }
        return {
            "type": "object",
            "properties": properties,
            "required": [name for name in self.fields if name in kind.required],
            "additionalProperties": False,
        }


EVENT_TYPES = (
    EventType(
        "complaint.received", "ComplaintReceived", ("complaint", "channel", "code", "due_at_ms")
    ),
    EventType(
        "complaint.decided",
        "DecisionMade",
        ("complaint", "verdict", "rule", "amount_minor", "currency"),
    ),
    EventType(
        "complaint.deadline_moved",
        "DeadlineMoved",
        ("complaint", "step", "rule", "change", "days", "before_ms", "due_at_ms"),
    ),
    EventType("complaint.replied", "ReplySent", ("complaint", "channel")),
    EventType("complaint.fault_repaired", "FaultRepaired", ("complaint",)),
    EventType("complaint.outcome_answered", "OutcomeAnswered", ("complaint", "answer")),
    EventType(
        "remedy.granted",
        "RemedyGranted",
        ("remedy", "remedy_kind", "amount_minor", "currency", "complaint"),
    ),
    EventType("hot_issue.opened", "HotIssueOpened", ("issue", "started_ms", "drill", "reopened")),
    EventType("hot_issue.closed", "HotIssueClosed", ("issue", "drill")),
    EventType("emergency.declared", "EmergencyDeclared", ("issue", "level", "plan", "drill")),
    EventType(
        "statement.published", "StatementPublished", ("issue", "statement_version", "withdrawn")
    ),
    EventType("measure.started", "MeasureStarted", ("measure", "judge_on", "issue", "drill")),
    EventType("measure.judged", "MeasureJudged", ("measure", "verdict", "issue", "drill")),
    EventType("sale.frozen", "SaleFrozen", ("what", "offer", "issue")),
    EventType("sale.resumed", "SaleResumed", ("what", "offer", "issue")),
)
BY_KIND: Mapping[str, EventType] = {kind.kind: kind for kind in EVENT_TYPES}
NAMES = tuple(event_type.name for event_type in EVENT_TYPES)


def chosen_kinds(names: Sequence[str]) -> frozenset[str]:
    """The kinds of facts of some types of events.

    >>> sorted(chosen_kinds(["sale.frozen"]))
    ['SaleFrozen']
    """
    return frozenset(kind.kind for kind in EVENT_TYPES if kind.name in names)


def event_data(fact: StoredFact) -> dict[str, str | int]:
    """The fields of its type that a fact has."""
    fields = BY_KIND[fact.kind].fields
    return {name: fact.payload[name] for name in fields if name in fact.payload}


def envelope_of(
    envelope: str,
    *,
    event: str,
    event_type: str,
    subject: str,
    at: datetime,
    data: Mapping[str, str | int],
    source: str,
) -> dict[str, Any]:
    """The body of an event: as Standard Webhooks has it, or CloudEvents 1.0 in structured mode.

    >>> envelope_of("standard", event="e1", event_type="sale.frozen", subject="p59",
    ...             at=datetime.fromisoformat("1970-01-01T00:00Z"), data={"offer": "p59"},
    ...             source="/")
    {'type': 'sale.frozen', 'timestamp': '1970-01-01T00:00:00.000Z', 'data': {'offer': 'p59'}}
    """
    happened_at = at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if envelope == "standard":
        return {"type": event_type, "timestamp": happened_at, "data": dict(data)}
    return {
        "specversion": "1.0",
        "id": event,
        "source": source,
        "type": event_type,
        "time": happened_at,
        "datacontenttype": "application/json",
        "data": dict(data),
    } | ({"subject": subject} if subject else {})


def catalogue() -> dict[str, Any]:
    """All types of events with the schema of their data: one JSON document."""
    return {
        "version": VERSION,
        "event_types": {event_type.name: event_type.schema() for event_type in EVENT_TYPES},
    }
