"""A launch from its case to its stop, and what orders meet meanwhile."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from amends.causes.confirmations.actions.place import UnableToSell
from amends.causes.launches.actions.approve import approve
from amends.causes.launches.actions.assess import UnableToAssess, assess, request_assessment
from amends.causes.launches.actions.go_live import go_live
from amends.causes.launches.actions.record_reading import UnableToRecordReading, record_reading
from amends.causes.launches.actions.stop import stop
from amends.causes.launches.actions.withdraw import withdraw
from amends.causes.launches.demonstration import play
from amends.causes.launches.jobs.assess import assess_next
from amends.causes.launches.jobs.compare import compare
from amends.causes.launches.jobs.stop_loss import check
from amends.causes.launches.models import Launch
from amends.causes.launches.queries import lessons_learned, within_forecast
from amends.causes.launches.queries.gates import not_passed
from amends.causes.launches.refusals import UnableToActOnLaunch, UnableToFindLaunch
from amends.causes.launches.rules.assess import GATES
from amends.causes.launches.rules.case import case_of, example
from amends.channels.models import OutboxMessage
from amends.people.access.actions.add_user import add_user
from amends.people.access.queries.staff import actor_of_user
from amends.people.subscribers.actions.open_services import NewService, open_services
from amends.platform import registry
from amends.platform.kit.actors import Actor
from amends.record.facts.fact import Fact
from amends.record.ledger.actions.append import append
from amends.record.ledger.queries import facts_on
from tests.actions.confirmations.conftest import NOW, Shop

pytestmark = pytest.mark.django_db

MANAGER = Actor("user", "usr-manager", ("manager",))
OTHER = Actor("user", "usr-other", ("manager",))
HANDLER = Actor("user", "usr-handler", ("handler",))


def assessed(**cells: object) -> Launch:
    document = example()
    document["case"][0] |= {"offer": "ring", **cells}
    return assess(case_of(document), actor=MANAGER, now=NOW, draws=200)


def approved_by(launch: Launch, *people: Actor) -> Launch:
    """Approved by people who name a reason for each gate that is not passed."""
    for person in people:
        gates = dict.fromkeys(not_passed(launch.offer), "Not sold outside the shops.")
        approve(launch.id, reason="The board agreed.", gates=gates, actor=person, now=NOW)
    return Launch.objects.get(id=launch.id)


def live() -> Launch:
    launch = approved_by(assessed(), MANAGER, OTHER)
    return go_live(launch.id, actor=MANAGER, now=NOW)


def red(_offer: str) -> tuple[str, str]:
    return "red", "An advert names another price."


def green(_offer: str) -> tuple[str, str]:
    return "green", ""


def all_passed(monkeypatch: pytest.MonkeyPatch) -> dict[str, registry.Gate]:
    """Every gate is green, until one of the result is changed."""
    passed = {name: registry.Gate(name=name, answer=f"{__name__}.green") for name in GATES}
    for app in registry.installed():
        monkeypatch.setattr(app, "gates", passed.values() if app.label == "launches" else ())
    return passed


@pytest.fixture
def red_gate(monkeypatch: pytest.MonkeyPatch) -> None:
    gate = registry.Gate(name="publicity", answer=f"{__name__}.red")
    monkeypatch.setattr(apps.get_app_config("launches"), "gates", (gate,))


def test_an_offer_is_ordered_only_while_its_launch_is_live(shop: Shop) -> None:
    launch = assessed()
    with pytest.raises(UnableToSell):
        shop.order("before")
    approved_by(launch, MANAGER, OTHER)
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
    assert approved_by(launch, MANAGER).state == "assessed"
    with pytest.raises(UnableToActOnLaunch, match="already"):
        approved_by(launch, MANAGER)
    assert approved_by(launch, OTHER).state == "approved"


def test_a_gate_that_nobody_checked_needs_a_named_reason_and_a_second_person(shop: Shop) -> None:
    launch = assessed()
    barred = not_passed("ring")
    assert "privacy" in barred
    with pytest.raises(UnableToActOnLaunch, match="reason is missing for the gate"):
        approve(launch.id, reason="I like it.", actor=MANAGER, now=NOW)
    gates = dict.fromkeys(barred, "It processes nothing.") | {"privacy": " "}
    with pytest.raises(UnableToActOnLaunch, match="privacy review"):
        approve(launch.id, reason="I like it.", gates=gates, actor=MANAGER, now=NOW)
    assert not launch.approvals.exists()
    assert approved_by(launch, MANAGER).state == "assessed"
    approved_by(launch, OTHER)
    assert launch.approvals.get(by=OTHER.ref).gates.keys() == set(barred)


def test_with_every_gate_passed_one_person_approves(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    all_passed(monkeypatch)
    launch = assessed()
    approve(launch.id, reason="Good.", actor=MANAGER, now=NOW)
    assert go_live(launch.id, actor=MANAGER, now=NOW).state == "live"


def test_a_gate_that_turns_red_holds_an_approved_launch(
    shop: Shop,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    passed = all_passed(monkeypatch)
    launch = assessed()
    approve(launch.id, reason="Good.", actor=MANAGER, now=NOW)
    passed["privacy"] = registry.Gate(name="privacy", answer=f"{__name__}.red")
    with pytest.raises(UnableToActOnLaunch, match="no longer passed"):
        go_live(launch.id, actor=MANAGER, now=NOW)
    approved_by(launch, OTHER)
    with pytest.raises(UnableToActOnLaunch, match="no longer passed"):
        go_live(launch.id, actor=MANAGER, now=NOW)
    approved_by(launch, MANAGER)
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
    approved_by(launch, MANAGER, OTHER)
    go_live(launch.id, actor=MANAGER, now=NOW)
    stop(launch.id, reason="It hurts.", actor=MANAGER, now=NOW)
    with pytest.raises(UnableToAssess, match="was stopped"):
        assessed()


def test_a_new_assessment_needs_a_new_approval(shop: Shop) -> None:
    launch = approved_by(assessed(), MANAGER, OTHER)
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


def test_a_case_that_is_handed_in_is_calculated_by_the_job(
    shop: Shop,
) -> None:
    user = add_user("head", password="quite-long-and-odd-7", roles=["manager"], language="en")
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    document = example()
    document["case"][0]["offer"] = "ring"
    sent = SimpleUploadedFile("case.json", json.dumps(document).encode())
    answer = client.post("/desk/launches/assess/", {"file": sent})
    assert answer.status_code == 302
    assert not Launch.objects.exists()
    page = client.get(answer["Location"]).content.decode()
    assert 'hx-trigger="every 2s"' in page
    assert "begins in a moment" in page
    assert assess_next(now=NOW) == 1
    launch = Launch.objects.get()
    assert client.get(answer["Location"])["Location"] == f"/desk/launches/{launch.id}/"
    turned = client.get(answer["Location"], headers={"HX-Request": "true"})
    assert turned["HX-Redirect"] == f"/desk/launches/{launch.id}/"
    assert assess_next(now=NOW) == 0


def test_a_case_that_takes_too_long_is_refused_in_words(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = add_user("head", password="quite-long-and-odd-7", roles=["manager"], language="en")
    document = example()
    document["case"][0]["offer"] = "ring"
    row = request_assessment(case_of(document), actor=actor_of_user(user), now=NOW)
    monkeypatch.setattr("amends.causes.launches.actions.assess.WITHIN_S", 0.001)
    assert assess_next(now=NOW) == 0
    row.refresh_from_db()
    assert (row.state, Launch.objects.count()) == ("failed", 0)
    assert "It took longer than" in row.refusal["en"]
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    page = client.get(f"/desk/launches/assessments/{row.id}/").content.decode()
    assert "It took longer than" in page
    assert 'hx-trigger="every' not in page


def test_a_calculation_that_was_killed_is_told_as_broken_off(shop: Shop) -> None:
    user = add_user("head", password="quite-long-and-odd-7", roles=["manager"], language="en")
    document = example()
    document["case"][0]["offer"] = "ring"
    row = request_assessment(case_of(document), actor=actor_of_user(user), now=NOW)
    type(row).objects.update(state="running", started_at=NOW)
    assess_next(now=NOW + timedelta(minutes=4))
    row.refresh_from_db()
    assert row.state == "running"
    assess_next(now=NOW + timedelta(minutes=6))
    row.refresh_from_db()
    assert row.state == "failed"
    assert "broke off" in row.refusal["en"]


def test_putting_on_sale_shows_first_what_starts(shop: Shop) -> None:
    user = add_user("head", password="quite-long-and-odd-7", roles=["manager"], language="en")
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    launch = approved_by(assessed(), MANAGER, OTHER)
    page = client.get(f"/desk/launches/{launch.id}/").content.decode()
    assert f"/desk/launches/{launch.id}/start/" in page
    assert f"/desk/launches/{launch.id}/live/" not in page
    preview = client.get(f"/desk/launches/{launch.id}/start/").content.decode()
    assert "Nothing has started yet" in preview
    assert "share of charges refunded" in preview
    client.post(f"/desk/launches/{launch.id}/live/", {"seen": "of another day"})
    assert Launch.objects.get().state == "approved"
    seen = re.search(r'name="seen" value="(\w+)"', preview)
    assert seen
    client.post(f"/desk/launches/{launch.id}/live/", {"seen": seen[1]})
    assert Launch.objects.get().state == "live"


@pytest.mark.parametrize("role", ["manager", "regulator"])
def test_each_gate_names_who_checks_it_and_where(shop: Shop, role: str) -> None:
    add_user("officer", password="quite-long-and-odd-7", roles=["privacy_officer"])
    client = Client(headers={"accept-language": "en"})
    client.force_login(add_user("head", password="quite-long-and-odd-7", roles=[role]))
    page = client.get(f"/desk/launches/{assessed().id}/").content.decode()
    gates = page[page.index("<h2>Gates</h2>") : page.index("<h2>Approval</h2>")]
    assert 'href="/desk/privacy/"' in gates
    assert "Owner: " in gates
    assert "officer" in gates


PLUM, PEAR = (Actor("user", f"usr-{one}", ("manager",), brand=one) for one in ("plum", "pear"))


def test_a_launch_of_another_brand_is_neither_changed_nor_stopped(shop: Shop) -> None:
    document = example()
    document["case"][0]["offer"] = "launch-plum"
    case = case_of(document)
    launch = assess(case, actor=PLUM, now=NOW, draws=200)
    assert launch.brand == "plum"
    with pytest.raises(UnableToAssess, match="not of your brand"):
        assess(case, actor=PEAR, now=NOW, draws=200)
    for act in (
        lambda: approve(launch.id, reason="x", actor=PEAR, now=NOW),
        lambda: go_live(launch.id, actor=PEAR, now=NOW),
        lambda: stop(launch.id, reason="x", actor=PEAR, now=NOW),
        lambda: withdraw(launch.id, replacement="bell", reason="x", actor=PEAR, now=NOW),
    ):
        with pytest.raises(UnableToFindLaunch):
            act()
    assert assess(case, actor=MANAGER, now=NOW, draws=200).brand == "plum"


def test_an_offer_that_users_of_another_brand_have_is_not_taken_from_sale(shop: Shop) -> None:
    open_services([NewService(shop.person, "value_added", NOW, "ring", "1")])
    document = example()
    document["case"][0]["offer"] = "ring"
    with pytest.raises(UnableToAssess, match="not of your brand"):
        assess(case_of(document), actor=PEAR, now=NOW, draws=200)
    shop.order("still sold")


def test_what_launches_of_another_brand_brought_is_not_in_the_workbook(shop: Shop) -> None:
    assert lessons_learned(brand="pear") == lessons_learned()
    launch = live()
    Launch.objects.update(brand="plum")
    compare(now=NOW + timedelta(days=31))
    assert [row["analogue"] for row in lessons_learned(brand="plum").analogues] == [launch.name]
    assert lessons_learned(brand="pear").analogues == []
    assert within_forecast(brand="pear") == (0, 0)


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
