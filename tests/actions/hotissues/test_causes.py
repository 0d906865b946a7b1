"""Candidate causes from the ledger: what fits in time and place comes first."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils.translation import override
from tests.actions.hotissues.desk_days import NOW, ordinary, write
from tests.actions.hotissues.test_issues import LIN

from amends.causes.vetting.models import RegisteredService
from amends.engines.detection.causes import ranked
from amends.people.subscribers.actions.open_services import NewService, open_services
from amends.people.subscribers.actions.register import NewSubscriber, register_many
from amends.people.subscribers.models import Subscriber
from amends.platform.kit.actors import system
from amends.platform.kit.periods import to_ms
from amends.problems.hotissues.actions import scan_desk as desk
from amends.problems.hotissues.actions.find_causes import find_causes
from amends.problems.hotissues.actions.merge import merge_into
from amends.problems.hotissues.actions.open_issue import open_issue
from amends.problems.hotissues.actions.scan_causes import scan_causes
from amends.problems.hotissues.actions.scan_desk import scan_desk
from amends.problems.hotissues.models import Cell, HotIssue
from amends.problems.hotissues.queries import issues, members
from amends.problems.hotissues.queries.exposures import exposures
from amends.problems.hotissues.queries.issue_summary import hit
from amends.problems.hotissues.texts.cause_words import cause_sentence
from amends.record.catalogue.actions.define_areas import define_areas
from amends.record.catalogue.queries import AreaView
from amends.record.facts.fact import Fact
from amends.record.ledger.actions.append import append

WEEKS = timedelta(days=90)


def state(kind: str, who: str, days_ago: int, payload: dict[str, str | int]) -> None:
    at = NOW - timedelta(days=days_ago)
    with transaction.atomic():
        append([Fact(kind, who, f"svc-{who}", at, "crm", payload)], now=NOW)


def bought(who: str, days_ago: int, **more: str | int) -> None:
    state("ServiceActivated", who, days_ago, {"offer": "ring", "initiator": "partner", **more})


def notices_known() -> None:
    payload: dict[str, str | int] = {
        "kinds": "NoticeSent",
        "scope": "all",
        "from_ms": to_ms(NOW - timedelta(days=200)),
        "to_ms": to_ms(NOW),
        "complete": 1,
    }
    with transaction.atomic():
        append([Fact("SourceCovered", "", "notices", NOW, "notices", payload)], now=NOW)


def due(who: str, days_ago: int, *, sent: bool) -> None:
    at = NOW - timedelta(days=days_ago)
    what: dict[str, str | int] = {"duty": "cn.allowance_reached", "key": f"{who}-{days_ago}"}
    state("NoticeDue", who, days_ago, {**what, "duty_version": "2026", "due_at_ms": to_ms(at)})
    if sent:
        state("NoticeSent", who, days_ago, {**what, "channel": "sms"})


def batch(persons: list[str], days_ago: int, code: str) -> None:
    for who in persons:
        write([days_ago], code, person=who)


def test_the_campaign_that_touched_them_comes_first(db: None) -> None:
    ordinary(21)
    persons = [f"buyer-{n}" for n in range(24)]
    for who in persons[:22]:
        bought(who, 4, campaign="spring", partner="agent-a")
    for n in range(5):
        bought(f"else-{n}", 30, partner="agent-b")
    batch(persons, 1, "consent.unauthorised_change")
    scan_desk(now=NOW)
    found = issues()
    assert len(found) == 1
    ranked = list(found[0].causes.order_by("rank"))
    assert {ranked[0].kind, ranked[1].kind} == {"campaign", "partner"}
    assert "agent-b" not in [one.reference for one in ranked]
    assert ranked[0].numbers["touched_members"] == 22
    assert ranked[0].fit > 0.8
    assert len(ranked[0].facts) == 20


def test_what_joined_without_an_alarm_is_asked_for_its_cause(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    ordinary(21)
    persons = [f"buyer-{n}" for n in range(24)]
    for who in persons:
        bought(who, 4, campaign="spring")
    batch(persons, 1, "consent.unauthorised_change")
    scan_desk(now=NOW)
    (found,) = issues()
    # As it was ranked when eight had complained, of another cause.
    found.causes.update(reference="autumn", numbers={"persons": 8})
    monkeypatch.setattr(desk, "candidates_of", lambda *_: ([], {}))
    scan_desk(now=NOW)
    assert [one.reference for one in found.causes.all()] == ["spring"]
    found.causes.update(reference="autumn")
    scan_desk(now=NOW)
    assert [one.reference for one in found.causes.all()] == ["autumn"], "ranked on these persons"


def test_a_beginning_estimated_too_early_rules_out_no_cause(db: None) -> None:
    """A stray complaint in the same place, days before, sets the beginning before the campaign."""
    ordinary(21)
    persons = [f"buyer-{n}" for n in range(24)]
    for who in persons[:22]:
        bought(who, 3, campaign="spring")
    for who in persons[:20]:
        bought(who, 0, campaign="afterwards")
    batch(persons, 1, "consent.unauthorised_change")
    scan_desk(now=NOW)
    (found,) = issues()
    HotIssue.objects.filter(id=found.id).update(started_at=NOW - timedelta(days=10))
    find_causes([found.id], now=NOW, repeat=True)
    first = found.causes.order_by("rank")[0]
    assert (first.reference, first.numbers["touched_members"]) == ("spring", 22)


def test_what_began_after_they_complained_is_no_cause(db: None) -> None:
    ordinary(21)
    persons = [f"buyer-{n}" for n in range(24)]
    for who in persons:
        bought(who, 2, campaign="afterwards")
    batch(persons, 9, "consent.unauthorised_change")
    scan_desk(now=NOW - timedelta(days=8))
    (found,) = issues()
    find_causes([found.id], now=NOW, repeat=True)
    assert not found.causes.exists()


def test_a_fault_no_system_recorded_is_said_to_be_one(db: None) -> None:
    ordinary(22)
    for n in range(20):
        write([1], "network.outage", person=f"cut-{n}", area="south")
    scan_desk(now=NOW)
    best = issues()[0].causes.order_by("rank")[0]
    assert (best.kind, best.reference) == ("unrecorded", "south")


def test_so_it_is_where_the_area_alone_names_the_issue(db: None) -> None:
    ordinary(22)
    for n in range(20):
        write([1], "network.outage", person=f"cut-{n}", area="south")
    scan_desk(now=NOW)
    (found,) = issues()
    found.cells.update(main=False)
    Cell.objects.create(issue=found, place="area=south", added_at=NOW, main=True)
    find_causes([found.id], now=NOW, repeat=True)
    best = found.causes.order_by("rank")[0]
    assert (best.kind, best.reference) == ("unrecorded", "south")


def test_what_raises_no_curve_shows_in_a_contrast(db: None) -> None:
    """A clerk reads data for nobody's case; one in a week complains, of eleven who were read."""
    ordinary(23)
    for n in range(11):
        state(
            "DataAccessed",
            f"read-{n}",
            80 - n,
            {"user": "user-x", "role": "agent", "case": "", "purpose": "sale", "fields": "phone"},
        )
        if n < 9:
            write([70 - 7 * n], "privacy.data_misuse", person=f"read-{n}")
    for n in range(4):
        write([20 * n], "privacy.data_misuse")
    scan_desk(now=NOW)
    assert issues() == []
    refs = scan_causes(now=NOW)
    assert len(refs) == 1
    issue = HotIssue.objects.get(id=refs[0])
    assert issue.cells.get(main=True).place == "cause=lookups:user-x|code=privacy.data_misuse"
    assert issue.persons == 9
    assert issue.causes.order_by("rank")[0].reference == "user-x"
    assert scan_causes(now=NOW) == refs


