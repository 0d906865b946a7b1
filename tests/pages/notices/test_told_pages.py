"""Duties in force, what was told, and what is held, as people see them."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.utils import translation

from amends.causes.notices.models import Hold, LineChange, Notice, NoticeMessage
from amends.causes.notices.texts.duties import duty_title, period_words
from amends.people.subscribers.actions.register import NewSubscriber, register
from amends.platform.kit.periods import to_ms
from amends.record.ledger.queries import facts_about
from tests.pages.conftest import colleague, signed_in

AT = datetime(2026, 11, 24, 4, tzinfo=UTC)


@pytest.fixture
def people(db: None) -> list[str]:
    """One of each brand was told something; the second's use is held."""
    both = [
        register(NewSubscriber(name="林小满", phone=phone, brand=brand), now=AT)
        for phone, brand in (("13812348000", "plum"), ("13812348001", "pear"))
    ]
    for number, person in enumerate(both):
        notice = Notice.objects.create(
            key=f"{number:032x}",
            subscriber=person,
            service=f"svc-{number}",
            pack="cn",
            duty="cn.allowance_near",
            version="2012-01-20",
            period="2026-11-01",
            step="80%",
            figures=json.dumps({}),
            due_at_ms=to_ms(AT),
            due_by_ms=to_ms(AT),
            detected_at_ms=to_ms(AT),
            state="sent" if number else "failed",
            reason="" if number else "no other channel is left",
            sent_at_ms=to_ms(AT) + 3_600_001 if number else None,
        )
        NoticeMessage.objects.create(
            notice=notice,
            channel="sms",
            language="zh",
            message=f"m{number}",
            text_version="texts@2012-01-20",
            posted_at_ms=to_ms(AT),
        )
    LineChange.objects.create(
        reference="pay",
        service="svc-1",
        kind="top_up",
        counter="money",
        amount=5000,
        at_ms=to_ms(AT),
    )
    Hold.objects.create(
        key="f" * 32,
        subscriber=both[1],
        service="svc-1",
        duty="cn.own_cap",
        period="2026-11-01",
        held_at_ms=to_ms(AT),
    )
    return both


def page(client: Any, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, address
    return str(answer.content.decode())


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "said", "source"),
    [
        (
            "en",
            "over 5 times",
            "Telecommunications Regulations (edition of 2016-02-06), article 33",
        ),
        ("zh-hans", "平均值的5倍", "电信条例（2016-02-06修订）第33条"),
    ],
)
def test_duties_stand_with_their_marks_and_sources(language: str, said: str, source: str) -> None:
    client = signed_in(colleague("zhao.an", "manager"), language)
    html = page(client, "/desk/notices/?pack=cn&on=2026-11-24")
    assert said in html
    assert source in html
    assert "cn.own_cap" in html
    assert "cn.own_cap" not in page(client, "/desk/notices/?pack=cn&on=2020-01-01")
    assert "eu.roam.gate2" in page(client, "/desk/notices/?pack=eu&on=2026-11-24")
    page(client, "/desk/notices/?on=2001-01-01")
    page(client, "/desk/notices/?pack=moon", 404)
    page(client, "/desk/notices/?on=soon", 404)


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_duty_shows_its_texts_in_both_languages(language: str) -> None:
    client = signed_in(colleague("zhao.an", "manager"), language)
    html = page(client, "/desk/notices/duty/eu.roam.gate1/?pack=eu&on=2026-11-24")
    assert "如需继续使用，请回复JX1234" in html
    assert "To go on, reply JX1234" in html
    assert "€50.00" in html
    confirmed = page(client, "/desk/notices/duty/cn.terms_before_order/?on=2026-11-24")
    assert "JX1234" not in confirmed
    page(client, "/desk/notices/duty/cn.nothing/", 404)


def test_a_provincial_duty_shows_the_national_one_it_stands_for(db: None) -> None:
    client = signed_in(colleague("zhao.an", "manager"), "en")
    html = page(client, "/desk/notices/duty/cn-41.abnormal/?pack=cn-41&on=2026-11-24")
    assert "Replaces" in html
    assert "over 5 times the mean of 3 months" in html
    assert "/desk/notices/duty/cn.abnormal/?pack=cn" in html
    left_out = page(client, "/desk/notices/duty/eu.roam.entry_data/?pack=eu&on=2026-11-24")
    assert "Does not concern" in left_out
    assert "machines" in left_out
    plain = page(client, "/desk/notices/duty/cn.abnormal/?pack=cn&on=2026-11-24")
    assert "Replaces" not in plain
    assert "Does not concern" not in plain


def test_what_was_told_names_nobody_and_says_the_fate(people: list[str]) -> None:
    html = page(signed_in(colleague("zhao.an", "manager")), "/desk/notices/told/")
    assert "no other channel is left" in html
    assert "not delivered" in html
    assert html.count(">late<") == 1
    for person in people:
        assert person not in html
    failed = page(signed_in(colleague("li.an", "manager")), "/desk/notices/told/?state=failed")
    assert f"…{people[0][-4:]}" in failed
    assert f"…{people[1][-4:]}" not in failed
    page(signed_in(colleague("wu.an", "manager")), "/desk/notices/told/?state=lost", 404)


