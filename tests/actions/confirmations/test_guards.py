"""What the database refuses by itself, whoever asks: on SQLite and on PostgreSQL."""

from __future__ import annotations

import os
import re
import threading
from datetime import timedelta

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, connections, models, transaction
from django.db.migrations import Migration
from django.db.models.signals import post_migrate, pre_migrate

from actions.confirmations.conftest import NOW, PHONE, Shop
from amends.causes.confirmations.actions.answer import answer_by_message
from amends.causes.confirmations.actions.execute import UnableToExecute, execute
from amends.causes.confirmations.actions.place import NewOrder, place
from amends.causes.confirmations.actions.prove_presence import answer_presence, ask_presence
from amends.causes.confirmations.actions.stop_service import stop_at_once
from amends.causes.confirmations.guards import GUARDS
from amends.causes.confirmations.models import (
    Challenge,
    Confirmation,
    Order,
    Presence,
    RunningService,
)
from amends.causes.confirmations.queries import standing_of, standings, uncovered_count
from amends.platform.database import triggers as laying
from amends.platform.kit.ids import time_ordered_id
from amends.record.ledger.queries import facts_about

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres_too]
TABLE = Order._meta.db_table


def reply(text: str, *, now=NOW):
    return answer_by_message(channel="sms", sender=PHONE, text=text, message="m", now=now)


def refused(act, words: str) -> None:
    with pytest.raises(IntegrityError, match=words), transaction.atomic():
        act()


def confirmation(order: Order, challenge: Challenge | None, **more) -> Confirmation:
    return Confirmation(
        order=order,
        challenge=challenge,
        given_at=more.pop("given_at", NOW),
        method="code",
        **(
            {
                "step": 1,
                "form": "yes",
                "channel": "sms",
                "terms_hash": order.terms_hash,
                "evidence_hash": "e",
                "taken_by": "t",
                "fact": "f",
            }
            | more
        ),
    )


def test_no_order_is_executed_without_its_confirmations(shop: Shop) -> None:
    order = shop.order()
    rows = Order.objects.filter(id=order.id)
    for state in ("executed", "confirmed"):
        refused(lambda s=state: rows.update(state=s, settled_at=NOW), "without its confirmations")
    reply(f"Y{shop.code()}")
    refused(lambda: rows.update(state="executed", settled_at=NOW), "without its confirmations")
    with pytest.raises(UnableToExecute):
        execute(order.id, by="t", now=NOW)
    assert standing_of(order.service).state == "unknown"


def test_an_order_does_not_begin_executed(shop: Shop) -> None:
    order = shop.order()
    order.pk, order.key, order.state = time_ordered_id(), "other", "executed"
    refused(lambda: order.save(force_insert=True), "begins waiting")
    order.state, order.needed = "waiting", 0
    refused(lambda: order.save(force_insert=True), "needs_a_confirmation|CHECK|check")
    order.needed = 1
    refused(lambda: order.save(force_insert=True), "two_confirmations|CHECK|check")


@pytest.mark.parametrize(
    "change",
    [
        {"needed": 1},
        {"price_minor": 1},
        {"terms_hash": "x"},
        {"exception": "cn.whim"},
        {"offer": "gift"},
        {"service": "svc-x"},
        {"campaign": "spring"},
        {"name_zh": "别的"},
        {"lapses_at": NOW + timedelta(days=400)},
        {"exception_by": "usr-x"},
    ],
    ids=str,
)
def test_terms_stay_as_they_were_put_to_the_user(shop: Shop, change: dict[str, object]) -> None:
    order = shop.order()
    refused(lambda: Order.objects.filter(id=order.id).update(**change), "terms of an order stay")


def test_days_of_notice_stay_as_they_were_told(shop: Shop) -> None:
    order = shop.order(order="change", offer="traffic", service=shop.plan, initiator="operator")
    rows = Order.objects.filter(id=order.id)
    for day in (NOW, None):
        refused(lambda when=day: rows.update(not_before=when), "terms of an order stay")
    for told in (NOW - timedelta(days=60), None):
        refused(lambda when=told: rows.update(told_at=when), "told ahead stays")


def test_who_was_there_and_when_stays(shop: Shop) -> None:
    question = ask_presence(shop.person, now=NOW)
    rows = Presence.objects.filter(id=question)
    for change in (
        {"subscriber": "sub-x"},
        {"expires_at": NOW + timedelta(days=9)},
        {"code_print": "another"},
        {"way": "document"},
    ):
        refused(lambda to=change: rows.update(**to), "as it was recorded")
    (code,) = re.findall(r"\d{6}", shop.sent("presence:")[-1])
    assert answer_presence(question, code, now=NOW) == shop.person
    later = NOW + timedelta(days=40)
    for change in ({"valid_until": later}, {"shown_at": later}):
        refused(lambda to=change: rows.update(**to), "as it was recorded")
    refused(lambda: rows._raw_delete("default"), "Presences are kept")


