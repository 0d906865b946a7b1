"""The simulated world is one world a seed, and its truth adds up to its hidden causes."""

from __future__ import annotations

import itertools
import re
from collections import Counter, defaultdict
from datetime import UTC, datetime

import numpy as np
import pytest

from amends.record.facts.fact import check_payload
from amends_demo.rules.catalogue import OFFERS, offer
from amends_demo.rules.coverage import SOURCES, stated_with
from amends_demo.rules.handling_days import sittings
from amends_demo.rules.inhabitants import identity_number
from amends_demo.rules.matters import MATTERS
from amends_demo.rules.metering import MB_BYTES, local_month, records_wanted
from amends_demo.rules.scenario import ROLES
from amends_demo.rules.simulate import World, simulate
from amends_demo.rules.usage import CAP_MINOR
from amends_demo.rules.words.writing import CHINESE, ENGLISH

END = datetime(2026, 11, 24, 2, tzinfo=UTC)
_STANDARD = ("subscriber", "subject", "happened_at_ms", "source")


@pytest.fixture(scope="module")
def world() -> World:
    return simulate(size=3_000, seed=11, end=END)


@pytest.fixture(scope="module")
def answers(world: World) -> list[dict]:
    """Truth joined with its contact."""
    contacts = {row["key"]: row for row in world.contacts.to_pylist()}
    return [row | {"contact": contacts[row["key"]]} for row in world.truth.to_pylist()]


def test_one_seed_is_one_world() -> None:
    first, again = (simulate(size=400, seed=11, end=END) for _ in range(2))
    assert first.digest() == again.digest()
    assert simulate(size=400, seed=12, end=END).digest() != first.digest()


def test_every_fact_has_the_form_of_its_kind(world: World) -> None:
    for kind, table in world.facts.items():
        for row in table.slice(0, 400).to_pylist():
            payload = {
                name: value
                for name, value in row.items()
                if name not in _STANDARD and value is not None
            }
            check_payload(kind, payload)


def test_nothing_happens_after_the_end(world: World) -> None:
    end_ms = world.scenario.end_ms
    assert all(max(t["happened_at_ms"].to_pylist()) < end_ms for t in world.facts.values())
    assert max(world.contacts["received_ms"].to_pylist()) < end_ms


def test_references_are_unique(world: World) -> None:
    charges = world.facts["ChargeMade"]["charge"].to_pylist()
    assert len(set(charges)) == len(charges)
    phones = world.subscribers["phone"].to_pylist()
    assert len(set(phones)) == len(phones)
    assert all(re.fullmatch(r"154\d{8}", phone) for phone in phones)


def test_identity_numbers_carry_their_check_digit(world: World) -> None:
    for number in world.subscribers["id_card"].to_pylist()[:200]:
        assert identity_number(number[:6], number[6:14], int(number[14:17])) == number
        assert number[2:4] == "99"


def test_unconfirmed_amounts_are_the_campaigns_charges_less_refunds(
    world: World, answers: list[dict]
) -> None:
    """Σ truth over the campaign's complainants = Σ its charges to them, read from the scenario.

    What billing gives back before the desk reads the complaint is not owed any more.
    """
    scenario = world.scenario
    received = world.contacts["received_ms"].to_pylist()
    read = sittings(scenario.start_ms, scenario.end_ms, received)
    mine = {
        row["service"]: row["contact"]["received_ms"]
        for row in answers
        if row["cause"] == "campaign" and not row["contact_of"]
    }
    assert len(mine) > 60
    charges = {
        row["charge"]: row["amount_minor"]
        for row in world.facts["ChargeMade"].to_pylist()
        if row["subject"] in mine and row["happened_at_ms"] <= mine[row["subject"]]
    }
    paid = sum(charges.values())
    back = sum(
        row["amount_minor"]
        for row in world.facts["RefundMade"].to_pylist()
        if row["charge"] in charges
        and row["happened_at_ms"]
        <= min((at_ms for at_ms in read if at_ms >= mine[row["subject"]]), default=0)
    )
    firsts = [row for row in answers if row["cause"] == "campaign" and not row["contact_of"]]
    assert back > 0
    assert sum(row["amount_minor"] for row in firsts) == paid - back
    assert {row["verdict"] for row in firsts} == {"upheld"}
    offers = {
        row["offer"]
        for row in world.facts["ServiceActivated"].to_pylist()
        if row["subject"] in mine
    }
    assert offers == {scenario.campaign_offer}


