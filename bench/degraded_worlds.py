"""Invented networks whose cells degrade at known times: the input and the truth of `degraded.py`.

Each world is a different idea of a network, so that a detector tuned on one of them shows it on the
others. All of them have growth, weekends, the days off of China, single bad samples, gaps, cells that move
to another area and stretches of 2 to 72 hours of 12 to 3 MAD, the shorter the stronger.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
from numpy.typing import NDArray

from amends.platform.kit.calendars import working_days

BAD = {"down_user_mbps": -1, "rtt_ms": 1, "drop_share": 1, "utilisation_share": 1}
KPIS = (*BAD, "traffic_gb")


@dataclass(frozen=True)
class World:
    """How a network behaves.

    noise          spread of a sample as a share of its value
    persistence    correlation of a cell's deviation with that of the hour before
    own_shape      how far a cell's week differs from the others of its kind (share)
    area_noise     spread of what all cells of an area share (share)
    heavy          degrees of freedom of the noise; 0 for normal noise
    bad_samples    share of single bad samples
    coupled        whether load drives all indicators, else each has a week of its own
    queue          whether indicators follow from utilisation as in a queue, and shares are of counted
                   calls (binomial): load that is high by chance moves all of them together
    calls          calls of a cell in a busy hour, of a `queue`
    load_noise     spread of the load of a cell around its week, lasting for hours, of a `queue`
    zone           whose clock the users follow; it changes in spring and autumn where it does there
    better         stretches in which a cell is better than usual, of a cell and week
    additive       whether noise is added in units of the daily mean, else multiplied
    """

    name: str
    cells: int = 300
    areas: int = 30
    weeks: int = 7
    grain_min: int = 60
    start: date = date(2026, 1, 5)
    noise: float = 0.12
    persistence: float = 0.5
    own_shape: float = 0.1
    area_noise: float = 0.04
    heavy: int = 0
    bad_samples: float = 0.001
    growth: float = 0.01
    coupled: bool = True
    additive: bool = False
    queue: bool = False
    calls: float = 120.0
    load_noise: float = 0.15
    load_lasts_h: float = 8.0
    zone: str = "Asia/Shanghai"
    better: float = 0.0
    holiday: float = 0.35
    gaps: float = 0.01
    moves: float = 0.03
    per_cell_week: float = 0.25
    kpis: tuple[str, ...] = KPIS


WORLDS = (
    World("load", coupled=True, persistence=0.6),
    World(
        "apart", coupled=False, persistence=0.2, own_shape=0.25, noise=0.15, start=date(2026, 9, 7)
    ),
    World("sticky", coupled=True, persistence=0.85, noise=0.1, area_noise=0.08, weeks=6),
    World(
        "plain", coupled=False, persistence=0.0, additive=True, noise=0.1, area_noise=0.0, heavy=4
    ),
    World("quarter", cells=120, areas=8, grain_min=15, weeks=5, persistence=0.8, noise=0.15),
    World("few", cells=24, areas=3, weeks=8, persistence=0.4, noise=0.12),
    World(
        "wild",
        coupled=False,
        persistence=0.4,
        noise=0.3,
        heavy=3,
        bad_samples=0.003,
        own_shape=0.3,
        growth=0.03,
    ),
    World("queue", queue=True, noise=0.1, load_noise=0.15, own_shape=0.12, better=0.03),
    World("queue-sparse", queue=True, calls=25, noise=0.12, load_noise=0.2, weeks=6, holiday=0.5),
    World(
        "queue-15", queue=True, cells=100, areas=7, grain_min=15, weeks=5, calls=60, load_noise=0.12
    ),
    World("handful", queue=True, cells=16, areas=3, weeks=8),
)
UNTOUCHED = (
    World(
        "untouched-1",
        cells=400,
        areas=25,
        weeks=6,
        persistence=0.45,
        noise=0.18,
        own_shape=0.2,
        heavy=6,
        area_noise=0.06,
        start=date(2026, 4, 6),
        growth=0.02,
    ),
    World(
        "untouched-2",
        cells=200,
        areas=20,
        weeks=5,
        grain_min=15,
        coupled=False,
        persistence=0.7,
        noise=0.1,
        start=date(2026, 1, 19),
        holiday=0.6,
    ),
    World(
        "untouched-3",
        queue=True,
        areas=24,
        weeks=8,
        calls=70,
        noise=0.13,
        load_noise=0.22,
        load_lasts_h=14,
        own_shape=0.15,
        better=0.05,
        growth=0.02,
    ),
    World(
        "untouched-4",
        queue=True,
        areas=20,
        weeks=7,
        calls=200,
        heavy=6,
        load_lasts_h=4,
        start=date(2026, 2, 23),
        zone="Europe/Berlin",
    ),
    World("untouched-5", queue=True, cells=18, areas=3, weeks=9, calls=90, start=date(2026, 8, 24)),
)


def simulate(world: World, seed: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Counters (`at, area, cell, kpi, value, users`) and truth (`cell, kpi, from, to, mad`)."""
    rng = np.random.default_rng(seed)
    steps = 60 // world.grain_min
    length = world.weeks * 168 * steps
    begin = datetime.combine(world.start, datetime.min.time(), ZoneInfo(world.zone)).astimezone(UTC)
    hours = np.arange(length) / steps
    load = _load(world, rng, hours)
    lasting = world.persistence ** (1 / steps)
    if world.queue:
        values, calls = _queue(world, rng, load, steps)
        truth = _degrade(world, rng, values, steps, begin)
        _improve(world, rng, values, steps)
        # What is shared out among counted calls comes in whole calls.
        values["drop_share"] = rng.binomial(calls, np.clip(values["drop_share"], 0, 1)) / calls
        _bad_samples(world, rng, values)
        return _rows(world, rng, values, begin, calls), truth
    deviation = _ar(rng, *load.shape, lasting, world.heavy)
    values = {kpi: _values(world, rng, kpi, load, deviation, steps) for kpi in world.kpis}
    truth = _degrade(world, rng, values, steps, begin)
    _bad_samples(world, rng, values)
    return _rows(world, rng, values, begin, 80 * load), truth


