"""A world enters through the apps' own doors, and the ledger gives its facts back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from amends.people.subscribers.queries import identify, services_of
from amends.platform.kit.periods import from_ms
from amends.record.catalogue.queries import areas, offer
from amends.record.ledger.queries import coverage, facts_about_many, facts_on
from amends_demo.actions.load import Loaded, load
from amends_demo.rules.simulate import World, simulate

pytestmark = [pytest.mark.django_db, pytest.mark.postgres_too]
END = datetime(2026, 11, 24, 2, tzinfo=UTC)


@pytest.fixture(scope="module")
def world() -> World:
    return simulate(size=300, seed=5, end=END)


@pytest.fixture
def loaded(world: World) -> Loaded:
    return load(world)


def _deliver_all(loaded: Loaded) -> int:
    scenario = loaded.world.scenario
    count, at_ms = 0, scenario.start_ms
    while at_ms <= scenario.end_ms:
        count += loaded.feeds.deliver(until_ms=at_ms, now=from_ms(at_ms))
        at_ms += 7 * 86_400_000
    return count + loaded.feeds.deliver(until_ms=scenario.end_ms, now=END)


def test_people_are_found_by_their_phone(loaded: Loaded) -> None:
    person = loaded.world.subscribers.to_pylist()[17]
    found = identify(phone=person["phone"])
    assert found is not None
    assert found.pseudonym == loaded.pseudonyms[17]
    assert (found.area, found.province) == (person["area"], person["province"])


def test_services_and_offers_are_on_file(loaded: Loaded) -> None:
    mine = [row["ref"] for row in loaded.world.services.to_pylist() if row["subscriber"] == 17]
    assert {each.ref for each in services_of(loaded.pseudonyms[17])} == set(mine)
    sold = offer("fibre-300", END)
    assert sold is not None
    assert (sold.price_minor, sold.speed_min_kbps) == (7_900, 240_000)
    assert "area-4101" in {area.code for area in areas()}


def test_every_fact_arrives_once(loaded: Loaded) -> None:
    expected = sum(table.num_rows for table in loaded.world.facts.values())
    assert _deliver_all(loaded) == expected
    assert loaded.feeds.deliver(until_ms=loaded.world.scenario.end_ms, now=END) == 0
    about = facts_about_many(loaded.pseudonyms)
    nobody = sum(
        sum(1 for row in table["subscriber"].to_pylist() if row < 0)
        for table in loaded.world.facts.values()
    )
    assert sum(map(len, about.values())) == expected - nobody


def test_a_fact_comes_back_as_the_world_stated_it(loaded: Loaded) -> None:
    _deliver_all(loaded)
    charges = [
        row for row in loaded.world.facts["ChargeMade"].to_pylist() if row["subscriber"] == 17
    ]
    found = facts_about_many([loaded.pseudonyms[17]], kinds=["ChargeMade"])
    stated = {fact.payload["charge"]: fact for fact in found[loaded.pseudonyms[17]]}
    assert len(stated) == len(charges) > 3
    for row in charges:
        fact = stated[row["charge"]]
        assert fact.payload["amount_minor"] == row["amount_minor"]
        assert fact.happened_at_ms == row["happened_at_ms"]
        assert fact.subject == row["subject"]


def test_the_feeds_gap_is_on_record(loaded: Loaded) -> None:
    scenario = loaded.world.scenario
    _deliver_all(loaded)
    [stated] = coverage(
        ["ConfirmationGiven"], start=from_ms(scenario.start_ms), end=from_ms(scenario.end_ms)
    )
    assert stated.gaps == ((scenario.gap_from_ms, scenario.gap_to_ms),)
    [speeds] = coverage(
        ["SpeedMeasured"],
        scope={f"area:{scenario.uncovered_area}"},
        start=from_ms(scenario.start_ms),
        end=from_ms(scenario.end_ms),
    )
    assert not speeds.complete


def test_a_silence_after_the_last_delivery_is_not_covered(loaded: Loaded) -> None:
    scenario = loaded.world.scenario
    half_ms = (scenario.start_ms + scenario.gap_from_ms) // 2
    day = timedelta(days=1)
    loaded.feeds.deliver(until_ms=half_ms, now=from_ms(half_ms))
    [before] = coverage(["ChargeMade"], start=from_ms(half_ms) - day, end=from_ms(half_ms))
    [after] = coverage(["ChargeMade"], start=from_ms(half_ms), end=from_ms(half_ms) + day)
    assert before.complete
    assert not after.complete

    loaded.feeds.deliver(until_ms=scenario.end_ms, now=from_ms(scenario.end_ms))
    [later] = coverage(["ChargeMade"], start=from_ms(half_ms), end=from_ms(half_ms) + day)
    assert later.complete


def test_the_rules_in_force_are_on_record(loaded: Loaded) -> None:
    stated = facts_on(["deadlines-cn@2016-07-30"], kinds=["RuleSetActivated"])
    assert [fact.payload["effective_from"] for fact in stated] == ["2016-07-30"]
    assert len(str(stated[0].payload["sha256"])) == 64