def test_one_order_runs_one_service_once(shop: Shop) -> None:
    """Nothing runs again by a yes that was used up, nor by an order to stop."""
    order = shop.order(offer="gift")
    reply(f"Y{shop.code()}")
    question = ask_presence(shop.person, now=NOW)
    (code,) = re.findall(r"\d{6}", shop.sent("presence:")[-1])
    answer_presence(question, code, now=NOW)
    stop_at_once(order.service, subscriber=shop.person, presence=question, now=NOW)
    again = RunningService.objects.get()
    again.pk, again.source_ref, again.until = time_ordered_id(), "x", None
    refused(lambda: again.save(force_insert=True), "needs its executed order")
    again.order = Order.objects.get(order="stop")
    refused(lambda: again.save(force_insert=True), "needs its executed order")
    refused(lambda: RunningService.objects.all()._raw_delete("default"), "What ran is kept")


def test_a_confirmation_needs_its_own_challenge_in_its_time(shop: Shop) -> None:
    order, other = shop.order("a"), shop.order("b", offer="gift")
    asked = order.challenges.get()
    theirs = other.challenges.get()
    for wrong in (
        confirmation(order, theirs),
        confirmation(order, asked, step=2),
        confirmation(order, asked, form="code"),
        confirmation(order, asked, terms_hash="x"),
        confirmation(order, asked, given_at=asked.expires_at),
        confirmation(order, asked, given_at=NOW - timedelta(seconds=1)),
        confirmation(order, None),
    ):
        refused(lambda one=wrong: one.save(force_insert=True), "is not one of this order")
    confirmation(order, asked).save(force_insert=True)
    again = confirmation(order, asked, step=1)
    again.pk = time_ordered_id()
    refused(lambda: again.save(force_insert=True), "does not wait|UNIQUE|unique")


@pytest.mark.parametrize("more", [{}, {"agent": "shop-7"}], ids=["provider", "seller"])
def test_who_earns_by_a_service_takes_down_no_confirmation(shop: Shop, more: dict) -> None:
    order = shop.order(**more)
    who = more.get("agent", "ring-co")
    asked = order.challenges.get()
    words = "takes down no confirmation"
    refused(lambda: confirmation(order, asked, partner=who).save(force_insert=True), words)
    here = Presence.objects.create(
        subscriber=shop.person,
        way="document",
        channel="counter",
        partner=who,
        asked_at=NOW,
        expires_at=NOW,
        shown_at=NOW,
        valid_until=NOW + timedelta(minutes=30),
    )
    signed = confirmation(order, None, form="signature", presence=here)
    refused(lambda: signed.save(force_insert=True), words)
    confirmation(order, asked, partner="shop-elsewhere").save(force_insert=True)


def test_what_was_said_stays(shop: Shop) -> None:
    order = shop.order(offer="gift")
    reply(f"Y{shop.code()}")
    refused(lambda: Confirmation.objects.update(method="voice"), "stays as it was given")
    for rows in (Confirmation.objects, Challenge.objects, Order.objects):
        refused(lambda one=rows: one.all()._raw_delete("default"), "kept")
    refused(lambda: Challenge.objects.update(answer=""), "answered once")
    refused(lambda: Order.objects.filter(id=order.id).update(state="waiting"), "stays settled")
    running = RunningService.objects.get()
    refused(lambda: RunningService.objects.update(offer="ring"), "as it was recorded")
    running.pk, running.source_ref, running.offer = time_ordered_id(), "x", "ring"
    running.until = NOW
    refused(lambda: running.save(force_insert=True), "executed order")


def test_what_another_system_reports_is_stored_and_flagged(shop: Shop) -> None:
    from amends.causes.confirmations.actions.record_observed import Observed, observe

    seen = Observed(
        service="svc-seen",
        subscriber=shop.person,
        offer="ring",
        since=NOW,
        source="crm",
        source_ref="r-1",
    )
    assert observe([seen, seen], now=NOW) == 1
    assert observe([seen], now=NOW) == 0
    assert standing_of("svc-seen").state == "uncovered"
    assert not standing_of("svc-seen").may_charge
    assert uncovered_count() == 1
    assert standings(["svc-seen", "svc-none"])["svc-none"].state == "unknown"
    order = shop.order()
    for change in ({"covered": True}, {"covered": True, "order": order}, {"price_minor": 0}):
        refused(lambda to=change: RunningService.objects.update(**to), "as it was recorded")


def tell(signal, **more) -> None:
    """What `migrate` announces before and after its work."""
    config = apps.get_app_config("database")
    signal.send(sender=config, app_config=config, using="default", verbosity=0, **more)


def migrated(old: models.Field, new: models.Field) -> None:
    tell(pre_migrate, plan=[(Migration("9999_wider", "confirmations"), False)])
    with connection.schema_editor() as editor:
        editor.alter_field(Order, old, new)


def test_guards_come_back_after_an_altering_migration(shop: Shop) -> None:
    old = Order._meta.get_field("campaign")
    wider = models.CharField(max_length=65, blank=True)
    wider.set_attributes_from_name("campaign")
    wider.model = Order
    names = {guard.name for guard in GUARDS if guard.table == TABLE}
    migrated(old, wider)
    if connection.vendor == "sqlite":
        assert names <= set(laying.missing(connection))
        found = {error.msg for error in laying.check_guards(["default"])}
        assert any("confirmations_order_confirmed" in one for one in found)
    tell(post_migrate)
    assert laying.missing(connection) == []
    migrated(wider, old)
    tell(post_migrate)
    order = shop.order()
    rows = Order.objects.filter(id=order.id)
    refused(lambda: rows.update(state="executed", settled_at=NOW), "without its confirmations")


