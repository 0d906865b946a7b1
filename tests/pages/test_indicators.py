"""The indicators' page and file: a rate with its interval and definition, in both languages."""

from __future__ import annotations

import csv
import io

import pytest
from django.core.cache import caches

from tests.pages.conftest import Desk, colleague, complain, signed_in

PERIOD = "from=2026-10-01&to=2027-01-01"
"""Whatever day it is, the complaint of the desk is in it."""


@pytest.mark.parametrize(
    ("language", "words"), [("zh-hans", "件投诉／百万用户"), ("en", "complaints per million users")]
)
def test_the_rate_stands_with_its_interval_and_definition(
    desk: Desk, language: str, words: str
) -> None:
    client = signed_in(colleague("lin", "manager"), language)
    page = client.get("/desk/indicators/").content.decode()
    assert words in page
    assert ("95% 区间" if language == "zh-hans" else "95 % interval") in page
    assert ("口径改变" if language == "zh-hans" else "Break:") in page


@pytest.mark.parametrize("by", ["root", "code", "area", "channel", "brand"])
def test_each_dimension_and_its_file(desk: Desk, by: str) -> None:
    client = signed_in(colleague("lin", "manager"))
    assert client.get(f"/desk/indicators/?by={by}&{PERIOD}").status_code == 200
    answer = client.get(f"/desk/indicators/download/?by={by}&{PERIOD}")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert sum(int(row["complaints"]) for row in rows) >= 1
    assert all(row["counts"] and row["of_users"] for row in rows)


@pytest.mark.parametrize(
    "query", ["?by=name", "?from=yesterday", "?from=2026-02-01&to=2026-01-01", "?from=1900-01-01"]
)
def test_what_cannot_be_measured_is_refused_with_a_way_on(desk: Desk, query: str) -> None:
    answer = signed_in(colleague("lin", "manager")).get(f"/desk/indicators/{query}")
    assert answer.status_code == 400
    assert "Traceback" not in answer.content.decode()


def test_who_only_runs_the_platform_does_not_read_them(desk: Desk) -> None:
    assert signed_in(colleague("bob", "administrator")).get("/desk/indicators/").status_code == 403


def test_a_time_without_complaints_says_so(desk: Desk) -> None:
    page = signed_in(colleague("lin", "manager")).get(
        "/desk/indicators/?from=2019-01-01&to=2019-02-01"
    )
    assert "No complaint in this period" in page.content.decode()


def test_figures_of_many_complaints_are_kept_a_minute_and_say_of_when(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = signed_in(colleague("lin", "manager"))
    caches["process"].clear()

    def counted() -> int:
        return client.get(f"/desk/indicators/?{PERIOD}").context["found"].measure.complaints

    before = counted()
    complain("before", "家里宽带三天没有网", phone="13900020002")
    assert counted() == before + 1  # few are counted for each reader anew
    monkeypatch.setattr("amends.indicators.web.page.MANY", 1)
    assert counted() == before + 1
    complain("while", "多扣了我两个月的月租费", phone="13900030003")
    page = client.get(f"/desk/indicators/?{PERIOD}")
    assert page.context["found"].measure.complaints == before + 1
    assert "counted" in page.content.decode()
    caches["process"].clear()
    assert counted() == before + 2