def test_those_who_were_not_told_are_held_against_those_who_were(db: None) -> None:
    """Both used up what they had; of the twenty who were not told eleven complain in as many weeks,
    of two hundred who were told eight."""
    ordinary(23)
    notices_known()
    for n in range(200):
        due(f"told-{n}", 90 - n % 80, sent=True)
        if n < 8:
            write([80 - 9 * n], "billing.usage_cap", person=f"told-{n}")
    for n in range(20):
        due(f"untold-{n}", 88 - n, sent=False)
        if n < 11:
            write([78 - 7 * n], "billing.usage_cap", person=f"untold-{n}")
    scan_desk(now=NOW)
    assert issues() == []
    (ref,) = scan_causes(now=NOW)
    issue = HotIssue.objects.get(id=ref)
    place = "cause=notices_missing:cn.allowance_reached|code=billing.usage_cap"
    assert issue.cells.get(main=True).place == place
    assert issue.persons == 11
    best = issue.causes.order_by("rank")[0]
    assert (best.kind, best.reference) == ("notices_missing", "cn.allowance_reached")


def test_who_complains_alike_told_or_not_makes_no_issue(db: None) -> None:
    ordinary(23)
    notices_known()
    for n in range(80):
        due(f"p-{n}", 90 - n, sent=n % 4 > 0)
        write([89 - n], "billing.usage_cap", person=f"p-{n}")
    assert scan_causes(now=NOW) == []


