"""Witnesses' cosignatures: facts of kind `CheckpointWitnessed` on a checkpoint's size."""

from __future__ import annotations

from typing import NamedTuple

from amends.record.ledger.models import SingleFact
from amends.record.ledger.queries.reading import FactSearch, read

KIND = "CheckpointWitnessed"


class Cosignature(NamedTuple):
    """A witness's signature line, the key that verifies it, and when it was given."""

    key: str
    line: str
    at_s: int


def subject_of(size: int) -> str:
    """What the facts about one checkpoint are about."""
    return f"checkpoint:{size}"


def cosignatures(size: int) -> list[Cosignature]:
    """Those on the checkpoint of this size, in order of signing."""
    facts = read(FactSearch({subject_of(size)}, True, {KIND}))
    return [
        Cosignature(
            str(fact.payload["key"]), str(fact.payload["line"]), fact.happened_at_ms // 1000
        )
        for fact in facts
    ]


def newest_witnessed() -> int | None:
    """The size of the newest checkpoint that a witness signed."""
    signed = SingleFact.objects.filter(kind=KIND).order_by("-happened_at_ms")
    subject = signed.values_list("subject", flat=True).first()
    return int(subject.partition(":")[2]) if subject else None
