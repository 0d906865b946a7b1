"""Publish offers and draw the map of areas."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from amends.record.catalogue import queries
from amends.record.catalogue.actions.define_areas import UnableToDefineAreas, define_areas
from amends.record.catalogue.actions.publish_offers import (
    NewOffer,
    UnableToPublishOffer,
    publish_offers,
)
from amends.record.catalogue.queries import AreaView, areas, offer, offers
from amends.record.facts.fact import Fact

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)


def test_the_offer_in_force_is_that_of_the_moment() -> None:
    facts = publish_offers([_offer("1", NOW), _offer("2", NOW + timedelta(days=30), 4900)])
    assert [type(fact) for fact in facts] == [Fact, Fact]
    assert facts[1].payload["price_minor"] == 4900
    assert offer("plan-1", NOW - timedelta(seconds=1)) is None
    first = offer("plan-1", NOW + timedelta(days=30) - timedelta(seconds=1))
    second = offer("plan-1", NOW + timedelta(days=30))
    assert first is not None
    assert second is not None
    assert (first.price_minor, second.price_minor) == (3900, 4900)
    assert first.valid_to == second.valid_from
    assert [one.version for one in offers(NOW + timedelta(days=31))] == ["2"]


def test_an_offer_without_a_name_in_a_language_goes_by_its_reference() -> None:
    publish_offers([replace(_offer("1", NOW), name_zh="套餐", name_en="")])
    said = [queries.offer_name("plan-1", NOW, chinese=chinese) for chinese in (True, False)]
    assert said == ["套餐", "plan-1"]
    assert queries.offer_name("plan-1", NOW - timedelta(days=1), chinese=True) == "plan-1"


def test_published_terms_are_never_rewritten() -> None:
    publish_offers([_offer("1", NOW)])
    with pytest.raises(UnableToPublishOffer):
        publish_offers([_offer("1", NOW + timedelta(days=1))])
    with pytest.raises(UnableToPublishOffer):
        publish_offers([_offer("0", NOW - timedelta(days=1))])


def test_areas_form_a_tree() -> None:
    define_areas([AreaView("hn", "河南", "Henan", "", "41", 0)])
    define_areas([AreaView("hn-zz", "郑州", "Zhengzhou", "hn", "41", 10)])
    assert [(area.code, area.parent) for area in areas()] == [("hn", ""), ("hn-zz", "hn")]
    with pytest.raises(UnableToDefineAreas):
        define_areas([AreaView("x", "x", "x", "nowhere", "41", 0)])


def _offer(version: str, start: datetime, price_minor: int = 3900) -> NewOffer:
    return NewOffer("plan-1", version, "mobile", "畅享套餐", "Roam", price_minor, "CNY", start)
