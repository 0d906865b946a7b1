"""Load a world through the apps' own doors: people, offers, services, then facts day by day."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.db import transaction

from amends.people.access.actions.open_case import NewCase, open_cases
from amends.people.partners.actions.contract import sign_contract
from amends.people.partners.actions.register import register_partners
from amends.people.partners.queries import PartnerView
from amends.people.subscribers.actions.open_services import NewService, open_services
from amends.people.subscribers.actions.register import NewSubscriber, register_many
from amends.platform.kit.actors import system
from amends.platform.kit.packs import UnableToFindRules, load_rules, names
from amends.platform.kit.periods import from_ms
from amends.record.catalogue.actions.define_areas import define_areas
from amends.record.catalogue.actions.name_codes import name_codes
from amends.record.catalogue.actions.publish_offers import NewOffer, publish_offers
from amends.record.catalogue.queries import AreaView
from amends.record.facts.fact import Fact
from amends.record.facts.kinds import KINDS
from amends.record.ledger.actions.append import append
from amends.record.ledger.actions.append_segment import (
    append_sealed,
    seal_segment,
    segments_of,
)
from amends.record.ledger.rules.segments import SealedSegment
from amends_demo.actions.gate import close_gate, stop_adverts, stop_leaks
from amends_demo.actions.meter import Meter
from amends_demo.actions.network import watch
from amends_demo.rules.catalogue import PARTNERS
from amends_demo.rules.coverage import stated_with
from amends_demo.rules.gates import Gated, gated, relieved
from amends_demo.rules.places import AREAS, PROVINCES
from amends_demo.rules.scenario import Scenario
from amends_demo.rules.simulate import World

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how many are done, and how many there are."""

_PEOPLE_AT_ONCE = 5_000
_SERVICES_AT_ONCE = 10_000
_FACTS_AT_ONCE = 2_000
_SEGMENTS_AT_ONCE = 4
_SEGMENT_FROM_ROWS, _PAST_FROM_ROWS = 500, 5_000
_APPS_WITH_RULES = (
    "amends.engines.classification",
    "amends.cases.complaints",
    "amends.engines.decisions",
    "amends.work.remedies",
    "amends.people.access",
)
_ZONE = "Asia/Shanghai"
_LANGUAGES = {"zh": "zh-hans", "en": "en"}


def quietly(_: str, __: int, ___: int) -> None:
    """Report progress to nobody."""


@dataclass(slots=True)
class Feeds:
    """The facts of a world on their way to the ledger, with pseudonyms in place of row numbers."""

    scenario: Scenario
    tables: dict[str, pa.Table]
    moments: dict[str, np.ndarray] = field(default_factory=dict)
    delivered: dict[str, int] = field(default_factory=dict)
    delivered_ms: int | None = None

    def deliver(self, *, until_ms: int, now: datetime) -> int:
        """Append whatever happened before `until_ms` and was not delivered; return how many.

        Kinds that come in bulk go as segments when there are enough of them, others only where a
        past is brought along; everything else as single facts. With it each source states that the
        delivery is whole, and no more: what it delivers next it speaks for then.
        """
        stated = self._coverage(until_ms, now)
        singles: list[Fact] = []
        sealed = []
        for kind, table in self.tables.items():
            first = self.delivered.get(kind, 0)
            last = int(np.searchsorted(self.moments[kind], until_ms))
            self.delivered[kind] = last
            part = table.slice(first, last - first)
            enough = _SEGMENT_FROM_ROWS if KINDS[kind].bulk else _PAST_FROM_ROWS
            if part.num_rows >= enough:
                (source,) = part["source"].unique().to_pylist()
                for piece in segments_of(part.drop_columns(["source"])):
                    sealed.append(seal_segment(kind, piece, source=source, now=now))
            else:
                singles += _single(kind, part)
        _record(stated + singles, sealed, now=now)
        return len(singles) + sum(segment.rows for segment in sealed)

    def _coverage(self, until_ms: int, now: datetime) -> list[Fact]:
        if self.delivered_ms is not None and until_ms <= self.delivered_ms:
            return []
        stated = stated_with(self.scenario, since_ms=self.delivered_ms, until_ms=until_ms)
        self.delivered_ms = until_ms
        return [
            Fact(
                kind="SourceCovered",
                subscriber="",
                subject=statement.source,
                happened_at=now,
                source=statement.source,
                payload={
                    "kinds": ",".join(statement.kinds),
                    "scope": statement.scope,
                    "from_ms": statement.from_ms,
                    "to_ms": statement.to_ms,
                    "complete": int(statement.complete),
                },
            )
            for statement in stated
        ]

    def never_charged(self, services: Mapping[str, int]) -> None:
        """Take out what would have been charged abroad: service → from when nothing was."""
        if not services:
            return
        table = self.tables["ChargeMade"]
        mine = pc.and_(
            pc.is_in(table["subject"], value_set=pa.array(sorted(services), pa.string())),
            pc.equal(table["charge_kind"], "roaming_data"),
        )
        rows = np.flatnonzero(mine.to_numpy())
        subjects = table["subject"].take(pa.array(rows)).to_pylist()
        since = np.array([services[subject] for subject in subjects], dtype=np.int64)
        keep = np.ones(table.num_rows, dtype=bool)
        keep[rows[self.moments["ChargeMade"][rows] >= since]] = False
        self.tables["ChargeMade"] = table.filter(pa.array(keep))
        self.moments["ChargeMade"] = self.moments["ChargeMade"][keep]


