"""An incident: scope from looks, clocks by dated rules, people told, closed with a review."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest

from amends.causes.privacy.actions.honeytokens import place, watch_fed_looks
from amends.causes.privacy.actions.incidents import (
    UnableToHandleIncident,
    UnableToOpenIncident,
    close_incident,
    open_incident,
    raise_level,
    report,
    rescope,
)
from amends.causes.privacy.actions.notify_people import ask_to_notify, notify_people
from amends.causes.privacy.models import AccessAlert, Incident
from amends.causes.privacy.queries import due_reports
from amends.causes.privacy.queries.looks import concerns_as_leads
from amends.channels.models import OutboxMessage
from amends.people.access.actions.add_user import add_user
from amends.people.access.actions.look import look
from amends.people.access.actions.open_case import open_case
from amends.people.subscribers.actions.register import NewSubscriber, register_many
from amends.people.subscribers.models import Subscriber
from amends.platform import registry
from amends.platform.kit.actors import Actor
from amends.record.facts.fact import Fact
from amends.record.ledger.actions.append import append
from amends.record.ledger.queries import facts_on

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 29, 10, tzinfo=UTC)
OFFICER = Actor("user", "usr-officer", ("privacy_officer",))
MANAGER = Actor("user", "usr-manager", ("manager",))
DAY = timedelta(days=1)


def looked_at(person: str, user: str, at: datetime, case: str = "", fields: str = "phone") -> Fact:
    payload = {
        "user": user,
        "role": "agent",
        "case": case,
        "purpose": "x",
        "fields": fields,
        "unmasked": 1,
    }
    return Fact("DataAccessed", person, case, at, "crm", payload)


@pytest.fixture
def people() -> list[str]:
    persons = [NewSubscriber(phone=f"1390000010{n}", language="zh-hans") for n in range(5)]
    refs = register_many([*persons, NewSubscriber()], now=NOW - 9 * DAY)
    looks = [looked_at(one, "usr-leak", NOW - 3 * DAY, fields="name,phone") for one in refs]
    looks += [looked_at(refs[0], "usr-leak", NOW - 2 * DAY), looked_at(refs[1], "usr-b", NOW - DAY)]
    append(looks, now=NOW)
    return refs


def opened(**more: object) -> Incident:
    wishes = {
        "title": "号码被查看后外泄",
        "origin": "hand",
        "users": ["usr-leak"],
        "actor": OFFICER,
        "since": NOW - 7 * DAY,
        "until": NOW,
        "found_at": NOW,
        "now": NOW,
    }
    return open_incident(**(wishes | more))  # type: ignore[arg-type]


def test_scope_clocks_people_and_review(people: list[str]) -> None:
    row = opened()
    assert row.scope["persons"] == 6
    assert row.scope["looks"] == 7
    assert row.scope["fields"] == ["name", "phone"]
    waits = {one.rule.partition("/")[2]: one for one in row.clocks.all()}
    assert waits.keys() == {"authority", "persons"}
    assert waits["authority"].due_at == NOW
    raise_level(row.ref, "larger", actor=OFFICER, now=NOW)
    hours = {
        one.rule.partition("/")[2]: (one.due_at - NOW).seconds // 3600 for one in row.clocks.all()
    }
    assert (hours["critical"], hours["cac"]) == (1, 4)

    assert ask_to_notify(row.ref, actor=OFFICER, now=NOW) == 6
    assert notify_people(row.ref, actor=MANAGER, now=NOW) == (5, 1)
    assert notify_people(row.ref, actor=MANAGER, now=NOW) == (0, 1)
    assert OutboxMessage.objects.filter(reference=row.ref).count() == 5
    with pytest.raises(UnableToHandleIncident, match="wait"):
        close_incident(row.ref, review="x", no_harm=False, actor=OFFICER, now=NOW)
    for clock in row.clocks.all():
        report(row.ref, clock.id, reference="2026-17", actor=OFFICER, now=NOW)
    close_incident(row.ref, review="停用账号，补考", no_harm=True, actor=OFFICER, now=NOW)
    kinds = [one.kind for one in facts_on(row.ref)]
    assert kinds.count("AuthorityTold") == 4
    assert kinds[-1] == "DataIncidentClosed"


@pytest.mark.parametrize(
    ("place_", "hours"), [("eu", [0, 24, 72]), ("uk", [0, 72]), ("in", [0, 6, 72])]
)
def test_clocks_of_other_jurisdictions(
    settings: object, people: list[str], place_: str, hours: list[int]
) -> None:
    settings.JURISDICTION = place_  # type: ignore[attr-defined]
    row = opened()
    assert [(one.due_at - NOW) / timedelta(hours=1) for one in row.clocks.all()] == hours


def test_a_drill_writes_to_nobody_and_its_facts_say_so(people: list[str]) -> None:
    row = opened(drill=True)
    assert notify_people(row.ref, actor=OFFICER, now=NOW) == (0, 0)
    close_incident(row.ref, review="演练", no_harm=False, actor=OFFICER, now=NOW)
    ends = facts_on(row.ref, kinds=["DataIncidentOpened", "DataIncidentClosed"])
    assert [one.payload["drill"] for one in ends] == [1, 1]
    assert not OutboxMessage.objects.exists()


def test_who_it_is_about_handles_it_not_and_a_period_must_have_passed(people: list[str]) -> None:
    with pytest.raises(UnableToHandleIncident, match="about you"):
        opened(actor=Actor("user", "usr-leak", ("privacy_officer",)))
    with pytest.raises(UnableToOpenIncident):
        opened(since=NOW, until=NOW - DAY)
    row = opened()
    with pytest.raises(UnableToHandleIncident, match="about you"):
        raise_level(
            row.ref, "major", now=NOW, actor=Actor("user", "usr-leak", ("privacy_officer",))
        )


def test_a_look_at_a_honeytoken_is_alerted_in_the_same_moment() -> None:
    (bait,) = place([NewSubscriber(name="无名", phone="19900000000")], actor=OFFICER, now=NOW)
    handler = Actor("user", "usr-nosy", ("handler",))
    case = open_case(handler, subscriber=bait, purpose="complaint", reference="c-1", now=NOW)
    began = time.perf_counter()
    look(handler, case, ("phone",), now=NOW)
    assert time.perf_counter() - began < 5
    assert AccessAlert.objects.get(case__user="usr-nosy").signal == "honeytoken"
    append([looked_at(bait, "usr-crm", NOW)], now=NOW)
    assert watch_fed_looks(NOW) == 1
    assert watch_fed_looks(NOW) == 0


def test_complaints_point_at_who_looked_before(
    people: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    told = [registry.Concern(one, NOW, f"C{n}", "/") for n, one in enumerate(people[:4])]
    monkeypatch.setattr(registry, "concerns", lambda since, now: told)
    others = register_many([NewSubscriber() for _ in range(40)], now=NOW)
    append([looked_at(one, "usr-b", NOW - DAY, "c-1") for one in others], now=NOW)
    found, leads = concerns_as_leads(NOW)
    assert len(found) == 4
    assert (leads[0].user, leads[0].hits, leads[0].without_case) == ("usr-leak", 4, 4)
    assert leads[0].p < 0.01


def test_nobody_writes_to_the_people_of_an_incident_alone(people: list[str]) -> None:
    row = opened()
    with pytest.raises(UnableToHandleIncident, match="Nobody has asked"):
        notify_people(row.ref, actor=MANAGER, now=NOW)
    ask_to_notify(row.ref, actor=OFFICER, now=NOW)
    with pytest.raises(UnableToHandleIncident, match="yourself"):
        notify_people(row.ref, actor=OFFICER, now=NOW)
    # Who is found since then was not asked for.
    (late,) = register_many([NewSubscriber(phone="13900000999")], now=NOW - 9 * DAY)
    append([looked_at(late, "usr-leak", NOW - DAY)], now=NOW)
    rescope(row, now=NOW)
    with pytest.raises(UnableToHandleIncident, match="7 people wait now"):
        notify_people(row.ref, actor=MANAGER, now=NOW)
    assert not OutboxMessage.objects.exists()
    ask_to_notify(row.ref, actor=OFFICER, now=NOW)
    assert notify_people(row.ref, actor=MANAGER, now=NOW) == (6, 1)


def test_an_officer_of_one_brand_reaches_nobody_of_another(people: list[str]) -> None:
    plum = Actor("user", "usr-plum", ("privacy_officer",), "", "plum")
    pear = add_user("pear", password="harbour-kite-42", roles=["handler"], brand="pear")
    with pytest.raises(UnableToOpenIncident, match="another brand"):
        opened(actor=plum, users=[pear.ref])
    Subscriber.objects.filter(pseudonym__in=people[:2]).update(brand="plum")
    Subscriber.objects.filter(pseudonym__in=people[2:]).update(brand="pear")
    row = opened(actor=plum)
    assert row.brand == "plum"
    assert row.scope["persons"] == 2
    assert set(row.affected.values_list("subscriber", flat=True)) == set(people[:2])


def test_a_duty_to_tell_people_is_met_when_nobody_waits(people: list[str]) -> None:
    nobody = opened(users=["usr-none"])
    assert nobody.scope["persons"] == 0
    due = due_reports(nobody, untold=0)
    assert {one.rule.partition("/")[2] for one in due} == {"authority"}
    row = opened(users=["usr-b"])
    assert {one.rule.partition("/")[2] for one in due_reports(row, untold=1)} == {
        "authority",
        "persons",
    }
    ask_to_notify(row.ref, actor=OFFICER, now=NOW)
    assert notify_people(row.ref, actor=MANAGER, now=NOW) == (1, 0)
    told = {one.rule.partition("/")[2]: one.told_at for one in row.clocks.all()}
    assert told == {"authority": None, "persons": NOW}
