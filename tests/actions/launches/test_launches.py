"""A launch from its case to its stop, and what orders meet meanwhile."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.apps import apps
from django.test import Client

from amends.access.actions.add_user import add_user
from amends.access.actors import Actor
from amends.channels.models import OutboxMessage
from amends.confirmations.actions.place import UnableToSell
from amends.facts.fact import Fact
from amends.launches.actions.approve import approve
from amends.launches.actions.assess import UnableToAssess, assess
from amends.launches.actions.go_live import go_live
from amends.launches.actions.record_reading import UnableToRecordReading, record_reading
from amends.launches.actions.stop import stop
from amends.launches.authority import UnableToActOnLaunch
from amends.launches.demonstration import play
from amends.launches.jobs.stop_loss import check
from amends.launches.models import Launch
from amends.launches.rules.case import case_of, example
from amends.ledger.actions.append import append
from amends.ledger.queries import facts_on
from amends.subscribers.actions.open_services import NewService, open_services
from tests.actions.confirmations.conftest import NOW, Shop

pytestmark = pytest.mark.django_db

MANAGER = Actor("user", "usr-manager", ("manager",))
OTHER = Actor("user", "usr-other", ("manager",))
HANDLER = Actor("user", "usr-handler", ("handler",))


def assessed(**cells: object) -> Launch:
    document = example()
    document["case"][0] |= {"offer": "ring", **cells}
    return assess(case_of(document), actor=MANAGER, now=NOW, draws=200)


def live() -> Launch:
    launch = assessed()
    approve(launch.id, reason="The board agreed.", actor=MANAGER, now=NOW)
    return go_live(launch.id, actor=MANAGER, now=NOW)


def red(_offer: str) -> tuple[str, str]:
    return "red", "An advert names another price."


@pytest.fixture
def red_gate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apps.get_app_config("launches"), "gates", {"publicity": f"{__name__}.red"})


def test_an_offer_is_ordered_only_while_its_launch_is_live(shop: Shop) -> None:
    launch = assessed()
    with pytest.raises(UnableToSell):
        shop.order("before")
    approve(launch.id, reason="The board agreed.", actor=MANAGER, now=NOW)
    with pytest.raises(UnableToSell):
        shop.order("approved")
    go_live(launch.id, actor=MANAGER, now=NOW)
    shop.order("live")
    stop(launch.id, reason="Too many complaints.", actor=MANAGER, now=NOW)
    with pytest.raises(UnableToSell):
        shop.order("stopped")
    kinds = [fact.kind for fact in facts_on("ring") if fact.kind.startswith("Launch")]
    assert kinds == ["LaunchAssessed", "LaunchApproved", "LaunchStopped"]


@pytest.mark.usefixtures("red_gate")
def test_nobody_passes_a_red_gate_alone(shop: Shop) -> None:
    launch = assessed()
    assert launch.verdict == "go_with_conditions"
    assert approve(launch.id, reason="I like it.", actor=MANAGER, now=NOW).state == "assessed"
    with pytest.raises(UnableToActOnLaunch, match="already"):
        approve(launch.id, reason="Really.", actor=MANAGER, now=NOW)
    assert approve(launch.id, reason="So do I.", actor=OTHER, now=NOW).state == "approved"


def test_a_gate_that_turns_red_holds_an_approved_launch(
    shop: Shop,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    launch = assessed()
    approve(launch.id, reason="Good.", actor=MANAGER, now=NOW)
    monkeypatch.setattr(apps.get_app_config("launches"), "gates", {"privacy": f"{__name__}.red"})
    with pytest.raises(UnableToActOnLaunch, match="red"):
        go_live(launch.id, actor=MANAGER, now=NOW)
    approve(launch.id, reason="We accept it.", actor=OTHER, now=NOW)
    assert go_live(launch.id, actor=MANAGER, now=NOW).state == "live"


def test_what_is_refused(shop: Shop) -> None:
    with pytest.raises(UnableToAssess, match="names no offer"):
        assessed(offer="")
    document = example()
    document["case"][0]["offer"] = "ring"
    document["price"][0]["month"] = 5
    losing = assess(case_of(document), actor=MANAGER, now=NOW, draws=200)
    with pytest.raises(UnableToActOnLaunch, match="verdict is no"):
        approve(losing.id, reason="Still.", actor=MANAGER, now=NOW)
    launch = assessed()
    assert launch.id == losing.id
    with pytest.raises(UnableToActOnLaunch, match="role"):
        approve(launch.id, reason="I may not.", actor=HANDLER, now=NOW)
    with pytest.raises(UnableToActOnLaunch, match="reason"):
        approve(launch.id, reason=" ", actor=MANAGER, now=NOW)
    approve(launch.id, reason="Good.", actor=MANAGER, now=NOW)
    go_live(launch.id, actor=MANAGER, now=NOW)
    stop(launch.id, reason="It hurts.", actor=MANAGER, now=NOW)
    with pytest.raises(UnableToAssess, match="was stopped"):
        assessed()


def test_a_new_assessment_needs_a_new_approval(shop: Shop) -> None:
    launch = assessed()
    approve(launch.id, reason="Good.", actor=MANAGER, now=NOW)
    assert assessed(months=24).state == "assessed"
    with pytest.raises(UnableToActOnLaunch):
        go_live(launch.id, actor=MANAGER, now=NOW)


def test_a_reading_past_its_limit_refuses_orders_on_the_next_pass(shop: Shop) -> None:
    add_user("head", password="quite-long-and-odd-7", roles=["manager"], email="head@example.org")
    live()
    record_reading("ring", "cost_per_user", 39.0, now=NOW)
    assert check(now=NOW) == 0
    record_reading("ring", "cost_per_user", 41.5, now=NOW)
    assert check(now=NOW + timedelta(minutes=1)) == 1
    with pytest.raises(UnableToSell):
        shop.order("late")
    launch = Launch.objects.get()
    assert (launch.state, launch.stopped_by) == ("stopped", "stop-loss")
    assert launch.limits.get(trigger="cost_per_user").breached_at
    assert OutboxMessage.objects.filter(key__startswith="launch:").count() == 1
    with pytest.raises(UnableToRecordReading):
        record_reading("ring", "cost_per_user", 1, now=NOW)


def test_refunds_among_its_users_stop_a_launch(shop: Shop) -> None:
    live()
    (service,) = open_services([NewService(shop.person, "value_added", NOW, "ring", "1")])
    money = {"currency": "CNY"}
    charge = money | {
        "charge": "c1",
        "charge_kind": "monthly",
        "offer": "ring",
        "amount_minor": 1000,
    }
    refund = money | {"charge": "c1", "remedy": "r1", "amount_minor": 100}
    append([Fact("ChargeMade", shop.person, service, NOW, "billing", charge)], now=NOW)
    assert check(now=NOW + timedelta(minutes=1)) == 0
    append([Fact("RefundMade", shop.person, service, NOW, "billing", refund)], now=NOW)
    assert check(now=NOW + timedelta(minutes=2)) == 1
    assert Launch.objects.get().limits.get(trigger="refund_rate").value == pytest.approx(0.1)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_pages_show_a_launch(shop: Shop, language: str) -> None:
    user = add_user("head", password="quite-long-and-odd-7", roles=["manager"], language=language)
    launch = live()
    client = Client(headers={"accept-language": language})
    client.force_login(user)
    listed = client.get("/desk/launches/").content.decode()
    page = client.get(f"/desk/launches/{launch.id}/").content.decode()
    assert launch.name in listed
    assert page.count('<svg class="chart') >= 3 or page.count("<svg") >= 9
    assert ("有条件上线" if language == "zh-hans" else "go with conditions") in page
    assert client.get("/desk/launches/template.xlsx").status_code == 200
    client.post(f"/desk/launches/{launch.id}/stop/", {"reason": "It hurts."})
    assert Launch.objects.get().state == "stopped"


def test_the_demonstration_shows_every_verdict_and_a_stop() -> None:
    play(seed=1, now=NOW, staff={"senior_handler": OTHER, "manager": MANAGER})
    found = {one.offer: (one.verdict, one.state) for one in Launch.objects.all()}
    assert found == {
        "launch-campus-49": ("go_with_conditions", "assessed"),
        "launch-abroad-39": ("no", "assessed"),
        "launch-family-49": ("go", "live"),
        "launch-night-49": ("go", "stopped"),
    }