def _record(singles: list[Fact], sealed: list[SealedSegment], *, now: datetime) -> None:
    """Write in as few transactions as keep each of them short."""
    while singles or sealed:
        with transaction.atomic():
            append(singles[:_FACTS_AT_ONCE], now=now)
            for segment in sealed[:_SEGMENTS_AT_ONCE]:
                append_sealed(segment)
        singles, sealed = singles[_FACTS_AT_ONCE:], sealed[_SEGMENTS_AT_ONCE:]


def _single(kind: str, part: pa.Table) -> list[Fact]:
    return [
        Fact(
            kind=kind,
            subscriber=row.pop("subscriber"),
            subject=row.pop("subject"),
            happened_at=from_ms(row.pop("happened_at_ms")),
            source=row.pop("source"),
            payload={name: value for name, value in row.items() if value is not None},
        )
        for row in part.to_pylist()
    ]


@dataclass(frozen=True, slots=True)
class Loaded:
    """A world whose people have pseudonyms; row n of the world is `pseudonyms[n]`.

    gates  what gates made of it
    meter  counts what its people use
    """

    world: World
    pseudonyms: list[str]
    feeds: Feeds
    gates: Gated
    meter: Meter


def load(world: World, *, progress: Progress = quietly, gates: bool = False) -> Loaded:
    """Register the world's people, partners, offers and services, and ready its feeds.

    gates  orders of partners go through the gate of confirmations and adverts through publicity,
           and what they stop never happens; nothing goes past the reminder engine; faults that
           counters of the network show are repaired early, and users there are told

    Everything is dated to the start of the world; facts follow with `Feeds.deliver`.
    """
    now = from_ms(world.scenario.start_ms)
    _state_rules(now)
    _areas(world)
    _names(world)
    _partners(now)
    _offers(world)
    pseudonyms = _people(world, now, progress)
    full_world, refused, adverts = world, 0, 0
    spared: dict[str, tuple[int, int]] = {}
    if gates:
        world, refused = close_gate(full_world, pseudonyms)
        world = stop_leaks(world)
        world, adverts = stop_adverts(world)
        world, spared = relieved(world, watch(full_world).faults)
    _services(world, pseudonyms, progress)
    feeds = _feeds(world, pseudonyms)
    _give_looks_their_cases(feeds, now)
    gate_outcome = gated(
        world,
        open_world=full_world,
        closed=gates,
        refused=refused,
        adverts=adverts,
        spared=spared,
    )
    meter = Meter(world, pseudonyms, closed=gates)
    meter.enrol()
    return Loaded(world=world, pseudonyms=pseudonyms, feeds=feeds, gates=gate_outcome, meter=meter)


def _state_rules(now: datetime) -> None:
    """State which versions of the rules were in force when the world began."""
    in_force = []
    for app in _APPS_WITH_RULES:
        for name in names(app):
            with suppress(UnableToFindRules):
                in_force.append(load_rules(app, name, now.date()))
    facts = [
        Fact(
            kind="RuleSetActivated",
            subscriber="",
            subject=rules.version,
            happened_at=now,
            source="rules",
            payload={
                "rules": rules.version,
                "effective_from": rules.effective_from.isoformat(),
                "sha256": rules.sha256,
            },
        )
        for rules in in_force
    ]
    with transaction.atomic():
        append(facts, now=now)


