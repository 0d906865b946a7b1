"""Watch the simulated network: what its counters show, when, and what is done about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from amends.network.quality.actions.change_incident import end_incident
from amends.network.quality.actions.credit_affected import credit_ended
from amends.network.quality.actions.join_complaints import join_to
from amends.network.quality.actions.notify_affected import notify_begin, notify_end
from amends.network.quality.actions.place_cells import CellRow, place_cells
from amends.network.quality.actions.plan_notices import NoticeTexts, approve_plan, draft_plan
from amends.network.quality.actions.take_changes import take_changes
from amends.network.quality.actions.take_counters import store
from amends.network.quality.actions.take_signs import StretchFound, take_stretches
from amends.network.quality.jobs.forecast_peaks import forecast_stored
from amends.network.quality.queries.incidents import incidents_numbered
from amends.network.quality.rules.degradation import degraded
from amends.platform.kit.actors import Actor, system
from amends.platform.kit.calendars import working_days
from amends.platform.kit.periods import from_ms, to_ms
from amends.work.approvals.actions.decide import approve
from amends_demo.rules.gates import complaints_of
from amends_demo.rules.network import (
    KnownFault,
    by_day_ms,
    cells,
    counters,
    known_faults,
    weather,
)
from amends_demo.rules.scenario import Scenario
from amends_demo.rules.simulate import World
from amends_demo.rules.tables import CHINA_MS, DAY_MS, HOUR_MS

_BAD_WHEN: dict[str, Any] = {
    "down_user_mbps": "low",
    "rtt_ms": "high",
    "drop_share": "high",
    "utilisation_share": "high",
}
_ZONE = ZoneInfo("Asia/Shanghai")
_MUCH_RAIN_MM = 25
_CAUSES = {"degraded_area": "congestion", "storm": "weather"}
_TEXTS = NoticeTexts(
    begins_zh="{area}自{since}起宽带异常，正在处理。受影响期间的费用会自动减免，不用投诉。",
    begins_en="Broadband in {area} has been disturbed since {since}; we are working on it."
    " Your fee for these days is reduced automatically, you need not complain.",
    ends_zh="{area}的宽带已于{until}恢复正常，费用减免会体现在下期账单。",
    ends_en="Broadband in {area} is back to normal since {until}."
    " The reduction is on your next bill.",
)


@dataclass(frozen=True, slots=True)
class NetworkWatch:
    """What the counters of a world show: the hidden faults found, and every degraded stretch."""

    faults: tuple[KnownFault, ...]
    stretches: tuple[StretchFound, ...]
    false: int


@dataclass(frozen=True, slots=True)
class FaultEffect:
    """One hidden fault of the network: when it was found, and what became of its complaints.

    before_peak_h     hours from finding it to the day on which most people complained of it
    complaints        people who complained; complaints_without: with no gate in the way
    repaired, notified  who did not complain because it was repaired before it befell them, or
                      because they had been notified
    """

    cause: str
    area: str
    began_at: str
    found_at: str
    found_after_h: float
    before_peak_h: float
    before_first_complaint_h: float
    complaints: int
    complaints_without: int
    repaired: int
    notified: int

    @property
    def change(self) -> float:
        """How the complaints changed, as a share; 0 of none."""
        return self.complaints / self.complaints_without - 1 if self.complaints_without else 0.0


@dataclass(frozen=True, slots=True)
class NetworkWatched:
    """The part of the demonstration's document that is about the network."""

    effects: list[FaultEffect]
    false_stretches: int
    incidents: int
    joined: int
    notified: int
    credited: int

    def as_dict(self) -> dict[str, Any]:
        """For the document of the command."""
        effects = [asdict(effect) | {"change": round(effect.change, 3)} for effect in self.effects]
        return {"network": asdict(self) | {"effects": effects}}


def watch(world: World) -> NetworkWatch:
    """What the counters of a world show by the rules of `quality`, each stretch as it is found."""
    return _watched(world.scenario, world.seed)


@lru_cache(maxsize=2)
def _watched(scenario: Scenario, seed: int) -> NetworkWatch:
    rows = counters(scenario, seed).select("at", "area", "cell", "kpi", "value")
    degradation = degraded(
        rows,
        bad_when=_BAD_WHEN,
        zone=_ZONE,
        is_working=working_days("cn").is_working,
        loads=["traffic_gb"],
    )
    faulty = {scenario.degraded_area, scenario.storm_area}
    stretches = tuple(
        StretchFound(
            cell=cell,
            area=area,
            kpi=kpi,
            from_at=start,
            to_at=end,
            found_at=found_at + timedelta(hours=1),
            score=round(score, 1),
        )
        for cell, area, kpi, start, end, found_at, score in degradation.stretches.select(
            "cell", "area", "kpi", "from", "to", "found_at", "score"
        ).iter_rows()
    )
    first: dict[str, int] = {}
    for stretch in sorted(stretches, key=lambda each: each.found_at):
        if stretch.area in faulty:
            first.setdefault(stretch.area, to_ms(stretch.found_at))
    false = sum(stretch.area not in faulty for stretch in stretches)
    return NetworkWatch(known_faults(scenario, first), stretches, false)