def test_roaming_amounts_are_the_spend_beyond_the_cap(world: World, answers: list[dict]) -> None:
    caps = {
        row["subject"]: row["threshold_minor"]
        for row in world.marks.to_pylist()
        if row["duty"] == "cn.roaming_cap"
    }
    firsts = [row for row in answers if row["role"] == "roaming_untold" and not row["contact_of"]]
    assert len(firsts) > 20
    for row in firsts:
        spent = sum(
            charge["amount_minor"]
            for charge in world.facts["ChargeMade"].to_pylist()
            if charge["subject"] == row["service"]
            and charge["charge_kind"] == "roaming_data"
            and charge["happened_at_ms"] <= row["contact"]["received_ms"]
        )
        assert row["amount_minor"] == spent - caps[row["service"]] > 0


def test_the_cap_is_passed_untold_in_the_week_without_its_rule_alone(world: World) -> None:
    scenario = world.scenario
    passed = [row for row in world.marks.to_pylist() if row["duty"] == "cn.roaming_cap"]
    off = range(scenario.roaming_from_ms, scenario.roaming_to_ms)
    assert {row["told"] for row in passed} == {0, 1}
    assert all((row["at_ms"] in off) == (not row["told"]) for row in passed)


def test_what_must_be_told_of_use_is_left_to_the_rooms(world: World) -> None:
    """No fact of the world says that an allowance or a cap was passed, or anybody told so."""
    assert "UsageCrossed" not in world.facts
    duties = set(world.facts["NoticeDue"]["duty"].to_pylist())
    assert duties == {"cn.order_told", "cn.change_ahead"}


def test_records_reach_each_mark_exactly_when_it_is_passed(world: World) -> None:
    """Σ records of the month, in order of time, by hand: under the mark before, at it then."""
    used: dict[tuple[int, int], int] = defaultdict(int)
    spent: dict[tuple[int, int], int] = defaultdict(int)
    reached: dict[tuple[str, int], int] = {}
    offers = dict(
        enumerate(world.services["offer"].to_pylist())
    )  # the row of a service is its number
    columns = ("service", "at_ms", "kind", "amount", "charge_minor", "country")
    for service, at_ms, kind, amount, charge, country in zip(
        *(world.usage[name].to_pylist() for name in columns), strict=True
    ):
        month = int(local_month(np.array([at_ms]))[0]) if kind == 0 else 0
        if kind == 0 and country:
            spent[service, month] += charge
            if spent[service, month] >= CAP_MINOR:
                reached.setdefault(("cn.roaming_cap", service), at_ms)
        elif kind == 0:
            used[service, month] += amount
            if used[service, month] >= offer(offers[service]).allowance_mb * MB_BYTES:
                reached.setdefault(("cn.allowance_reached", service), at_ms)
    marks = {}
    for row in world.marks.to_pylist():
        marks.setdefault((row["duty"], row["service"]), row["at_ms"])
    assert reached == marks


def test_there_are_records_of_every_kind(world: World) -> None:
    assert world.usage.num_rows > records_wanted(world.size) * 0.98
    assert set(world.usage["kind"].to_pylist()) == {0, 1, 2, 3}
    charged = sum(world.usage["charge_minor"].to_pylist())
    assert charged == sum(world.facts["ChargeMade"]["amount_minor"].to_pylist())


def test_advert_buyers_get_the_difference(world: World, answers: list[dict]) -> None:
    scenario = world.scenario
    gap = offer(scenario.advert_offer).price_minor - scenario.advert_price_minor
    firsts = [row for row in answers if row["role"] == "claim_buyer" and not row["contact_of"]]
    assert firsts
    assert all(row["amount_minor"] > 0 and row["amount_minor"] % gap == 0 for row in firsts)


