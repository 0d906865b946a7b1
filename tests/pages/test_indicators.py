"""The indicators' page and file: a rate with its interval and definition, in both languages."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.core.cache import caches
from django.utils import translation

from amends.cases.audits.models import DutyCount, DutyPart
from amends.cases.complaints.models import Complaint, Decision
from amends.cases.complaints.texts.units import unit_names
from amends.cases.complaints.web.corrections import rule_words
from amends.engines.decisions.rulings.book import book
from amends.engines.stats import rates
from amends.problems.indicators.rules.definitions import definitions
from amends.problems.indicators.web import page
from amends.problems.indicators.web.charts import published_chart
from tests.markup import squeezed
from tests.pages.conftest import Desk, colleague, complain, signed_in

PERIOD = "from=2026-10-01&to=2027-01-01"
"""Whatever day it is, the complaint of the desk is in it."""


@pytest.mark.parametrize(
    ("language", "words"), [("zh-hans", "件投诉／百万用户"), ("en", "complaints per million users")]
)
def test_the_rate_stands_with_its_interval_and_definition(
    desk: Desk, language: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rates, "FEWEST_USERS", 1)
    client = signed_in(colleague("lin", "manager"), language)
    page = client.get("/desk/indicators/?section=all").content.decode()
    assert words in page
    assert ("95%区间" if language == "zh-hans" else "95% interval") in page
    assert ("口径改变" if language == "zh-hans" else "Break:") in page


@pytest.mark.parametrize("by", ["root", "code", "area", "channel", "brand"])
def test_each_dimension_and_its_file(desk: Desk, by: str) -> None:
    client = signed_in(colleague("lin", "manager"))
    assert client.get(f"/desk/indicators/?section=all&by={by}&{PERIOD}").status_code == 200
    answer = client.get(f"/desk/indicators/download/?by={by}&{PERIOD}")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert sum(int(row["complaints"]) for row in rows) >= 1
    assert all(row["counts"] and row["of_users"] for row in rows)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_regulators_rates_are_drawn_with_gaps_and_breaks(desk: Desk, language: str) -> None:
    with translation.override(language):
        chart = published_chart(date(2026, 12, 1))
        assert [one for one in chart.values if one is not None] == [
            9.18,
            10.4,
            16.8,
            12.4,
            11.3,
            12.1,
            12.7,
            8.6,
            8.5,
            8.8,
        ]
        quarters = {"zh-hans": ["2010年3季度", "2018年1季度"], "en": ["2010 Q3", "2018 Q1"]}
        assert [chart.labels[place] for place in chart.breaks] == quarters[language]
        lines = [
            one for one in chart.draw(860).shapes if (one.form, one.role) == ("line", "observed")
        ]
        # Three neighbours of 2012 and three of 2018; the others stand alone.
        assert [len(one.points) for one in lines] == [3, 3]
        for one in definitions(date(2026, 12, 1)).values():
            assert (one.id in ("cn-appeals-1", "cn-appeals-2", "cn-appeals-3")) is (
                (one.zh if language == "zh-hans" else one.en) in chart.definition
            )
    html = (
        signed_in(colleague("lin", "manager"), language)
        .get("/desk/indicators/?section=all")
        .content.decode()
    )
    assert chart.title in html
    assert "regulator-rates" in html
    listed = re.search(r'<ol class="chart-notes.*?</ol>', html, re.S)
    assert listed is not None
    for period, words in chart.notes():
        assert period in listed[0]
        assert words in unescape(listed[0])


@pytest.mark.parametrize(("language", "word"), [("zh-hans", "合作方"), ("en", "Partner")])
def test_a_channel_orders_come_by_is_told_in_words(language: str, word: str) -> None:
    with translation.override(language):
        assert unit_names("channel")["partner"] == word
        assert unit_names("channel")["web"]


@pytest.mark.parametrize(
    "query", ["?by=name", "?from=yesterday", "?from=2026-02-01&to=2026-01-01", "?from=1900-01-01"]
)
def test_what_cannot_be_measured_is_refused_with_a_way_on(desk: Desk, query: str) -> None:
    answer = signed_in(colleague("lin", "manager")).get(f"/desk/indicators/{query}")
    assert answer.status_code == 400
    assert "Traceback" not in answer.content.decode()


@pytest.mark.parametrize(
    "address",
    [
        "?by=zebra",
        "?from=2026-02-01&to=2026-01-01",
        "?from=1900-01-01",
        "bulletin/?quarter=2026Q9",
        "bulletin/download/?quarter=2026Q3&format=docx",
    ],
)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_refusal_speaks_the_readers_language(desk: Desk, address: str, language: str) -> None:
    answer = signed_in(colleague("lin", "manager"), language).get(f"/desk/indicators/{address}")
    assert answer.status_code == 400
    page = answer.content.decode()
    main = page[page.index("<main") : page.index("</main>")]
    for words in ("Choose", "There is no", "Nothing can", "The period", "Write it"):
        assert words not in main or language == "en"
    assert ("请" in main) is (language == "zh-hans")


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            (
                "fourth quarter of 2019",
                "49,764",
                "the classes are user service, network",
                "the classes are service dispute",
                "-26.7%",
            ),
        ),
        ("zh-hans", ("2019年第四季度", "49,764", "自此分类为用户服务", "分类为服务争议", "-26.7%")),
    ],
)
def test_quarters_without_a_rate_and_changes_of_classes_are_marked(
    desk: Desk, language: str, words: tuple[str, ...]
) -> None:
    page = signed_in(colleague("lin", "manager"), language).get("/desk/indicators/?section=all")
    text = squeezed(page.content.decode()).replace("−", "-")
    assert all(one in text for one in words), [one for one in words if one not in text]
    # The old classes end before 2010's quarter, the newer ones after the last that was counted.
    quarters = {quarter.id: marks for quarter, marks, _rule in page.context["bulletins"]}
    assert {mark.id for mark in quarters["2010-Q3"]} == {"provinces-join", "classes-2010"}
    assert page.context["counts"][1].id == "classes-2025"
    # Shares of other classes stand below the mark, and in no series.
    assert text.index("41.2 / 39.1 / 11.4") > text.index(
        "service dispute" if language == "en" else "服务争议"
    )
    assert "43.5 / 37.0 / 19.5" in text
    assert "-10.8" in text
    assert "36.3" in text


@pytest.mark.parametrize(("language", "words"), [("zh-hans", "投诉"), ("en", "complaints")])
def test_the_file_is_defined_in_the_readers_language(desk: Desk, language: str, words: str) -> None:
    client = signed_in(colleague("lin", "manager"), language)
    answer = client.get(f"/desk/indicators/download/?by=root&{PERIOD}")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert rows
    assert all(words in row["counts"] for row in rows)


def test_rules_set_aside_are_of_the_period_and_the_brand_and_in_words(desk: Desk) -> None:
    """A verdict of another quarter, and one of another brand, is none of this reader's."""
    rule = next(one for rules in book("cn", date(2026, 11, 24)).rules.values() for one in rules)
    for brand, at in (
        ("", datetime(2026, 8, 1, tzinfo=UTC)),
        ("red", datetime(2026, 8, 2, tzinfo=UTC)),
        ("", datetime(2026, 11, 1, tzinfo=UTC)),
    ):
        one = Complaint.objects.create(
            channel="web",
            jurisdiction="cn",
            brand=brand,
            received_at=at,
            recorded_at=at,
            state_since=at,
            first_words="x",
            classified_by="test",
        )
        made = Decision.objects.create(
            complaint=one, at=at, by="rules", verdict="upheld", rule=rule.id
        )
        Decision.objects.create(
            complaint=one,
            at=at + timedelta(days=90),
            by="lin",
            verdict="not_upheld",
            overrules=made,
        )
    address = "/desk/indicators/?section=all&from=2026-07-01&to=2026-09-30"
    for language in ("zh-hans", "en"):
        client = signed_in(colleague(f"lin.{language}", "manager"), language)
        (row,) = client.get(address).context["overruled"]
        assert (row[1].decided, row[1].overruled) == (2, 2)
        title, text = (
            (rule.title_zh, rule.zh) if language == "zh-hans" else (rule.title_en, rule.en)
        )
        assert (row[0].title, row[0].text) == (title, text)
        assert title in client.get(address).content.decode()
    red = signed_in(colleague("wu", "manager", brand="red"))
    (row,) = red.get(address).context["overruled"]
    assert (row[1].decided, row[1].overruled) == (1, 1)
    assert not red.get("/desk/indicators/?section=all&from=2026-04-01&to=2026-06-30").context[
        "overruled"
    ]


