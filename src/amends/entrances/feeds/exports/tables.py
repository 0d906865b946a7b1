"""The tables that are exported, each from kinds of facts: references, codes, amounts and times."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from amends.record.facts.kinds import KINDS

VERSION = 1
"""Of the columns; a new column at the end keeps it, any other change is a new version."""


@dataclass(frozen=True, slots=True)
class ExportTable:
    """A table: the kinds of facts that are its rows, and the fields of their payloads it has."""

    kinds: tuple[str, ...]
    fields: tuple[str, ...]

    def field_type(self, name: str) -> type:
        """Whether a field is a text or an integer."""
        for kind in self.kinds:
            fields = KINDS[kind].required | KINDS[kind].optional
            if name in fields:
                return fields[name]
        raise KeyError(name)


TABLES: Mapping[str, ExportTable] = {
    "complaints": ExportTable(
        ("ComplaintReceived",), ("complaint", "channel", "code", "pack", "due_at_ms")
    ),
    "decisions": ExportTable(
        ("DecisionMade",), ("complaint", "verdict", "rule", "amount_minor", "currency")
    ),
    "remedies": ExportTable(
        ("RemedyGranted", "RefundMade"),
        ("remedy", "complaint", "remedy_kind", "amount_minor", "currency"),
    ),
    "notices": ExportTable(
        ("NoticeDue", "NoticeSent", "NoticeDelivered"),
        ("duty", "duty_version", "step", "channel", "due_at_ms"),
    ),
    "hot_issues": ExportTable(
        ("HotIssueOpened", "HotIssueClosed"), ("issue", "started_ms", "drill", "reopened")
    ),
}
BASE = ("number", "fact", "kind", "happened_at_ms")
"""The columns that each table begins with."""
