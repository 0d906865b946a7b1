"""The same world with a gate in it: what nobody confirmed is not opened, and nobody suffers it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from amends.engines.stats.rates import Rate, rate
from amends_demo.rules.handling_days import sittings
from amends_demo.rules.metering import service_rows
from amends_demo.rules.network import KnownFault
from amends_demo.rules.scenario import TOLD_COMPLAIN_SHARE
from amends_demo.rules.simulate import World
from amends_demo.rules.stage import Trouble
from amends_demo.rules.truth import Records, truth_of

_SUFFERED = ("vas_unconfirmed", "pack_withdrawn", "claim_buyer")
UNTOLD = ("roaming_untold", "overage_untold")


@dataclass(frozen=True, slots=True)
class Gated:
    """What gates did to a world.

    closed      whether orders went through the gate
    refused     orders that the gate did not carry out
    adverts     adverts that the checks of publicity stopped
    told        people told of a refund for a missing notice
    stopped     lines held at their cap abroad whose further use did not happen
    usage       what the engine counted: records, by treatment, notices, holds
    spared      fault of the network → who did not complain of it: because it was repaired before it
                befell them, because they had been told
    complaints  first contacts that are complaints: with the gates as they are, and without any
    users       subscribers of the world
    """

    closed: bool
    refused: int
    complaints: int
    complaints_without: int
    users: int
    notified: int = 0
    stopped: int = 0
    usage: Mapping[str, int] = field(default_factory=dict)
    adverts: int = 0
    spared: Mapping[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def per_million(self) -> Rate:
        """Complaints per million subscribers in the weeks of the world."""
        return rate(self.complaints, self.users)

    @property
    def per_million_without(self) -> Rate:
        """The same of the same world where no gate stands."""
        return rate(self.complaints_without, self.users)

    def as_dict(self) -> dict[str, Any]:
        """The part of the demonstration's document that is about gates."""
        both = {"per_million": self.per_million, "per_million_without": self.per_million_without}
        return {
            "gates": {
                "mode": "on" if self.closed else "off",
                "refused": self.refused,
                "adverts": self.adverts,
                "told": self.notified,
                "stopped": self.stopped,
                "usage": dict(self.usage),
                "complaints": self.complaints,
                "complaints_without": self.complaints_without,
            }
            | {
                name: {
                    "rate": round(of.rate, 1),
                    "low": round(of.low, 1),
                    "high": round(of.high, 1),
                }
                for name, of in both.items()
            }
        }


def unasked_orders(world: World) -> list[dict[str, Any]]:
    """The orders that partners entered without anybody being asked, in order of time."""
    asked_orders = set(world.facts["ConfirmationAsked"]["order"].to_pylist())
    scenario = world.scenario
    return [
        row
        for row in world.facts["ServiceOrdered"].to_pylist()
        if row["initiator"].startswith("partner:")
        and row["order"] not in asked_orders
        and not scenario.gap_from_ms <= row["happened_at_ms"] < scenario.gap_to_ms
    ]


def launch_orders(world: World) -> list[dict[str, Any]]:
    """The orders of the pack that was put on the market unassessed, in order of time."""
    pack = world.scenario.pack
    return [row for row in world.facts["ServiceOrdered"].to_pylist() if row["offer"] == pack]


def without(world: World, services: Iterable[str]) -> World:
    """The world in which these services were never opened: no charge, no notice, no complaint."""
    gone = pa.array(sorted(services), pa.string())
    suffered = pc.and_(
        pc.is_in(world.truth["service"], value_set=gone),
        pc.is_in(world.truth["role"], value_set=pa.array(_SUFFERED)),
    )
    return replace(
        world,
        services=_less(world.services, "ref", gone),
        facts={kind: _less(table, "subject", gone) for kind, table in world.facts.items()},
        contacts=world.contacts.filter(pc.invert(suffered)),
        truth=world.truth.filter(pc.invert(suffered)),
        usage=_less(world.usage, "service", pa.array(service_rows(gone), pa.int64())),
    )


