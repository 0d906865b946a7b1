"""With the gate of confirmations in its way the campaign opens nothing, by the real database."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime
from unittest.mock import patch

import polars as pl
import pyarrow.compute as pc
import pytest
from django.db import transaction
from django.utils import translation
from rich.console import Console

from amends.causes.confirmations.queries import orders, state_counts
from amends.causes.notices.queries import holds, listed
from amends.causes.publicity.models import PublishedCopy
from amends.network.quality.rules.degradation import SCHEMA, Degradation
from amends.record.ledger.queries import facts_about_many
from amends_demo.actions import gate, meter, network
from amends_demo.actions.load import load
from amends_demo.actions.play import DeskProgress, play
from amends_demo.actions.show import show_gates
from amends_demo.rules.gates import complaints_in, launch_orders, unasked_orders, without
from amends_demo.rules.simulate import World, simulate

pytestmark = pytest.mark.django_db
END = datetime(2026, 11, 24, 2, tzinfo=UTC)
NOTHING = pl.DataFrame(schema=SCHEMA)


@pytest.fixture(scope="module")
def world() -> World:
    """A quarter of a year: every cause has its place in it, and it is played four times."""
    return simulate(size=200, seed=5, end=END, weeks=13)


def test_orders_nobody_was_asked_about_are_the_campaigns(world: World) -> None:
    scenario, unasked = world.scenario, unasked_orders(world)
    assert unasked
    assert {row["campaign"] for row in unasked} == {scenario.campaign}
    confirmed = set(world.facts["ConfirmationGiven"]["order"].to_pylist())
    assert all(row["order"] not in confirmed for row in unasked)


def test_what_was_never_opened_is_charged_to_nobody_and_nobody_complains(world: World) -> None:
    gone = {row["subject"] for row in unasked_orders(world)}
    left = without(world, gone)
    for kind, table in left.facts.items():
        assert not gone & set(table["subject"].to_pylist())
        assert table.num_rows <= world.facts[kind].num_rows
    assert not gone & set(left.services["ref"].to_pylist())
    assert "vas_unconfirmed" not in left.truth["role"].to_pylist()
    assert left.contacts["key"].to_pylist() == left.truth["key"].to_pylist()
    dropped = set(world.truth["key"].to_pylist()) - set(left.truth["key"].to_pylist())
    roles = {row["key"]: row["role"] for row in world.truth.to_pylist()}
    assert dropped
    assert {roles[key] for key in dropped} == {"vas_unconfirmed"}


def test_the_gate_refuses_the_campaign_and_the_rest_of_the_world_lives_on(world: World) -> None:
    desk, report = play(world, gates=True)
    gates, unasked = desk.loaded.gates, unasked_orders(world)
    launched = launch_orders(world)
    assert launched
    assert (gates.closed, gates.refused) == (True, len(unasked) + len(launched))
    assert "withdrawn_pack" not in report.by_cause
    assert state_counts() == {"waiting": len(unasked)}
    assert {one.campaign for one in orders()} == {world.scenario.campaign}
    assert gates.complaints == report.complaints < gates.complaints_without == complaints_in(world)
    assert gates.per_million.rate == gates.complaints / world.size * 1e6
    assert gates.per_million.low < gates.per_million.rate < gates.per_million.high
    assert "campaign" not in report.by_cause
    assert gates.adverts == 1
    assert "advert" not in report.by_cause
    draft = PublishedCopy.objects.get(state="draft", channel="social")
    assert "PRICE_MISMATCH" in {one.code for one in draft.findings.all()}
    assert report.wrongly_upheld.count == 0
    _held_at_the_cap_nobody_pays_beyond_it(desk, world)
    _asked_and_never_opened(desk.loaded.pseudonyms, {one.service for one in orders()})
    for language, words in (("en", "refused"), ("zh-hans", "拦下")):
        written = io.StringIO()
        with translation.override(language):
            show_gates(gates, Console(file=written, width=120))
        assert words in written.getvalue()


def _held_at_the_cap_nobody_pays_beyond_it(desk: DeskProgress, world: World) -> None:
    """By the real engine: told, held, and nothing charged or complained of afterwards."""
    counted = desk.loaded.meter
    passed = [row for row in world.marks.to_pylist() if row["duty"] == "cn.roaming_cap"]
    untold = {row["subject"]: row for row in passed if not row["told"]}
    assert set(counted.stopped_by_ref()) == untold.keys()
    assert {one.service for one in holds(standing=False)} == {row["subject"] for row in passed}
    roles = {file.contact["role"] for file in desk.files.values()}
    assert "roaming_untold" not in roles
    people = [desk.loaded.pseudonyms[_owner(world, ref)] for ref in untold]
    facts = facts_about_many(people, kinds=["ChargeMade", "NoticeDelivered"])
    for row, person in zip(untold.values(), people, strict=True):
        abroad = [
            one
            for one in facts[person]
            if one.kind == "ChargeMade" and one.payload["charge_kind"] == "roaming_data"
        ]
        assert sum(int(one.payload["amount_minor"]) for one in abroad) == row["threshold_minor"]
        told = {one.payload["duty"] for one in facts[person] if one.kind == "NoticeDelivered"}
        assert "cn.roaming_cap" in told
    assert counted.treatments["unknown_line"] == 0


def _owner(world: World, ref: str) -> int:
    return next(row["subscriber"] for row in world.services.to_pylist() if row["ref"] == ref)


# What the simulation makes of its world is the same on every database; the closed one shows that.
@pytest.mark.sqlite_only
def test_were_nothing_held_everybody_would_pay_beyond_the_cap(world: World) -> None:
    """The figures hang on the engine's own holds: without them the complaints are made.

    Nobody else complains here: what others say hangs on no hold, and takes half the time.
    """
    concerned = pc.equal(world.truth["role"], "roaming_untold")
    few = replace(
        world, contacts=world.contacts.filter(concerned), truth=world.truth.filter(concerned)
    )
    with patch.object(meter, "is_held", return_value=False):
        desk, report = play(few, gates=True)
    assert desk.loaded.gates.stopped == 0
    assert report.by_cause["roaming_week"] > 0


@pytest.mark.nightly
@pytest.mark.sqlite_only
def test_in_the_open_world_the_engine_is_bypassed_and_says_so(world: World) -> None:
    """The rule was off and lines were not enrolled: no notice, no hold, and records of nobody.

    Played twice, for whatever order the desk takes complaints up in, each lives its own life.
    """
    with transaction.atomic():
        _, first = play(world)
        transaction.set_rollback(True)
    desk, report = play(world)
    assert report.as_dict() == first.as_dict()
    counted = desk.loaded.gates.usage
    off = {row["subject"] for row in world.marks.to_pylist() if not row["told"]}
    caps = {one.service for one in holds(standing=False)}
    assert off
    assert not off & caps
    assert not off & {one.service for one in listed(duty="cn.allowance_reached", limit=10_000)}
    assert counted["unknown_line"] > 0
    assert counted["records"] == world.usage.num_rows
    assert counted["records"] == sum(
        counted.get(name, 0) for name in ("counted", "counted_held", "late", "unknown_line")
    )


def _asked_and_never_opened(pseudonyms: list[str], services: set[str]) -> None:
    kinds = ["ConfirmationAsked", "ServiceActivated"]
    facts = [one for some in facts_about_many(pseudonyms, kinds=kinds).values() for one in some]
    mine = [one.kind for one in facts if one.subject in services]
    assert mine.count("ConfirmationAsked") == len(services)
    assert "ServiceActivated" not in mine


def test_what_the_gate_lets_through_stays_in_the_world(world: World) -> None:
    """The figures hang on the gates themselves: were they open, nothing would change."""
    with (
        patch.object(gate, "execute"),
        patch.object(gate, "assess"),
        patch.object(gate, "open_blocks", return_value=[]),
        patch.object(network, "degraded", return_value=Degradation(NOTHING, 0.0, 0.0)),
    ):
        network._watched.cache_clear()
        loaded = load(world, gates=True)
        network._watched.cache_clear()
    assert loaded.gates.refused == 0
    assert loaded.world.digest() == world.digest()
    assert loaded.gates.complaints == loaded.gates.complaints_without


def test_without_gates_both_rates_are_one(world: World) -> None:
    gates = load(world).gates
    assert (gates.closed, gates.refused) == (False, 0)
    assert gates.per_million == gates.per_million_without
    assert gates.as_dict()["gates"]["mode"] == "off"