def effects(
    open_world: World, world: World, watched: NetworkWatch, spared: Mapping[str, tuple[int, int]]
) -> list[FaultEffect]:
    """For each fault what became of its complaints; `world` is what gates left of `open_world`."""
    fault_effects = []
    for fault in watched.faults:
        came = _moments(open_world, fault.cause)
        days = Counter((at + CHINA_MS) // DAY_MS for at in came)
        peak = max(days, key=lambda day: (days[day], -day), default=0)
        peak_ms = peak * DAY_MS - CHINA_MS
        repaired, notified = spared.get(fault.cause, (0, 0))
        fault_effects.append(
            FaultEffect(
                cause=fault.cause,
                area=fault.area,
                began_at=from_ms(fault.began_ms).isoformat(),
                found_at=from_ms(fault.found_ms).isoformat(),
                found_after_h=round((fault.found_ms - fault.began_ms) / HOUR_MS, 1),
                before_peak_h=round((peak_ms - fault.found_ms) / HOUR_MS, 1),
                before_first_complaint_h=round(
                    (min(came, default=fault.found_ms) - fault.found_ms) / HOUR_MS, 1
                ),
                complaints=complaints_of(world, fault.cause),
                complaints_without=complaints_of(open_world, fault.cause),
                repaired=repaired,
                notified=notified,
            )
        )
    return fault_effects


def _moments(world: World, cause: str) -> list[int]:
    received = world.contacts["received_ms"].to_pylist()
    causes = world.truth["cause"].to_pylist()
    firsts = world.truth["contact_of"].to_pylist()
    return [
        at
        for at, its, repeats in zip(received, causes, firsts, strict=True)
        if its == cause and not repeats
    ]


def follow_network(
    world: World,
    fault_effects: list[FaultEffect],
    watched: NetworkWatch,
    actors: dict[str, Actor],
    *,
    closed: bool,
    now: datetime,
) -> NetworkWatched:
    """Record what the counters showed, as it was found: incidents with their complaints; with gates
    on (`closed`) also the notices, the repair, the credits."""
    since = from_ms(world.scenario.start_ms)
    place_cells(
        [
            CellRow(
                place=cell.code,
                code=cell.code,
                area=cell.area,
                technology="fibre",
                renamed_from="",
                since=since,
            )
            for cell in cells(world.seed)
        ]
    )
    repaired_ms = {fault.area: fault.repaired_ms for fault in watched.faults} if closed else {}
    store(counters(world.scenario, world.seed, repaired_ms=repaired_ms).drop("users"))
    take_changes(_weather(world), zone=_ZONE)
    forecast_stored(now=now)
    if closed:
        _plan(actors, since)
    watcher = system("quality")
    numbers: dict[str, int] = {}
    for fault in watched.faults:
        mine = [stretch for stretch in watched.stretches if stretch.area == fault.area]
        if closed:
            mine = [
                found_stretch
                for found_stretch in mine
                if found_stretch.found_at <= from_ms(fault.repaired_ms)
            ]
        for found_stretch in sorted(mine, key=lambda each: each.found_at):
            intake = take_stretches(
                [_until(found_stretch, fault, now, closed=closed)],
                technology="fibre",
                cause=_CAUSES[fault.cause],
                by=watcher,
                now=found_stretch.found_at,
            )
            for number in intake.opened:
                numbers.setdefault(fault.cause, number)
    joined = notified = 0
    rows = incidents_numbered(numbers.values())
    if closed:
        notified_ms = {fault.area: fault.notified_ms for fault in watched.faults}
        for row in rows:
            notified += notify_begin(row, now=max(from_ms(notified_ms[row.areas[0]]), row.found_at))
        for fault in watched.faults:
            repaired = from_ms(fault.repaired_ms)
            if fault.cause not in numbers or repaired >= now:
                continue
            row = next(incident for incident in rows if incident.number == numbers[fault.cause])
            joined += len(join_to([row], now=repaired))
            request = end_incident(
                row.number,
                at=repaired,
                reason="扩容完成" if fault.cause == "degraded_area" else "光缆已修复",
                actor=actors["manager"],
                now=repaired,
            )
            approve(request.ref, actor=actors["senior_handler"], now=repaired)
            row.refresh_from_db()
            notify_end(row, now=min(from_ms(by_day_ms(fault.repaired_ms)), now))
    joined += len(join_to(rows, now=now))
    return NetworkWatched(
        effects=fault_effects,
        false_stretches=watched.false,
        incidents=len(rows),
        joined=joined,
        notified=notified,
        credited=credit_ended(now=now) if closed else 0,
    )


def _until(
    stretch: StretchFound, fault: KnownFault, now: datetime, *, closed: bool
) -> StretchFound:
    """The stretch as far as it lasts: with gates on until the repair."""
    end = min(stretch.to_at, from_ms(fault.repaired_ms)) if closed else stretch.to_at
    return StretchFound(
        cell=stretch.cell,
        area=stretch.area,
        kpi=stretch.kpi,
        from_at=stretch.from_at,
        to_at=min(end, now),
        found_at=stretch.found_at,
        score=stretch.score,
    )


def _weather(world: World) -> list[dict[str, str]]:
    """A row for each day on which much rain fell in an area."""
    days = (
        weather(world.scenario, world.seed)
        .group_by("area", pl.col("at").dt.truncate("1d").alias("day"))
        .agg(pl.col("rain_mm").sum(), pl.col("at").filter(pl.col("rain_mm") > 0).min())
        .filter(pl.col("rain_mm") >= _MUCH_RAIN_MM)
        .sort("day", "area")
    )
    return [
        {
            "at": at.isoformat(),
            "area": area,
            "kind": "weather",
            "what": f"暴雨 {rain:.0f} mm / heavy rain {rain:.0f} mm",
        }
        for area, rain, at in days.select("area", "rain_mm", "at").iter_rows()
    ]


def _plan(actors: dict[str, Actor], now: datetime) -> None:
    plan = draft_plan(
        _TEXTS,
        kinds=["outage", "degraded", "congestion"],
        cap=2_000,
        actor=system("demo"),
        now=now,
    )
    for role in ("manager", "senior_handler"):
        approve_plan(plan.id, actor=actors[role], now=now)