def without_looks(world: World, closed_ms: Mapping[str, int]) -> World:
    """The world in which these users look at nobody from a moment on, and nobody is called for it.

    closed_ms  user → when the account was closed, milliseconds
    """
    looks = world.facts["DataAccessed"]
    gone = [
        row["happened_at_ms"] >= closed_ms.get(row["user"], row["happened_at_ms"] + 1)
        for row in looks.select(["user", "happened_at_ms"]).to_pylist()
    ]
    mask = pa.array(gone, pa.bool_())
    spared = looks.filter(mask)["subscriber"]
    theirs = world.services.filter(pc.is_in(world.services["subscriber"], value_set=spared))["ref"]
    called = pc.and_(
        pc.equal(world.truth["role"], "looked_up"),
        pc.is_in(world.truth["service"], value_set=theirs.combine_chunks()),
    )
    return replace(
        world,
        facts=world.facts | {"DataAccessed": looks.filter(pc.invert(mask))},
        contacts=world.contacts.filter(pc.invert(called)),
        truth=world.truth.filter(pc.invert(called)),
    )


def without_claims(world: World, claims: Iterable[str]) -> World:
    """The world in which these adverts were never published: nobody ordered on them."""
    unpublished = pa.array(sorted(claims), pa.string())
    ordered = world.facts["ServiceOrdered"]
    on_claim = ordered.filter(pc.is_in(ordered["claim"], value_set=unpublished))
    left = without(world, on_claim["subject"].to_pylist())
    published = _less(left.facts["ClaimPublished"], "claim", unpublished)
    return replace(left, facts={**left.facts, "ClaimPublished": published})


_OF_A_FAULT = {"degraded_area": "line_degraded", "storm": "line_cut"}
"""Cause → the trouble of those whom it befalls."""
_SLOW = 0.6
"""A line measured below that share of its promise is one of the overload."""


def relieved(
    world: World, faults: Iterable[KnownFault]
) -> tuple[World, dict[str, tuple[int, int]]]:
    """The world in which known faults are repaired early and users told of them, and for each cause
    how many did not complain: because it was repaired before it befell them, because they knew.

    Of those told as many complain as of people told of an allowance used up.
    """
    spared: dict[str, set[str]] = {"repaired": set(), "told": set()}
    counts: dict[str, tuple[int, int]] = {}
    facts = dict(world.facts)
    rows = world.truth.select(["key", "role", "began_ms", "contact_of"]).to_pylist()
    faults = tuple(faults)
    for fault in faults:
        role = _OF_A_FAULT[fault.cause]
        mine = [row for row in rows if row["role"] == role and not row["contact_of"]]
        repaired = {row["key"] for row in mine if row["began_ms"] >= fault.repaired_ms}
        notified = {
            row["key"]
            for row in mine
            if fault.notified_ms <= row["began_ms"] < fault.repaired_ms
            and np.random.default_rng([world.seed, 12, _number(row["key"])]).random()
            >= TOLD_COMPLAIN_SHARE
        }
        counts[fault.cause] = (len(repaired), len(notified))
        spared["repaired"] |= repaired
        spared["told"] |= notified
        if fault.cause == "degraded_area":
            facts = _repaired(facts, fault)
    gone = spared["repaired"] | spared["told"]
    repeat_keys = {row["key"] for row in rows if row["contact_of"] in gone}
    keys = pa.array(sorted(gone | repeat_keys), pa.string())
    left = replace(
        world,
        facts=facts,
        contacts=_less(world.contacts, "key", keys),
        truth=_less(world.truth, "key", keys),
    )
    for fault in faults:
        if fault.cause == "degraded_area":
            left = replace(left, truth=_truth_after_repair(left, fault))
    return left, counts


def _repaired(facts: dict[str, pa.Table], fault: KnownFault) -> dict[str, pa.Table]:
    """The facts without what says that the area is slow after its repair."""
    degraded = facts["QualityDegraded"]
    later = pc.and_(
        pc.equal(degraded["subject"], fault.area),
        pc.greater_equal(degraded["happened_at_ms"], fault.repaired_ms),
    )
    speeds = facts["SpeedMeasured"]
    share = pc.divide(pc.cast(speeds["down_kbps"], pa.float64()), speeds["promised_down_kbps"])
    slow = pc.and_(
        pc.and_(
            pc.equal(speeds["area"], fault.area),
            pc.greater_equal(speeds["happened_at_ms"], fault.repaired_ms),
        ),
        pc.less(share, _SLOW),
    )
    return facts | {
        "QualityDegraded": degraded.filter(pc.invert(later)),
        "SpeedMeasured": speeds.filter(pc.invert(slow)),
    }


