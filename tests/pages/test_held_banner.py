"""While no channel is switched on, staff see what is held and users where to read instead."""

from __future__ import annotations

from django.test import Client
from django.utils import timezone

from amends.channels import senders
from amends.complaints.jobs.pipeline import process
from amends.complaints.models import Complaint
from tests.pages.conftest import Desk, complain

STAFF = "No channel is switched on: nothing reaches a customer."
USERS = "We cannot send messages at the moment. Read our answer here, with your tracking code."


def test_staff_and_users_are_told_that_nothing_leaves(desk: Desk, monkeypatch) -> None:
    complain(key="held", text="宽带断了没人修", phone="", identity="", email="a@example.org")
    process(now=timezone.now())
    visitor = Client(headers={"Accept-Language": "en"})
    followed = f"/follow/{Complaint.objects.get(id=desk.complaint).code_public}/"
    pages = ("/desk/", "/desk/day/", f"/desk/c/{desk.complaint}/")
    for path in pages:
        assert STAFF in desk.client.get(path).content.decode(), path
    assert "held." in desk.client.get("/desk/").content.decode()
    assert USERS in visitor.get(followed).content.decode()
    monkeypatch.setitem(senders.SWITCHES, "mail", senders.Switch(lambda: True, None))
    for path in pages:
        assert STAFF not in desk.client.get(path).content.decode(), path
    assert USERS not in visitor.get(followed).content.decode()
