"""A copy is checked, corrected or waived, approved, and cited as a fact; live ones are watched."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from amends.access.actors import Actor
from amends.catalogue.queries import versions_of
from amends.facts.fact import Fact
from amends.facts.offers.key_facts import KeyFacts
from amends.kit.errors import BadInput, Refused
from amends.ledger.actions.append import append
from amends.ledger.models import SingleFact
from amends.publicity.actions.approve import approve, judge, waive
from amends.publicity.actions.register_offers import register_offers
from amends.publicity.actions.write import withdraw, write_copy
from amends.publicity.jobs.check_live import check_live
from amends.publicity.jobs.count_co_orders import count_co_orders
from amends.publicity.models import CoOrderRate, FoundFault, PublishedCopy
from amends.publicity.queries import gate, matrix, precision, rulebook_today
from amends.subscribers.actions.open_services import NewService, open_services
from amends.subscribers.actions.register import NewSubscriber, register

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 27, 2, tzinfo=UTC)
TODAY = date(2026, 11, 27)
MANAGER = Actor("user", "usr-manager", ("manager",))
WRITER = Actor("user", "usr-writer", ("senior_handler",))
PLAN = KeyFacts("p59", "畅享59", price=59, data_gb=30, sold_alone=True)
RIGHT = "畅享59每月59元，含30GB流量。"


@pytest.fixture(autouse=True)
def _offers() -> None:
    register_offers([PLAN], actor=MANAGER, now=NOW)


def _write(text: str, channel: str = "web") -> str:
    return write_copy(text, offer="p59", channel=channel, actor=WRITER, now=NOW)


def test_an_approved_copy_is_a_claim_that_complaints_cite() -> None:
    ref = _write(RIGHT)
    assert gate("p59") == ("green", "")
    approve(ref, actor=MANAGER, now=NOW)
    row = SingleFact.objects.get(kind="ClaimPublished")
    assert row.subject == "p59"
    assert b'"price_minor":5900' in bytes(row.canonical)
    assert ref.encode() in bytes(row.canonical)
    with pytest.raises(Refused):
        approve(ref, actor=MANAGER, now=NOW)


def test_a_false_copy_cannot_go_live_without_a_waiver() -> None:
    ref = _write("畅享59每月只要49元！")
    assert gate("p59") == ("red", "PRICE_MISMATCH")
    with pytest.raises(Refused, match="PRICE_MISMATCH"):
        approve(ref, actor=MANAGER, now=NOW)
    with pytest.raises(BadInput):
        waive(ref, "PRICE_MISMATCH", reason="", owner="", until=TODAY, actor=MANAGER, now=NOW)
    waive(
        ref, "PRICE_MISMATCH", reason="Regulator agreed in writing", owner="Marketing", until=TODAY,
        actor=MANAGER, now=NOW,
    )  # fmt: skip
    approve(ref, actor=MANAGER, now=NOW)
    assert PublishedCopy.objects.get(ref=ref).state == "live"


def test_only_those_who_may_approve() -> None:
    ref = _write(RIGHT)
    for act in (
        lambda: approve(ref, actor=WRITER, now=NOW),
        lambda: withdraw(ref, actor=WRITER, now=NOW),
    ):
        with pytest.raises(Refused):
            act()
    with pytest.raises(Refused):
        write_copy(
            RIGHT, offer="p59", channel="web", actor=Actor("user", "usr-x", ("handler",)), now=NOW
        )
    with pytest.raises(BadInput):
        _write("a" * 6_000)


def test_a_changed_or_stopped_offer_is_found_in_what_is_live() -> None:
    ref = _write(RIGHT)
    approve(ref, actor=MANAGER, now=NOW)
    assert check_live(NOW) == 0
    later = NOW + timedelta(minutes=1)
    register_offers([replace(PLAN, price=69)], actor=MANAGER, now=later)
    assert [version for version, *_ in versions_of("p59")] == ["2", "1"]
    assert FoundFault.objects.filter(copy=ref, code="PRICE_MISMATCH").exists()
    assert check_live(later) == 1
    rows = matrix(["web"], now=later)
    assert [row.differs for row in rows if row.field == "price"] == [True]
    stopped = replace(PLAN, sale_to=TODAY - timedelta(days=1))
    stopped_at = later + timedelta(minutes=1)
    register_offers([stopped], actor=MANAGER, now=stopped_at)
    assert check_live(stopped_at) == 1
    assert {row.code for row in FoundFault.objects.filter(copy=ref)} == {"DISCONTINUED"}


def test_a_rule_that_is_often_wrong_only_advises() -> None:
    for number in range(10):
        ref = _write(f"全网最低价，第{number}版。")
        for row in FoundFault.objects.filter(copy=ref, code="ABSOLUTE_TERM"):
            judge(row.pk, right=number > 4, actor=MANAGER, now=NOW)
    one = precision()["ABSOLUTE_TERM"]
    assert (one.right, one.decided, one.only_advises) == (5, 10, True)
    assert "ABSOLUTE_TERM" in rulebook_today(TODAY).advice
    ref = _write("全网最低价！")
    assert {row.severity for row in FoundFault.objects.filter(copy=ref)} == {"advice"}


def test_whoever_sells_several_offers_at_once_too_often_is_listed() -> None:
    facts, at = [], NOW - timedelta(days=3)
    for number in range(30):
        person = register(NewSubscriber(name=f"学生{number}"), now=at)
        open_services([NewService(person, "mobile_plan", at, offer="p59")])
        for offer in ("p59", "bb") if number < 25 else ("p59",):
            order = {"order": f"o{number}{offer}", "offer": offer, "initiator": "subscriber"}
            payload = order | {"channel": "campus", "campaign": "school-1"}
            facts.append(Fact("ServiceOrdered", person, order["order"], at, "crm", payload))
    append(facts, now=NOW)
    assert count_co_orders(NOW) == 1
    row = CoOrderRate.objects.get()
    assert (row.campaign, row.visits, row.together) == ("school-1", 30, 25)
    assert row.low > 0.5