@pytest.mark.parametrize(
    ("period", "zh", "en"),
    [
        ("2026", "2026", "2026"),
        ("2026-12-13", "2026年12月13日", "13 Dec 2026"),
        ("2026-11-01/value_added", "2026年11月1日 · 增值业务费", "1 Nov 2026 · added service"),
        ("2026-11-01/data", "2026年11月1日 · 流量", "1 Nov 2026 · data"),
        ("HK@2026-11-26", "2026年11月26日 · HK", "26 Nov 2026 · HK"),
        ("ord-0003941", "ord-0003941", "ord-0003941"),
        ("2026-13-45", "2026-13-45", "2026-13-45"),
    ],
)
def test_what_a_notice_was_due_for_reads_as_words(period: str, zh: str, en: str) -> None:
    for language, said in (("zh-hans", zh), ("en", en)):
        with translation.override(language):
            assert period_words(period) == said


def test_a_notice_older_than_its_rule_is_called_as_today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: datetime(2026, 12, 1, tzinfo=UTC))
    with translation.override("en"):
        assert duty_title("cn.best_yearly", date(2026, 10, 24)) == "Yearly tariff advice"
        assert duty_title("cn.nothing", date(2026, 10, 24)) == "cn.nothing"
        assert duty_title("nowhere.nothing", date(2026, 10, 24)) == "nowhere.nothing"


def test_a_brand_sees_its_own_people_only(people: list[str]) -> None:
    client = signed_in(colleague("qian.an", "manager", brand="plum"))
    html = page(client, "/desk/notices/told/")
    assert f"…{people[0][-4:]}" in html
    assert f"…{people[1][-4:]}" not in html
    assert "svc-1" not in page(client, "/desk/notices/holds/")
    assert "cn.own_cap" not in page(client, "/desk/notices/holds/")


def test_holds_show_what_stands(people: list[str]) -> None:
    html = page(signed_in(colleague("zhao.an", "manager")), "/desk/notices/holds/")
    assert "cn.own_cap" in html
    assert people[1] not in html


@pytest.mark.django_db
@pytest.mark.parametrize("where", ["", "told/", "holds/", "duty/cn.abnormal/"])
def test_an_agent_may_not(where: str) -> None:
    page(signed_in(colleague("agent.one", "agent")), f"/desk/notices/{where}", 403)


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("language", "width", "dark"), [("en", 1440, False), ("zh-hans", 390, True)]
)
def test_in_a_browser_by_any_reader(
    visitor: Any, people: list[str], language: str, width: int, dark: bool
) -> None:
    client = signed_in(colleague("zhao.an", "manager"), language)
    window = visitor(language=language, width=width, dark=dark)
    window.let_in(client)
    duties = ("duty/eu.roam.gate1/?pack=eu", "duty/cn-41.abnormal/?pack=cn-41")
    for where in ("", *duties, "told/", "holds/", "lines/"):
        window.open(f"/desk/notices/{where}")
        assert window.axe() == [], where
        assert window.wider_than_itself() == 0, where


def test_a_clerk_records_the_consent_of_who_is_there_and_takes_it_back(people: list[str]) -> None:
    clerk = signed_in(colleague("li.na", "handler"))
    key = "f" * 32
    assert f"/desk/notices/holds/{key}/consent/" in page(clerk, "/desk/notices/holds/")
    where = f"/desk/notices/holds/{key}/consent/"
    for lacking in ({}, {"seen": "1"}, {"paper": "P-118"}, {"seen": "1", "paper": "名字"}):
        answer = clerk.post(where, lacking)
        assert answer.status_code == 400
        for name in {"seen", "paper"} - lacking.keys():
            assert f'id="{key}-{name}_error"' in answer.content.decode()
    assert Hold.objects.get().ended_at_ms is None
    there = {"seen": "1", "paper": "P-118"}
    assert clerk.post(where, there).status_code == 302
    assert Hold.objects.get().ended_by == "consent"
    assert re.search(r"the user consented|用户已同意", page(clerk, "/desk/notices/holds/"))
    assert re.search(r"(shop|营业厅) · usr-", page(clerk, "/desk/notices/holds/"))
    assert clerk.post(where, there | {"back": "1"}).status_code == 302
    assert Hold.objects.get().ended_at_ms is None
    given, back = facts_about(people[1], kinds=["ConsentGiven", "ConsentWithdrawn"])
    assert "document seen at a counter by " in given.payload["purpose"]
    assert given.payload["purpose"].endswith("paper P-118")
    assert (given.payload["channel"], back.kind) == ("store", "ConsentWithdrawn")
    assert clerk.post("/desk/notices/holds/none/consent/", there).status_code == 404


def test_who_works_at_no_counter_and_another_brand_record_nothing(people: list[str]) -> None:
    where = f"/desk/notices/holds/{'f' * 32}/consent/"
    there = {"seen": "1", "paper": "P-118"}
    assert signed_in(colleague("zhao.an", "manager")).post(where, there).status_code == 403
    plum = signed_in(colleague("wu.di", "handler", brand="plum"))
    assert plum.post(where, there).status_code == 404
    assert Hold.objects.get().ended_at_ms is None
