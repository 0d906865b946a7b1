"""Key facts of offers: versions stay, ids and label identifiers are never used again."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import DatabaseError, transaction

from amends.access.actors import Actor
from amends.catalogue.actions.publish_offers import NewOffer, publish_offers
from amends.catalogue.actions.record_key_facts import UnableToRecordKeyFacts, record_key_facts
from amends.catalogue.models import Offer, OfferVersion, PeakSpeed
from amends.catalogue.queries import all_key_facts, key_facts, key_facts_of_version, offer
from amends.facts.offers.key_facts import KeyFacts
from amends.publicity.actions.import_offers import import_offers

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 27, 2, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
PLAN = KeyFacts("p59", "畅享59", price=59, data_gb=30, contract_months=12, kind="mobile_plan")
PLAN_ID = "F0001234567ABCDEFGHIJ00001"


def test_a_change_makes_a_version_and_the_old_one_stays() -> None:
    assert [fact.kind for fact in record_key_facts([PLAN], now=NOW)] == ["OfferPublished"]
    assert record_key_facts([PLAN], now=LATER) == []
    record_key_facts([replace(PLAN, price=69)], now=LATER)
    before, after = key_facts("p59", NOW), key_facts("p59", LATER)
    assert before is not None
    assert after is not None
    assert (before.price, after.price) == (59, 69)
    terms = offer("p59", LATER)
    assert terms is not None
    assert (terms.price_minor, terms.allowance_mb, terms.contract_months) == (6900, 30_720, 12)
    assert key_facts_of_version("p59", "1") == PLAN
    with pytest.raises(DatabaseError), transaction.atomic():
        OfferVersion.objects.filter(offer="p59").update(price_minor=1)


def test_terms_published_without_key_facts_have_them_too() -> None:
    publish_offers(
        [NewOffer("bb", "1", "broadband", "百兆", "Fibre", 8900, "CNY", NOW, speed_down_kbps=10**5)]
    )
    facts = key_facts("bb", NOW)
    assert facts is not None
    assert (facts.price, facts.down_nominal_mbps, facts.name_en) == (89, 100, "Fibre")


@pytest.mark.parametrize(
    "changed",
    [
        replace(PLAN, price=None),
        replace(PLAN, price=9, currency="USD"),
        replace(PLAN, price=9, kind="broadband"),
        replace(PLAN, plan_id="F1"),
        replace(PLAN, id="other", plan_id=PLAN_ID),
    ],
)
def test_what_would_mislead_buyers_is_refused(changed: KeyFacts) -> None:
    record_key_facts([PLAN, replace(PLAN, id="labelled", plan_id=PLAN_ID)], now=NOW)
    with pytest.raises(UnableToRecordKeyFacts):
        record_key_facts([changed], now=LATER)
    assert len(all_key_facts(LATER)) == 2


def test_the_measured_speed_of_enough_tests_is_the_one_shown() -> None:
    record_key_facts([replace(PLAN, down_nominal_mbps=300, down_median_peak_mbps=200)], now=NOW)
    for tests, median in ((29, 100_000), (30, 260_000)):
        PeakSpeed.objects.create(
            offer=Offer.objects.get(ref="p59"), median_kbps=median, low_kbps=250_000,
            high_kbps=270_000, tests=tests, since=NOW, calculated_at=NOW,
        )  # fmt: skip
    facts = key_facts("p59", LATER)
    assert facts is not None
    assert (facts.down_median_peak_mbps, facts.measured_tests) == (260, 30)


def test_a_file_is_recorded_and_bad_rows_are_set_aside(tmp_path: Path) -> None:
    file = tmp_path / "offers.json"
    price = {"priceType": "recurring", "price": {"taxIncludedAmount": {"value": 59, "unit": "CNY"}}}
    foreign = {"priceType": "oneTime", "price": {"taxIncludedAmount": {"value": 9, "unit": "USD"}}}
    rows = [
        {"@type": "ProductOffering", "id": "a", "name": "甲", "productOfferingPrice": [price]},
        {"@type": "ProductOffering", "id": "b", "productOfferingPrice": [price, foreign]},
        {"id": "c", "price": "39", "sale_from": "2026-02-30"},
        {"id": "d", "price": "=1+1"},
        {"id": "e"},
    ]
    file.write_text(json.dumps(rows))
    report = import_offers(
        file, rejects=tmp_path / "r.csv", actor=Actor("system", "shell", ("manager",)), now=NOW
    )
    assert (report.read, report.accepted, report.duplicates, report.rejected) == (5, 1, 0, 4)
    assert [one.id for one in all_key_facts(NOW)] == ["a"]
    assert len((tmp_path / "r.csv").read_text().splitlines()) == 5
