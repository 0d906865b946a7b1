"""An address or a search with a character no database takes is answered, not failed on."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from amends.cases.complaints.models import Event
from amends.entrances.portals.actions.clients import make_client
from tests.pages.conftest import Desk

SCOPES = ["complaints:read", "orders:write", "events:write", "holds:consent", "remedies:billing"]
NUL = "%00"


@pytest.mark.parametrize(
    "address",
    [
        f"/desk/c/{NUL}/",
        f"/desk/c/a{NUL}b/",
        f"/desk/?words={NUL}",
        f"/desk/?words=13900{NUL}01234",
        f"/desk/?code={NUL}",
        f"/desk/?area={NUL}",
        f"/desk/?brand={NUL}",
        f"/desk/?state={NUL}",
        f"/desk/?after=1.{NUL}",
        f"/desk/cases/{NUL}/",
        f"/follow/{NUL}/",
        f"/confirm/{NUL}/",
        f"/desk/rules/complaints/{NUL}/",
        f"/desk/remedies/?state={NUL}",
    ],
)
def test_a_page(desk: Desk, address: str) -> None:
    desk.client.raise_request_exception = False
    assert desk.client.get(address).status_code < 500


def test_a_form_is_taken_without_it(desk: Desk) -> None:
    desk.client.raise_request_exception = False
    form = {"urgent": "1", "reason": "The caller\x00 cannot reach an ambulance."}
    answer = desk.client.post(f"/desk/c/{desk.complaint}/urgent/", form, follow=True)
    assert answer.status_code == 200
    event = Event.objects.get(complaint=desk.complaint, verb="urgent")
    assert event.reason == "The caller cannot reach an ambulance."
    named = desk.client.post(f"/desk/c/{desk.complaint}/subscriber/", {"number": "\x00"})
    assert named.status_code < 500


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", f"/complaints/{NUL}"),
        ("get", f"/orders/{NUL}"),
        ("post", f"/events/{NUL}/withdrawal"),
        ("post", f"/holds/{NUL}/consent"),
        ("get", f"/remedies/exports/{NUL}"),
    ],
)
def test_the_interface(db: None, method: str, path: str) -> None:
    token = make_client("odd", scopes=SCOPES, now=timezone.now(), trusted_identity=True)
    client = Client(raise_request_exception=False, headers={"Authorization": f"Bearer {token}"})
    body = (
        {}
        if method == "get"
        else {
            "data": '{"presence": "signed_in", "reference": "x"}',
            "content_type": "application/json",
        }
    )
    answer = getattr(client, method)(f"/api/v1{path}", **body)
    assert 400 <= answer.status_code < 500
    assert answer.json()["error"]


@pytest.mark.parametrize("since", ["9" * 13, "9" * 5_000, "253402300800"])
def test_changes_since_a_moment_that_is_out_of_range(desk: Desk, since: str) -> None:
    desk.client.raise_request_exception = False
    address = f"/desk/c/{desk.complaint}/changes/?since={since}"
    assert desk.client.get(address).status_code < 500