def _truth_after_repair(world: World, fault: KnownFault) -> pa.Table:
    """The truth of the world, in which no fee goes back for days after the repair."""
    rows = world.truth.to_pylist()
    slow = {row["key"]: row for row in rows if row["role"] == _OF_A_FAULT[fault.cause]}
    received = dict(
        zip(
            world.contacts["key"].to_pylist(),
            world.contacts["received_ms"].to_pylist(),
            strict=True,
        )
    )
    services = {row["service"] for row in slow.values()}
    started = world.facts["ServiceActivated"]
    mine = started.filter(
        pc.is_in(started["subject"], value_set=pa.array(sorted(services), pa.string()))
    )
    offers = {row["subject"]: row["offer"] for row in mine.to_pylist()}
    scenario = world.scenario
    records = Records(
        world.facts,
        replace(scenario, degraded_to_ms=min(scenario.degraded_to_ms, fault.repaired_ms)),
        services=services,
        people=set(),
        sittings=sittings(scenario.start_ms, scenario.end_ms, sorted(received.values())),
    )
    for key, row in slow.items():
        trouble = Trouble(
            role=row["role"],
            subscriber=0,
            trigger_ms=row["began_ms"],
            service=row["service"],
            offer=offers.get(row["service"], ""),
        )
        answer = truth_of(records, trouble, received[key])
        row["verdict"], row["amount_minor"] = answer.verdict, answer.amount_minor
        row["decidable"] = int(answer.decidable)
    return pa.Table.from_pylist(rows, schema=world.truth.schema)


def _number(key: str) -> int:
    return int(key.rpartition("-")[2])


def complaints_of(world: World, cause: str) -> int:
    """Matters with a hidden cause that people complain about, each counted once."""
    truth = world.truth
    mine = pc.and_(pc.equal(truth["contact_of"], ""), pc.equal(truth["cause"], cause))
    return int(pc.sum(mine).as_py() or 0)


def _less(table: pa.Table, column: str, gone: pa.Array) -> pa.Table:
    return table.filter(pc.invert(pc.is_in(table[column], value_set=gone)))


def complaints_in(world: World) -> int:
    """Matters people complain about, each counted once."""
    truth = world.truth
    first = pc.equal(truth["contact_of"], "")
    return int(pc.sum(pc.and_(first, pc.equal(truth["complaint"], 1))).as_py() or 0)


def only_contacts(world: World, keys: Iterable[str]) -> World:
    """The world with the contacts of these keys alone."""
    came = pc.is_in(world.contacts["key"], value_set=pa.array(sorted(keys), pa.string()))
    return replace(world, contacts=world.contacts.filter(came), truth=world.truth.filter(came))


def less_given(world: World, minor_by_key: Mapping[str, int]) -> World:
    """The world whose truth knows what was given back first: as with billing, it is not owed again.

    given  contact → minor units given back before its complaint was decided
    """
    rows = [_less_given(row, minor_by_key.get(row["key"], 0)) for row in world.truth.to_pylist()]
    return replace(world, truth=pa.Table.from_pylist(rows, schema=world.truth.schema))


def _less_given(row: dict[str, Any], minor: int) -> dict[str, Any]:
    if not minor or not row["amount_minor"]:
        return row
    left = max(row["amount_minor"] - minor, 0)
    return row | {"amount_minor": left} | ({} if left else {"verdict": "not_upheld"})


def notified_after_all(world: World, keys: Iterable[str]) -> World:
    """The world in which these contacts come from people who were told, and are owed nothing."""
    notified = set(keys)
    rows = [
        row | {"verdict": "not_upheld", "amount_minor": 0} if row["key"] in notified else row
        for row in world.truth.to_pylist()
    ]
    return replace(world, truth=pa.Table.from_pylist(rows, schema=world.truth.schema))


def gated(
    world: World,
    *,
    open_world: World,
    closed: bool,
    refused: int,
    notified: int = 0,
    stopped: int = 0,
    usage: Mapping[str, int] | None = None,
    adverts: int = 0,
    spared: Mapping[str, tuple[int, int]] | None = None,
) -> Gated:
    """What gates made of `open_world`; `world` is what is left of it."""
    before = complaints_in(open_world)
    return Gated(
        closed=closed,
        refused=refused,
        complaints=complaints_in(world),
        complaints_without=before,
        users=world.size,
        notified=notified,
        stopped=stopped,
        usage=usage or {},
        adverts=adverts,
        spared=spared or {},
    )
