"""With the gate of confirmations in its way the campaign opens nothing, by the real database."""

from __future__ import annotations

import io
from collections.abc import Collection
from datetime import UTC, datetime
from unittest.mock import patch

import pytest
from django.utils import translation
from rich.console import Console

from amends.confirmations.queries import orders, state_counts
from amends.demo.actions import gate
from amends.demo.actions.load import load
from amends.demo.actions.play import Desk, play
from amends.demo.actions.show import show_gates
from amends.demo.rules.gates import UNTOLD, complaints_in, unasked_orders, without
from amends.demo.rules.simulate import World, simulate
from amends.ledger.queries import facts_about_many

pytestmark = pytest.mark.django_db
END = datetime(2026, 11, 24, 2, tzinfo=UTC)


@pytest.fixture(scope="module")
def world() -> World:
    return simulate(size=200, seed=5, end=END)


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
    assert (gates.closed, gates.refused) == (True, len(unasked))
    assert state_counts() == {"waiting": len(unasked)}
    assert {one.campaign for one in orders()} == {world.scenario.campaign}
    assert gates.complaints == report.complaints < gates.complaints_without == complaints_in(world)
    assert gates.per_million.rate == gates.complaints / world.size * 1e6
    assert gates.per_million.low < gates.per_million.rate < gates.per_million.high
    assert "campaign" not in report.by_cause
    assert report.wrongly_upheld.count == 0
    _the_untold_were_paid_first(desk, world)
    _asked_and_never_opened(desk.loaded.pseudonyms, {one.service for one in orders()})
    for language, words in (("en", "refused"), ("zh-hans", "拦下")):
        written = io.StringIO()
        with translation.override(language):
            show_gates(gates, Console(file=written, width=120))
        assert words in written.getvalue()


def _the_untold_were_paid_first(desk: Desk, world: World) -> None:
    """Who was told had the money granted, and never wrote about it afterwards."""
    assert desk.watch is not None
    told, pseudonyms = desk.watch.told, desk.loaded.pseudonyms
    untold = {
        pseudonyms[row] for role in UNTOLD for row in _people_of(world, role)
    }  # fmt: skip
    assert untold & told.keys()
    assert desk.loaded.gates.told == len(told)
    granted = facts_about_many(sorted(told), kinds=["RemedyGranted"])
    for person, (_, minor) in told.items():
        facts = [one for one in granted[person] if "complaint" not in one.payload]
        assert sum(int(one.payload["amount_minor"]) for one in facts) == minor > 0
    came = desk.receipts.keys()
    for row in world.contacts.to_pylist():
        person = pseudonyms[row["subscriber"]] if row["subscriber"] >= 0 else ""
        if row["key"] in came and person in untold & told.keys():
            assert row["received_ms"] <= told[person][0] or _said_before(row, world, came)


def _people_of(world: World, role: str) -> set[int]:
    rows = world.truth.to_pylist()
    keys = {row["key"] for row in rows if row["role"] == role}
    return {row["subscriber"] for row in world.contacts.to_pylist() if row["key"] in keys}


def _said_before(row: dict, world: World, came: Collection[str]) -> bool:
    truth = next(one for one in world.truth.to_pylist() if one["key"] == row["key"])
    return truth["contact_of"] in came


def _asked_and_never_opened(pseudonyms: list[str], services: set[str]) -> None:
    kinds = ["ConfirmationAsked", "ServiceActivated"]
    facts = [one for some in facts_about_many(pseudonyms, kinds=kinds).values() for one in some]
    mine = [one.kind for one in facts if one.subject in services]
    assert mine.count("ConfirmationAsked") == len(services)
    assert "ServiceActivated" not in mine


def test_what_the_gate_lets_through_stays_in_the_world(world: World) -> None:
    """The figures hang on the gate itself: were it open, nothing would change."""
    with patch.object(gate, "execute"):
        loaded = load(world, gates=True)
    assert loaded.gates.refused == 0
    assert loaded.world.digest() == world.digest()
    assert loaded.gates.complaints == loaded.gates.complaints_without


def test_without_gates_both_rates_are_one(world: World) -> None:
    gates = load(world).gates
    assert (gates.closed, gates.refused) == (False, 0)
    assert gates.per_million == gates.per_million_without
    assert gates.as_dict()["gates"]["mode"] == "off"
