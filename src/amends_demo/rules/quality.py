"""Broadband as measured: healthy lines, one degraded area, incidents, one area never reported."""

from __future__ import annotations

import numpy as np

from amends_demo.rules.catalogue import offer
from amends_demo.rules.places import AREAS
from amends_demo.rules.stage import Rows, Stage, Trouble
from amends_demo.rules.tables import DAY_MS, HOUR_MS

DEGRADED = "fibre"
"""The technology that is congested in the degraded area."""

_MEASURING_SHARE = 0.3
_MEASUREMENTS = 4
_INCIDENTS_PER_AREA = 2


def measure(stage: Stage, rng: np.random.Generator) -> None:
    """Measurements of all reporting lines, the degraded area's state, and incidents."""
    _background(stage, rng)
    _degraded(stage, rng)
    _healthy(stage, rng)
    _unmeasured(stage, rng)
    _storm(stage, rng)
    _incidents(stage, rng)


def _area_of(stage: Stage, people: Rows) -> list[str]:
    return [AREAS[row].ref for row in stage.area_rows[people]]


def _measure(stage: Stage, rng: np.random.Generator, people: Rows, at_ms: Rows) -> None:
    """Measure each line once at its moment; in the degraded area and period far below promise."""
    scenario = stage.scenario
    areas = _area_of(stage, people)
    is_covered = np.array([area != scenario.uncovered_area for area in areas], dtype=bool)
    people, at_ms = people[is_covered], at_ms[is_covered]
    areas = [area for area, keep in zip(areas, is_covered, strict=True) if keep]
    lines = np.array([stage.broadband[int(person)] for person in people], dtype=np.int64)
    alive = at_ms >= np.array([stage.services.activated_ms[row] for row in lines], dtype=np.int64)
    lines, at_ms = lines[alive], at_ms[alive]
    areas = [area for area, keep in zip(areas, alive, strict=True) if keep]
    promised = np.array(
        [offer(stage.services.offer[row]).speed_down_kbps for row in lines], dtype=np.int64
    )
    bad = np.array([area == scenario.degraded_area for area in areas], dtype=bool)
    bad &= (at_ms >= scenario.degraded_from_ms) & (at_ms < scenario.degraded_to_ms)
    share = np.where(
        bad, rng.uniform(0.12, 0.55, size=len(lines)), rng.uniform(0.86, 1.02, size=len(lines))
    )
    stage.book.add(
        "SpeedMeasured",
        subscriber=stage.subscribers_of(lines),
        subject=stage.service_refs(lines),
        at_ms=at_ms,
        source="quality",
        down_kbps=(promised * share).astype(np.int64),
        up_kbps=(promised * share / 10).astype(np.int64),
        rtt_us=rng.integers(4_000, 30_000, size=len(lines)),
        method="gateway",
        area=areas,
        promised_down_kbps=promised,
    )


def _background(stage: Stage, rng: np.random.Generator) -> None:
    scenario = stage.scenario
    lines = np.array(sorted(stage.broadband), dtype=np.int64)
    people = lines[rng.random(len(lines)) < _MEASURING_SHARE]
    length = scenario.end_ms - scenario.start_ms
    for _ in range(_MEASUREMENTS):
        _measure(stage, rng, people, scenario.start_ms + rng.integers(0, length, size=len(people)))


def _degraded(stage: Stage, rng: np.random.Generator) -> None:
    """The hidden cause: four weeks of congestion in one area, stated day by day."""
    scenario = stage.scenario
    days = np.arange(scenario.degraded_from_ms, scenario.degraded_to_ms, DAY_MS)
    stage.book.add(
        "QualityDegraded",
        subscriber=-1,
        subject=scenario.degraded_area,
        at_ms=days,
        source="quality",
        area=scenario.degraded_area,
        technology=DEGRADED,
        from_ms=days,
        to_ms=days + DAY_MS,
        severity="major",
        cause="congestion",
    )
    people = stage.roles["line_degraded"]
    for person in people.tolist():
        trigger = int(rng.integers(scenario.degraded_from_ms + 5 * DAY_MS, scenario.degraded_to_ms))
        count = int(rng.integers(4, 8))
        moments = np.sort(rng.integers(trigger - 5 * DAY_MS, trigger, size=count))
        _measure(stage, rng, np.full(count, person), moments)
        _complain_of_line(stage, "line_degraded", person, trigger)


def _complain_of_line(stage: Stage, role: str, person: int, trigger: int) -> None:
    row = stage.broadband[person]
    stage.troubles.append(
        Trouble(
            role=role,
            subscriber=person,
            trigger_ms=trigger,
            service=stage.services.ref[row],
            offer=stage.services.offer[row],
        )
    )


def _healthy(stage: Stage, rng: np.random.Generator) -> None:
    """People whose line does what was sold; the trouble is indoors."""
    scenario = stage.scenario
    for person in stage.roles["line_healthy"].tolist():
        trigger = int(rng.integers(scenario.start_ms + 30 * DAY_MS, scenario.end_ms - DAY_MS))
        count = int(rng.integers(4, 8))
        moments = np.sort(rng.integers(trigger - 20 * DAY_MS, trigger, size=count))
        _measure(stage, rng, np.full(count, person), moments)
        _complain_of_line(stage, "line_healthy", person, trigger)


def _unmeasured(stage: Stage, rng: np.random.Generator) -> None:
    scenario = stage.scenario
    for person in stage.roles["line_unmeasured"].tolist():
        trigger = int(rng.integers(scenario.start_ms + 30 * DAY_MS, scenario.end_ms - DAY_MS))
        _complain_of_line(stage, "line_unmeasured", person, trigger)


def _storm(stage: Stage, rng: np.random.Generator) -> None:
    """Lines cut one after the other as water gets in; no system of the operator has noticed."""
    scenario = stage.scenario
    for person in stage.roles["line_cut"].tolist():
        trigger = int(rng.integers(scenario.storm_from_ms, scenario.storm_to_ms))
        _complain_of_line(stage, "line_cut", person, trigger)


def _incidents(stage: Stage, rng: np.random.Generator) -> None:
    """A few short incidents, in areas where nobody complains of losing his line."""
    scenario = stage.scenario
    length = scenario.end_ms - scenario.start_ms
    spared = {AREAS[row].ref for row in stage.area_rows[stage.roles["outage"]]}
    for area in AREAS:
        if area.ref in spared | {
            scenario.uncovered_area,
            scenario.degraded_area,
            scenario.storm_area,
        }:
            continue
        opened = scenario.start_ms + np.sort(
            rng.integers(0, length - 3 * DAY_MS, size=_INCIDENTS_PER_AREA)
        )
        names = stage.refs("inc", _INCIDENTS_PER_AREA)
        stage.book.add(
            "IncidentOpened",
            subscriber=-1,
            subject=area.ref,
            at_ms=opened,
            source="quality",
            incident=names,
            area=area.ref,
            technology="fibre",
            cause="cable_cut",
        )
        closed = opened + rng.integers(2 * HOUR_MS, 30 * HOUR_MS, size=_INCIDENTS_PER_AREA)
        stage.book.add(
            "IncidentClosed",
            subscriber=-1,
            subject=area.ref,
            at_ms=closed,
            source="quality",
            incident=names,
            area=area.ref,
        )
