"""Simulated chains of services with planted faults and what may be mistaken for one."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from amends.causes.vetting.rules.chain_events import ChainEvent
from amends.causes.vetting.rules.chains import APP, ServiceChain, chain_of

START = datetime(2026, 3, 2, tzinfo=UTC)
KINDS = ("provider", "delivery", "network", "billing", "app")


@dataclass(frozen=True, slots=True)
class World:
    """How a simulated operator's services are watched, and how they fail.

    every_min   minutes between two results of a probe, from and to
    probes      probes of a link, from and to (the app has `start` and `journey` besides)
    modes       how a link fails: down, slow, incident (on record, no probe fails), charges
    fails       share of results that fail while down, from and to
    slower      factor of the time while slow, from and to
    hours       length of a fault, from and to
    faults      planted faults of a chain
    clumsy      incidents opened on links that suffer, planned works on links that do not
    """

    name: str
    days: int = 10
    every_min: tuple[float, float] = (5, 5)
    probes: tuple[int, int] = (2, 3)
    modes: tuple[str, ...] = ("down", "slow", "incident", "charges")
    fails: tuple[float, float] = (0.7, 1.0)
    slower: tuple[float, float] = (2.0, 5.0)
    hours: tuple[float, float] = (1.0, 12.0)
    faults: int = 1
    noise: float = 0.01
    spread: float = 0.2
    swing: float = 0.25
    charges_per_hour: float = 8.0
    charge_share: tuple[float, float] = (0.3, 0.8)
    complaints_per_day: float = 6.0
    two_of: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    clumsy: bool = False


@dataclass(frozen=True, slots=True)
class Planted:
    """A planted fault."""

    link: str
    kind: str
    mode: str
    start: datetime
    end: datetime
    strength: float


@dataclass(slots=True)
class Case:
    """One chain, what was observed, and what is true."""

    chain: ServiceChain
    events: list[ChainEvent]
    planted: list[Planted] = field(default_factory=list)


WORLDS = {
    "plain": World("plain"),
    "irregular": World("irregular", every_min=(3, 25), noise=0.015, probes=(2, 4)),
    "sparse": World("sparse", every_min=(12, 18), charges_per_hour=2, hours=(3, 20), days=14),
    "other services": World("other services", every_min=(5, 10), complaints_per_day=15, days=7),
}
HELD_OUT = {
    "intermittent": World(
        "intermittent", every_min=(8, 12), fails=(0.45, 0.8), slower=(1.6, 2.5), noise=0.02, days=12
    ),
    "overlapping": World(
        "overlapping", every_min=(4, 6), faults=2, two_of=("delivery",), hours=(2, 10), days=8
    ),
    "half hours": World(
        "half hours", every_min=(25, 40), hours=(4, 24), days=21, charges_per_hour=1, swing=0.5
    ),
    "few sources": World(
        "few sources", probes=(1, 2), without=("complaint",), every_min=(5, 15), noise=0.02
    ),
    "clumsy": World("clumsy", clumsy=True, every_min=(2, 20), spread=0.35, hours=(0.7, 8)),
}


def simulate(world: World, seed: int, *, kind: str | None) -> Case:
    """One chain; with `kind`, a fault of the link of that kind is planted (and others after it)."""
    rng = random.Random(f"{world.name}-{seed}")
    kinds = [*KINDS, *world.two_of]
    rng.shuffle(kinds)
    links = []
    for number, each in enumerate(kinds):
        names = [f"{each[:3]}{number}-{probe}" for probe in range(rng.randint(*world.probes))]
        if each == APP:
            names = ["start", "journey", *names[2:]]
        links.append((f"{each}-{number}", each, tuple(names)))
    chain = chain_of("ring-back tones", links)
    planted = list(_plant(world, rng, chain, kind)) if kind else []
    broken = list(_distractions(world, rng, chain, planted))
    events = [
        *_probes(world, rng, chain, planted, broken),
        *_charges(world, rng, chain, planted),
        *_incidents(world, rng, chain, planted),
        *_complaints(world, rng, planted),
        *_elsewhere(world, rng),
    ]
    events = [one for one in events if one.source not in world.without]
    rng.shuffle(events)
    return Case(chain, events, planted)


def _time(world: World, rng: random.Random, hours: float) -> datetime:
    return START + timedelta(hours=rng.uniform(30, world.days * 24 - 12 - hours))


def _plant(world: World, rng: random.Random, chain: ServiceChain, kind: str) -> Iterator[Planted]:
    wanted = [kind, *rng.sample([one for one in KINDS if one != kind], world.faults - 1)]
    first: datetime | None = None
    for each in wanted:
        link = rng.choice([one for one in chain.links if one.kind == each])
        modes = [one for one in world.modes if (one == "charges") <= (each == "billing")]
        hours = rng.uniform(*world.hours)
        start = first + timedelta(hours=rng.uniform(-3, 4)) if first else _time(world, rng, hours)
        first = first or start
        mode = rng.choice(modes)
        strength = rng.uniform(
            *{"slow": world.slower, "charges": world.charge_share}.get(mode, world.fails)
        )
        yield Planted(link.id, each, mode, start, start + timedelta(hours=hours), strength)


@dataclass(frozen=True, slots=True)
class _Trouble:
    """Of one probe (or all): fails or is slow without a fault of the service."""

    probe: str
    start: datetime
    end: datetime
    factor: float = 0.0


def _distractions(
    world: World, rng: random.Random, chain: ServiceChain, planted: list[Planted]
) -> Iterator[_Trouble]:
    for _ in range(rng.randint(1, 3)):
        start = _time(world, rng, 1)
        yield _Trouble("", start, start + timedelta(minutes=rng.uniform(4, 28)))
    several = [one for one in chain.links if len(one.probes) > 1]
    for _ in range(rng.randint(1, 2) if several else 0):
        start, hours = _time(world, rng, 9), rng.uniform(0.5, 9)
        names = [p for p in rng.choice(several).probes if p != "journey"]
        factor = rng.choice((0.0, 0.0, 3.0))
        yield _Trouble(rng.choice(names), start, start + timedelta(hours=hours), factor)


def _probes(
    world: World,
    rng: random.Random,
    chain: ServiceChain,
    planted: list[Planted],
    troubles: list[_Trouble],
) -> Iterator[ChainEvent]:
    end = START + timedelta(days=world.days)
    for link in chain.links:
        uses = chain.uses(link)
        for probe in link.probes:
            usual = rng.uniform(40, 300) * (4 if link.kind == APP else 1)
            at = START + timedelta(minutes=rng.uniform(0, world.every_min[1]))
            while at < end:
                hour = at.hour + at.minute / 60
                busy = 1 + world.swing * max(0.0, 1 - abs(hour - 13) / 4)
                ms = usual * busy * rng.lognormvariate(0, world.spread)
                if rng.random() < 0.005:
                    ms *= rng.uniform(3, 8)
                failed = rng.random() < world.noise
                for fault in planted:
                    met = fault.link == link.id or fault.link in uses
                    if met and fault.start <= at < fault.end:
                        if fault.mode == "down":
                            failed |= rng.random() < fault.strength
                        elif fault.mode == "slow" and fault.link == link.id:
                            ms *= fault.strength
                        elif fault.mode == "slow":
                            ms += rng.uniform(100, 300) * (fault.strength - 1)
                for trouble in troubles:
                    if trouble.probe in ("", probe) and trouble.start <= at < trouble.end:
                        if trouble.factor:
                            ms *= trouble.factor
                        else:
                            failed |= rng.random() < 0.97
                what = probe
                yield ChainEvent(at, "probe", link.id, not failed, ms if not failed else None, what)
                at += timedelta(minutes=rng.uniform(*world.every_min))


def _times(
    rng: random.Random, per_hour: float, start: datetime, end: datetime
) -> Iterator[datetime]:
    at = start
    while per_hour > 0:
        at += timedelta(hours=rng.expovariate(per_hour))
        if at >= end:
            return
        yield at


def _charges(
    world: World, rng: random.Random, chain: ServiceChain, planted: list[Planted]
) -> Iterator[ChainEvent]:
    billing = next(one.id for one in chain.links if one.kind == "billing")
    usual = rng.uniform(0.005, 0.03)
    end = START + timedelta(days=world.days)
    for at in _times(rng, world.charges_per_hour, START, end):
        share = usual
        for fault in planted:
            if fault.mode == "charges" and fault.start <= at < fault.end:
                share = fault.strength
        bad = rng.random() < share
        what = rng.choice(("unconfirmed", "repeated")) if bad else "confirmed"
        yield ChainEvent(at, "charge", billing, not bad, None, what)


def _incidents(
    world: World, rng: random.Random, chain: ServiceChain, planted: list[Planted]
) -> Iterator[ChainEvent]:
    for fault in planted:
        if fault.mode == "incident" or rng.random() < 0.4:
            early = 0.0 if fault.mode == "incident" else rng.uniform(0.1, 1.5)
            opened = min(fault.start + timedelta(hours=early), fault.end)
            closed = fault.end + timedelta(hours=rng.uniform(0, 3))
            kind = rng.choice(("outage", "degradation", "power", "queue"))
            yield ChainEvent(opened, "incident", fault.link, False, None, kind)
            yield ChainEvent(closed, "incident", fault.link, True, None, kind)
        if world.clumsy:
            suffers = [one.id for one in chain.links if fault.link in chain.uses(one)]
            if suffers and fault.mode == "down":
                link = rng.choice(suffers)
                middle = fault.start + (fault.end - fault.start) / 2
                yield ChainEvent(middle, "incident", link, False, None, "errors")
                yield ChainEvent(fault.end, "incident", link, True, None, "errors")
    if world.clumsy and not planted:
        at = _time(world, rng, 4)
        link = rng.choice(chain.links).id
        yield ChainEvent(at, "incident", link, False, None, "planned work")
        yield ChainEvent(at + timedelta(hours=3), "incident", link, True, None, "planned work")


def _complaints(world: World, rng: random.Random, planted: list[Planted]) -> Iterator[ChainEvent]:
    end = START + timedelta(days=world.days)
    per_hour = world.complaints_per_day / 24
    times = list(_times(rng, per_hour, START, end))
    for fault in planted:
        lag = timedelta(hours=rng.uniform(0.3, 3))
        times += _times(rng, per_hour * rng.uniform(3, 9), fault.start + lag, fault.end + lag)
    wave = _time(world, rng, 8)
    times += _times(rng, per_hour * 8, wave, wave + timedelta(hours=rng.uniform(3, 8)))
    for at in times:
        yield ChainEvent(at, "complaint", "", None, None, "thirdparty.value_added")


def _elsewhere(world: World, rng: random.Random) -> Iterator[ChainEvent]:
    """Another service: its link fails for hours, has an incident, charges without confirmation."""
    end = START + timedelta(days=world.days)
    start = _time(world, rng, 8)
    stop = start + timedelta(hours=8)
    for at in _times(rng, 4, START, end):
        yield ChainEvent(at, "probe", "other-link", not start <= at < stop, 90.0, "other-probe")
    yield ChainEvent(start, "incident", "other-link", False, None, "outage")
    yield ChainEvent(stop, "incident", "other-link", True, None, "outage")
    for at in _times(rng, 5, start, stop):
        yield ChainEvent(at, "charge", "other-billing", False, None, "unconfirmed")


def without_link_names(case: Case) -> Case:
    """The same case as a sloppy source writes it: charges without the id of billing."""
    events = [replace(one, link="") if one.source == "charge" else one for one in case.events]
    return Case(case.chain, events, case.planted)
