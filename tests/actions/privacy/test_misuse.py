"""Looks on record become a case file, and the case a decision with its consequence."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import translation
from tests.second_person import approve_waiting

from amends.causes.privacy.actions.authority import UnableToActOnPrivacy
from amends.causes.privacy.actions.decide_misuse import UnableToDecideMisuse, decide_misuse
from amends.causes.privacy.actions.review_service import (
    UnableToConfirmReview,
    confirm_review,
    review_service,
)
from amends.causes.privacy.actions.watch_looks import watch_looks
from amends.causes.privacy.demonstration import SERVICES
from amends.causes.privacy.models import AccessAlert, MisuseCase
from amends.causes.privacy.queries import changes, reviews
from amends.people.access.actions.add_user import add_user
from amends.people.access.models import User
from amends.people.partners.actions.register import register_partners
from amends.people.partners.models import Sanction
from amends.people.partners.queries import PartnerView
from amends.people.subscribers.models import Subscriber
from amends.platform import registry
from amends.platform.kit.actors import Actor
from amends.record.facts.fact import Fact
from amends.record.ledger.actions.append import append
from amends.record.ledger.queries import facts_on
from amends.work.approvals.actions.decide import UnableToDecide
from amends.work.approvals.jobs import lapse_overdue

pytestmark = [pytest.mark.django_db, pytest.mark.postgres_too]
NOW = datetime(2026, 11, 29, 10, tzinfo=UTC)
OFFICER = Actor("user", "usr-officer", ("privacy_officer",))


@pytest.fixture
def leaker() -> User:
    """An agent's clerk who looks at twenty people without a case, beside an ordinary desk."""
    register_partners([PartnerView("agent-a", "agent", "甲代理", "Agency A")])
    user = add_user("clerk", password="Lan-Shan-93-Qiao", roles=["handler"], partner="agent-a")
    people = [f"p{number:03d}" for number in range(60)]
    Subscriber.objects.bulk_create(Subscriber(pseudonym=one, registered_at=NOW) for one in people)
    looks = []

    def look(who: str, person: str, at: datetime, case: str, **more: str) -> None:
        payload = {
            "user": who,
            "role": "handler",
            "case": case,
            "purpose": "complaint",
            "fields": "phone",
            "unmasked": 0,
            **more,
        }
        looks.append(Fact("DataAccessed", person, case, at, "access", payload))

    for day in range(30, 0, -1):
        for desk in range(5):
            for number in range(4):
                at = NOW - timedelta(days=day, minutes=10 * number)
                look(f"usr-desk{desk}", people[(day * 7 + desk * 5 + number) % 60], at, "crm-1")
        look(user.ref, people[day], NOW - timedelta(days=day), "crm-1", partner="agent-a")
    for number in range(20):
        at = NOW - timedelta(days=2, minutes=number)
        look(user.ref, people[number], at, "", partner="agent-a")
    append(looks, now=NOW)
    return user


def test_a_leaking_clerk_is_found_once_and_suspended_with_the_partner(leaker: User) -> None:
    assert watch_looks(now=NOW) > 0
    assert watch_looks(now=NOW) == 0
    case = MisuseCase.objects.get()
    assert (case.user, case.partner) == (leaker.ref, "agent-a")
    assert "no_case" in set(AccessAlert.objects.values_list("signal", flat=True))

    with pytest.raises(UnableToDecideMisuse, match="reason"):
        decide_misuse(case.ref, "suspension", reason=" ", actor=OFFICER, now=NOW)
    handler = Actor("user", "usr-h", ("handler",))
    with pytest.raises(UnableToActOnPrivacy):
        decide_misuse(case.ref, "suspension", reason="sold", actor=handler, now=NOW)
    himself = Actor("user", leaker.ref, ("privacy_officer",))
    with pytest.raises(UnableToActOnPrivacy, match="about you"):
        decide_misuse(case.ref, "unfounded", reason="nothing", actor=himself, now=NOW)

    decide_misuse(case.ref, "suspension", reason="sold numbers", actor=OFFICER, now=NOW)
    leaker.refresh_from_db()
    assert not leaker.is_active
    assert Sanction.objects.get().kind == "suspension"
    (fact,) = facts_on(case.ref, kinds=["MisuseDecided"])
    assert fact.payload["decision"] == "suspension"
    with pytest.raises(UnableToDecide):
        approve_waiting("misuse_case", now=NOW, actor=OFFICER)
    assert approve_waiting("misuse_case", now=NOW) == 1
    lapse_overdue(now=NOW + timedelta(days=2))
    leaker.refresh_from_db()
    assert not leaker.is_active
    assert watch_looks(now=NOW) == 0


