"""The orders of the demonstration's last days go through the gate and end in every way."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from amends.cases.examinations.queries import process_statuses
from amends.causes.confirmations.actions.place import NewOrder, place
from amends.causes.confirmations.models import Order
from amends.platform.kit.actors import system
from amends.record.ledger.queries import facts_about
from amends_demo.actions.examine import examine
from amends_demo.actions.load import load
from amends_demo.actions.order import take_orders
from amends_demo.actions.play import DeskProgress, set_up
from amends_demo.actions.staff import Staff, add_staff
from amends_demo.rules.simulate import simulate

pytestmark = pytest.mark.django_db
END = datetime(2026, 11, 24, 2, tzinfo=UTC)


def test_orders_of_the_last_days_end_in_every_way() -> None:
    world, staff = simulate(size=400, seed=3, end=END), add_staff()
    loaded = load(world)
    desk = set_up(loaded, staff)
    ended = take_orders(desk, staff.actors)
    orders = list(Order.objects.all())
    assert Counter(one.state for one in orders) == ended.as_dict()["orders"]
    assert min(ended.as_dict()["orders"].values()) >= 2
    assert len(orders) == 13
    complained = {loaded.pseudonyms[row] for row in world.contacts["subscriber"].to_pylist()}
    assert not complained & {one.subscriber for one in orders}
    for one in orders:
        kinds = [
            fact.kind for fact in facts_about(one.subscriber) if fact.source == "confirmations"
        ]
        assert kinds.count("ServiceOrdered") == 1
        done = {"ServiceActivated", "ServiceChanged", "ServiceStopped"} & set(kinds)
        assert bool(done) == (one.state == "executed")
        if one.state == "executed" and not one.exception:
            assert kinds.count("ConfirmationGiven") == one.needed
    _most_processes_are_examined(desk, staff)


def test_what_lapsed_before_is_no_order_of_the_last_days() -> None:
    world, staff = simulate(size=400, seed=3, end=END), add_staff()
    loaded = load(world)
    desk = set_up(loaded, staff)
    service = next(row for row in world.services.to_pylist() if row["kind"] == "mobile_plan")
    for number in range(9):
        new = NewOrder(
            key=f"old-{number}",
            order="open",
            subscriber=loaded.pseudonyms[service["subscriber"]],
            offer=service["offer"],
            channel="app",
        )
        place(new, actor=system("crm"), now=END - timedelta(days=60))
    ended = take_orders(desk, staff.actors).as_dict()["orders"]
    assert min(ended.values()) >= 2
    assert sum(ended.values()) == Order.objects.exclude(key__startswith="old-").count()


def _most_processes_are_examined(desk: DeskProgress, staff: Staff) -> None:
    examined = examine(desk, staff.actors)
    stood = process_statuses(timezone.localdate(END))
    assert all(one.owner for one in stood)
    words = Counter(one.check.word for one in stood)
    assert words["unchecked"] == examined.left == 2
    assert examined.checked == len(stood) - 2
