"""What the apps below answer when a launch asks whether it may start."""

from __future__ import annotations

import pytest

from amends.causes.launches.queries.gates import gates_of
from amends.record.catalogue.actions.publish_offers import publish_offers
from amends.record.ledger.actions.append import append
from tests.actions.confirmations.conftest import BORN, Shop, offer

pytestmark = pytest.mark.django_db


def test_gates_answer_for_an_offer_on_record_and_stay_open_for_another(shop: Shop) -> None:
    found = gates_of("ring")
    assert {name: found[name][0] for name in ("key_facts", "notices", "confirmations")} == {
        "key_facts": "green",
        "notices": "green",
        "confirmations": "green",
    }
    assert {state for state, _why in gates_of("no-such-offer").values()} == {"open"}


def test_an_offer_that_charges_beyond_a_plan_nobody_knows_is_red(shop: Shop) -> None:
    facts = publish_offers([offer("bare", "mobile_plan", 3900, out_of_plan_minor_per_mb=1)])
    append(facts, now=BORN)
    assert gates_of("bare")["notices"][0] == "red"
