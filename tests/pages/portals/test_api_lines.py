"""Lines over the interface: events, wishes, holds for the network, consents, standings for gates."""

from __future__ import annotations

import json

import pytest
from django.test import Client

import shell
from actions.confirmations.conftest import PHONE, Shop
from actions.confirmations.conftest import shop as shop
from amends.causes.confirmations.actions.answer import answer_code
from amends.causes.confirmations.actions.stop_service import stop_at_once
from amends.causes.confirmations.models import Order, Presence
from amends.causes.notices.actions.enrol import NewLines, enrol
from amends.causes.notices.actions.hold import hold_rows
from amends.causes.notices.engine_models import LineChange
from amends.causes.notices.models import Hold, LifeEvent
from amends.causes.notices.queries import choices_of
from amends.engines.metering.engine.marks import MeteringPlan
from amends.entrances.portals.actions.clients import make_client
from amends.record.ledger.queries import facts_about
from tests.pages.portals.conftest import NOW, Caller

pytestmark = pytest.mark.django_db


def client(*scopes: str, name: str = "network", **wishes) -> Caller:
    return Caller(Client(), make_client(name, scopes=scopes, now=NOW, **wishes))


def line(shop: Shop) -> None:
    enrol(
        NewLines([shop.plan], [shop.person], [0], [0], [MeteringPlan("hours")], [("UTC", 1)]),
        now=NOW,
    )


def held(shop: Shop, *keys: str) -> None:
    hold_rows(
        [
            (key, shop.person, shop.plan, "cn.roaming_cap", "roaming", "2026-11-01", "hold")
            for key in keys
        ],
        now=NOW,
    )


def event(shop: Shop, ref: str, kind: str = "top_up", **more):
    figures = {"amount_mb": 5} if kind == "top_up" else {}
    return {
        "ref": ref,
        "kind": kind,
        "subscriber": shop.person,
        "service": shop.plan,
        "happens_at": NOW.isoformat(),
        "figures": figures,
    } | more


def test_events_reach_the_engine_and_the_life_cycle_once(shop: Shop) -> None:
    line(shop)
    billing = client("events:write")
    both = [event(shop, "e-1"), event(shop, "e-2", "arrears", figures={"owed_minor": 8840})]
    answer = billing.post("/events", both, key="k-1")
    assert (answer.status_code, answer.json()) == (201, {"accepted": 2, "duplicates": 0})
    assert billing.post("/events", both, key="k-2").json() == {"accepted": 0, "duplicates": 2}
    assert (LineChange.objects.count(), LifeEvent.objects.count()) == (1, 1)
    for number, wrong in enumerate(
        (
            event(shop, "e-3", service="svc-none"),
            event(shop, "e-4", figures={}),
            event(shop, "e-5", "landing"),
            event(shop, "e-6", happens_at="2026-11-24T10:00:00"),
        )
    ):
        refused = billing.post("/events", [event(shop, "e-9"), wrong], key=f"w-{number}")
        assert (refused.status_code, bool(refused.json()["next_step"])) == (400, True)
    assert billing.post("/events", [], key="w-9").json()["error"] == "events_not_taken"
    assert LineChange.objects.count() == 1
    plum = client("events:write", name="plum", brand="plum")
    assert plum.post("/events", [event(shop, "e-7")], key="k").status_code == 400


def test_an_announced_event_is_taken_back_once_over_the_interface_and_from_the_shell(
    shop: Shop,
) -> None:
    line(shop)
    billing = client("events:write")
    told = [event(shop, ref, "arrears", figures={"owed_minor": 8840}) for ref in ("e-1", "e-2")]
    assert billing.post("/events", told, key="k-1").status_code == 201
    plum = client("events:write", name="plum", brand="plum")
    for who, ref in ((plum, "e-1"), (billing, "e-9")):
        refused = who.post(f"/events/{ref}/withdrawal", {}, key="w-0")
        assert (refused.status_code, refused.json()["error"]) == (400, "event_unknown")
    first = billing.post("/events/e-1/withdrawal", {}, key="w-1")
    assert (first.status_code, first.json()) == (200, {"ref": "e-1", "withdrawn": True})
    assert billing.post("/events/e-1/withdrawal", {}, key="w-2").json()["withdrawn"] is False

    assert shell.amends("notices", "withdraw", "e-2", "--json").document == {
        "ref": "e-2",
        "withdrawn": True,
    }
    assert "withdrawn before" in shell.amends("notices", "withdraw", "e-2").out
    unknown = shell.amends("notices", "withdraw", "e-9")
    assert (unknown.code, "No event with this reference is known." in unknown.err) == (2, True)
    assert not LifeEvent.objects.filter(settled=False).exists()


def test_a_wish_is_kept_for_all_lines(shop: Shop) -> None:
    line(shop)
    app = client("choices:write", channel="app")
    wish = {"phone": PHONE, "duty": "cn.own_cap", "own": 5_000, "channel": "phone"}
    answer = app.post("/choices", wish, key="k-1")
    assert (answer.status_code, answer.json()) == (201, {"duty": "cn.own_cap", "changed": 2})
    assert app.post("/choices", wish, key="k-2").json()["changed"] == 0
    chosen = choices_of([shop.person]).of(shop.person, shop.plan, "cn.own_cap")
    assert (chosen.own_step, chosen.channel) == (5_000, "phone")
    assert LineChange.objects.get().kind == "own_mark"
    must = app.post("/choices", {"phone": PHONE, "duty": "cn.own_cap", "declined": True}, key="k-3")
    assert (must.status_code, must.json()["error"]) == (409, "choice_not_open")
    nobody = app.post("/choices", wish | {"phone": "13911112222"}, key="k-4")
    assert (nobody.status_code, nobody.json()["error"]) == (400, "choice_unknown")


