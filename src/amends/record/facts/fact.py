"""A fact: one thing that happened, in strings and integers only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from amends.platform.kit.errors import BadInput
from amends.platform.kit.errors import gettext_noop as _
from amends.platform.kit.ids import time_ordered_id
from amends.record.facts.kinds import KINDS


class UnableToState(BadInput):
    """The fact does not have the form its kind demands."""

    code = "fact_malformed"


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact, not yet appended.

    kind        a key of `amends.record.facts.kinds.KINDS`
    subscriber  random pseudonym, or "" where the fact concerns nobody in particular
    subject     the reference the fact is about: a service, offer, area, charge or source
    happened_at when it happened (time zone required)
    source      the system that states it, e.g. "billing"
    payload     strings and integers, with the keys its kind declares; never personal data
    id          32 hexadecimal digits, unique; the idempotency key of the fact
    version     version of the kind's payload

    >>> from datetime import UTC, datetime
    >>> Fact("ServiceStopped", "p1", "svc-1", datetime(2026, 5, 1, tzinfo=UTC), "crm",
    ...      {"initiator": "subscriber"}).kind
    'ServiceStopped'
    """

    kind: str
    subscriber: str
    subject: str
    happened_at: datetime
    source: str
    payload: Mapping[str, str | int]
    id: str = field(default_factory=time_ordered_id)
    version: int = 1

    def __post_init__(self) -> None:
        if self.happened_at.tzinfo is None:
            raise UnableToState(
                _("%(kind)s has a time without a zone."), values={"kind": self.kind}
            )
        check_payload(self.kind, self.payload)


def check_payload(kind: str, payload: Mapping[str, str | int]) -> None:
    """Refuse a payload with unknown, missing or wrongly typed fields.

    >>> check_payload("ServiceStopped", {"initiator": "subscriber"})
    """
    spec = KINDS.get(kind)
    if spec is None:
        raise UnableToState(_("There is no kind of fact called %(kind)s."), values={"kind": kind})
    for name, value in payload.items():
        expected = spec.required.get(name) or spec.optional.get(name)
        if expected is None:
            raise UnableToState(
                _("%(kind)s has no field %(field)s."), values={"kind": kind, "field": name}
            )
        if type(value) is not expected:
            raise UnableToState(
                _("%(kind)s.%(field)s must be of the type %(type)s."),
                values={"kind": kind, "field": name, "type": expected.__name__},
            )
        if expected is int and not -(2**53) < int(value) < 2**53:
            raise UnableToState(
                _("%(field)s is beyond the integers JSON can carry."),
                values={"field": f"{kind}.{name}"},
            )
    missing = spec.required.keys() - payload.keys()
    if missing:
        raise UnableToState(
            _("%(kind)s lacks %(fields)s."),
            values={"kind": kind, "fields": ", ".join(sorted(missing))},
        )