def test_a_guard_that_was_weakened_is_missed_at_start(shop: Shop) -> None:
    """A trigger of the right name that refuses nothing is no guard."""
    name = "confirmations_order_stays"
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"DROP TRIGGER {name}")
            cursor.execute(f"CREATE TRIGGER {name} BEFORE DELETE ON {TABLE} BEGIN SELECT 1; END")
        else:
            cursor.execute(
                f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS"
                " $$ BEGIN RETURN OLD; END $$"
            )
    assert laying.missing(connection) == [name]
    tell(post_migrate)
    assert laying.missing(connection) == []


def at_once(*acts) -> list[object]:
    """Run each act in a thread of its own, begun together; what each gave or raised."""
    start, found = threading.Barrier(len(acts)), [None] * len(acts)

    def run(place_: int) -> None:
        start.wait()
        try:
            found[place_] = acts[place_]()
        except Exception as error:
            found[place_] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(n,)) for n in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_of_two_devices_one_answers(shop: Shop) -> None:
    order = shop.order(offer="gift")
    code = shop.code()
    said = at_once(*[lambda: reply(f"Y{code}")] * 4)
    outcomes = [getattr(one, "outcome", "") for one in said]
    assert outcomes.count("executed") == 1, said
    assert Confirmation.objects.filter(order=order).count() == 1
    assert len(facts_about(shop.person, kinds=["ServiceActivated"])) == 1


def test_a_code_that_was_used_opens_nothing_more(shop: Shop) -> None:
    order = shop.order(offer="gift")
    code = shop.code()
    first, second = reply(f"Y{code}"), reply(f"Y{code}")
    assert first is not None
    assert first.outcome == "executed"
    assert second is None or second.outcome != "executed"
    assert Confirmation.objects.filter(order=order).count() == 1
    assert len(facts_about(shop.person, kinds=["ServiceActivated"])) == 1


def test_yes_and_no_at_once_end_one_way(shop: Shop) -> None:
    order = shop.order(offer="gift")
    code = shop.code()
    at_once(lambda: reply(f"Y{code}"), lambda: reply(f"N{code}"))
    order.refresh_from_db()
    given = facts_about(shop.person, kinds=["ConfirmationGiven", "ConfirmationRefused"])
    assert [one.kind for one in given] in (["ConfirmationGiven"], ["ConfirmationRefused"])
    assert (order.state == "executed") == (given[0].kind == "ConfirmationGiven")


def test_two_writers_at_once_on_one_order_make_one(shop: Shop) -> None:
    new = NewOrder(key="same", order="open", offer="gift", subscriber=shop.person)
    from actions.confirmations.conftest import SYSTEM

    made = at_once(*[lambda: place(new, actor=SYSTEM, now=NOW)] * 3)
    assert len({one.id for one in made}) == 1, made
    assert Order.objects.count() == 1
    assert Challenge.objects.count() == 1


def test_a_refusal_at_the_same_moment_is_seen_by_the_database(shop: Shop) -> None:
    """Past the actions: a confirmation inserted by hand while the order is refused by hand."""
    order = shop.order(offer="gift")
    asked = order.challenges.get()

    def say_no() -> None:
        with transaction.atomic():
            Order.objects.filter(id=order.id).update(state="refused", settled_at=NOW)

    def say_yes() -> None:
        with transaction.atomic():
            confirmation(order, asked).save(force_insert=True)
            Order.objects.filter(id=order.id).update(state="executed", settled_at=NOW)

    at_once(say_no, say_yes)
    order.refresh_from_db()
    if order.state == "refused":
        assert not Confirmation.objects.exists()
    else:
        assert Confirmation.objects.count() == 1


# 1,000,000 in `make nightly`: every code there is.
# Once the limits have closed it, another question is asked for at every 997th guess only.
GUESSES = int(os.environ.get("AMENDS_GUESSES", "300"))


def test_guesses_end_with_the_limits(shop: Shop) -> None:
    """However many guesses by reply: the limits let through at most 9 of them for one step."""
    order = shop.order(offer="gift")
    right = {shop.code()}
    from amends.causes.confirmations.actions.challenge import UnableToAsk, ask

    tried = 0
    for guess in range(GUESSES):
        code = f"{guess:06d}"
        if code in right:
            continue
        if (said := reply(f"Y{code}")) is None:
            if guess > 1_000 and guess % 997:
                continue
            try:
                ask(order.id, now=NOW)
            except UnableToAsk:
                continue
            right.add(shop.code())
            said = reply(f"Y{code}")
        tried += said is not None and said.outcome in ("wrong", "spent")
    assert tried == 9
    assert sum(order.challenges.values_list("attempts", flat=True)) == 9
    assert not Confirmation.objects.exists()
    order.refresh_from_db()
    assert order.state == "waiting"