def test_rules_set_aside_and_duties_stand_by_the_units_of_a_dimension(desk: Desk) -> None:
    """Per rule and per duty: by area, product, partner, channel; each with its standing and file."""
    at = datetime(2026, 8, 1, tzinfo=UTC)
    rule = next(one for rules in book("cn", date(2026, 11, 24)).rules.values() for one in rules)
    for number in range(60):
        one = Complaint.objects.create(
            channel=("web", "sms")[number % 2],
            area=("south", "north")[number < 30],
            code="x.y",
            jurisdiction="cn",
            received_at=at,
            recorded_at=at,
            state_since=at,
            first_words="x",
            classified_by="test",
        )
        made = Decision.objects.create(
            complaint=one, at=at, by="rules", verdict="upheld", rule=rule.id
        )
        if number < 20:
            Decision.objects.create(
                complaint=one, at=at, by="lin", verdict="not_upheld", overrules=made
            )
    for unit, in_time in (("south", 90), ("north", 30)):
        DutyPart.objects.create(
            duty="cn.allowance_reached",
            period="2026-08-01",
            dimension="area",
            unit=unit,
            in_time=in_time,
            missing=100 - in_time,
            unknown=7,
        )
    DutyCount.objects.create(
        duty="cn.allowance_reached", period="2026-08-01", in_time=120, missing=80, unknown=14
    )
    client = signed_in(colleague("lin.parts", "manager"), "en")
    period = "from=2026-07-01&to=2026-09-30"
    handler = signed_in(colleague("wu.parts", "handler"), "en")
    for reader, leads in ((client, True), (handler, False)):
        shown = reader.get(f"/desk/indicators/?section=all&{period}&by=area").content.decode()
        assert (">Notices due</a>" in shown) == leads, "no way leads into a refusal"
    page = client.get(f"/desk/indicators/?section=all&{period}&by=area")
    told = [
        (words, row.word, row.share.count, row.share.of)
        for words, row in page.context["overruled_by"].rows
    ]
    assert told == [("north", "higher", 20, 30), ("south", "lower", 0, 30)]
    told = [
        (words, row.word, row.share.count, row.share.of)
        for words, row in page.context["duty_by"].rows
    ]
    assert sorted(told) == [("north", "lower", 30, 100), ("south", "higher", 90, 100)]
    chinese = signed_in(colleague("wang.parts", "manager"), "zh-hans")
    words = chinese.get(f"/desk/indicators/?section=all&{period}&by=area").content.decode()
    parts = words[words.index("</h3>") :]
    assert parts.count("偏高") >= 2 <= parts.count("偏低")
    assert "上升" not in parts
    page = client.get(f"/desk/indicators/?section=all&{period}&by=channel&rule={rule.id}")
    assert {row.unit: row.share.of for _, row in page.context["overruled_by"].rows} == {
        "web": 30,
        "sms": 30,
    }
    assert page.context["duty_by"].dimension == "area"
    for of, key, count in (("overruled", rule.id, "20"), ("duties", "cn.allowance_reached", "30")):
        file = client.get(f"/desk/indicators/download/?{period}&by=area&of={of}")
        (row,) = [
            one
            for one in csv.DictReader(io.StringIO(file.content.decode()))
            if one["unit"] == "north"
        ]
        assert (row["id"], row["count"], row["by"]) == (key, count, "area")
        assert row["counts"]


