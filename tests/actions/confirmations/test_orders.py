"""Orders: asked, confirmed as the rules of the day demand, carried out, told; or not at all."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import transaction

from actions.confirmations.conftest import AGENT, BORN, HANDLER, NOW, PHONE, SENIOR, SYSTEM, Shop
from amends.causes.confirmations.actions.answer import answer_by_link, answer_by_message, refuse
from amends.causes.confirmations.actions.challenge import UnableToAsk, ask
from amends.causes.confirmations.actions.execute import (
    UnableToExecute,
    execute,
    execute_due,
    lapse_due,
)
from amends.causes.confirmations.actions.place import (
    NewOrder,
    UnableToPlace,
    UnableToPlaceHere,
    place,
)
from amends.causes.confirmations.jobs.settle import send_bills
from amends.causes.confirmations.models import Confirmation, Order, RunningService
from amends.people.subscribers.actions.register import NewSubscriber, register
from amends.people.subscribers.queries import service
from amends.platform.kit.actors import Actor
from amends.record.facts.fact import Fact
from amends.record.ledger.actions.append import append
from amends.record.ledger.queries import facts_about
from tests.reported_numbers import record_guardian

pytestmark = [pytest.mark.django_db, pytest.mark.postgres_too]
MINUTE = timedelta(minutes=1)


def reply(text: str, *, now=NOW, sender: str = PHONE):
    return answer_by_message(channel="sms", sender=sender, text=text, message="m-1", now=now)


def kinds(shop: Shop) -> list[str]:
    found = facts_about(shop.person)
    return [f.kind for f in found if f.kind.startswith(("Service", "Confirmation"))]


def test_an_added_service_needs_two_answers_to_two_questions(shop: Shop) -> None:
    order = shop.order()
    assert (order.needed, order.rules) == (2, "cn.second_confirmation,cn.any_service")
    first = shop.code()
    assert reply(f"Y{first}").outcome == "asked_again"
    assert Order.objects.get().state == "waiting"
    assert reply(f"Y{first}").outcome == "wrong"
    assert reply(shop.code()).outcome == "executed"
    order.refresh_from_db()
    assert order.state == "executed"
    assert list(order.confirmations.values_list("step", "form", "method")) == [
        (1, "yes", "sms_reply"),
        (2, "code", "code"),
    ]
    assert kinds(shop) == [
        "ServiceOrdered",
        "ConfirmationAsked",
        "ConfirmationGiven",
        "ConfirmationAsked",
        "ConfirmationGiven",
        "ServiceActivated",
    ]
    running = RunningService.objects.get()
    assert (running.origin, running.covered, running.order_id) == ("amends", True, order.id)
    assert service(order.service).offer == "ring"
    (done,) = shop.sent("done:")
    assert "open “ring service”" in done
    assert "¥10.00" in done
    assert "Ring Co" in done


def test_a_free_gift_of_a_campaign_is_asked_for_too(shop: Shop) -> None:
    order = shop.order(offer="gift", initiator="operator", campaign="spring")
    assert order.needed == 1
    assert "Free" in shop.asked()
    assert reply(f"Y{shop.code()}").outcome == "executed"
    assert len(shop.sent("done:")) == 1


def test_a_duration_package_is_not_turned_into_a_traffic_package_without_a_word(shop: Shop) -> None:
    order = shop.order(
        order="change", offer="traffic", service=shop.plan, initiator="operator", channel="system"
    )
    assert (order.before, order.needed) == ("hours", 1)
    assert order.not_before == NOW + timedelta(days=30)
    assert "“hours service” to “traffic service”" in shop.sent("ahead:")[0]
    with pytest.raises(UnableToExecute):
        execute(order.id, by="schedule", now=NOW + timedelta(days=40))
    assert execute_due(now=NOW + timedelta(days=30)) == 0
    assert lapse_due(now=NOW + timedelta(days=32)) == 1
    order.refresh_from_db()
    assert (order.state, service(shop.plan).offer) == ("lapsed", "hours")
    assert "ServiceChanged" not in kinds(shop)


def test_a_change_by_the_operator_waits_for_its_day_even_when_confirmed(shop: Shop) -> None:
    order = shop.order(order="change", offer="traffic", service=shop.plan, initiator="operator")
    assert reply(f"Y{shop.code()}").outcome == "confirmed"
    assert service(shop.plan).offer == "hours"
    assert execute_due(now=NOW + timedelta(days=29)) == 0
    assert execute_due(now=NOW + timedelta(days=30)) == 1
    assert service(shop.plan).offer == "traffic"
    (fact,) = facts_about(shop.person, kinds=["ServiceChanged"])
    assert (fact.payload["from_offer"], fact.payload["to_offer"]) == ("hours", "traffic")
    assert fact.payload["order"] == order.id


def test_silence_is_no(shop: Shop) -> None:
    shop.order()
    code = shop.code()
    assert reply(f"Y{code}", now=NOW + 10 * MINUTE).outcome == "expired"
    assert lapse_due(now=NOW + timedelta(hours=24)) == 1
    assert Order.objects.get().state == "lapsed"
    assert reply(f"Y{code}", now=NOW + timedelta(hours=25)) is None
    (told,) = shop.sent("not_done:")
    assert "your confirmation did not come" in told


def test_who_was_only_asked_is_left_in_peace(shop: Shop) -> None:
    shop.order(initiator="partner")
    assert lapse_due(now=NOW + timedelta(hours=24)) == 1
    assert shop.sent("not_done:") == []


def test_the_question_says_who_provides_it_what_it_costs_and_how_to_stop(shop: Shop) -> None:
    shop.order()
    reply(f"Y{shop.code()}")
    for asked in shop.sent("challenge:"):
        for part in ("ring service", "¥10.00 a month", "Ring Co", "reply TD or see", "/mine/"):
            assert part in asked
    shop.order("plan", order="change", offer="traffic", service=shop.plan)
    assert "To stop it later see" in shop.asked()
    shop.order("stop", order="stop", offer="", service=shop.plan)
    assert "later" not in shop.asked()


@pytest.mark.parametrize("word", ["N", "不办", "退订", "no"])
def test_no_ends_it(shop: Shop, word: str) -> None:
    order = shop.order()
    reply(f"Y{shop.code()}")
    assert reply(word).outcome == "refused"
    order.refresh_from_db()
    assert order.state == "refused"
    assert kinds(shop)[-1] == "ConfirmationRefused"
    (told,) = shop.sent("not_done:")
    assert "[Not ordered] open “ring service”: as you wished" in told
    with pytest.raises(UnableToExecute):
        execute(order.id, by="system", now=NOW)


def test_a_no_with_its_code_refuses_only_that_order(shop: Shop) -> None:
    first, second = shop.order("a"), shop.order("b", offer="gift")
    assert reply(f"N{shop.code()}").order == second.id
    assert Order.objects.get(id=first.id).state == "waiting"


def test_a_bare_yes_and_a_sentence_confirm_nothing(shop: Shop) -> None:
    shop.order()
    assert reply("Y").outcome == "wrong"
    assert reply("好的，我想问一下这是什么业务") is None
    assert Confirmation.objects.count() == 0


def test_somebody_elses_phone_answers_nothing(shop: Shop) -> None:
    shop.order()
    assert reply(f"Y{shop.code()}", sender="13900009999") is None


def test_the_link_needs_the_code_where_the_rules_take_no_click(shop: Shop) -> None:
    shop.order(offer="gift")
    token, code = shop.token(), shop.code()
    assert answer_by_link(token, yes=True, now=NOW).outcome == "wrong"
    assert answer_by_link(token, yes=True, code=code, now=NOW).outcome == "executed"
    assert answer_by_link(token, yes=True, code=code, now=NOW).outcome == "expired"
    assert Confirmation.objects.get().method == "code"
    assert answer_by_link("nobody-sent-this", yes=True, now=NOW).outcome == "expired"


def test_the_same_key_is_the_same_order(shop: Shop) -> None:
    assert shop.order("k").id == shop.order("k").id
    assert len(shop.sent("challenge:")) == 1


def test_what_is_not_published_is_not_sold(shop: Shop) -> None:
    with pytest.raises(UnableToPlace, match="no offer"):
        shop.order(offer="secret")
    with pytest.raises(UnableToPlace, match="no running service"):
        shop.order(order="stop", service="svc-nobody", offer="")
    with pytest.raises(UnableToPlace, match="do not know"):
        shop.order(subscriber="sub-nobody")


def test_who_may_place(shop: Shop) -> None:
    stranger = Actor("subscriber", "somebody-else")
    with pytest.raises(UnableToPlaceHere):
        shop.order(by=stranger)
    with pytest.raises(UnableToPlaceHere):
        shop.order(by=Actor("user", "usr-x", ("regulator",)))
    assert shop.order("agent", by=AGENT).agent == "shop-7"
    assert shop.order("own", by=Actor("subscriber", shop.person)).placed_by == shop.person


def test_questions_are_limited(shop: Shop) -> None:
    order = shop.order()
    for _ in range(2):
        ask(order.id, now=NOW)
    with pytest.raises(UnableToAsk, match="Too many"):
        ask(order.id, now=NOW)
    assert order.challenges.filter(answer="").count() == 1
    assert refuse(order.id, channel="web", by="x", now=NOW).outcome == "refused"
    with pytest.raises(UnableToAsk, match="does not wait"):
        ask(order.id, now=NOW)


def stop(shop: Shop, by: Actor, *, now=NOW, **more):
    new = NewOrder(
        key="arrears",
        order="stop",
        subscriber=shop.person,
        service=shop.plan,
        initiator="operator",
        channel="system",
        **more,
    )
    return place(new, actor=by, now=now)


def test_a_stop_without_the_users_word_needs_a_named_exception(shop: Shop) -> None:
    late = date(2026, 10, 1)
    with pytest.raises(UnableToPlaceHere):
        stop(shop, HANDLER, exception="cn.arrears", exception_reference="b-1", unpaid_since=late)
    for wrong in (
        {"exception": "cn.arrears", "unpaid_since": late},
        {"exception": "cn.whim", "exception_reference": "b-1"},
    ):
        with pytest.raises(UnableToPlace, match="exception"):
            stop(shop, SENIOR, **wrong)
    for since in (None, date(2026, 10, 25)):
        with pytest.raises(UnableToPlace, match="not overdue"):
            stop(shop, SENIOR, exception="cn.arrears", exception_reference="b", unpaid_since=since)
    order = stop(
        shop, SENIOR, exception="cn.arrears", exception_reference="bill 7", unpaid_since=late
    )
    assert (order.state, order.exception_by) == ("executed", SENIOR.ref)
    (fact,) = facts_about(shop.person, kinds=["ServiceStopped"])
    assert fact.payload["reason"] == "cn.arrears"
    assert len(shop.sent("ahead:")) == 1


@pytest.mark.parametrize(
    ("code", "days", "decided", "stops"),
    [
        ("thirdparty.value_added", 20, False, False),
        ("thirdparty.value_added", 20, True, True),
        ("thirdparty.value_added", 200, False, True),
        ("network.slow", 20, False, True),
    ],
)
def test_a_disputed_information_fee_is_no_reason_to_stop_a_line(
    shop: Shop, code: str, days: int, decided: bool, stops: bool
) -> None:
    def said(kind: str, at, **payload) -> Fact:
        return Fact(kind, shop.person, "c-1", at, "desk", {"complaint": "c-1", **payload})

    facts = [
        said("ComplaintReceived", NOW - timedelta(days=days), channel="sms", code=code, pack="cn")
    ]
    if decided:
        facts.append(
            said(
                "DecisionMade",
                NOW - timedelta(days=1),
                verdict="not_upheld",
                rule="r",
                by="rule",
                amount_minor=0,
                currency="CNY",
            )
        )
    with transaction.atomic():
        append(facts, now=NOW)
    arrears = {
        "exception": "cn.arrears",
        "exception_reference": "bill 7",
        "unpaid_since": date(2026, 10, 1),
    }
    later = NOW + timedelta(days=4)
    if stops:
        assert stop(shop, SENIOR, now=later, **arrears).state == "executed"
        return
    with pytest.raises(UnableToPlace, match="not decided"):
        stop(shop, SENIOR, now=later, **arrears)
    assert service(shop.plan).stopped_at is None


def test_an_order_by_the_system_under_no_exception_waits(shop: Shop) -> None:
    order = place(
        NewOrder(
            key="s", order="stop", subscriber=shop.person, service=shop.plan, initiator="operator"
        ),
        actor=SYSTEM,
        now=NOW,
    )
    assert (order.state, order.needed) == ("waiting", 1)
    assert order.not_before == NOW + timedelta(days=30)


def test_no_is_taken_until_the_day_of_a_confirmed_change(shop: Shop) -> None:
    order = shop.order(order="change", offer="traffic", service=shop.plan, initiator="operator")
    token = shop.token()
    assert reply(f"Y{shop.code()}").outcome == "confirmed"
    assert answer_by_link(token, yes=False, now=NOW + timedelta(days=3)).outcome == "refused"
    assert execute_due(now=NOW + timedelta(days=31)) == 0
    order.refresh_from_db()
    assert (order.state, service(shop.plan).offer) == ("refused", "hours")


def test_what_runs_is_told_once_a_month(shop: Shop) -> None:
    begun = NOW - timedelta(days=40)
    shop.order(offer="gift", now=begun)
    assert send_bills(now=NOW) == 0, "nothing runs yet"
    assert reply(f"Y{shop.code()}", now=begun).outcome == "executed"
    assert (send_bills(now=NOW), send_bills(now=NOW)) == (1, 0)
    assert send_bills(now=NOW + timedelta(days=30)) == 1
    first, second = shop.sent("bill:")
    assert "gift service ¥0.00" in first
    assert ("2026-11" in first, "2026-12" in second) == (True, True)


def test_the_guardian_of_a_minor_refuses_its_orders(shop: Shop) -> None:
    guardian = "13900001299"
    register(NewSubscriber(phone=guardian), now=BORN)
    record_guardian(PHONE, guardian, actor=SENIOR, now=NOW)
    with pytest.raises(UnableToPlaceHere, match="purchases off"):
        shop.order()
    assert not Order.objects.exists()