def test_the_network_reads_holds_and_releases_from_a_cursor(shop: Shop) -> None:
    held(shop, "h-1", "h-2")
    network = client("holds:read")
    first = network.get("/holds").json()
    assert [(one["key"], one["state"], one["service"]) for one in first["holds"]] == [
        ("h-1", "held", shop.plan),
        ("h-2", "held", shop.plan),
    ]
    assert shop.person not in json.dumps(first)
    since = f"/holds?since={first['cursor']}"
    assert network.get(since).json() == {"holds": [], "cursor": first["cursor"]}
    app = client("holds:consent", name="app", channel="app", trusted_identity=True)
    there = {"presence": "signed_in", "reference": "session-81"}
    answer = app.post("/holds/h-1/consent", there)
    assert (answer.status_code, answer.json()["state"]) == (200, "released")
    assert app.post("/holds/h-1/consent", there).json() == answer.json()
    (step,) = network.get(since).json()["holds"]
    assert (step["key"], step["state"], step["by"]) == ("h-1", "released", "consent")
    assert app.post("/holds/h-1/withdrawal", there).json()["state"] == "held"
    again = network.get(f"/holds?since={step['number']}").json()["holds"]
    assert [(one["key"], one["state"]) for one in again] == [("h-1", "held")]
    given, back = facts_about(shop.person, kinds=["ConsentGiven", "ConsentWithdrawn"])
    assert "presence: signed_in session-81" in given.payload["purpose"]
    assert (given.payload["channel"], back.kind) == ("app", "ConsentWithdrawn")


def test_only_who_is_trusted_with_identity_consents(shop: Shop) -> None:
    held(shop, "h-1")
    there = {"presence": "document", "reference": "counter-7/118"}
    partner = client("holds:consent", name="partner")
    refused = partner.post("/holds/h-1/consent", there)
    assert (refused.status_code, refused.json()["error"]) == (409, "presence_not_trusted")
    plum = client("holds:consent", "holds:read", name="p", brand="plum", trusted_identity=True)
    assert plum.post("/holds/h-1/consent", there).status_code == 404
    assert plum.get("/holds").json()["holds"] == []
    assert Hold.objects.get().ended_at_ms is None


def test_a_gate_asks_for_many_services_and_a_withdrawal_shows_at_the_next_question(
    shop: Shop,
) -> None:
    order = shop.order(offer="gift")
    answer_code(order.id, shop.code(), now=order.placed_at, by=shop.person, channel="sms")
    service = Order.objects.get().service
    held(shop, "h-1")
    gate = client("standings:read")
    asked = {"services": [service, shop.plan, "svc-none"]}
    rows = {one["service"]: one for one in gate.post("/standings", asked).json()}
    assert (rows[service]["state"], rows[service]["may_charge"]) == ("confirmed", True)
    assert rows[shop.plan]["held"]
    assert rows["svc-none"]["state"] == "unknown"
    presence = Presence.objects.create(
        subscriber=shop.person,
        way="code",
        channel="sms",
        asked_at=order.placed_at,
        expires_at=order.placed_at,
        shown_at=order.placed_at,
        valid_until=order.placed_at.replace(year=2099),
    )
    stop_at_once(service, subscriber=shop.person, presence=presence.id, now=order.placed_at)
    rows = {one["service"]: one for one in gate.post("/standings", asked).json()}
    assert (rows[service]["state"], rows[service]["may_charge"]) == ("stopped", False)
    assert gate.post("/standings", {"services": []}).status_code == 422


def test_holds_and_wishes_from_the_shell(shop: Shop) -> None:
    line(shop)
    held(shop, "h-1")
    listed = shell.amends("notices", "holds", "--json").document
    assert [one["key"] for one in listed["holds"]] == ["h-1"]
    words = shell.amends("notices", "holds", "--since", str(listed["cursor"]))
    assert f"0 listed; read on with --since {listed['cursor']}." in words.out
    assert shell.amends("notices", "holds", "--standing", "--json").document["holds"]
    done = shell.amends("notices", "choose", shop.plan, "cn.own_cap", "--own", "5000", "--json")
    (row,) = done.document["choices"]
    assert (done.code, row["own"], row["unit"]) == (0, 5_000, "minor")
    shell.amends("notices", "choose", shop.plan, "cn.own_cap", "--channel", "phone")
    kept = choices_of([shop.person]).of(shop.person, shop.plan, "cn.own_cap")
    assert (kept.own_step, kept.channel) == (5_000, "phone")
    assert "cn.balance_low" in shell.amends("notices", "choose", shop.plan).out
    for wrong in (("nobody",), (shop.plan, "cn.nothing")):
        assert shell.amends("notices", "choose", *wrong).code == 2
