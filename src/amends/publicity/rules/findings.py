"""One finding of the checks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

from amends.publicity.rules.numerals import Folded
from amends.publicity.rules.rulebook import Rulebook

Severity = Literal["block", "warn", "unsure", "advice"]
UNSURE = "UNSURE"


@dataclass(frozen=True, slots=True)
class Finding:
    """What an advert says, what the record says, and where it says so.

    start, end  place in the text; both 0 where something is missing from it
    """

    code: str
    severity: Severity
    field: str
    said: str
    is_: str
    start: int = 0
    end: int = 0

    def placed(self, folded: Folded, original: str) -> Finding:
        """The same with places and words of the text as it was published."""
        if self.end <= self.start:
            return self
        start, end = folded.span(self.start, self.end)
        return replace(self, start=start, end=end, said=original[start:end])

    def as_dict(self, rulebook: Rulebook, copy: str, offer: str) -> dict[str, Any]:
        """As the document of `publicity check` names it."""
        return {
            "copy": copy, "offer": offer, "code": self.code, "severity": self.severity,
            "field": self.field, "said": self.said, "is": self.is_, "start": self.start,
            "end": self.end, "rule": rulebook.rule_id(self.code),
        }  # fmt: skip


def say(value: object, unit: str = "") -> str:
    """A value of the record in figures; "" for none.

    >>> say(49.0, " GB"), say(0.5), say(None)
    ('49 GB', '0.5', '')
    """
    if value is None:
        return ""
    if isinstance(value, float | int):
        return f"{value:g}{unit}" if abs(value) < 1e6 else f"{value:.0f}{unit}"
    return f"{value}{unit}"
