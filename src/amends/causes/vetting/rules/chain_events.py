"""Events along the chain of a service: probe results, complaints, charges, incidents."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

PROBE = "probe"
COMPLAINT = "complaint"
CHARGE = "charge"
INCIDENT = "incident"
EVENT_SOURCES = (PROBE, COMPLAINT, CHARGE, INCIDENT)


@dataclass(frozen=True, slots=True)
class ChainEvent:
    """One observation.

    at      with its zone
    source  one of EVENT_SOURCES
    link    id of the link; empty for complaints
    ok      passed (probe), confirmed (charge), closed (incident); None for complaints
    ms      time a probe took; None where it was not measured
    what    probe id, class code, `unconfirmed`, `repeated`, or kind of incident
    """

    at: datetime
    source: str
    link: str
    ok: bool | None
    ms: float | None = None
    what: str = ""


@dataclass(frozen=True, slots=True)
class FaultEvidence:
    """Evidence against a link, as numbers; a page or command turns them into a sentence.

    failed, slow     probe results that failed or took longer than usual for that probe
    probes           results of the probes that meet the link in that time
    unconfirmed      charges without confirmation, and `repeated` charges
    charges          all charges in that time
    incidents        kinds of incident open on the link
    complaints       complaints in that time, and as many as `usual_complaints` were to be expected
    """

    failed: int = 0
    slow: int = 0
    probes: int = 0
    unconfirmed: int = 0
    repeated: int = 0
    charges: int = 0
    incidents: tuple[str, ...] = ()
    complaints: int = 0
    usual_complaints: float = 0.0


@dataclass(frozen=True, slots=True)
class LocatedFault:
    """A fault of one link over a time, with what points to it."""

    link: str
    from_at: datetime
    to_at: datetime
    evidence: FaultEvidence