def test_orders_in_the_gap_lost_their_confirmation(world: World, answers: list[dict]) -> None:
    scenario = world.scenario
    confirmed = world.facts["ConfirmationAsked"]["happened_at_ms"].to_pylist()
    assert not [at for at in confirmed if scenario.gap_from_ms <= at < scenario.gap_to_ms]
    gap = [row for row in answers if row["role"] == "vas_gap"]
    assert gap
    assert {row["verdict"] for row in gap} == {"person_must_decide"}


def test_the_uncovered_area_reports_nothing(world: World) -> None:
    area = world.scenario.uncovered_area
    assert area not in world.facts["SpeedMeasured"]["area"].to_pylist()
    delivery = {"since_ms": None, "until_ms": world.scenario.end_ms}
    scopes = {one.scope for one in stated_with(world.scenario, **delivery)}
    assert f"area:{area}" not in scopes
    assert f"area:{world.scenario.degraded_area}" in scopes


def test_a_source_speaks_for_what_it_delivered_and_never_for_the_gap(world: World) -> None:
    scenario = world.scenario
    half_ms = (scenario.gap_from_ms + scenario.gap_to_ms) // 2
    first = stated_with(scenario, since_ms=None, until_ms=half_ms)
    then = stated_with(scenario, since_ms=half_ms, until_ms=scenario.end_ms)

    for source in SOURCES:
        spans = sorted(
            (one.from_ms, one.to_ms, one.complete) for one in first + then if one.source == source
        )
        assert spans[-1][1] == scenario.end_ms
        assert all(before[1] == after[0] for before, after in itertools.pairwise(spans))
        lost = [(start, end) for start, end, complete in spans if not complete]
        if source == "confirmations":
            assert lost == [(scenario.gap_from_ms, half_ms), (half_ms, scenario.gap_to_ms)]
        else:
            assert lost == []


def test_every_victim_of_the_agent_was_read_without_a_case(
    world: World, answers: list[dict]
) -> None:
    looks = world.facts["DataAccessed"].to_pylist()
    victims = {row["subscriber"] for row in looks if row["case"] == ""}
    assert victims
    by_role = defaultdict(set)
    for row in answers:
        by_role[row["role"]].add(row["contact"]["subscriber"])
    assert by_role["looked_up"] <= victims
    assert not by_role["looked_up_rightly"] & victims


def test_nobody_is_owed_for_what_he_confirmed(answers: list[dict]) -> None:
    mistaken = [row for row in answers if row["role"] in ("vas_forgot", "vas_dishonest")]
    assert len(mistaken) > 30
    assert {(row["verdict"], row["amount_minor"]) for row in mistaken} == {("not_upheld", 0)}


def test_only_right_answers_carry_money(answers: list[dict]) -> None:
    for row in answers:
        assert row["amount_minor"] >= 0
        assert bool(row["decidable"]) == (row["verdict"] != "person_must_decide")
        if row["amount_minor"]:
            assert row["verdict"] in ("upheld", "partly_upheld")


def test_a_repeated_contact_points_at_an_earlier_one_of_the_same_person(
    answers: list[dict],
) -> None:
    by_key = {row["key"]: row for row in answers}
    repeats = [row for row in answers if row["contact_of"]]
    assert len(repeats) > 30
    for row in repeats:
        first = by_key[row["contact_of"]]
        assert not first["contact_of"]
        assert first["contact"]["received_ms"] < row["contact"]["received_ms"]
        assert first["contact"]["subscriber"] == row["contact"]["subscriber"]


def test_people_write_in_many_words(world: World) -> None:
    texts = world.contacts["text"].to_pylist()
    assert len(set(texts)) > 0.9 * len(texts)
    assert not [text for text in texts if "{" in text or "}" in text]
    languages = Counter(world.contacts["language"].to_pylist())
    assert 0.7 < languages["zh"] / len(texts) < 0.9
    assert len(set(world.contacts["channel"].to_pylist())) >= 6


def test_every_role_has_words_in_both_languages_and_known_classes() -> None:
    assert {role.name for role in ROLES} <= MATTERS.keys()
    words = {matter.words for matter in MATTERS.values()}
    assert words == CHINESE.keys() == ENGLISH.keys()
    assert len({each.ref for each in OFFERS}) == len(OFFERS)
