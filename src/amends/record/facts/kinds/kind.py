"""One kind of fact."""

from __future__ import annotations

from dataclasses import dataclass, field

MONEY: dict[str, type] = {"amount_minor": int, "currency": str}
"""What every payload with an amount carries."""


@dataclass(frozen=True, slots=True)
class FactKind:
    """What a kind of fact carries. `subject` names what the fact's `subject` refers to."""

    subject: str
    required: dict[str, type]
    en: str
    zh: str
    optional: dict[str, type] = field(default_factory=dict)
    version: int = 1
    bulk: bool = False
