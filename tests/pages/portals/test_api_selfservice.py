"""Calls of a voice menu and an app: who is there is shown by a code, and tries are counted."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from actions.confirmations.conftest import PHONE, Shop
from actions.confirmations.conftest import shop as shop
from amends.cases.complaints.actions.intake import Submission
from amends.cases.complaints.actions.receive import receive
from amends.cases.complaints.models import Complaint, Contact
from amends.causes.confirmations.jobs.send_codes import send_codes
from amends.channels.models import InboundMessage
from amends.entrances.portals.rules.keypad import keypad_digits
from amends.people.subscribers.models import Subscriber
from amends.site.dispatch import dispatch
from tests.pages.selfservice.test_journeys import newest_code

pytestmark = pytest.mark.django_db


def complain(**fields: Any) -> Complaint:
    said = {"channel": "web", "key": "k", "text": "彩铃乱扣费", "phone": PHONE} | fields
    ref = receive(Submission(received_at=timezone.now(), **said), now=timezone.now()).complaint
    return Complaint.objects.get(id=ref)


def presence_of(client: Any) -> str:
    asked = client.post("/selfservice/identity", {"number": PHONE}).json()["presence"]
    send_codes(now=timezone.now())
    code = {"digits": newest_code("presence:")}
    assert client.post("/selfservice/identity/answer", code, Presence=asked).json()["identified"]
    return str(asked)


def test_a_presence_is_good_for_the_client_that_asked(caller: Any, shop: Shop) -> None:
    mine = caller("selfservice:use", channel="ivr")
    other = caller("selfservice:use", name="app", channel="app")
    presence = presence_of(mine)
    stop = {"service": shop.plan}
    assert other.post("/selfservice/stops", stop, Presence=presence).status_code == 409
    assert mine.post("/selfservice/stops", stop, Presence="made-up").status_code == 409
    assert (
        mine.post("/selfservice/stops", {"service": "svc-x"}, Presence=presence).status_code == 400
    )


def test_a_client_of_another_brand_knows_nobody(caller: Any, shop: Shop) -> None:
    Subscriber.objects.filter(pseudonym=shop.person).update(brand="north")
    south = caller("selfservice:use", channel="ivr", brand="south")
    presence = south.post("/selfservice/identity", {"number": PHONE}).json()["presence"]
    send_codes(now=timezone.now())
    assert not shop.sent("presence:"), "no code is sent to a subscriber of another brand"
    assert (
        south.post("/selfservice/stops", {"service": shop.plan}, Presence=presence).status_code
        == 409
    )


def test_an_unknown_number_is_answered_alike(caller: Any, shop: Shop) -> None:
    client = caller("selfservice:use", channel="ivr")
    known = client.post("/selfservice/identity", {"number": PHONE})
    unknown = client.post("/selfservice/identity", {"number": "13711112222"})
    assert (known.status_code, set(known.json())) == (unknown.status_code, set(unknown.json()))


def test_a_caller_hears_where_a_complaint_is_by_keypad(caller: Any, shop: Shop) -> None:
    complaint = complain()
    client = caller("ivr:use", channel="ivr")
    pressed = {"number": PHONE, "keypad": keypad_digits(complaint.code_public)}
    said = client.post("/ivr/status?language=en", pressed)
    assert said.status_code == 200, said.content
    assert said.json()["text"].startswith("Your complaint: ")
    assert "彩铃" not in said.content.decode()
    elsewhere = pressed | {"number": "13711112222"}
    assert client.post("/ivr/status", elsewhere).status_code == 400


def test_guessing_the_keypad_is_stopped_by_the_caller_s_number(caller: Any, shop: Shop) -> None:
    complaint = complain()
    client = caller("ivr:use", channel="ivr")
    for guess in range(30):
        answer = client.post("/ivr/status", {"number": PHONE, "keypad": f"{guess:08d}"})
        assert answer.status_code == 400
    right = {"number": PHONE, "keypad": keypad_digits(complaint.code_public)}
    assert client.post("/ivr/status", right).status_code == 409


def test_a_transcript_becomes_a_complaint_once(caller: Any, shop: Shop) -> None:
    client = caller("ivr:use", channel="ivr")
    said = {
        "call": "c-1",
        "caller": PHONE,
        "text": "我没有订过彩铃，请退费",
        "started_at": "2026-11-20T10:05:00+08:00",
    }
    first = client.post("/ivr/transcripts", said)
    assert first.status_code == 202, first.content
    assert client.post("/ivr/transcripts", said).json() == first.json()
    dispatch(now=timezone.now(), holder="test")
    assert InboundMessage.objects.get().channel == "phone"
    assert Contact.objects.get().channel == "phone"


def test_a_transcript_is_not_added_to_a_complaint_of_another_brand(caller: Any, shop: Shop) -> None:
    Subscriber.objects.filter(pseudonym=shop.person).update(brand="north")
    complaint = complain(brand="north")
    said = {
        "text": "我没有订过彩铃，请退费",
        "started_at": "2026-11-20T10:05:00+08:00",
        "tracking_code": complaint.code_public,
    }
    for brand in ("south", "north"):
        client = caller("ivr:use", name=brand, channel="ivr", brand=brand)
        answer = client.post("/ivr/transcripts", said | {"call": "c-1"})
        stored = InboundMessage.objects.get(id=answer.json()["message"])
        assert (stored.tracking_code == complaint.code_public) == (brand == "north")


def test_a_client_of_one_brand_recognises_no_caller_of_another(caller: Any, shop: Shop) -> None:
    Subscriber.objects.filter(pseudonym=shop.person).update(brand="north")
    said = {"caller": PHONE, "started_at": "2026-11-20T10:05:00+08:00"}
    words = {"south": "我没有订过彩铃，请退费", "north": "宽带从昨天晚上断到现在，请尽快修复"}
    for brand, text in words.items():
        client = caller("ivr:use", name=brand, channel="ivr", brand=brand)
        client.post("/ivr/transcripts", said | {"call": "c-1", "text": text})
    dispatch(now=timezone.now(), holder="test")
    stored = {one.brand: one.subscriber for one in Complaint.objects.all()}
    assert stored == {"south": "", "north": shop.person}


def test_a_transcript_of_an_impossible_time_or_without_words_is_refused(caller: Any) -> None:
    client = caller("ivr:use", channel="ivr")
    said = {"call": "c-1", "text": "退费", "started_at": "2026-11-20T10:05:00+08:00"}
    for wrong in ({"started_at": "0001-01-01T00:00:00+08:00"}, {"text": "\x00"}):
        assert client.post("/ivr/transcripts", said | wrong).status_code == 422
    assert not InboundMessage.objects.exists()


def test_the_menu_is_read_out_in_both_languages(caller: Any) -> None:
    client = caller("ivr:use", channel="ivr")
    zh = client.get("/ivr/menu?language=zh").json()
    en = client.get("/ivr/menu?language=en").json()
    assert [one["key"] for one in zh] == [one["key"] for one in en]
    assert "请按1" in zh[0]["text"]


@pytest.mark.parametrize("path", ["/ivr/menu", "/selfservice/offers"])
def test_without_the_scope_nothing_is_read(caller: Any, path: str) -> None:
    assert caller("complaints:read").get(path).status_code == 403
