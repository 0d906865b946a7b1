"""The pages of calls and letters: a clerk takes one up, sees the number, writes the outcome."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from amends.causes.notices.actions.follow import follow
from amends.causes.notices.actions.send import send_notices
from amends.causes.notices.actions.set_preference import set_preference
from amends.causes.notices.models import Notice
from amends.channels import senders as switches
from amends.channels.actions.by_hand import waiting
from amends.channels.senders import Switch
from amends.engines.duties.book import book
from amends.people.subscribers.actions.register import NewSubscriber, register
from tests.actions.notices.test_by_hand import ABNORMAL, STOP
from tests.actions.notices.test_telling import due_notice
from tests.pages.conftest import colleague, signed_in

pytestmark = pytest.mark.django_db
LANGUAGES = pytest.mark.parametrize("language", ["en", "zh-hans"])
MORNING = datetime(2026, 11, 20, 10, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture(autouse=True)
def people(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody calls and posts letters, in the morning: at night nobody may be told."""
    monkeypatch.setattr(timezone, "now", lambda: MORNING)
    for channel in ("sms", "phone", "letter"):
        monkeypatch.setitem(switches.SWITCHES, channel, Switch(lambda: True, None))


@pytest.fixture
def person() -> str:
    return register(
        NewSubscriber(name="某人", phone="15400001234", address="某市某路1号"), now=timezone.now()
    )


def page(client: Any, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return str(answer.content.decode())


def wants_a_call(person: str) -> Notice:
    now = timezone.now()
    duty = book("cn", now.date()).find("cn.abnormal")
    assert duty is not None
    set_preference(duty, subscriber=person, channel="phone", chosen_on="app", now=now)
    notice = due_notice(person, "cn.abnormal", "5x3", at=now - timedelta(minutes=1), **ABNORMAL)
    send_notices(now=now)
    return notice


@LANGUAGES
def test_a_clerk_calls_and_writes_down_that_it_was_told(person: str, language: str) -> None:
    notice = wants_a_call(person)
    client = signed_in(colleague("zhou.min"), language)
    before = page(client, "/desk/notices/calls/")
    assert "15400001234" not in before
    [task] = waiting("phone", now=timezone.now())
    client.post("/desk/notices/by-hand/take/", {"channel": "phone", "message": task.id})
    mine = page(client, "/desk/notices/calls/")
    assert "15400001234" in mine
    answer = client.post(
        "/desk/notices/by-hand/outcome/",
        {"channel": "phone", "message": task.id, "outcome": "told"},
    )
    assert answer.status_code == 302
    notice.refresh_from_db()
    assert notice.state == "delivered"


@LANGUAGES
def test_letters_are_printed_and_handed_to_the_post(person: str, language: str) -> None:
    now = timezone.now()
    notice = due_notice(person, "cn.service_stop", "once", at=now - timedelta(minutes=1), **STOP)
    Notice.objects.filter(pk=notice.pk).update(tried="sms")
    send_notices(now=now)
    client = signed_in(colleague("zhou.min"), language)
    page(client, "/desk/notices/letters/")
    [task] = waiting("letter", now=timezone.now())
    client.post("/desk/notices/by-hand/take/", {"channel": "letter", "message": task.id})
    assert "某市某路1号" in page(client, "/desk/notices/letters/")
    assert "某市某路1号" in page(client, "/desk/notices/letters/print/")
    rows = client.get("/desk/notices/letters/list/").content.decode("utf-8-sig").splitlines()
    assert rows[0] == "number,letter,name,address"
    assert rows[1].endswith("某人,某市某路1号")
    client.post(
        "/desk/notices/by-hand/outcome/",
        {"channel": "letter", "message": task.id, "outcome": "posted"},
    )
    follow(now=timezone.now())
    notice.refresh_from_db()
    assert notice.state == "sent"


def test_the_regulator_calls_nobody() -> None:
    client = signed_in(colleague("reg", "regulator"))
    assert client.get("/desk/notices/calls/").status_code == 403
    assert client.post("/desk/notices/by-hand/take/", {"message": "x"}).status_code == 403
