"""While no channel is switched on, staff see what is held and users where to read instead."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.test import Client
from django.utils import timezone

from amends.cases.complaints.jobs.pipeline import process
from amends.cases.complaints.models import Complaint
from amends.channels import senders
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


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "We cannot send codes at present"),
        ("zh-hans", "目前发不出验证码"),
    ],
)
def test_pages_promise_no_code_that_cannot_leave(
    desk: Desk, monkeypatch, settings, language: str, words: str
) -> None:
    settings.OPERATOR = replace(settings.OPERATOR, hotline="+86 10 5555 0100")
    visitor = Client(headers={"Accept-Language": language})
    code = Complaint.objects.get(id=desk.complaint).code_public
    proof = f"/follow/{code}/identity/"
    for page in (
        visitor.get("/mine/"),
        visitor.post("/mine/", {"number": "13900001234"}),
        visitor.get(proof),
        visitor.post(proof, {"ask": "1"}),
        visitor.get("/help/notices/"),
    ):
        said = page.content.decode()
        assert words in said
        assert "+86 10 5555 0100" in said
    switch = senders.Switch(lambda: True, None)
    monkeypatch.setitem(senders.SWITCHES, "mail", switch)
    for path in ("/mine/", proof, "/help/notices/"):
        assert words not in visitor.get(path).content.decode(), path
