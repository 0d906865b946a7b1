"""Coverage of duties as people see it: worst first, opened through access, given back in one act."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from amends.cases.audits.actions.audit import audit
from amends.cases.audits.models import MissedNotice
from amends.people.access.queries import looks_at
from amends.people.subscribers.actions.open_services import NewService, open_services
from amends.people.subscribers.actions.register import NewSubscriber, register
from amends.work.remedies.models import Remedy
from tests.actions.audits.test_audit import (
    AT,
    HOUR,
    MANAGER,
    NOW,
    all_covered,
    charge,
    document,
    record,
)
from tests.pages.conftest import colleague, signed_in

MONTHS = "?from=2026-10&to=2026-10"
PHONE = "13812348000"


@pytest.fixture
def world(db: None) -> list[str]:
    """One person was told in time, another never."""
    people = [
        register(NewSubscriber(name="林小满", phone=phone, brand="plum"), now=AT - 9_000 * HOUR)
        for phone in (PHONE, "13900000001")
    ]
    open_services(
        [
            NewService(
                ref=f"svc-{one}",
                subscriber=one,
                kind="mobile",
                offer="plan",
                started_at=AT - 9_000 * HOUR,
            )
            for one in people
        ]
    )
    record(
        *all_covered(),
        charge("c-1", people[0], AT, 500),
        charge("c-2", people[1], AT, 900),
        document("NoticeSent", people[1], AT, "k"),
        document("NoticeDelivered", people[1], AT, "k"),
    )
    audit(start=date(2026, 10, 1), end=date(2026, 11, 1), actor=MANAGER, now=NOW, jurisdiction="cn")
    return people


def test_what_the_engine_does_not_count_is_said_in_both_languages(db: None) -> None:
    client = signed_in(colleague("zhao.an", "manager"))
    client.cookies["amends_language"] = "en"
    assert "not counted by this engine: multimedia messages" in (
        client.get("/desk/coverage/").content.decode()
    )
    client.cookies["amends_language"] = "zh"
    page = client.get("/desk/coverage/").content.decode()
    assert "本引擎不计数：彩信" in page
    assert "请确认由其他系统提醒" in page


def test_the_worst_duty_stands_first_with_its_money(world: list[str]) -> None:
    html = signed_in(colleague("zhao.an", "manager")).get(f"/desk/coverage/{MONTHS}").content
    page = html.decode()
    near, reached = (
        page.index('<code class="tiny quiet">cn.allowance_near'),
        page.index('<code class="tiny quiet">cn.allowance_reached'),
    )
    assert near < reached, "0% stands before 50%"
    assert "¥5.00" in page
    assert "50.0%" in page
    assert "Oct 2026" in page
    assert "duties cannot be recomputed" in page


def test_people_are_opened_through_access_and_masked(world: list[str]) -> None:
    manager = signed_in(colleague("zhao.an", "manager"))
    listed = manager.get(f"/desk/coverage/cn.allowance_reached/{MONTHS}").content.decode()
    owed = MissedNotice.objects.get(duty="cn.allowance_reached")
    assert f"/desk/coverage/notice/{owed.key}/" in listed
    assert PHONE not in listed
    assert "林" not in listed
    assert looks_at(world[0]) == []
    opened = manager.get(f"/desk/coverage/notice/{owed.key}/").content.decode()
    assert "138****8000" in opened
    assert PHONE not in opened
    assert "Charged ¥5.00 (use beyond the allowance)" in opened
    assert "billing" in opened
    manager.cookies["amends_language"] = "zh-hans"
    in_chinese = manager.get(f"/desk/coverage/notice/{owed.key}/").content.decode()
    assert "应发送提醒“套餐用完提醒”。" in in_chinese
    for code in ("“cn.", "（overage）", ">billing<", ">auditor<"):
        assert code not in in_chinese, "people read words, not our codes"
    assert {look.purpose for look in looks_at(world[0])} == {"notice"}
    again = manager.get(f"/desk/coverage/notice/{owed.key}/")
    assert again.status_code == 200
    from amends.people.access.queries import cases_for

    assert len(cases_for(f"notice:{owed.key}")) == 1
    assert manager.get("/desk/coverage/notice/none/").status_code == 404
    assert manager.get("/desk/coverage/cn.nothing/").status_code == 404


@pytest.mark.parametrize(
    ("role", "path", "status"),
    [
        ("handler", "", 403),
        ("regulator", "", 200),
        ("senior_handler", "", 200),
        ("regulator", "cn.allowance_reached/", 403),
        ("senior_handler", "refunds/", 403),
        ("manager", "refunds/", 200),
        ("handler", "csv/", 403),
        ("regulator", "csv/", 200),
    ],
)
def test_each_role_sees_what_it_may(world: list[str], role: str, path: str, status: int) -> None:
    client = signed_in(colleague("somebody", role))
    assert client.get(f"/desk/coverage/{path}{MONTHS}").status_code == status


def test_a_notice_of_another_brand_is_not_opened(world: list[str]) -> None:
    pear = signed_in(colleague("pear.boss", "manager", brand="pear"))
    owed = MissedNotice.objects.get(duty="cn.allowance_reached")
    assert pear.get(f"/desk/coverage/notice/{owed.key}/").status_code == 404
    assert "cn.allowance_reached" not in pear.get(f"/desk/coverage/{MONTHS}").content.decode()
    assert looks_at(world[0]) == []


def test_refunds_are_seen_then_proposed_in_one_act(world: list[str]) -> None:
    manager = signed_in(colleague("zhao.an", "manager"))
    seen = manager.get(f"/desk/coverage/refunds/{MONTHS}").content.decode()
    assert "1 refund would be proposed" in seen
    assert Remedy.objects.count() == 0
    answer = manager.post(
        "/desk/coverage/refunds/", {"from": "2026-10", "to": "2026-10"}, follow=True
    )
    assert "1 refund is proposed" in answer.content.decode()
    assert [one.amount_minor for one in Remedy.objects.all()] == [500]
    assert (
        "No refunds to propose" in manager.get(f"/desk/coverage/refunds/{MONTHS}").content.decode()
    )


def test_downloads_hold_references_and_no_names(world: list[str]) -> None:
    manager = signed_in(colleague("zhao.an", "manager"))
    table = manager.get(f"/desk/coverage/csv/{MONTHS}").content.decode("utf-8-sig")
    assert "cn.allowance_reached,2026-10,2,1,0,0,1,0,0.500000" in table
    owed = manager.get(f"/desk/coverage/cn.allowance_reached/csv/{MONTHS}").content.decode()
    assert f"svc-{world[0]}" in owed
    assert PHONE not in owed


def test_before_the_first_audit_the_page_says_what_to_do(db: None) -> None:
    manager = signed_in(colleague("zhao.an", "manager"))
    assert "Nothing was audited in these months" in manager.get("/desk/coverage/").content.decode()
    assert manager.get("/desk/coverage/?from=soon").status_code == 400
    audited = manager.post("/desk/coverage/audit/", follow=True)
    assert "in the last two months" in audited.content.decode()


@pytest.mark.browser
@pytest.mark.parametrize(
    ("language", "width", "dark"), [("zh-hans", 1440, False), ("en", 390, True)]
)
@pytest.mark.django_db(transaction=True)
def test_pages_in_a_real_browser(
    visitor: Any, world: list[str], language: str, width: int, dark: bool
) -> None:
    window = visitor(language=language, width=width, dark=dark)
    colleague("zhao.an", "manager")
    window.let_in(signed_in(colleague("zhao.two", "manager")))
    key = MissedNotice.objects.get(duty="cn.allowance_reached").key
    for path in ("", "cn.allowance_reached/", f"notice/{key}/", "refunds/"):
        window.open(f"/desk/coverage/{path}{MONTHS}")
        assert window.axe() == [], path
    assert window.faults == []
    assert window.strangers == []