def test_a_suspension_that_no_second_person_approves_ends_after_a_day(leaker: User) -> None:
    watch_looks(now=NOW)
    case = MisuseCase.objects.get()
    decide_misuse(case.ref, "suspension", reason="sold numbers", actor=OFFICER, now=NOW)
    assert lapse_overdue(now=NOW + timedelta(hours=24)) == 1
    leaker.refresh_from_db()
    case.refresh_from_db()
    assert leaker.is_active
    assert case.appeal_outcome == "overturned"
    assert Sanction.objects.get().lifted_at is not None


OTHER_OFFICER = Actor("user", "usr-other-officer", ("privacy_officer",))
PLUM, PEAR = (Actor("user", f"usr-{one}", ("manager",), brand=one) for one in ("plum", "pear"))


def test_flows_declared_otherwise_after_a_red_review_need_a_second_person() -> None:
    blocked, agreed, _ = SERVICES.values()
    review_service("reminder", blocked, actor=OFFICER, now=NOW)
    changed = review_service("reminder", agreed, actor=OFFICER, now=NOW + timedelta(minutes=1))
    assert changed.waits
    (change,) = changes(changed.replaces, changed)
    assert (change.id, change.fields) == ("switched-on", ("consent_of",))
    with pytest.raises(UnableToConfirmReview, match="You declared these flows"):
        confirm_review(changed.ref, actor=OFFICER, now=NOW)
    again = review_service("reminder", agreed, actor=OFFICER, now=NOW + timedelta(minutes=2))
    assert again.waits
    assert registry.check_gate("privacy", "reminder").state == "red"
    confirm_review(again.ref, actor=OTHER_OFFICER, now=NOW + timedelta(minutes=3))
    with pytest.raises(UnableToConfirmReview, match="does not wait"):
        confirm_review(changed.ref, actor=OTHER_OFFICER, now=NOW + timedelta(minutes=3))
    (fact,) = facts_on("reminder", kinds=["ServiceReviewed"])[1:]
    assert (fact.payload["verdict"], fact.payload["by"]) == ("pass", OTHER_OFFICER.ref)


def test_the_same_flows_and_a_stricter_verdict_count_at_once() -> None:
    blocked, agreed, _ = SERVICES.values()
    review_service("reminder", agreed, actor=OFFICER, now=NOW)
    red = review_service("reminder", blocked, actor=OFFICER, now=NOW + timedelta(minutes=1))
    assert not red.waits
    assert registry.check_gate("privacy", "reminder").state == "red"
    renamed = blocked | {"purpose": "Another sentence."}
    same = review_service("reminder", renamed, actor=OFFICER, now=NOW + timedelta(minutes=2))
    assert not same.waits


def test_a_review_of_another_brand_neither_clears_nor_bars_a_launch() -> None:
    blocked, agreed, _ = SERVICES.values()
    mine = review_service("reminder", blocked, actor=PLUM, now=NOW)
    review_service("reminder", agreed, actor=PEAR, now=NOW + timedelta(minutes=1))
    assert registry.check_gate("privacy", "reminder", brand="plum").state == "red"
    assert registry.check_gate("privacy", "reminder", brand="pear").state == "green"
    assert registry.check_gate("privacy", "reminder", brand="fig").state == "open"
    changed = review_service("reminder", agreed, actor=PLUM, now=NOW + timedelta(minutes=2))
    assert changed.replaces == mine
    with pytest.raises(UnableToConfirmReview):
        confirm_review(changed.ref, actor=PEAR, now=NOW + timedelta(minutes=3))
    assert [row.brand for row in reviews(brand="pear")] == ["pear"]
    review_service("reminder", blocked, actor=OFFICER, now=NOW + timedelta(minutes=4))
    assert registry.check_gate("privacy", "reminder", brand="pear").state == "red"


def test_the_gate_of_a_launch_follows_the_newest_review() -> None:
    assert registry.check_gate("privacy", "reminder").state == "open"
    blocked, agreed, _ = SERVICES.values()
    review_service("reminder", blocked, actor=OFFICER, now=NOW)
    answer = registry.check_gate("privacy", "reminder")
    assert answer.state == "red"
    with translation.override("en"):
        assert "has not agreed" in registry.check_gate("privacy", "reminder").reason
    with translation.override("zh-hans"):
        assert "没有同意" in registry.check_gate("privacy", "reminder").reason
    later = NOW + timedelta(minutes=1)
    changed = review_service("reminder", agreed, actor=OFFICER, now=later)
    assert registry.check_gate("privacy", "reminder").state == "red"
    confirm_review(changed.ref, actor=OTHER_OFFICER, now=later)
    assert registry.check_gate("privacy", "reminder").state == "green"
    assert [
        fact.payload["verdict"] for fact in facts_on("reminder", kinds=["ServiceReviewed"])
    ] == [
        "block",
        "pass",
    ]
