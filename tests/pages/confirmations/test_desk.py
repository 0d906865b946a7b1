"""The desk's pages: orders, the counter, what runs uncovered, the audit with its one button."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from actions.confirmations.conftest import PHONE, Shop
from actions.confirmations.conftest import shop as shop
from amends.causes.confirmations.actions.record_observed import Observed, observe
from amends.causes.confirmations.models import Audit, Confirmation, Order
from amends.people.access.actions.add_user import add_user
from amends.people.access.queries import LookView, looks_at
from amends.people.partners.queries import sanctions
from amends.people.subscribers.models import Subscriber
from amends.platform.kit.periods import to_ms
from amends.record.facts.fact import Fact
from amends.record.ledger.actions.append import append
from amends.record.ledger.actions.sequence import sequence
from amends.work.remedies.models import Remedy
from amends.work.remedies.queries import waiting
from tests.markup import squeezed
from tests.second_person import approve_waiting

pytestmark = pytest.mark.django_db
DESK = "/desk/confirmations/"


def now() -> datetime:
    return timezone.now()


def signed_in(*roles: str, partner: str = "", brand: str = "") -> Client:
    user = add_user(
        f"u-{'-'.join(roles)}-{partner}{brand}",
        password="harbour-kite-42",
        roles=list(roles),
        brand=brand,
    )
    if partner:
        user.partner = partner
        user.save()
    client = Client()
    client.force_login(user)
    client.cookies["amends_language"] = "en"
    return client


def test_a_signature_at_the_counter_is_one_of_two(shop: Shop) -> None:
    order = shop.order(now=now())
    desk = signed_in("handler")
    assert "ring service" in desk.get(DESK).content.decode()
    page = f"{DESK}orders/{order.id}/"
    assert "Record the signature" in desk.get(page).content.decode()
    desk.post(f"{page}counter/", {"document": "pad 7"})
    assert not Confirmation.objects.exists()
    desk.post(f"{page}counter/", {"document": "pad 7", "seen": "1"})
    (given,) = Confirmation.objects.all()
    assert (given.method, given.channel, given.form) == ("signature", "counter", "signature")
    desk.post(f"{page}counter/", {"document": "pad 8", "seen": "1"})
    assert Confirmation.objects.count() == 1, "two signatures are not two challenges"
    html = squeezed(desk.get(page).content.decode())
    assert "<dt>Offer</dt><dd>ring service" in html
    assert "<strong>signature</strong>· shop</p>" in html, "how it was said stands in words"


@pytest.mark.parametrize("partner", ["ring-co", "shop-7"])
def test_who_earns_by_the_service_takes_no_signature(shop: Shop, partner: str) -> None:
    order = shop.order(now=now(), agent="shop-7")
    desk = signed_in("handler", partner=partner)
    answer = desk.post(f"{DESK}orders/{order.id}/counter/", {"document": "x", "seen": "1"})
    assert answer.status_code in (403, 409)
    assert not Confirmation.objects.exists()


def test_what_runs_without_a_confirmation_is_listed_with_its_source(shop: Shop) -> None:
    seen = Observed(
        service="svc-seen",
        subscriber=shop.person,
        offer="ring",
        since=now(),
        source="crm",
        source_ref="row-17",
    )
    observe([seen], now=now())
    page = signed_in("manager").get(f"{DESK}uncovered/").content.decode()
    assert "svc-seen" in page
    assert "row-17" in page


def test_firms_are_called_by_their_names(shop: Shop) -> None:
    order = shop.order(now=now(), agent="shop-7")
    desk = signed_in("handler")
    for page in (DESK, f"{DESK}orders/{order.id}/"):
        read = desk.get(page).content.decode()
        assert "Ring Co" in read
        assert "Shop Seven" in read
        desk.cookies["amends_language"] = "zh-hans"
        assert "七号店" in desk.get(page).content.decode()
        desk.cookies["amends_language"] = "en"


def by_people(shop: Shop) -> list[LookView]:
    return [look for look in looks_at(shop.person) if not look.by_platform]


def test_lists_and_audits_hold_only_what_is_of_the_readers_brand(shop: Shop) -> None:
    Subscriber.objects.filter(pseudonym=shop.person).update(brand="plum")
    order = shop.order(now=now())
    observe(
        [
            Observed(
                service="svc-seen",
                subscriber=shop.person,
                offer="ring",
                since=now(),
                source="crm",
                source_ref="row-17",
            )
        ],
        now=now(),
    )
    wrongly_charged(shop)
    first = (now() - timedelta(days=30)).date().isoformat()
    last = (now() + timedelta(days=1)).date().isoformat()
    for brand, shown in (("pear", False), ("plum", True)):
        desk = signed_in("senior_handler", "manager", brand=brand)
        assert (order.id in desk.get(DESK).content.decode()) is shown
        assert ("svc-seen" in desk.get(f"{DESK}uncovered/").content.decode()) is shown
        where = desk.post(f"{DESK}audits/run/", {"first": first, "last": last})["Location"]
        assert ("¥10.00" in desk.get(where).content.decode()) is shown
        assert desk.get(f"{DESK}audits/").content.decode().count(f"{DESK}audits/0") == 1
        desk.post(f"{where}refund/")
    (refund,) = Remedy.objects.all()
    assert (refund.brand, refund.balance_id) == ("plum", "c-1")


def wrongly_charged(shop: Shop) -> None:
    begun = now() - timedelta(days=20)
    stated = {"kinds": "ConfirmationGiven", "scope": "all", "complete": 1}
    stated |= {"from_ms": 0, "to_ms": to_ms(now())}
    charge = {"charge": "c-1", "offer": "ring", "charge_kind": "value_added", "amount_minor": 1000}
    with transaction.atomic():
        append(
            [
                Fact("SourceCovered", "", "confirmations", begun, "crm", stated),
                Fact(
                    "ServiceActivated",
                    shop.person,
                    "svc-bad",
                    begun,
                    "crm",
                    {"offer": "ring", "initiator": "system"},
                ),
                Fact(
                    "ChargeMade",
                    shop.person,
                    "svc-bad",
                    begun + timedelta(days=1),
                    "billing",
                    {**charge, "currency": "CNY"},
                ),
            ],
            now=begun,
        )


def test_the_audit_is_run_read_and_acted_on(shop: Shop) -> None:
    wrongly_charged(shop)
    desk = signed_in("senior_handler", "manager")
    first = (now() - timedelta(days=30)).date().isoformat()
    last = (now() + timedelta(days=1)).date().isoformat()
    assert desk.get(f"{DESK}audits/").status_code == 200
    where = desk.post(f"{DESK}audits/run/", {"first": first, "last": last})["Location"]
    page = squeezed(desk.get(where).content.decode())
    assert "¥10.00" in page
    assert "Ring Co" in page
    assert '<td>ring service<code class="tiny quiet">ring</code></td>' in page
    assert "Refund 1 service" in page
    desk.post(f"{where}refund/")
    assert [one.charge for one in waiting()] == ["c-1"]
    assert "The refunds were opened" in desk.get(where).content.decode()
    ref = Audit.objects.get().id
    asked = {"audit": ref, "kind": "warning", "reason": "Charges nobody confirmed."}
    desk.post(f"{DESK}partners/ring-co/sanction/", asked)
    assert sanctions("ring-co") == [], "one person alone"
    approve_waiting("partner", now=now())
    assert ref in sanctions("ring-co")[0].reason
    bad = desk.post(f"{DESK}audits/run/", {"first": "soon", "last": last})
    assert bad.status_code in (400, 422)


def test_a_receipt_is_saved_from_the_desk(shop: Shop) -> None:
    order = shop.order(now=now())
    desk = signed_in("manager")
    assert desk.get(f"{DESK}orders/{order.id}/receipt/").status_code == 302
    sequence(now=now(), holder="t")
    assert by_people(shop) == []
    saved = desk.get(f"{DESK}orders/{order.id}/receipt/")
    assert saved["Content-Disposition"].startswith("attachment")
    (look,) = by_people(shop)
    assert (look.role, look.reason) == ("manager", "receipt of an order saved at the desk")
    assert {"ServiceOrdered", "ConfirmationGiven"} <= set(look.fields)
    assert desk.get(f"{DESK}orders/nobody/").status_code == 404


@pytest.mark.parametrize("role", ["regulator", "handler"])
def test_who_may_only_read_changes_nothing(shop: Shop, role: str) -> None:
    desk = signed_in(role)
    assert desk.get(DESK).status_code == 200
    for page in ("audits/run/", "audits/x/refund/", "partners/ring-co/sanction/"):
        assert desk.post(f"{DESK}{page}").status_code == 403


def _taken(desk: Client, **fields: str):
    given = {"person": PHONE, "order": "open", "offer": "ring", "key": "k-desk"} | fields
    return desk.post(f"{DESK}orders/new/", given)


def test_a_clerk_takes_an_order_and_the_user_is_asked(shop: Shop) -> None:
    desk = signed_in("manager")
    page = desk.get(f"{DESK}orders/new/").content.decode()
    assert "Take the order" in page
    assert "I saw the person" not in page, "a manager sits at no counter"
    answer = _taken(desk)
    assert answer.status_code == 302
    (order,) = Order.objects.all()
    assert (order.state, order.channel, order.subscriber) == ("waiting", "counter", shop.person)
    assert len(shop.sent("challenge:")) == 1
    assert _taken(desk).url == answer.url, "sent twice, taken once"
    other = _taken(desk, order="change", service="svc-other")
    assert (other.status_code, Order.objects.count()) == (409, 1), "another order under its key"
    assert Order.objects.count() == 1


def test_with_the_person_there_a_signature_is_one_confirmation(shop: Shop) -> None:
    desk = signed_in("handler")
    refused = _taken(desk, seen="1")
    assert refused.status_code == 400
    assert "signed paper is not named" in refused.content.decode()
    assert not Order.objects.exists()
    _taken(desk, seen="1", document="pad 3")
    (given,) = Confirmation.objects.all()
    assert (given.method, given.channel, given.taken_by != "") == ("signature", "counter", True)
    (order,) = Order.objects.all()
    assert (order.needed, order.state) == (2, "waiting"), "a service of a partner needs two"
    assert len(shop.sent("challenge:")) == 1, "the second is asked of the user's own phone"


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"person": "13911112222"}, "Nobody of ours has that number"),
        ({"offer": ""}, "There is no offer"),
        ({"order": "stop"}, "no running service"),
    ],
)
def test_what_cannot_be_taken_says_why_and_stores_nothing(
    fields: dict[str, str], said: str
) -> None:
    answer = _taken(signed_in("handler"), **fields)
    assert answer.status_code == 400
    assert said in answer.content.decode()
    assert not Order.objects.exists()


def test_a_regulator_takes_no_order() -> None:
    assert signed_in("regulator").get(f"{DESK}orders/new/").status_code == 403


def test_an_order_keeps_what_was_typed_and_says_the_error_beside_its_field(shop: Shop) -> None:
    desk = signed_in("handler")
    refused = _taken(desk, person="13911112222", seen="1", document=" ")
    page = refused.content.decode()
    assert refused.status_code == 400
    assert 'id="id_document_error"' in page
    assert 'value="13911112222"' in page
    unknown = _taken(desk, person="13911112222")
    assert 'id="id_person_error"' in unknown.content.decode()
    offer = _taken(desk, offer="nothing")
    assert 'id="id_offer_error"' in offer.content.decode()


def test_an_audit_of_no_period_and_a_sanction_without_a_reason_stay_on_the_page(shop: Shop) -> None:
    wrongly_charged(shop)
    desk = signed_in("senior_handler", "manager")
    bad = desk.post(f"{DESK}audits/run/", {"first": "soon", "last": "0001-01-01"})
    page = bad.content.decode()
    assert bad.status_code == 400
    assert 'id="id_first_error"' in page
    assert 'id="id_last_error"' in page
    first = (now() - timedelta(days=30)).date().isoformat()
    last = (now() + timedelta(days=1)).date().isoformat()
    desk.post(f"{DESK}audits/run/", {"first": first, "last": last})
    ref = Audit.objects.get().id
    asked = {"audit": ref, "kind": "suspension", "reason": " "}
    answer = desk.post(f"{DESK}partners/ring-co/sanction/", asked)
    page = answer.content.decode()
    assert answer.status_code == 400
    assert 'id="ring-co-reason_error"' in page
    assert '<option value="suspension" selected>' in page