def _load(
    world: World, rng: np.random.Generator, hours: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Cells × samples, about 1: kinds of cells, weekends, days off, growth, what an area shares."""
    steps = 60 // world.grain_min
    hours = hours + _clock_change_h(world, hours)
    calendar = working_days("cn")
    day_of = (hours // 24).astype(int)
    days = [world.start + timedelta(days=int(n)) for n in range(day_of[-1] + 1)]
    off = np.array([not calendar.is_working(day) for day in days])[day_of]
    festive = np.array(
        [
            not calendar.is_working(d)
            and (
                d.weekday() < 5
                or not all(calendar.is_working(d + timedelta(days=n)) for n in (-2, 2, 3))
            )
            and any(
                not calendar.is_working(d + timedelta(days=n))
                and (d + timedelta(days=n)).weekday() < 5
                for n in range(-7, 8)
            )
            for d in days
        ]
    )[day_of]
    clock = hours % 24
    kinds = np.stack(
        [
            0.55 + 0.5 * _bump(clock, 20.5, 3.2) + 0.25 * _bump(clock, 12.5, 2.0),
            0.35 + 0.8 * _bump(clock, 11.0, 3.0) + 0.6 * _bump(clock, 16.0, 2.5),
            0.4 + 0.7 * _bump(clock, 8.2, 1.3) + 0.7 * _bump(clock, 18.3, 1.6),
            0.45 + 0.6 * _bump(clock, 14.5, 4.0),
        ]
    ) * (0.25 + 0.75 * (1 - 0.8 * _bump(clock, 4.0, 2.4)))
    free = np.array([1.12, 0.45, 0.6, 1.5])[:, None]
    kinds = kinds * np.where(off, free, 1.0)
    kind = rng.integers(0, 4, world.cells)
    area = np.arange(world.cells) % world.areas
    mixed = 0.75 * kinds[kind] + 0.25 * kinds[rng.integers(0, 4, world.cells)]
    own = world.own_shape * rng.standard_normal((world.cells, 168))
    own = (own + np.roll(own, 1, 1) + np.roll(own, -1, 1)) / np.sqrt(3)
    week = (hours % 168).astype(int)
    mixed = mixed * np.exp(own[:, week])
    feast = world.holiday * rng.standard_normal(world.areas)[area]
    mixed = mixed * np.exp(feast[:, None] * festive)
    grow = world.growth * (1 + 0.7 * rng.standard_normal(world.cells))
    mixed = mixed * np.exp(grow[:, None] * hours / 168)
    shared = _ar(rng, world.areas, hours.size, 0.8 ** (1 / steps)) * world.area_noise
    return mixed * np.exp(shared[area]) * np.exp(0.3 * rng.standard_normal(world.cells))[:, None]


def _clock_change_h(world: World, hours: NDArray[np.float64]) -> NDArray[np.float64]:
    """By how many hours the clock of the users is ahead of that of the first day."""
    zone = ZoneInfo(world.zone)
    begin = datetime.combine(world.start, datetime.min.time(), UTC)
    offsets = [
        (begin + timedelta(hours=float(one))).astimezone(zone).utcoffset() or timedelta()
        for one in hours
    ]
    return np.array([(one - offsets[0]).total_seconds() / 3600 for one in offsets])


def _bump(clock: NDArray[np.float64], middle: float, width: float) -> NDArray[np.float64]:
    away = (clock - middle + 12) % 24 - 12
    return np.exp(-0.5 * (away / width) ** 2)


def _ar(
    rng: np.random.Generator, rows: int, length: int, rho: float, heavy: int = 0
) -> NDArray[np.float64]:
    """Rows of noise of variance 1 whose neighbours correlate by `rho`."""
    shocks = (
        rng.standard_t(heavy, (rows, length)) * np.sqrt((heavy - 2) / heavy)
        if heavy
        else rng.standard_normal((rows, length))
    )
    if rho:
        shocks[:, 1:] *= np.sqrt(1 - rho**2)
        for at in range(1, length):
            shocks[:, at] += rho * shocks[:, at - 1]
    return shocks


def _values(
    world: World,
    rng: np.random.Generator,
    kpi: str,
    load: NDArray[np.float64],
    deviation: NDArray[np.float64],
    steps: int,
) -> NDArray[np.float64]:
    cells, length = load.shape
    rho = world.persistence ** (1 / steps)
    busy = load * np.exp(0.7 * world.noise * deviation) if world.coupled else load
    level = np.exp(0.25 * rng.standard_normal(cells))[:, None]
    if kpi == "down_user_mbps":
        clean = 60 * level / (0.5 + busy)
    elif kpi == "rtt_ms":
        clean = 25 * level + 14 * busy**1.5
    elif kpi == "drop_share":
        clean = 0.004 * level * (0.5 + busy)
    elif kpi == "utilisation_share":
        clean = np.clip(0.38 * busy * np.minimum(level, 1.2), 0, None)
    else:
        clean = 20 * level * busy
    spread = world.noise * (2.0 if kpi == "drop_share" else 1.0)
    noise = _ar(rng, cells, length, 0.5 * rho if world.coupled else rho, world.heavy)
    if world.additive:
        made = clean + spread * clean.mean(axis=1, keepdims=True) * noise
    else:
        made = clean * np.exp(spread * noise - spread**2 / 2)
    return np.clip(made, 1e-5, 1.0 if kpi.endswith("share") else None)


def _queue(
    world: World, rng: np.random.Generator, load: NDArray[np.float64], steps: int
) -> tuple[dict[str, NDArray[np.float64]], NDArray[np.int64]]:
    """Indicators of a queue, and the calls of each sample."""
    cells, length = load.shape
    lasting = np.exp(-1 / (world.load_lasts_h * steps))
    busy = load * np.exp(world.load_noise * _ar(rng, cells, length, lasting))
    usual = load.mean(axis=1, keepdims=True)
    size = np.exp(0.35 * rng.standard_normal((cells, 1)))
    used = np.clip(0.36 * size * busy / usual, 0.01, 0.97)
    rho = world.persistence ** (1 / steps)

    def noise(spread: float) -> NDArray[np.float64]:
        made = spread * _ar(rng, cells, length, 0.5 * rho, world.heavy)
        return np.exp(made - spread**2 / 2)

    calls = 1 + rng.poisson(world.calls / steps * size * busy / usual)
    values = {
        "down_user_mbps": 90 * (1 - used) / (0.6 + busy / usual) * noise(world.noise),
        "rtt_ms": (18 + 9 * used / (1 - 0.8 * used)) * noise(world.noise),
        "drop_share": 0.006 * (1 + 2 * used**2) * noise(world.noise) * np.ones_like(busy),
        "utilisation_share": np.clip(used * noise(0.5 * world.noise), 0.005, 1.0),
        "traffic_gb": 20 * size * busy * noise(world.noise),
    }
    return values, calls


def _improve(
    world: World, rng: np.random.Generator, values: dict[str, NDArray[np.float64]], steps: int
) -> None:
    """Cells that are better than usual for a while: not sought, and no measure of chance either."""
    cells, length = next(iter(values.values())).shape
    for cell in range(cells):
        for _n in range(rng.poisson(world.better * world.weeks)):
            lasts = round(rng.uniform(4, 60) * steps)
            first = rng.integers(0, length - lasts)
            kpi = rng.choice(["down_user_mbps", "rtt_ms"])
            factor = rng.uniform(1.3, 2.0)
            values[kpi][cell, first : first + lasts] *= factor if BAD[kpi] < 0 else 1 / factor


def _degrade(
    world: World,
    rng: np.random.Generator,
    values: dict[str, NDArray[np.float64]],
    steps: int,
    begin: datetime,
) -> pl.DataFrame:
    cells, length = next(iter(values.values())).shape
    mads = {}
    for kpi in set(world.kpis) & set(BAD):
        folded = values[kpi].reshape(cells, -1, 168 * steps)
        middle = np.median(folded, axis=1, keepdims=True)
        mads[kpi] = np.median(np.abs(folded - middle).reshape(cells, -1), axis=1)
    rows = []
    bad = [kpi for kpi in world.kpis if kpi in BAD]
    for cell in range(cells):
        free = np.zeros(length, dtype=bool)
        for _n in range(rng.poisson(world.per_cell_week * world.weeks)):
            lasts_h = 2 * 36 ** rng.random()
            lasts = max(2 * steps, round(lasts_h * steps))
            first = rng.integers(0, length - lasts)
            if free[max(0, first - 24 * steps) : first + lasts + 24 * steps].any():
                continue
            free[first : first + lasts] = True
            size = 12 - 9 * np.log(lasts_h / 2) / np.log(36) + 0.5 * rng.standard_normal()
            size = max(size, 3.0)
            some = rng.permutation(bad)[: rng.integers(1, min(3, len(bad)) + 1)]
            for kpi in some:
                own = size if kpi == some[0] else size * rng.uniform(0.7, 1.0)
                part = values[kpi][cell, first : first + lasts]
                moved = part + BAD[kpi] * own * mads[kpi][cell]
                values[kpi][cell, first : first + lasts] = np.clip(
                    moved, 0.03 * part, 1.0 if kpi.endswith("share") else None
                )
                if first >= 14 * 24 * steps:
                    rows.append((f"c{cell:05}", kpi, first, first + lasts, own))
    table = pl.DataFrame(rows, schema=["cell", "kpi", "from", "to", "mad"], orient="row")
    step = timedelta(minutes=world.grain_min)
    return table.with_columns(
        (pl.lit(begin).cast(pl.Datetime("us", "UTC")) + pl.col(name) * step).alias(name)
        for name in ("from", "to")
    )


def _bad_samples(
    world: World, rng: np.random.Generator, values: dict[str, NDArray[np.float64]]
) -> None:
    for kpi, made in values.items():
        hit = rng.random(made.shape) < world.bad_samples
        factor = np.exp(rng.choice([-1, 1], hit.sum()) * rng.uniform(0.7, 2.0, hit.sum()))
        made[hit] = np.clip(made[hit] * factor, 1e-5, 1.0 if kpi.endswith("share") else None)


def _rows(
    world: World,
    rng: np.random.Generator,
    values: dict[str, NDArray[np.float64]],
    begin: datetime,
    users: NDArray[Any],
) -> pl.DataFrame:
    cells, length = users.shape
    step = timedelta(minutes=world.grain_min)
    times = pl.datetime_range(
        begin, begin + step * (length - 1), step, eager=True, time_unit="us"
    ).alias("at")
    names = np.array([f"c{cell:05}" for cell in range(cells)])
    areas = np.array([f"area-{cell % world.areas:03}" for cell in range(cells)])
    of = np.repeat(areas[:, None], length, 1)
    for cell in np.flatnonzero(rng.random(cells) < world.moves):
        of[cell, rng.integers(length // 4, length) :] = f"area-{rng.integers(world.areas):03}"
    there = rng.random((cells, length)) > world.gaps / 2
    for cell in np.flatnonzero(rng.random(cells) < 20 * world.gaps):
        first = rng.integers(0, length)
        there[cell, first : first + rng.integers(3, 48)] = False
    base = pl.DataFrame(
        {
            "at": pl.Series(np.tile(times.to_numpy(), cells)),
            "area": of.ravel(),
            "cell": np.repeat(names, length),
            "there": there.ravel(),
            "users": np.maximum(1, np.round(users.ravel())).astype(np.int64),
        }
    ).with_columns(pl.col("at").dt.replace_time_zone("UTC"))
    frames = [
        base.with_columns(pl.lit(kpi).alias("kpi"), pl.Series("value", made.ravel()))
        for kpi, made in values.items()
    ]
    return (
        pl.concat(frames)
        .filter("there")
        .select("at", "area", "cell", "kpi", "value", "users")
        .sort("at", maintain_order=True)
    )
