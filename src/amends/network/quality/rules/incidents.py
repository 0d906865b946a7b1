"""Which signs of faults belong together, when an incident is over, and how grave it is. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

TOGETHER = timedelta(minutes=30)
"""Signs in neighbouring areas begin one incident if they come so close to each other."""
AGAIN = timedelta(hours=2)
"""A sign so soon after an end says that the incident was not over."""
NORMAL_FOR = timedelta(hours=2)
"""Counters without a deviation for so long show that cells are back to normal."""
SILENT_FOR = timedelta(hours=72)
"""Without an end and without any sign for so long, an incident is closed at its last sign."""
_FEW_CELLS = 2
_ORDER = ("minor", "major", "critical")
_SAME_FAULT = {"outage": "down", "degraded": "slow", "congestion": "slow", "work": "work"}


@dataclass(frozen=True, slots=True)
class FaultSign:
    """One alarm or degraded stretch: where, since when, until when (None: it lasts).

    region  the area that `area` is part of, "" at the top
    """

    key: str
    area: str
    region: str
    kind: str
    cause: str
    technology: str
    severity: str
    from_at: datetime
    to_at: datetime | None = None
    cell: str = ""


@dataclass(frozen=True, slots=True)
class Extent:
    """An incident as the signs have shown it so far; `ref` is None of one not stored yet."""

    ref: str | None
    kind: str
    cause: str
    technology: str
    severity: str
    started_at: datetime
    ended_at: datetime | None
    last_sign_at: datetime
    areas: frozenset[str] = frozenset()
    regions: frozenset[str] = frozenset()
    cells: frozenset[str] = frozenset()
    signs: tuple[str, ...] = field(default=(), compare=False)


def gathered(signs: Iterable[FaultSign], known_extents: Sequence[Extent] = ()) -> list[Extent]:
    """The incidents that the signs begin or belong to, each with the keys of its signs.

    A sign belongs to an incident of the same fault (down, slow, planned work) and technology in its
    area that lasts or ended at most two hours before; else to one that began within half an hour in
    an area of the same region with the same cause; else it begins one. Incidents that got no sign
    are left out.
    """
    incidents = list(known_extents)
    by_area: dict[str, list[int]] = {}
    by_region: dict[str, list[int]] = {}
    for position, incident in enumerate(incidents):
        _index(incident, position, by_area, by_region)
    touched: dict[int, None] = {}
    for sign in sorted(signs, key=lambda fault_sign: (fault_sign.from_at, fault_sign.key)):
        near = [
            *by_area.get(sign.area, ()),
            *(by_region.get(sign.region, ()) if sign.region else ()),
        ]
        near_position = next((at for at in near if _belongs(sign, incidents[at])), None)
        position = len(incidents) if near_position is None else near_position
        if near_position is None:
            incidents.append(_begun(sign))
        else:
            incidents[position] = _with(incidents[position], sign)
        _index(incidents[position], position, by_area, by_region)
        touched[position] = None
    return [incidents[position] for position in touched]


def _index(
    extent: Extent, position: int, by_area: dict[str, list[int]], by_region: dict[str, list[int]]
) -> None:
    for index, names in ((by_area, extent.areas), (by_region, extent.regions)):
        for name in names:
            listed_positions = index.setdefault(name, [])
            if position not in listed_positions:
                listed_positions.append(position)


def _belongs(sign: FaultSign, to: Extent) -> bool:
    if _SAME_FAULT[sign.kind] != _SAME_FAULT[to.kind]:
        return False
    if to.technology != sign.technology and "all" not in (to.technology, sign.technology):
        return False
    if sign.area in to.areas:
        begins_in_time = to.ended_at is None or sign.from_at <= to.ended_at + AGAIN
        ends_in_time = sign.to_at is None or sign.to_at >= to.started_at - AGAIN
        return begins_in_time and ends_in_time
    same_cause = "unknown" in (sign.cause, to.cause) or sign.cause == to.cause
    lasts = to.ended_at is None or sign.from_at <= to.ended_at
    return same_cause and lasts and abs(sign.from_at - to.started_at) <= TOGETHER


def _begun(sign: FaultSign) -> Extent:
    return Extent(
        ref=None,
        kind=sign.kind,
        cause=sign.cause,
        technology=sign.technology,
        severity=sign.severity,
        started_at=sign.from_at,
        ended_at=sign.to_at,
        last_sign_at=sign.to_at or sign.from_at,
        areas=frozenset({sign.area}),
        regions=frozenset({sign.region} - {""}),
        cells=frozenset({sign.cell} - {""}),
        signs=(sign.key,),
    )


def _with(extent: Extent, sign: FaultSign) -> Extent:
    ended = None
    if extent.ended_at is not None and sign.to_at is not None:
        ended = max(extent.ended_at, sign.to_at)
    return replace(
        extent,
        kind="outage" if "outage" in (extent.kind, sign.kind) else extent.kind,
        cause=sign.cause if extent.cause == "unknown" else extent.cause,
        severity=graver(extent.severity, sign.severity),
        started_at=min(extent.started_at, sign.from_at),
        ended_at=ended,
        last_sign_at=max(extent.last_sign_at, sign.to_at or sign.from_at),
        areas=extent.areas | {sign.area},
        regions=extent.regions | ({sign.region} - {""}),
        cells=extent.cells | ({sign.cell} - {""}),
        signs=(*extent.signs, sign.key),
    )


def graver(first: str, second: str) -> str:
    """The graver of two severities.

    >>> graver("minor", "major")
    'major'
    """
    return max(first, second, key=_ORDER.index)


def at_least(severity: str, minimum: str) -> bool:
    """Whether a severity is `least` or graver.

    >>> at_least("major", "critical")
    False
    """
    return _ORDER.index(severity) >= _ORDER.index(minimum)


def severity_of_cells(hit: int, of: int) -> str:
    """How grave it is that `hit` of `of` cells of an area are degraded.

    >>> severity_of_cells(1, 40), severity_of_cells(3, 4)
    ('minor', 'major')
    """
    return "major" if of and 2 * hit >= of else "minor"


@dataclass(frozen=True, slots=True)
class SeenEnd:
    """When an incident ended, and what says so: `cleared`, `counters` or `no_sign`."""

    at: datetime
    reason: str


def end_of(
    *,
    alarms: Sequence[tuple[datetime, datetime | None]],
    stretches: Sequence[datetime],
    normal_since: Mapping[str, datetime | None],
    last_sign_at: datetime,
    now: datetime,
) -> SeenEnd | None:
    """When an incident ended, as its signs say; None while it lasts.

    alarms        raised and cleared of each of its alarms
    stretches     end of each degraded stretch of its cells
    normal_since  each of its cells → since when its counters show no deviation, None while they do
                  or where none came
    last_sign_at  the last sign of any kind, complaints included

    An alarm that was never cleared does not keep an incident open by itself: cells that are back to
    normal for two hours end it, or three days without any sign.
    """
    cleared = [end for _raised, end in alarms if end is not None]
    all_cleared = len(cleared) == len(alarms)
    measured = bool(normal_since) and None not in normal_since.values()
    normal = max((at for at in normal_since.values() if at is not None), default=None)
    if alarms and all_cleared and not stretches:
        return SeenEnd(max(cleared), "cleared")
    if measured and normal is not None and now - normal >= NORMAL_FOR:
        return SeenEnd(max([normal, *cleared]) if all_cleared else normal, "counters")
    if now - last_sign_at >= SILENT_FOR:
        return SeenEnd(last_sign_at, "no_sign")
    return None


@dataclass(frozen=True, slots=True)
class Estimate:
    """A count with the interval that covers the true one in 95 of 100 cases."""

    count: float
    low: float
    high: float


def explained(scores: Sequence[float]) -> Estimate:
    """How many of the linked complaints an incident caused: the sum of their scores.

    Each link is right with the probability of its score, independently of the others.

    >>> explained([0.9] * 100)
    Estimate(count=90.0, low=84.1, high=95.9)
    """
    total = sum(scores)
    spread = 1.96 * sum(score * (1 - score) for score in scores) ** 0.5
    return Estimate(
        round(total, 1),
        round(max(total - spread, 0.0), 1),
        round(min(total + spread, float(len(scores))), 1),
    )


def affected(people: int, cells_hit: int, cells: int) -> Estimate:
    """How many of the users of an area were in the cells hit, where nobody knows who uses which.

    With no cell named, or with all of them hit, everybody was.

    >>> affected(1000, 0, 4)
    Estimate(count=1000, low=1000, high=1000)
    >>> affected(1000, 1, 4)
    Estimate(count=250, low=223, high=277)
    """
    if not cells_hit or cells_hit >= cells:
        return Estimate(people, people, people)
    part = cells_hit / cells
    spread = 1.96 * (people * part * (1 - part)) ** 0.5
    middle = people * part
    return Estimate(
        round(middle), round(max(middle - spread, 0)), round(min(middle + spread, people))
    )
