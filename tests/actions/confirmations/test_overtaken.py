"""Orders about a service that has moved on meanwhile, and services only other systems know."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction

from actions.confirmations.conftest import NOW, PHONE, Shop
from actions.confirmations.test_withdrawal import runs, shown
from amends.causes.confirmations.actions.answer import answer_by_message
from amends.causes.confirmations.actions.execute import execute, execute_due
from amends.causes.confirmations.actions.place import UnableToPlace
from amends.causes.confirmations.actions.record_observed import Observed, observe
from amends.causes.confirmations.actions.stop_service import stop_at_once
from amends.causes.confirmations.models import Order, RunningService
from amends.causes.confirmations.queries import mine, standing_of
from amends.people.subscribers.actions.open_services import stop_service
from amends.people.subscribers.queries import service
from amends.record.facts.fact import Fact
from amends.record.ledger.actions.append import append
from amends.record.ledger.queries import facts_about

pytestmark = [pytest.mark.django_db, pytest.mark.postgres_too]
DAY = timedelta(days=1)


def reply(text: str, *, now=NOW):
    return answer_by_message(channel="sms", sender=PHONE, text=text, message="m", now=now)


def stopped(shop: Shop, ref: str, *, at=NOW + DAY) -> str:
    presence = shown(shop, at=at)
    return stop_at_once(ref, subscriber=shop.person, presence=presence, now=at).outcome


def report(shop: Shop, ref: str, offer: str, *, at, **more) -> int:
    """Another system says that a service runs."""
    one = Observed(
        service=ref,
        subscriber=shop.person,
        offer=offer,
        since=at,
        source="crm",
        source_ref=f"{ref} {at.isoformat()}",
        **more,
    )
    return observe([one], now=at)


def test_a_stop_ends_what_was_still_planned_and_holds_up_no_other_order(shop: Shop) -> None:
    planned = shop.order(
        "plan", order="change", offer="traffic", service=shop.plan, initiator="operator"
    )
    assert reply(f"Y{shop.code()}").outcome == "confirmed"
    assert stopped(shop, shop.plan) == "executed"
    planned.refresh_from_db()
    assert planned.state == "cancelled"
    ring = shop.order("ring", now=NOW + DAY)
    assert execute_due(now=NOW + 31 * DAY) == 0
    assert (service(shop.plan).stopped_at, ring.state) == (NOW + DAY, "waiting")
    assert not facts_about(shop.person, kinds=["ServiceChanged"])


def test_what_ended_elsewhere_is_not_carried_out_on_its_day(shop: Shop) -> None:
    """The line was closed in another system, and only its record here says so."""
    planned = shop.order("stop", order="stop", offer="", service=shop.plan, initiator="operator")
    assert reply(f"Y{shop.code()}").outcome == "confirmed"
    stop_service(shop.plan, at=NOW + DAY)
    assert execute_due(now=NOW + 31 * DAY) == 0
    planned.refresh_from_db()
    assert planned.state == "cancelled"
    assert not facts_about(shop.person, kinds=["ServiceStopped"])


def test_a_yes_to_what_ended_meanwhile_is_told_so(shop: Shop) -> None:
    order = shop.order("stop", order="stop", offer="", service=shop.plan)
    stop_service(shop.plan, at=NOW)
    assert reply(f"Y{shop.code()}").outcome == "overtaken"
    order.refresh_from_db()
    assert order.state == "cancelled"


def test_the_second_of_two_stops_is_over(shop: Shop) -> None:
    codes = []
    for key in ("a", "b"):
        shop.order(key, order="stop", offer="", service=shop.plan)
        codes.append(shop.code())
    assert reply(f"Y{codes[0]}").outcome == "executed"
    assert reply(f"Y{codes[1]}") is None, "nothing is asked any more"
    assert sorted(Order.objects.values_list("state", flat=True)) == ["cancelled", "executed"]


def test_a_planned_stop_does_not_hit_what_the_user_changed_to(shop: Shop) -> None:
    """The offer that ends is told 30 days ahead; the user moves to another before."""
    ends = shop.order("ends", order="stop", offer="", service=shop.plan, initiator="operator")
    assert reply(f"Y{shop.code()}").outcome == "confirmed"
    shop.order("moves", order="change", offer="traffic", service=shop.plan)
    assert reply(f"Y{shop.code()}").outcome == "executed"
    execute_due(now=NOW + 31 * DAY)
    ends.refresh_from_db()
    assert (ends.state, service(shop.plan).offer) == ("cancelled", "traffic")
    assert service(shop.plan).stopped_at is None


def test_a_cancelled_order_stays_so(shop: Shop) -> None:
    shop.order("a", order="stop", offer="", service=shop.plan)
    stop_service(shop.plan, at=NOW)
    order = Order.objects.get()
    assert execute(order.id, by="schedule", now=NOW).state == "cancelled"


def test_nothing_is_opened_on_a_service_that_is_there(shop: Shop) -> None:
    with pytest.raises(UnableToPlace, match="reference from us"):
        shop.order(offer="gift", service=shop.plan)
    assert not Order.objects.exists()


def test_what_only_another_system_reports_is_stopped_like_the_rest(shop: Shop) -> None:
    assert report(shop, "svc-seen", "ring", at=NOW, kind="value_added") == 1
    assert standing_of("svc-seen").state == "uncovered"
    assert stopped(shop, "svc-seen") == "executed"
    assert standing_of("svc-seen").state == "stopped"
    assert [one.until for one in mine(shop.person) if one.service == "svc-seen"] == [NOW + DAY]
    (fact,) = facts_about(shop.person, kinds=["ServiceStopped"])
    assert (fact.subject, fact.payload["initiator"]) == ("svc-seen", "subscriber")
    assert len(shop.sent("done:")) == 1
    with pytest.raises(UnableToPlace, match="no running service"):
        stopped(shop, "svc-seen", at=NOW + 2 * DAY)


def test_nobody_stops_what_is_reported_of_somebody_else(shop: Shop) -> None:
    other = Observed(
        service="svc-theirs",
        subscriber="sub-other",
        offer="ring",
        since=NOW,
        source="crm",
        source_ref="r",
    )
    observe([other], now=NOW)
    with pytest.raises(UnableToPlace, match="no running service"):
        stopped(shop, "svc-theirs")


def test_an_old_yes_does_not_cover_what_was_opened_again_after_a_stop(shop: Shop) -> None:
    ref = runs(shop)
    assert stopped(shop, ref) == "executed"
    assert report(shop, ref, "ring", at=NOW + 2 * DAY) == 1
    assert standing_of(ref).state == "uncovered"
    assert not standing_of(ref).may_charge
    assert stopped(shop, ref, at=NOW + 3 * DAY) == "executed", "and it can be stopped again"
    assert standing_of(ref).state == "stopped"


@pytest.mark.parametrize("ends", ["N", ""], ids=["refused", "lapsed"])
def test_the_first_of_two_answers_covers_nothing(shop: Shop, ends: str) -> None:
    order = shop.order()
    assert reply(f"Y{shop.code()}").outcome == "asked_again"
    if ends:
        assert reply(ends).outcome == "refused"
    report(shop, order.service, "ring", at=NOW + DAY)
    assert standing_of(order.service).state == "uncovered"


def test_a_yes_of_another_system_covers_until_it_is_changed_away(shop: Shop) -> None:
    def said(kind: str, at, **payload) -> Fact:
        return Fact(kind, shop.person, "svc-x", at, "crm", payload)

    with transaction.atomic():
        append(
            [
                said(
                    "ConfirmationGiven",
                    NOW - 9 * DAY,
                    order="o",
                    offer="ring",
                    channel="sms",
                    method="sms_reply",
                ),
                said(
                    "ServiceChanged",
                    NOW - 5 * DAY,
                    from_offer="ring",
                    to_offer="gift",
                    initiator="system",
                ),
            ],
            now=NOW,
        )
    report(shop, "svc-x", "ring", at=NOW - 8 * DAY)
    assert standing_of("svc-x").state == "confirmed"
    report(shop, "svc-x", "gift", at=NOW - 5 * DAY)
    assert standing_of("svc-x").state == "uncovered"
    report(shop, "svc-x", "ring", at=NOW - 2 * DAY)
    assert standing_of("svc-x").state == "uncovered"
    assert RunningService.objects.filter(until__isnull=True).count() == 1


def test_another_system_ends_what_amends_opened(shop: Shop) -> None:
    ref = runs(shop)
    assert report(shop, ref, "ring", at=NOW) == 0, "known already"
    assert report(shop, ref, "ring", at=NOW + DAY, until=NOW + 2 * DAY) == 0
    assert standing_of(ref).state == "stopped"
    assert RunningService.objects.get().until == NOW + 2 * DAY
