"""Scores of partners: equal ones are not ranked, worse ones are found, rules name the step."""

from __future__ import annotations

from datetime import date

import numpy as np

from amends.causes.vetting.rules.partner_consequences import partner_rules, proposed_step
from amends.causes.vetting.rules.partner_scores import (
    COMPLAINTS,
    FAULTS,
    NIGHT,
    UNCONFIRMED,
    ComponentCount,
    PartnerStanding,
    partner_standings,
)

RULES = partner_rules(date(2026, 12, 2))


def equal_partners(seed: int, partners: int = 20, burst: float = 0.6) -> list[ComponentCount]:
    """Partners of very different size with the same true figures; complaints come in bursts."""
    rng = np.random.default_rng(seed)
    counts = []
    for number in range(partners):
        services = int(rng.integers(20, 5_000))
        users = float(rng.integers(500, 80_000))
        weeks = rng.poisson(users * 3e-5 * rng.gamma(1 / burst, burst, size=13))
        for component, bad, exposure, weekly in (
            (UNCONFIRMED, int(rng.binomial(services, 0.02)), services, ()),
            (NIGHT, int(rng.binomial(services, 0.08)), services, ()),
            (COMPLAINTS, int(weeks.sum()), users, tuple(int(one) for one in weeks)),
            (FAULTS, int(rng.poisson(0.02 * 90)), 90.0, ()),
        ):
            counts.append(ComponentCount(f"p{number:02}", component, bad, exposure, weekly))
    return counts


def of(standings: list[PartnerStanding], name: str) -> PartnerStanding:
    """One partner."""
    return next(one for one in standings if one.partner == name)


def test_equal_partners_are_ranked_worse_in_at_most_one_of_twenty_runs() -> None:
    runs = [partner_standings(equal_partners(seed)) for seed in range(200)]
    assert sum(any(one.worse for one in run) for run in runs) <= 10


def test_a_partner_that_bills_without_confirmation_stands_out() -> None:
    counts = [one for one in equal_partners(1) if one.partner != "p00"]
    counts += [ComponentCount("p00", UNCONFIRMED, 60, 200), ComponentCount("p00", NIGHT, 80, 200)]
    found = partner_standings(counts)
    assert (found[0].partner, found[0].worse, found[0].rank) == ("p00", 2, 20)
    assert {one.rank for one in found[1:]} == {1}
    step = proposed_step(found[0], RULES)
    assert step is not None
    assert step.step == "stop_orders"
    assert proposed_step(found[1], RULES) is None


def test_few_services_prove_nothing() -> None:
    counts = [
        ComponentCount("small", UNCONFIRMED, 2, 4),
        ComponentCount("large", UNCONFIRMED, 20, 1_000),
    ]
    small = of(partner_standings(counts), "small")
    assert small.worse == 0
    assert proposed_step(small, RULES) is None


def test_nothing_known_is_no_score() -> None:
    assert partner_standings([]) == []
    assert partner_standings([ComponentCount("p", UNCONFIRMED, 0, 0)]) == []
