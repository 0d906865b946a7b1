"""A complaint shows what is found in the adverts its orders cite, stated here or by a feed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import RequestFactory
from django.utils import translation

from amends.causes.publicity.actions.register_offers import register_offers
from amends.causes.publicity.actions.see_copy import see_copy
from amends.causes.publicity.web.complaints import panel
from amends.people.access.actions.open_case import open_case
from amends.people.subscribers.actions.register import NewSubscriber, register
from amends.platform.kit.actors import Actor, system
from amends.record.facts.fact import Fact
from amends.record.facts.offers.key_facts import KeyFacts
from amends.record.ledger.actions.append import append

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 27, 2, tzinfo=UTC)
DAY = timedelta(days=1)
MANAGER = Actor("user", "usr-manager", ("manager",))
FALSE, RIGHT = "畅享59每月只要49元！", "畅享59每月59元，含30GB流量。"


@pytest.fixture
def person() -> str:
    plan = KeyFacts("p59", "畅享59", price=59, data_gb=30, sold_alone=True)
    register_offers([plan], actor=MANAGER, now=NOW - 9 * DAY)
    someone = register(NewSubscriber(phone="13900100000"), now=NOW - 9 * DAY)
    open_case(system("intake"), subscriber=someone, purpose="complaint", reference="c-1", now=NOW)
    return someone


def _ordered(person: str, claim: str) -> None:
    payload = {
        "order": f"o-{claim}",
        "offer": "p59",
        "channel": "app",
        "initiator": "subscriber",
        "claim": claim,
    }
    append([Fact("ServiceOrdered", person, f"svc-{claim}", NOW - DAY, "crm", payload)], now=NOW)


def _shown() -> str:
    return panel(RequestFactory().get("/"), "c-1")


def _seen(text: str) -> str:
    ref, _new = see_copy(
        text, offer="p59", channel="app", location="/", actor=MANAGER, now=NOW - 2 * DAY
    )
    return ref


@pytest.mark.parametrize(("language", "word"), [("en", "Blocks"), ("zh-hans", "不得发布")])
def test_the_findings_of_a_cited_copy_are_shown(person: str, language: str, word: str) -> None:
    ref = _seen(FALSE)
    assert _shown() == ""
    _ordered(person, ref)
    with translation.override(language):
        html = _shown()
    assert "<mark>" in html
    assert f"/desk/publicity/{ref}/" in html
    assert word in html


def test_an_advert_of_a_feed_is_checked_against_the_record_of_its_day(person: str) -> None:
    claim = {"claim": "cl-1", "channel": "app", "text": FALSE, "offer": "p59"}
    append([Fact("ClaimPublished", "", "p59", NOW - 2 * DAY, "crm", claim)], now=NOW)
    _ordered(person, "cl-1")
    html = _shown()
    assert "<mark>" in html
    assert "59" in html
    assert "/desk/publicity/" not in html


def test_a_clean_advert_and_one_nobody_cites_show_nothing(person: str) -> None:
    _ordered(person, _seen(RIGHT))
    assert _shown() == ""
    assert panel(RequestFactory().get("/"), "c-2") == ""
