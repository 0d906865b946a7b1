"""A copy is checked, corrected or waived, approved, and cited as a fact; live ones are watched."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from tests.pages.conftest import colleague

from amends.causes.publicity.actions.accept_phrases import accept_phrase, end_phrase, propose_phrase
from amends.causes.publicity.actions.approve import approve, judge, waive
from amends.causes.publicity.actions.register_offers import register_offers
from amends.causes.publicity.actions.write import edit_copy, withdraw, write_copy
from amends.causes.publicity.jobs.check_live import check_live
from amends.causes.publicity.jobs.count_co_orders import count_co_orders
from amends.causes.publicity.models import CoOrderRate, FoundFault, PublishedCopy, Waiver
from amends.causes.publicity.queries import (
    accepted_phrases,
    gate,
    judgements_of,
    matrix,
    open_blocks,
    precision,
    rulebook_today,
)
from amends.people.access.models import User
from amends.people.access.queries.staff import actor_of_user
from amends.people.subscribers.actions.open_services import NewService, open_services
from amends.people.subscribers.actions.register import NewSubscriber, register
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import BadInput, Refused
from amends.record.catalogue.queries import versions_of
from amends.record.facts.fact import Fact
from amends.record.facts.offers.key_facts import KeyFacts
from amends.record.ledger.actions.append import append
from amends.record.ledger.models import SingleFact
from amends.work.approvals.actions import decide
from amends.work.approvals.actions.decide import UnableToDecide
from amends.work.approvals.queries import deciders

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 27, 2, tzinfo=UTC)
TODAY = date(2026, 11, 27)
MANAGER = Actor("user", "usr-manager", ("manager",))
WRITER = Actor("user", "usr-writer", ("senior_handler",))
PLAN = KeyFacts("p59", "畅享59", price=59, data_gb=30, sold_alone=True)
RIGHT = "畅享59每月59元，含30GB流量。"


People = dict[str, Actor]


@pytest.fixture
def people() -> People:
    """Three managers and a senior handler, with accounts."""
    roles = {
        "first": "manager",
        "second": "manager",
        "third": "manager",
        "senior": "senior_handler",
    }
    return {name: actor_of_user(colleague(name, role)) for name, role in roles.items()}


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


def test_a_false_copy_cannot_go_live_without_a_waiver(people: People) -> None:
    ref = _write("畅享59每月只要49元！")
    assert gate("p59") == ("red", "PRICE_MISMATCH")
    with pytest.raises(Refused, match="PRICE_MISMATCH"):
        approve(ref, actor=MANAGER, now=NOW)
    owner = people["senior"].ref
    waiver: dict[str, Any] = {
        "reason": "Regulator agreed in writing",
        "owner": owner,
        "until": TODAY,
    }
    for wrong in (
        {"reason": ""},
        {"owner": "Marketing"},
        {"owner": "nobody at all"},
        {"owner": MANAGER.ref},
        {"until": date(9999, 12, 31)},
        {"until": TODAY + timedelta(days=366)},
        {"until": TODAY - timedelta(days=1)},
    ):
        with pytest.raises(BadInput):
            waive(ref, "PRICE_MISMATCH", **waiver | wrong, actor=MANAGER, now=NOW)
    waive(ref, "PRICE_MISMATCH", **waiver, actor=MANAGER, now=NOW)
    approve(ref, actor=MANAGER, now=NOW)
    assert PublishedCopy.objects.get(ref=ref).state == "live"


def test_only_those_who_may_approve() -> None:
    ref = _write(RIGHT)
    assert approve(ref, actor=WRITER, now=NOW).state == "waiting"
    assert PublishedCopy.objects.get(ref=ref).state == "draft"
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


def _judged_wrong(people: People, text: str, code: str, *, brand: str = "") -> None:
    """Ten findings of a code, judged by three managers in turn, seven of them wrong."""
    judges = [replace(people[name], brand=brand) for name in ("first", "second", "third")]
    writer = replace(WRITER, brand=brand)
    for number in range(10):
        ref = write_copy(text.format(number), offer="p59", channel="web", actor=writer, now=NOW)
        row = FoundFault.objects.get(copy=ref, code=code)
        judge(row.pk, right=number > 6, reason="It is a goal", actor=judges[number % 3], now=NOW)


def test_a_rule_that_several_people_find_often_wrong_only_advises(people: People) -> None:
    _judged_wrong(people, "全网最低价，第{}版。", "ABSOLUTE_TERM")
    one = precision()["ABSOLUTE_TERM"]
    assert (one.right, one.decided, one.people, one.only_advises) == (3, 10, 3, True)
    assert "ABSOLUTE_TERM" in rulebook_today(TODAY).advice
    ref = _write("全网最低价！")
    assert {row.severity for row in FoundFault.objects.filter(copy=ref)} == {"advice"}


def test_judgements_of_one_person_weaken_nothing(people: People) -> None:
    for number in range(12):
        ref = _write(f"全网最低价，第{number}版。")
        row = FoundFault.objects.get(copy=ref, code="ABSOLUTE_TERM")
        judge(row.pk, right=False, reason="It is a goal", actor=people["first"], now=NOW)
    assert not precision()["ABSOLUTE_TERM"].only_advises
    assert not rulebook_today(TODAY).advice


def test_no_judgement_weakens_what_contradicts_a_record(people: People) -> None:
    _judged_wrong(people, "畅享59第{}版，每月只要49元！", "PRICE_MISMATCH")
    assert precision()["PRICE_MISMATCH"].people == 3
    assert not rulebook_today(TODAY).advice
    ref = _write("畅享59每月只要49元！")
    assert open_blocks(ref, TODAY)[0].code == "PRICE_MISMATCH"


def test_a_rule_weakened_by_one_brand_stays_as_it_is_for_others(people: People) -> None:
    _judged_wrong(people, "全网最低价，第{}版。", "ABSOLUTE_TERM", brand="plum")
    assert "ABSOLUTE_TERM" in rulebook_today(TODAY, "plum").advice
    assert not rulebook_today(TODAY, "pear").advice
    assert not rulebook_today(TODAY).advice


def test_a_judgement_has_a_reason_and_is_not_the_author_s(people: People) -> None:
    ref = write_copy("全网最低价！", offer="p59", channel="web", actor=people["first"], now=NOW)
    row = FoundFault.objects.get(copy=ref, code="ABSOLUTE_TERM")
    with pytest.raises(Refused):
        judge(row.pk, right=False, reason="It is a goal", actor=people["first"], now=NOW)
    with pytest.raises(Refused):
        judge(row.pk, right=False, reason=" ", actor=people["second"], now=NOW)
    judge(row.pk, right=False, reason="It is a goal", actor=people["second"], now=NOW)
    told = judgements_of(ref)["ABSOLUTE_TERM", row.said]
    assert (told.right, told.reason, told.by) == (False, "It is a goal", "second")


def test_the_author_never_approves_a_copy_not_even_alone(people: People) -> None:
    ref = write_copy(RIGHT, offer="p59", channel="web", actor=people["first"], now=NOW)
    item = approve(ref, actor=people["first"], now=NOW)
    assert "second" in deciders(item, now=NOW).values()
    with pytest.raises(Refused, match="own request") as refused:
        approve(ref, actor=people["first"], now=NOW)
    assert "second" in refused.value.translated(str)[2]
    User.objects.exclude(username="first").update(is_active=False)
    with pytest.raises(Refused, match="Settings → People"):
        approve(ref, actor=people["first"], now=NOW)
    assert PublishedCopy.objects.get(ref=ref).state == "draft"


def test_who_is_confined_to_a_brand_never_approves_a_copy_of_none(people: People) -> None:
    User.objects.filter(username="second").update(brand="plum")
    User.objects.filter(username="third").update(is_active=False)
    ref = write_copy(RIGHT, offer="p59", channel="web", actor=people["first"], now=NOW)
    item = approve(ref, actor=people["first"], now=NOW)
    assert deciders(item, now=NOW) == {}
    with pytest.raises(BadInput):
        approve(ref, actor=replace(people["second"], brand="plum"), now=NOW)
    assert PublishedCopy.objects.get(ref=ref).state == "draft"


def test_whoever_wrote_an_earlier_version_is_an_author_too(people: People) -> None:
    ref = write_copy("每月49元", offer="p59", channel="web", actor=people["first"], now=NOW)
    edit_copy(ref, RIGHT, offer="p59", channel="web", version=1, actor=people["second"], now=NOW)
    assert approve(ref, actor=people["second"], now=NOW).state == "waiting"
    for name in ("first", "second"):
        with pytest.raises(Refused):
            approve(ref, actor=people[name], now=NOW)
    assert approve(ref, actor=people["third"], now=NOW).state == "approved"


def test_where_all_wrote_a_version_whoever_did_not_write_the_last_approves(people: People) -> None:
    User.objects.filter(username="third").update(is_active=False)
    ref = write_copy("每月49元", offer="p59", channel="web", actor=people["first"], now=NOW)
    edit_copy(ref, RIGHT, offer="p59", channel="web", version=1, actor=people["second"], now=NOW)
    assert approve(ref, actor=people["second"], now=NOW).state == "waiting"
    assert approve(ref, actor=people["first"], now=NOW).state == "approved"


def test_the_owner_of_a_waiver_does_not_approve_and_the_author_does_not_give_it(
    people: People,
) -> None:
    ref = write_copy("全网最低价！", offer="", channel="web", actor=people["first"], now=NOW)
    named: dict[str, Any] = {"reason": "Report of the regulator", "until": TODAY, "now": NOW}
    waiver = {"owner": people["second"].ref, **named}
    item = waive(ref, "ABSOLUTE_TERM", actor=people["first"], **waiver)
    assert item.state == "waiting"
    assert open_blocks(ref, TODAY)
    with pytest.raises(UnableToDecide, match="own work"):
        decide.approve(item.ref, actor=people["second"], now=NOW)
    waive(ref, "ABSOLUTE_TERM", actor=people["third"], **waiver)
    assert not open_blocks(ref, TODAY)
    assert approve(ref, actor=people["second"], now=NOW).state == "waiting"
    assert approve(ref, actor=people["third"], now=NOW).state == "approved"


def test_a_waiver_recorded_for_ever_ends_after_a_year(people: People) -> None:
    ref = _write("全网最低价！")
    given = NOW - timedelta(days=366)
    Waiver.objects.create(
        copy_id=ref,
        code="ABSOLUTE_TERM",
        reason="r",
        owner="nobody at all",
        until=date(9999, 12, 31),
        given_by="usr-x",
        given_at=given,
    )
    assert open_blocks(ref, TODAY)
    assert not open_blocks(ref, TODAY - timedelta(days=2))


def test_an_edit_makes_a_version_and_ends_the_waivers(people: People) -> None:
    ref = _write("全网最低价！")
    waive(
        ref,
        "ABSOLUTE_TERM",
        reason="Report of the regulator",
        owner=people["senior"].ref,
        until=TODAY,
        actor=MANAGER,
        now=NOW,
    )
    assert not open_blocks(ref, TODAY)
    named: dict[str, Any] = {"offer": "p59", "channel": "app", "actor": WRITER, "now": NOW}
    edit_copy(ref, "畅享59每月只要49元，全网最低价！", version=1, **named)
    row = PublishedCopy.objects.get(ref=ref)
    assert (row.version, row.channel) == (2, "app")
    assert [(one.number, one.text, one.channel) for one in row.earlier.all()] == [
        (1, "全网最低价！", "web")
    ]
    assert {one.code for one in open_blocks(ref, TODAY)} >= {"ABSOLUTE_TERM", "PRICE_MISMATCH"}
    with pytest.raises(Refused, match="meanwhile"):
        edit_copy(ref, RIGHT, version=1, **named)
    edit_copy(ref, "畅享59每月只要49元，全网最低价！", version=2, **named)
    assert row.earlier.count() == 1, "nothing changed, so there is no new version"
    edit_copy(ref, RIGHT, version=2, **named)
    with pytest.raises(Refused, match="preview"):
        approve(ref, version=2, actor=MANAGER, now=NOW)
    approve(ref, version=3, actor=MANAGER, now=NOW)
    with pytest.raises(Refused, match="not a draft"):
        edit_copy(ref, "每月49元", version=3, **named)


def test_another_brand_neither_approves_nor_takes_down_nor_waives_nor_judges() -> None:
    plum, pear = (
        Actor("user", f"usr-{brand}", ("manager",), brand=brand) for brand in ("plum", "pear")
    )
    ref = write_copy("全网最低价！", offer="p59", channel="web", actor=plum, now=NOW)
    finding = FoundFault.objects.get(copy=ref, code="ABSOLUTE_TERM").pk
    for act in (
        lambda: approve(ref, actor=pear, now=NOW),
        lambda: withdraw(ref, actor=pear, now=NOW),
        lambda: judge(finding, right=True, actor=pear, now=NOW),
        lambda: waive(
            ref,
            "ABSOLUTE_TERM",
            reason="Agreed in writing",
            owner="usr-plum",
            until=TODAY,
            actor=pear,
            now=NOW,
        ),
        lambda: edit_copy(ref, RIGHT, offer="p59", channel="web", version=1, actor=pear, now=NOW),
    ):
        with pytest.raises(BadInput):
            act()
    assert gate("p59", brand="pear") == ("open", "")
    assert gate("p59", brand="plum") == ("red", "ABSOLUTE_TERM")


def test_an_accepted_phrase_covers_its_words_and_nothing_else(people: People) -> None:
    ref = _write("畅享59每月只要49元，全网最低价！")
    phrase = propose_phrase(
        "全网最低价", reason="Report of the regulator", until=TODAY, actor=people["first"], now=NOW
    )

    def severities() -> dict[str, str]:
        return dict(FoundFault.objects.filter(copy=ref).values_list("code", "severity"))

    with pytest.raises(Refused, match="proposed"):
        accept_phrase(phrase.pk, actor=people["first"], now=NOW)
    assert severities()["ABSOLUTE_TERM"] == "block"
    accept_phrase(phrase.pk, actor=people["second"], now=NOW)
    assert severities() == {"ABSOLUTE_TERM": "accepted", "PRICE_MISMATCH": "block"}
    other = _write("全网最低价！本店最便宜。")
    assert {row.severity for row in FoundFault.objects.filter(copy=other)} == {"accepted", "block"}
    end_phrase(phrase.pk, actor=people["second"], now=NOW)
    assert severities()["ABSOLUTE_TERM"] == "block"


@pytest.mark.parametrize("phrase", ["每月只要49元", "每月只要49元！", "49"])
def test_no_accepted_phrase_hides_a_mismatch(people: People, phrase: str) -> None:
    row = propose_phrase(
        phrase, reason="Agreed in writing", until=TODAY, actor=people["first"], now=NOW
    )
    accept_phrase(row.pk, actor=people["second"], now=NOW)
    ref = _write("畅享59每月只要49元！")
    assert {one.code for one in open_blocks(ref, TODAY)} == {"PRICE_MISMATCH"}


def test_phrases_end_and_are_those_of_a_brand(people: People) -> None:
    plum = replace(people["first"], brand="plum")
    row = propose_phrase("全网最低价", reason="Agreed in writing", until=TODAY, actor=plum, now=NOW)
    with pytest.raises(BadInput):
        accept_phrase(row.pk, actor=replace(people["second"], brand="pear"), now=NOW)
    accept_phrase(row.pk, actor=replace(people["second"], brand="plum"), now=NOW)
    assert accepted_phrases("plum", TODAY) == ["全网最低价"]
    assert accepted_phrases("pear", TODAY) == accepted_phrases("", TODAY) == []
    assert accepted_phrases("plum", TODAY + timedelta(days=1)) == []
    with pytest.raises(BadInput, match="a year at most"):
        propose_phrase(
            "最好",
            reason="Agreed in writing",
            until=TODAY + timedelta(days=366),
            actor=plum,
            now=NOW,
        )


def test_a_finding_keeps_its_number_while_it_is_found_again() -> None:
    ref = _write("畅享59每月只要49元！")
    before = FoundFault.objects.get(copy=ref)
    later = NOW + timedelta(minutes=5)
    register_offers([replace(PLAN, price=69)], actor=MANAGER, now=later)
    after = FoundFault.objects.get(copy=ref)
    assert (after.pk, after.found_at) == (before.pk, NOW)
    assert "69" in after.recorded
    register_offers([replace(PLAN, price=49)], actor=MANAGER, now=later + timedelta(minutes=5))
    assert not FoundFault.objects.filter(copy=ref).exists()


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