def test_the_older_of_two_issues_goes_on(db: None) -> None:
    ordinary(24)
    write([0] * 20, "network.outage", area="south")
    write([0] * 20, "marketing.promise_not_kept", product="fibre-300")
    scan_desk(now=NOW)
    one, two = HotIssue.objects.order_by("number")
    merge_into(two.id, one.id, because="one storm", actor=LIN, now=NOW)
    assert [each.id for each in issues()] == [one.id]
    assert len(members(one.id)) >= 40
    assert {each.leave_reason for each in members(two.id, left_too=True)} == {"one storm"}
    two.refresh_from_db()
    assert (two.state, two.merged_into_id) == ("closed", one.id)


def test_times_of_facts_are_kept(db: None) -> None:
    ordinary(25)
    persons = [f"b-{n}" for n in range(20)]
    for who in persons:
        bought(who, 9, campaign="c")
    batch(persons, 1, "consent.unauthorised_change")
    scan_desk(now=NOW)
    best = issues()[0].causes.order_by("rank")[0]
    assert to_ms(best.from_at) == to_ms(NOW - timedelta(days=9))


def test_deeds_and_what_befell_are_all_there_is(db: None) -> None:
    """A look from the causes reads deeds alone, the rest when there is an issue to rank."""
    bought("anna", 4, campaign="spring", partner="agent-a")
    state(
        "DataAccessed",
        "bo",
        3,
        {
            "user": "u-1",
            "role": "handler",
            "case": "",
            "partner": "",
            "fields": "phone",
            "purpose": "none",
        },
    )
    state(
        "NoticeDue",
        "cy",
        3,
        {
            "duty": "cn.roaming_cap",
            "duty_version": "2026",
            "key": "k",
            "due_at_ms": to_ms(NOW - timedelta(days=3)),
        },
    )
    assert exposures(now=NOW, deeds=False) == [], "what was sent is not known yet"
    notices_known()
    deeds, rest = exposures(now=NOW, deeds=True), exposures(now=NOW, deeds=False)
    assert [one.kind for one in deeds] == ["campaign", "partner", "lookups"]
    assert [one.kind for one in rest] == ["notices_missing"]
    assert exposures(now=NOW) == [*deeds, *rest]


