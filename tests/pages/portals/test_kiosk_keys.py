"""A form of a kiosk is bound to what was sent with it."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from actions.confirmations.conftest import shop as shop
from amends.cases.complaints.models import Complaint, Contact
from amends.causes.protection.models import NuisanceReport
from amends.entrances.portals.actions.clients import make_client
from tests.pages.portals.test_kiosk import identify

pytestmark = pytest.mark.django_db


@pytest.fixture
def kiosk(client: Client) -> Client:
    client.cookies["amends_language"] = "en"
    for name in ("kiosk-1", "kiosk-2"):
        token = make_client(name, scopes=["kiosk:use"], channel="kiosk", now=timezone.now())
    client.post("/kiosk/device/", {"token": token})
    return client


FIRST = {"key": "k-1", "text": "Charged twice for one ringtone.", "phone": "13900001234"}


@pytest.mark.parametrize(
    "changed", [{"text": "My line is dead since Monday."}, {"phone": "13700004321"}]
)
def test_another_content_under_the_key_of_a_form_gets_409_and_no_code(
    kiosk: Client, changed: dict[str, str]
) -> None:
    assert kiosk.post("/kiosk/complain/", FIRST).status_code == 302
    code = Complaint.objects.get().code_public
    assert code in kiosk.get("/kiosk/receipt/").content.decode()
    kiosk.post("/kiosk/end/")
    answer = kiosk.post("/kiosk/complain/", FIRST | changed)
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "sent before with another text" in page
    assert code not in page
    assert code not in kiosk.get("/kiosk/receipt/", follow=True).content.decode()
    assert Contact.objects.count() == 1
    assert 'value="k-1"' not in page, "the form has a new key"


def test_the_same_form_sent_twice_is_one_complaint(kiosk: Client) -> None:
    for _time in range(2):
        assert kiosk.post("/kiosk/complain/", FIRST).status_code == 302
    assert Contact.objects.count() == 1


def test_a_report_is_bound_to_its_form_too(kiosk: Client, shop: object) -> None:
    identify(kiosk)
    form = {"key": "r-1", "number": "13900005678", "text": "You won a prize, pay the fee."}
    assert kiosk.post("/kiosk/report/", form).status_code == 200
    assert kiosk.post("/kiosk/report/", form).status_code == 200
    answer = kiosk.post("/kiosk/report/", form | {"text": "Cheap loans, no questions asked."})
    assert answer.status_code == 409
    assert NuisanceReport.objects.count() == 1
