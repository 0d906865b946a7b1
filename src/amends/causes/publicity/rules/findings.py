"""One finding of the checks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

Severity = Literal["block", "warn", "unsure", "advice"]
UNSURE = "UNSURE"


@dataclass(frozen=True, slots=True)
class Finding:
    """What an advert says, what the record says, and where it says so.

    start, end  place in the text; both 0 where something is missing from it
    instead     wording to use instead, in the language of the copy; "" for none
    offer       id of the offer whose record it is held against; "" for none
    """

    code: str
    severity: Severity
    field: str
    said: str
    is_: str
    start: int = 0
    end: int = 0
    offer: str = ""
    instead: str = ""

    def doubted(self) -> Finding:
        """The same for a person to look at: a number nearby was not understood."""
        return replace(self, code=UNSURE, severity="unsure")


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