def _areas(world: World) -> None:
    counts = world.subscribers["area"].value_counts().to_pylist()
    inhabitants = {row["values"]: row["counts"] for row in counts}
    define_areas(
        [
            AreaView(
                code=f"province-{code}",
                name_zh=zh,
                name_en=en,
                parent="",
                province=code,
                subscribers_count=0,
            )
            for code, (zh, en) in PROVINCES.items()
        ]
        + [
            AreaView(
                code=area.ref,
                name_zh=area.zh,
                name_en=area.en,
                parent=f"province-{area.province}",
                province=area.province,
                subscribers_count=inhabitants.get(area.ref, 0),
            )
            for area in AREAS
        ]
    )


def _names(world: World) -> None:
    name_codes("brand", {"yunfan": ("云帆", "Yunfan"), "lingtong": ("灵通", "Lingtong")})
    name_codes("campaign", {world.scenario.campaign: ("新春好礼", "Spring Gift")})


def _partners(now: datetime) -> None:
    register_partners(
        [
            PartnerView(ref=partner.ref, kind=partner.kind, name_zh=partner.zh, name_en=partner.en)
            for partner in PARTNERS
        ]
    )
    for partner in PARTNERS:
        sign_contract(partner.ref, roles=(partner.kind,), valid_from=now)


def _offers(world: World) -> None:
    """Offers as reference data; the facts that state them come with the feeds."""
    new = [
        NewOffer(
            ref=row["offer"],
            version=row["offer_version"],
            kind=row["kind"],
            name_zh=row["name_zh"],
            name_en=row["name_en"],
            price_minor=row["price_minor"],
            currency=row["currency"],
            valid_from=from_ms(row["happened_at_ms"]),
            provider=row["provider"] or "",
            allowance_mb=row["allowance_mb"],
            speed_down_kbps=row["speed_down_kbps"],
            speed_min_kbps=row["speed_min_kbps"],
            contract_months=row["contract_months"] or 0,
            exit_fee_minor=row["exit_fee_minor"] or 0,
            out_of_plan_minor_per_mb=row["out_of_plan_minor_per_mb"],
        )
        for row in world.facts["OfferPublished"].to_pylist()
    ]
    publish_offers(new)


def _people(world: World, now: datetime, progress: Progress) -> list[str]:
    pseudonyms: list[str] = []
    for first in range(0, world.size, _PEOPLE_AT_ONCE):
        people = [
            NewSubscriber(**(row | {"language": _LANGUAGES[row["language"]], "zone": _ZONE}))
            for row in world.subscribers.slice(first, _PEOPLE_AT_ONCE).to_pylist()
        ]
        pseudonyms += register_many(people, now=now)
        progress("subscribers", len(pseudonyms), world.size)
    return pseudonyms


def _services(world: World, pseudonyms: list[str], progress: Progress) -> None:
    areas = world.subscribers["area"].to_pylist()
    rows = world.services.num_rows
    for first in range(0, rows, _SERVICES_AT_ONCE):
        open_services(
            [
                NewService(
                    subscriber=pseudonyms[row["subscriber"]],
                    kind=row["kind"],
                    started_at=from_ms(row["activated_ms"]),
                    offer=row["offer"],
                    offer_version="1",
                    area=areas[row["subscriber"]],
                    ref=row["ref"],
                )
                for row in world.services.slice(first, _SERVICES_AT_ONCE).to_pylist()
            ]
        )
        progress("services", min(rows, first + _SERVICES_AT_ONCE), rows)


def _feeds(world: World, pseudonyms: list[str]) -> Feeds:
    """The world's facts with pseudonyms; nobody, row -1, becomes an empty name."""
    names = pa.array([*pseudonyms, ""])
    feeds = Feeds(world.scenario, {})
    for kind, table in world.facts.items():
        rows = table["subscriber"].to_numpy()
        owners = names.take(pa.array(np.where(rows < 0, len(pseudonyms), rows)))
        column_index = table.column_names.index("subscriber")
        feeds.tables[kind] = table.set_column(column_index, "subscriber", owners)
        feeds.moments[kind] = table["happened_at_ms"].to_numpy()
    return feeds


def _give_looks_their_cases(feeds: Feeds, now: datetime) -> None:
    """Open a case for each lawful look of the world, and name it in the look's fact."""
    looks = feeds.tables["DataAccessed"]
    lawful = [row for row in looks.to_pylist() if row["case"]]
    wanted = [
        NewCase(row["subscriber"], "complaint", row["case"], contact="phone") for row in lawful
    ]
    opened = dict(
        zip(
            (row["case"] for row in lawful),
            open_cases(system("crm"), wanted, now=now),
            strict=True,
        )
    )
    for column in ("case", "subject"):
        named = pa.array([opened.get(ref, "") for ref in looks[column].to_pylist()])
        looks = looks.set_column(looks.column_names.index(column), column, named)
    feeds.tables["DataAccessed"] = looks