def test_a_fault_touches_everybody_in_its_area(db: None) -> None:
    here, there, left = register_many(
        [NewSubscriber(area="north"), NewSubscriber(area="south"), NewSubscriber(area="north")],
        now=NOW - timedelta(days=50),
    )
    Subscriber.objects.filter(pseudonym=left).update(status="erased")
    outage = {"incident": "i-1", "area": "north", "cause": "storm", "technology": "fibre"}
    state("IncidentOpened", "", 3, outage)
    state(
        "QualityDegraded",
        "",
        3,
        {
            "area": "south",
            "technology": "fibre",
            "severity": "bad",
            "from_ms": to_ms(NOW - timedelta(days=3)),
            "to_ms": to_ms(NOW),
        },
    )
    found = {one.kind: one.persons for one in exposures(now=NOW)}
    assert found == {"incident": {here}, "degraded": {there}}


def test_an_area_stands_for_the_areas_within_it(db: None) -> None:
    define_areas(
        [
            AreaView("hn", "河南", "Henan", "", "41", 0),
            AreaView("zz", "郑州", "Zhengzhou", "hn", "41", 9),
            AreaView("gd", "广东", "Guangdong", "", "44", 0),
        ]
    )
    city, _elsewhere = register_many(
        [NewSubscriber(area="zz"), NewSubscriber(area="gd")], now=NOW - timedelta(days=50)
    )
    outage = {"incident": "i-1", "area": "hn", "cause": "storm", "technology": "fibre"}
    state("IncidentOpened", "", 3, outage)
    (found,) = exposures(now=NOW)
    assert found.persons == {city}
    issue = open_issue(
        ["code=network.outage|area=hn"],
        started_at=NOW - timedelta(days=1),
        now=NOW,
        actor=system("scan"),
    )
    whom = hit(issue, now=NOW)
    assert (whom.hit, whom.silent, whom.by) == (1, 1, "place")


def test_of_several_changes_of_an_offer_the_one_in_time_is_told(db: None) -> None:
    (holder,) = register_many([NewSubscriber()], now=NOW - timedelta(days=300))
    open_services(
        [
            NewService(
                ref="svc-1",
                subscriber=holder,
                kind="mobile",
                offer="plan-a",
                started_at=NOW - timedelta(days=200),
            )
        ]
    )
    terms = {"price_minor": 1000, "currency": "CNY"}
    for days_ago, version in ((110, "1"), (5, "2")):
        at = NOW - timedelta(days=days_ago)
        with transaction.atomic():
            append(
                [
                    Fact(
                        "OfferPublished",
                        "",
                        "plan-a",
                        at,
                        "crm",
                        {"offer": "plan-a", "offer_version": version, **terms},
                    )
                ],
                now=NOW,
            )
    found = [one for one in exposures(now=NOW) if one.kind == "offer_change"]
    assert [one.numbers["version"] for one in found] == ["1", "2"]
    (best,) = ranked(
        found,
        members={holder: to_ms(NOW)},
        other_persons=dict.fromkeys("abcdefghij", to_ms(NOW)),
        started_ms=to_ms(NOW - timedelta(days=4)),
    )
    assert best.exposure.numbers["version"] == "2"
    assert best.exposure.from_ms == to_ms(NOW - timedelta(days=5))


def test_the_known_fault_of_a_service_is_a_cause(db: None) -> None:
    ordinary(21)
    users = register_many([NewSubscriber(name=f"u{n}") for n in range(24)], now=NOW - WEEKS)
    open_services([NewService(who, "value_added", NOW - WEEKS, "pod-video", "1") for who in users])
    service = RegisteredService.objects.create(
        ref="pod",
        origin="partner",
        name_zh="豆荚",
        name_en="Pod",
        offer="pod-video",
        changed_at=NOW,
    )
    link = service.links.create(name="content", kind="provider")
    link.faults.create(from_at=NOW - timedelta(days=2), to_at=NOW, evidence={}, found_at=NOW)
    batch(users, 1, "network.speed")
    scan_desk(now=NOW)
    (found,) = issues()
    first = found.causes.order_by("rank")[0]
    assert (first.kind, first.reference, first.numbers["touched"]) == ("service_fault", "pod", 24)
    assert first.to_at is None
    with override("en"):
        assert "A fault of pod-video is on record (content)" in cause_sentence(first)
