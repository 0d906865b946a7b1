"""The network behind the lines: cells with load, radio and faults, and the weather over them.

Counters by the hour, as the operator's systems would deliver them. What goes wrong in them is what
the scenario hides: one area is overloaded in the evenings, and in another rain cuts one line after
the other. How well a cell is heard, how busy it is and how its users move differ from cell to cell.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from amends_demo.rules.places import AREAS
from amends_demo.rules.scenario import Scenario
from amends_demo.rules.stage import Rows
from amends_demo.rules.tables import CHINA_MS, DAY_MS, HOUR_MS

CELLS_PER_AREA = 2
BEFORE_DAYS = 17
"""Days of counters before the first fault: what is usual has to be known first."""
CAPACITY_MS = 10 * DAY_MS
"""From the moment a lasting overload is known until there is more capacity."""
CREWS_MS = 24 * HOUR_MS
"""From the moment a fault of the cables is known until they are sealed and mended."""
KPIS = ("down_user_mbps", "rtt_ms", "drop_share", "utilisation_share", "traffic_gb")
_CHANCE = 11
_BUSY = np.array(
    [18, 12, 8, 6, 5, 7, 14, 25, 36, 42, 45, 48, 52, 48, 45, 46, 50, 58, 70, 86, 98, 100, 78, 42]
)
"""Load of a day by its hours, per cent of its highest hour."""


@dataclass(frozen=True, slots=True)
class KnownFault:
    """A fault of the network from the moment somebody knows of it.

    cause        as in the truth; area: where
    found_ms     when counters showed it
    notified_ms  when users there who have not complained are notified, with gates on
    repaired_ms  when it is repaired, with gates on
    """

    cause: str
    area: str
    began_ms: int
    found_ms: int
    notified_ms: int
    repaired_ms: int


def known_faults(scenario: Scenario, found_ms: dict[str, int]) -> tuple[KnownFault, ...]:
    """The hidden faults of the network that were found; `found_ms`: area → when it was found.

    Users are told between eight in the morning and ten in the evening. More capacity takes ten
    days, crews seal and mend cables within a day: assumptions of the demonstration.
    """
    fault_plans = (
        (
            "degraded_area",
            scenario.degraded_area,
            scenario.degraded_from_ms,
            scenario.degraded_to_ms,
            CAPACITY_MS,
        ),
        (
            "storm",
            scenario.storm_area,
            scenario.storm_from_ms,
            scenario.storm_to_ms,
            CREWS_MS,
        ),
    )
    return tuple(
        KnownFault(
            cause=cause,
            area=area,
            began_ms=began,
            found_ms=found_ms[area],
            notified_ms=by_day_ms(found_ms[area]),
            repaired_ms=min(found_ms[area] + takes, ends, scenario.end_ms),
        )
        for cause, area, began, ends, takes in fault_plans
        if area in found_ms
    )


def by_day_ms(at_ms: int) -> int:
    """The moment itself between eight and twenty-two o'clock, else the next eight o'clock."""
    hour = (at_ms + CHINA_MS) // HOUR_MS % 24
    if 8 <= hour < 22:
        return at_ms
    midnight = (at_ms + CHINA_MS) // DAY_MS * DAY_MS - CHINA_MS
    return midnight + 8 * HOUR_MS + (DAY_MS if hour >= 22 else 0)


@dataclass(frozen=True, slots=True)
class SimulatedCell:
    """A cell: where it is, how much it carries, how well it is heard."""

    code: str
    area: str
    share: float
    radio: float


def cells(seed: int) -> list[SimulatedCell]:
    """The cells of all areas; a few are heard badly all the time, which is no fault."""
    chance = np.random.default_rng([seed, _CHANCE])
    return [
        SimulatedCell(
            code=f"{area.ref}-c{number}",
            area=area.ref,
            share=float(chance.uniform(0.4, 0.75)),
            radio=float(chance.choice([1.0, 0.92, 0.8], p=[0.7, 0.2, 0.1])),
        )
        for area in AREAS
        for number in range(1, CELLS_PER_AREA + 1)
    ]


def counters(
    scenario: Scenario, seed: int, *, repaired_ms: dict[str, int] | None = None
) -> pl.DataFrame:
    """The counters by the hour until the end of the world: `at, area, cell, kpi, value, users`.

    repaired_ms  area → when its fault was repaired, where it was repaired before it ended by itself
    """
    repaired = repaired_ms or {}
    start_ms = (scenario.degraded_from_ms // HOUR_MS) * HOUR_MS - BEFORE_DAYS * DAY_MS
    at_ms = np.arange(max(start_ms, scenario.start_ms), scenario.end_ms - HOUR_MS + 1, HOUR_MS)
    parts = [
        _of_cell(scenario, cell, at_ms, np.random.default_rng([seed, _CHANCE, number]), repaired)
        for number, cell in enumerate(cells(seed))
    ]
    return pl.concat(parts).with_columns(pl.col("at").cast(pl.Datetime("us", "UTC")))


def weather(scenario: Scenario, seed: int) -> pl.DataFrame:
    """Rain by area and hour, `at, area, rain_mm`: a storm over one area, showers elsewhere."""
    chance = np.random.default_rng([seed, _CHANCE, 1_000])
    at_ms = np.arange(scenario.storm_from_ms - 10 * DAY_MS, scenario.end_ms, HOUR_MS)
    parts = []
    for area in AREAS:
        rain = np.where(chance.random(len(at_ms)) < 0.04, chance.exponential(1.5, len(at_ms)), 0.0)
        if area.ref == scenario.storm_area:
            over = (at_ms >= scenario.storm_from_ms - 6 * HOUR_MS) & (
                at_ms < scenario.storm_from_ms + 18 * HOUR_MS
            )
            rain = np.where(over, chance.uniform(6, 22, len(at_ms)), rain)
        parts.append(
            pl.DataFrame(
                {
                    "at": pl.from_epoch(pl.Series(at_ms), time_unit="ms"),
                    "area": area.ref,
                    "rain_mm": np.round(rain, 1),
                }
            )
        )
    return pl.concat(parts).with_columns(pl.col("at").cast(pl.Datetime("us", "UTC")))


def _of_cell(
    scenario: Scenario,
    cell: SimulatedCell,
    at_ms: Rows,
    chance: np.random.Generator,
    repaired: dict[str, int],
) -> pl.DataFrame:
    local_h = (at_ms + CHINA_MS) // HOUR_MS
    weekend = (local_h // 24 + 3) % 7 >= 5
    busy = _BUSY[local_h % 24] / 100 * np.where(weekend, 1.08, 1.0)
    steady = _persisting(chance, len(at_ms))
    load = np.clip(cell.share * busy * (1 + 0.05 * steady), 0.01, 1.4)
    cut = np.zeros(len(at_ms))
    end_ms = repaired.get(cell.area, scenario.end_ms)
    if cell.area == scenario.degraded_area:
        # The whole area has more users on the same line out of it, and feels it when it is busy.
        load = np.where((at_ms >= scenario.degraded_from_ms) & (at_ms < end_ms), load * 1.9, load)
    if cell.area == scenario.storm_area:
        end_ms = min(end_ms, scenario.end_ms)
        wet = np.clip((at_ms - scenario.storm_from_ms) / (12 * HOUR_MS), 0, 1)
        cut = np.where((at_ms >= scenario.storm_from_ms) & (at_ms < end_ms), 0.35 * wet, 0.0)
    over = np.clip(load - 0.7, 0, None)
    noise = [
        chance.normal(0, noise_scale, len(at_ms))
        for noise_scale in (0.05, 0.05, 0.0012, 0.01, 0.05)
    ]
    speed = 220 * cell.radio * np.clip(1 - 1.1 * over - 0.6 * cut, 0.05, 1) * (1 + noise[0])
    rtt = (18 + 90 * over**1.5 + 60 * cut) * (1 + noise[1])
    drops = np.clip(0.006 / cell.radio + 0.03 * over + 0.25 * cut + noise[2], 0, 1)
    used = np.clip(np.minimum(load, 0.99) * (1 - 0.5 * cut) + noise[3], 0, 1)
    traffic = 400 * np.minimum(load, 1.0) * (1 - cut) * (1 + noise[4])
    users = np.round(900 * cell.share * (0.4 + 0.6 * busy) * (1 - 0.5 * cut)).astype(np.int64)
    values = dict(zip(KPIS, (speed, rtt, drops, used, traffic), strict=True))
    moments = pl.from_epoch(pl.Series(at_ms), time_unit="ms")
    return pl.concat(
        pl.DataFrame(
            {
                "at": moments,
                "area": cell.area,
                "cell": cell.code,
                "kpi": kpi,
                "value": np.round(value, 5),
                "users": users,
            }
        )
        for kpi, value in values.items()
    )


def _persisting(chance: np.random.Generator, number: int) -> Rows:
    """Noise of which an hour remembers the one before."""
    shocks = chance.normal(0, 0.8, number)
    persisting = np.empty(number)
    last = 0.0
    for at in range(number):
        last = 0.6 * last + shocks[at]
        persisting[at] = last
    return persisting