def test_who_only_runs_the_platform_does_not_read_them(desk: Desk) -> None:
    assert (
        signed_in(colleague("bob", "administrator"))
        .get("/desk/indicators/?section=all")
        .status_code
        == 403
    )


def test_a_time_without_complaints_says_so(desk: Desk) -> None:
    page = signed_in(colleague("lin", "manager")).get(
        "/desk/indicators/?section=all&from=2019-01-01&to=2019-02-01"
    )
    assert "No complaint in this period" in page.content.decode()


def test_figures_of_many_complaints_are_kept_a_minute_and_say_of_when(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = signed_in(colleague("lin", "manager"))
    caches["process"].clear()

    def counted() -> int:
        return (
            client.get(f"/desk/indicators/?section=all&{PERIOD}")
            .context["found"]
            .measure.complaints
        )

    before = counted()
    complain("before", "家里宽带三天没有网", phone="13900020002")
    assert counted() == before + 1  # few are counted for each reader anew
    monkeypatch.setattr("amends.problems.indicators.web.page.MANY", 1)
    assert counted() == before + 1
    complain("while", "多扣了我两个月的月租费", phone="13900030003")
    page = client.get(f"/desk/indicators/?section=all&{PERIOD}")
    assert page.context["found"].measure.complaints == before + 1
    assert "counted" in page.content.decode()
    caches["process"].clear()
    assert counted() == before + 2


def test_a_rule_of_a_province_is_told_in_words_too() -> None:
    """Named after its overlay, which the pack of the country does not hold."""
    with translation.override("zh-hans"):
        assert rule_words("cn-50.changed_unconfirmed").title == "擅自变更业务"
        assert "不得强迫用户" in rule_words("cn-50.changed_unconfirmed").text
        assert rule_words("settled.double_charge").title.startswith("此前已退清：")
    assert rule_words("cn-50.nothing").title == "cn-50.nothing"


def test_readers_who_come_at_once_wait_for_one_count(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each count needs memory; whoever waited is shown what was counted meanwhile."""
    counted: list[bool] = []
    report_of = page.report_of

    def counting(*given: Any) -> Any:
        counted.append(page._COUNTING.locked())
        return report_of(*given)

    monkeypatch.setattr(page, "MANY", 1)
    monkeypatch.setattr(page, "report_of", counting)
    client = signed_in(colleague("lin", "manager"))
    asked = f"/desk/indicators/?section=all&by=area&{PERIOD}"
    caches["process"].clear()
    assert [client.get(asked).status_code for _ in range(2)] == [200, 200]
    assert counted == [True]
    assert client.get("/desk/indicators/?section=all&by=zebra").status_code == 400
    assert not page._COUNTING.locked()
    caches["process"].clear()


def test_sections_are_loaded_when_somebody_opens_them(desk: Desk) -> None:
    client = signed_in(colleague("lin", "manager"))
    closed = client.get(f"/desk/indicators/?{PERIOD}").content.decode()
    opened = client.get(f"/desk/indicators/?{PERIOD}&section=bulletins").content.decode()
    assert "Rules overruled by people" in closed
    assert "Appeals to the regulator as its bulletins print them" not in closed
    assert "section=bulletins#section-bulletins" in closed
    assert "Appeals to the regulator as its bulletins print them" in opened
    assert '<details class="fold" id="section-bulletins" open>' in opened
    assert '<details class="fold" id="section-shares">' in opened
