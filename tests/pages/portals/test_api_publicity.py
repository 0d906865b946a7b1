"""Adverts over the interface: live at once, stated, answered with what is found in them."""

from __future__ import annotations

import pytest
from django.test import Client

from amends.causes.publicity.actions.register_offers import register_offers
from amends.causes.publicity.models import PublishedCopy
from amends.entrances.portals.actions.clients import make_client
from amends.platform.kit.actors import Actor
from amends.record.facts.offers.key_facts import KeyFacts
from amends.record.ledger.models import SingleFact
from tests.pages.portals.conftest import NOW, Caller

pytestmark = pytest.mark.django_db
FALSE = {
    "text": "畅享59每月只要49元！",
    "channel": "app",
    "place": "app://p59",
    "offer": "p59",
}


@pytest.fixture
def shop() -> Caller:
    manager = Actor("user", "usr-manager", ("manager",))
    plan = KeyFacts("p59", "畅享59", price=59, data_gb=30, sold_alone=True)
    register_offers([plan], actor=manager, now=NOW)
    return Caller(Client(), make_client("shop", scopes=["publicity:write"], now=NOW))


def test_a_published_advert_is_stated_and_answered_with_its_findings(shop: Caller) -> None:
    answer = shop.post("/publicity/copies", FALSE, key="c-1")
    assert answer.status_code == 201
    body = answer.json()
    assert (body["state"], bool(body["first_seen_at"])) == ("live", True)
    price = next(one for one in body["findings"] if one["code"] == "PRICE_MISMATCH")
    assert (price["severity"], "59" in price["record"]) == ("block", True)
    assert "59" in price["instead"]
    assert FALSE["text"][price["start"] : price["end"]] == price["said"]
    row = SingleFact.objects.get(kind="ClaimPublished")
    assert body["copy"].encode() in bytes(row.canonical)


def test_the_same_key_gives_the_same_copy_even_after_it_was_replaced(shop: Caller) -> None:
    first = shop.post("/publicity/copies", FALSE, key="c-1").json()
    right = FALSE | {"text": "畅享59每月59元，含30GB流量。"}
    second = shop.post("/publicity/copies", right, key="c-2").json()
    assert second["findings"] == []
    again = shop.post("/publicity/copies", FALSE, key="c-1").json()
    assert (again["copy"], again["state"]) == (first["copy"], "withdrawn")
    assert PublishedCopy.objects.get(state="live").ref == second["copy"]
    assert shop.post("/publicity/copies", right, key="c-1").status_code == 409
    seen = shop.post("/publicity/copies", right, key="c-3").json()
    assert seen["copy"] == second["copy"]


def test_a_brand_replaces_no_copy_of_another_brand_at_the_same_place(shop: Caller) -> None:
    right = FALSE | {"text": "畅享59每月59元，含30GB流量。"}
    plum, pear = (
        Caller(Client(), make_client(brand, scopes=["publicity:write"], now=NOW, brand=brand))
        for brand in ("plum", "pear")
    )
    first = plum.post("/publicity/copies", right, key="c-1").json()
    pear.post("/publicity/copies", FALSE, key="c-1")
    assert PublishedCopy.objects.get(ref=first["copy"]).state == "live"
    same = pear.post("/publicity/copies", right, key="c-2").json()
    assert same["copy"] != first["copy"], "the other brand's copy is not handed out"


@pytest.mark.parametrize(
    "wrong", [{"text": ""}, {"channel": "agreement"}, {"place": ""}, {"ofer": "p59"}]
)
def test_what_cannot_be_used_is_refused_and_nothing_stored(
    shop: Caller, wrong: dict[str, str]
) -> None:
    answer = shop.post("/publicity/copies", FALSE | wrong, key="c-1")
    assert answer.status_code == 422
    assert answer.json()["next_step"]
    assert not PublishedCopy.objects.exists()
