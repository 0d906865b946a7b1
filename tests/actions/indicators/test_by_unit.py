"""Every measure by area, product, channel and partner: on the page's file, by the command and in the
bulletin, each as counting by hand gives it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import openpyxl
import pytest
from django.utils import timezone
from tests.pages.conftest import colleague, signed_in
from tests.shell import amends

from amends.cases.audits.models import DutyCount, DutyPart
from amends.cases.complaints.models import Complaint, Contact, Decision, Outcome
from amends.cases.complaints.queries import scheme, schemes
from amends.causes.confirmations.models import Order
from amends.engines.stats import rates
from amends.engines.stats.rates import Share, mean, share
from amends.people.partners.models import Partner
from amends.people.subscribers.models import Service, Subscriber
from amends.platform.kit.money import Money
from amends.platform.tabular.charts import csv_of, file_of
from amends.problems.indicators.queries import columns, parts
from amends.problems.indicators.queries.figures import DIMENSIONS
from amends.problems.indicators.queries.parts import used_by
from amends.problems.indicators.rules.bulletin import Bulletin
from amends.problems.indicators.texts.bulletin import bulletin
from amends.problems.indicators.texts.documents import document
from amends.record.catalogue.models import Area, Offer
from amends.work.remedies.models import Remedy

NOW = datetime(2026, 11, 27, 4, 0, tzinfo=UTC)
START = datetime(2026, 7, 10, tzinfo=UTC)
BY = {
    "area": ("n", "s"),
    "product": ("ring", "news"),
    "channel": ("web", "phone"),
    "partner": ("p-ring", "p-news"),
}
"""Units of each dimension: a complaint is of the first of all, or of the second of all."""
NUMBERS = (30, 20)
PERIOD = "from=2026-07-01&to=2026-09-30"


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture(autouse=True)
def _rates_of_any_population(monkeypatch: pytest.MonkeyPatch) -> None:
    """The few users here have rates; `test_small_populations.py` covers what is shown without."""
    monkeypatch.setattr(rates, "FEWEST_USERS", 1)


@pytest.fixture
def quarter(db: Any) -> None:
    """Thirty complaints of the first units and twenty of the second; every third one paid back."""
    for at in (0, 1):
        Area.objects.create(code=BY["area"][at], name_zh=BY["area"][at], name_en=BY["area"][at])
        partner, offer = BY["partner"][at], BY["product"][at]
        Partner.objects.create(ref=partner, kind="provider", name_zh=partner, name_en=partner)
        Offer.objects.create(ref=offer, kind="value_added", provider=partner)
        person = Subscriber.objects.create(
            pseudonym=f"s{at}",
            registered_at=START - timedelta(days=900),
            area=BY["area"][at],
            brand=("red", "blue")[at],
        )
        Service.objects.create(
            ref=f"svc{at}",
            subscriber=person,
            kind="value_added",
            offer=offer,
            started_at=START - timedelta(days=800),
        )
        for number in range(NUMBERS[at]):
            _complaint(at, number)
        _contact_and_order(at)
    DutyPart.objects.create(
        duty="cn.allowance_reached", period="2026-08-01", dimension="channel", unit="", missing=80
    )
    for dimension in ("area", "product", "channel"):
        for at, unit in enumerate(BY[dimension]):
            DutyPart.objects.create(
                duty="cn.allowance_reached",
                period="2026-08-01",
                dimension=dimension,
                unit=unit,
                in_time=(90, 30)[at],
                missing=(10, 70)[at],
            )
    DutyCount.objects.create(
        duty="cn.allowance_reached", period="2026-08-01", in_time=120, missing=80
    )


def _complaint(at: int, number: int) -> None:
    received = START + timedelta(hours=number)
    granted = 500 if number % 3 == 0 else 0
    one = Complaint.objects.create(
        channel=BY["channel"][at],
        area=BY["area"][at],
        product=BY["product"][at],
        code="billing.wrong_charge",
        brand=("red", "blue")[at],
        jurisdiction="cn",
        received_at=received,
        recorded_at=received,
        state_since=received,
        first_words="x",
        classified_by="test",
        first_resolved_at=received + timedelta(days=1 + number % 5 + 2 * at),
        reopened_count=int(number % 10 == 0),
        amount_minor=granted,
        currency="CNY" if granted else "",
        verdict="upheld" if granted else "not_upheld",
    )
    Contact.objects.create(
        complaint=one, channel=one.channel, key=f"{at}-{number}", received_at=received, text="x"
    )
    made = Decision.objects.create(
        complaint=one,
        at=received,
        by="rules",
        verdict=one.verdict,
        rule="cn.changed",
        alone=True,
        decided_by="rule",
    )
    if at == 0 and number < 15:
        Decision.objects.create(
            complaint=one,
            at=received,
            by="lin",
            verdict="upheld",
            rule=made.rule,
            overrules=made,
            decided_by="person",
        )
    if number % 2 == 0:
        Outcome.objects.create(
            complaint=one,
            asked_at=NOW,
            state_when_asked="resolved",
            answered_at=NOW,
            answer="solved" if number % 4 == 0 else "not_solved",
            satisfaction=5 - number % 4,
        )
    if granted and number % 2 == 0:
        Remedy.objects.create(
            key=f"r{at}-{number}",
            cause=f"complaint:{one.id}",
            kind="refund",
            amount_minor=500,
            currency="CNY",
            state="acknowledged",
            proposed_at=received,
            proposed_by="lin",
            acknowledged_at=NOW,
        )


def _contact_and_order(at: int) -> None:
    received = START + timedelta(days=2)
    asked = Complaint.objects.create(
        kind="enquiry",
        channel=BY["channel"][at],
        area=BY["area"][at],
        product=BY["product"][at],
        code="other.enquiry",
        brand=("red", "blue")[at],
        jurisdiction="cn",
        received_at=received,
        recorded_at=received,
        state_since=received,
        first_words="x",
        classified_by="test",
    )
    Contact.objects.create(
        complaint=asked, channel=asked.channel, key=f"e{at}", received_at=received, text="x"
    )
    for number in range(at + 1):
        Order.objects.create(
            key=f"o{at}-{number}",
            order="open",
            subscriber=f"s{at}",
            service=f"svc{at}-{number}",
            kind="value_added",
            offer=BY["product"][at],
            provider=BY["partner"][at],
            name_zh="x",
            name_en="x",
            currency="CNY",
            initiator="subscriber",
            channel=BY["channel"][at],
            placed_by="x",
            pack="cn",
            versions="x",
            needed=2,
            terms_hash="x",
            placed_at=received,
            lapses_at=received + timedelta(days=1),
        )


def _by_hand(at: int) -> dict[str, Any]:
    """The figures of one unit: counts as the indicators name them, days, money."""
    numbers = range(NUMBERS[at])
    days = [1.0 + number % 5 + 2 * at for number in numbers]
    granted = [number for number in numbers if number % 3 == 0]
    paid = [number for number in granted if number % 2 == 0]
    answered = [number for number in numbers if number % 2 == 0]
    solved = [number for number in answered if number % 4 == 0]
    overruled = 15 if at == 0 else 0
    shares = {
        "kept": (len(numbers), len(numbers)),
        "solved": (len(solved), len(answered)),
        "content": (len(solved), len(answered)),
        "upheld": (len(granted), len(numbers)),
        "paid": (len(paid), len(granted)),
        "reopened": (sum(number % 10 == 0 for number in numbers), len(numbers)),
        "alone": (len(numbers) - overruled, len(numbers)),
        "overruled": (overruled, len(numbers)),
        "electronic": (len(numbers) if at == 0 else 0, len(numbers)),
    }
    return {
        "shares": shares,
        "days": mean(sum(days), sum(one * one for one in days), len(days)),
        "granted": 500 * len(granted),
        "paid": 500 * len(paid),
        "days_80": next(
            day for day in range(1, 20) if sum(one < day for one in days) >= 0.8 * len(days)
        ),
    }


@pytest.mark.parametrize("by", list(BY))
def test_the_command_tells_every_measure_of_every_unit(quarter: None, by: str) -> None:
    told = amends(
        "indicators", "report", "--from", "2026-07-01", "--to", "2026-09-30", "--by", by, "--json"
    ).document
    units = {one["unit"]: one for one in told["units"]}
    assert told["classes"].startswith("taxonomy@")
    assert told["whole"]["classes"] == told["classes"]
    million, small = (told["whole"]["in_units"][name] for name in ("per_million", "per_10_000"))
    assert million == pytest.approx(told["whole"]["rate"])
    assert small == pytest.approx(million / 100)
    for at, unit in enumerate(BY[by]):
        known, one = _by_hand(at), units[unit]
        assert one["complaints"] == NUMBERS[at]
        for ref, (count, of) in known["shares"].items():
            expected = share(count, of)
            assert expected is not None
            assert (one["shares"][ref]["count"], one["shares"][ref]["of"]) == (count, of), ref
            assert one["shares"][ref]["low"] == pytest.approx(expected.low)
        assert one["mean_days"]["mean"] == pytest.approx(known["days"].mean)
        assert one["mean_days"]["high"] == pytest.approx(known["days"].high)
        assert one["days_to_solve_80"] == known["days_80"]
        assert (one["granted_minor"], one["paid_minor"]) == (known["granted"], known["paid"])
    used = {one["unit"]: one for one in told["used"][by]}
    for at, unit in enumerate(BY[by]):
        found = (used[unit]["complaint"], used[unit]["enquiry"], used[unit]["orders"])
        assert found == (NUMBERS[at], 1, at + 1)
    assert {one["unit"] for one in told["used"]["channel"]} == set(BY["channel"])
    (rule,) = told["overruled"]
    parts = {one["unit"]: one["share"] for one in rule["units"]}
    assert (rule["overruled"], rule["verdicts"]) == (15, 50)
    assert [parts[unit]["count"] for unit in BY[by]] == [15, 0]
    (duty,) = told["duties"]
    assert (duty["in_time"], duty["by"]) == (120, by)
    told_of = {one["unit"]: one["share"]["count"] for one in duty["units"]}
    assert told_of == dict(zip(BY[by], (90, 30), strict=True)), "what was never sent has no channel"


@pytest.mark.parametrize("by", list(BY))
def test_the_file_of_the_page_has_every_measure_of_every_unit(quarter: None, by: str) -> None:
    client = signed_in(colleague("lin", "manager"), "en")
    address = f"/desk/indicators/download/?{PERIOD}&by={by}"
    rows = {one["unit"]: one for one in _rows(client.get(address).content)}
    for at, unit in enumerate(BY[by]):
        known, row = _by_hand(at), rows[unit]
        assert (int(row["granted_minor"]), int(row["paid_minor"]), row["currency"]) == (
            known["granted"],
            known["paid"],
            "CNY",
        )
        assert float(row["mean_days_low"]) == pytest.approx(known["days"].low, abs=1e-3)
        assert int(row["days_to_solve_80"]) == known["days_80"]
        assert row["few"] == "0"
        for ref, (count, of) in known["shares"].items():
            expected = share(count, of)
            assert expected is not None
            assert float(row[f"{ref}_share"]) == pytest.approx(expected.share, abs=1e-5)
            assert float(row[f"{ref}_high"]) == pytest.approx(expected.high, abs=1e-5)
        assert row["classes"].startswith("taxonomy@")
        assert ("services in operation" in row["of_users"]) is (by in ("product", "partner"))
    used = _rows(client.get(f"{address}&of=channels").content)
    told = {one["unit"]: one for one in used if one["by"] == by}
    assert [int(told[unit]["orders"]) for unit in BY[by]] == [1, 2]
    page = client.get(f"/desk/indicators/?section=all&{PERIOD}&by={by}")
    assert page.status_code == 200
    text = page.content.decode()
    assert "taxonomy@" in text
    assert "per 100,000 (Ofcom)" in text
    assert "¥50.00" in text


def _rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def _made(language: str = "en", *, is_public: bool = False) -> Bulletin:
    return bulletin("2026Q3", zone="Asia/Shanghai", now=NOW, language=language, is_public=is_public)


def _section(made: Bulletin, name: str) -> Iterable[tuple[Any, ...]]:
    return next(one.rows for one in made.sections if one.id == name)


@pytest.mark.parametrize("by", list(BY))
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_regulators_bulletin_has_every_measure_of_every_unit(
    quarter: None, by: str, language: str
) -> None:
    made = _made(language)
    section = next(one for one in made.sections if one.id == f"by-{by}")
    assert len(section.rows) == 2
    for row in section.rows:
        at = 0 if row[1] == NUMBERS[0] else 1
        known = _by_hand(at)
        shares = [
            pair for ref, pair in known["shares"].items() if (ref, by) != ("electronic", "channel")
        ]
        found = [cell for cell in row if isinstance(cell, Share)]
        assert sorted((one.count, one.of) for one in found) == sorted(shares)
        assert row[-4] == pytest.approx(known["days"].mean)
        assert row[-3:] == (
            known["days_80"],
            Money(known["granted"], "CNY"),
            Money(known["paid"], "CNY"),
        )


def test_rules_and_duties_are_named_where_they_stand_beyond_chance(quarter: None) -> None:
    made = _made()
    rules = list(_section(made, "overruled"))
    assert rules[0][1:4] == ("everything", 15, 50)
    assert [row[2:4] for row in rules if row[1] == "area: s"] == [(0, 20)]
    duties = {row[1]: row[2:4] for row in _section(made, "duties")}
    assert duties["everything"] == (120, 200)
    assert duties["area: s"] == (30, 100)
    used = {row[1]: row[2:] for row in _section(made, "used")}
    assert used["n"] == (30, 1, 1)


def test_the_public_sees_none_of_it(quarter: None) -> None:
    names = {one.id for one in _made(is_public=True).sections}
    assert not {name for name in names if name.startswith(("by-", "record", "used", "rate"))}
    assert not names & {"overruled", "duties"}


def test_all_formats_carry_the_shares_with_their_intervals(quarter: None) -> None:
    made = _made()
    rows = _rows(document(made, "csv")[0])
    cells = {
        one["column"]: one["value"]
        for one in rows
        if one["section"] == "by-area" and one["row"] == "n"
    }
    expected = share(10, 30)
    assert expected is not None
    assert float(cells["Upheld"]) == pytest.approx(expected.share, abs=1e-5)
    assert float(cells["Upheld · low"]) == pytest.approx(expected.low, abs=1e-5)
    assert (cells["Upheld · count"], cells["Upheld · of"]) == ("10", "30")
    meant = {one["column"]: one["definition"] for one in rows if one["section"] == "by-area"}
    assert meant["Paid"] == "what billing has acknowledged"
    granted = Money(_by_hand(0)["granted"], "CNY")
    assert granted.minor
    (money,) = [
        one
        for one in rows
        if (one["section"], one["row"], one["column"]) == ("by-area", "n", "Granted")
    ]
    assert (money["form"], money["value"]) == ("money CNY", str(granted.major))
    assert "first resolution" in meant["Mean days"]
    assert "80% of all complaints" in meant["Days to solve 80%"]
    assert [one["value"] for one in rows if one["section"] == "lead"] == made.lead
    book = openpyxl.load_workbook(io.BytesIO(document(made, "xlsx")[0]))
    values = {cell.value for sheet in book for row in sheet.iter_rows() for cell in row}
    assert {expected.share, expected.low, expected.high} <= values
    amounts = [
        cell
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if cell.number_format == '"¥"#,##0.00'
    ]
    assert float(granted.major) in {cell.value for cell in amounts}
    assert f">{granted}</td>" in document(made, "html")[0].decode()
    assert "CNY" not in document(made, "html")[0].decode()
    said = f"33.3% ({expected.low * 100:.1f}–{expected.high * 100:.1f})"
    assert said in document(made, "html")[0].decode()
    printed = document(made, "pdf")[0]
    # The four wide tables lie on sheets of their own, together.
    assert len(re.findall(rb"/MediaBox \[0 0 841\.89 595\.28\]", printed)) <= 2


def test_a_rate_carries_its_year_its_marks_and_the_version_of_classes(quarter: None) -> None:
    for number in range(9):
        at = datetime(2025, 7, 3, tzinfo=UTC) + timedelta(days=9 * number)
        Complaint.objects.create(
            channel="web",
            area="n",
            code="network.speed",
            jurisdiction="cn",
            received_at=at,
            recorded_at=at,
            state_since=at,
            first_words="x",
            classified_by="test",
        )
    made = _made()
    told = {row[0]: row for row in _section(made, "rate")}
    assert told["this quarter"][1] == 50
    assert told["this quarter"][-1] is None
    year = told["the year before"]
    assert (year[1], year[-1]) == (9, "few")
    assert year[6] == pytest.approx(50 / 9, rel=0.01)
    assert dict(made.definitions)["Version of classes"].startswith("taxonomy@")
    areas = {row[0]: row for row in _section(made, "areas")}
    assert areas["n"][-1] is None


def test_complaints_by_type_and_what_was_passed_on_are_fields(quarter: None) -> None:
    from amends.cases.complaints.models import Event

    for one in Complaint.objects.filter(product="ring", kind="complaint")[:3]:
        Event.objects.create(
            complaint=one,
            at=START + timedelta(days=40),
            verb="pass_on",
            actor="usr-1",
            to_state="with_regulator",
        )
    made = _made()
    records = {row[0]: row for row in _section(made, "records")}
    assert records["value-added services"][-2] == records["all services"][-2] == 3
    Complaint.objects.filter(area="n", kind="complaint", reopened_count=1).update(
        code="network.outage"
    )
    types = {row[0]: row[1:] for row in _section(_made(), "record-types")}
    assert types == {"billing": (47, 0, 47), "network outage": (3, 0, 3), "Total": (50, 0, 50)}


@pytest.mark.parametrize("by", ["cn-2025", "cn-2012", "ofcom", "acma"])
def test_regulators_classes_are_a_dimension_like_others(quarter: None, by: str) -> None:
    """Every complaint once in each version; rules, contacts and the page go with them."""
    assert set(schemes()) <= set(DIMENSIONS)
    told = amends(
        "indicators", "report", "--from", "2026-07-01", "--to", "2026-09-30", "--by", by, "--json"
    ).document
    billed = {one["unit"]: one["complaints"] for one in told["units"]}
    assert billed == {scheme(by).class_of["billing.wrong_charge"]: 50}
    assert sum(one["complaint"] for one in told["used"][by]) == 50
    (rule,) = told["overruled"]
    assert [one["share"]["count"] for one in rule["units"]] == [15]
    for language, break_ in (("en", "break: not comparable"), ("zh-hans", "断点：不可比")):
        client = signed_in(colleague(f"lin.{language}", "manager"), language)
        page = client.get(f"/desk/indicators/?section=all&{PERIOD}&by={by}")
        assert (break_ in page.content.decode()) is by.startswith("cn-")
        assert schemes()[by][language == "en"] in page.content.decode()
        (row,) = page.context["rows"]
        assert row[1].measure.complaints == 50
        file = _rows(client.get(f"/desk/indicators/download/?{PERIOD}&by={by}").content)
        assert [one["complaints"] for one in file] == ["50"]
    matches = dict(page.context["carried"])
    assert matches.get("资费争议", "收费争议") == "收费争议"


def test_a_class_of_an_earlier_version_is_counted_under_its_name_of_today(
    quarter: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the figures, the regulator's classes, the rules set aside and the contacts."""
    Complaint.objects.filter(area="s", kind="complaint").update(code="billing.mistake")
    for module in (columns, parts):
        monkeypatch.setattr(
            module, "renamed_classes", lambda: {"billing.mistake": "billing.wrong_charge"}
        )
    asked = ("indicators", "report", "--from", "2026-07-01", "--to", "2026-09-30", "--json", "--by")
    for by, unit in (
        ("code", "billing.wrong_charge"),
        ("root", "billing"),
        ("cn-2025", scheme("cn-2025").class_of["billing.wrong_charge"]),
    ):
        told = amends(*asked, by).document
        assert {one["unit"]: one["complaints"] for one in told["units"]} == {unit: 50}
        (rule,) = told["overruled"]
        assert {one["unit"]: one["share"]["of"] for one in rule["units"]} == {unit: 50}
        used = {one["unit"]: one["complaint"] for one in told["used"][by] if one["complaint"]}
        assert used == {unit: 50}


@pytest.mark.parametrize(
    ("language", "words"), [("en", "3 more rules"), ("zh-hans", "另有3条规则")]
)
def test_a_table_that_is_cut_says_how_much_more_there_is(
    quarter: None, language: str, words: str
) -> None:
    later = START + timedelta(days=30)
    some = Complaint.objects.filter(kind="complaint").order_by("id")[:14]
    Decision.objects.bulk_create(
        Decision(complaint=one, at=later, by="rules", verdict="upheld", rule=f"cn.rule-{number}")
        for number, one in enumerate(some)
    )
    page = signed_in(colleague("lin", "manager"), language).get(
        f"/desk/indicators/?section=all&{PERIOD}"
    )
    assert len(page.context["overruled"]) == 12
    assert words in page.content.decode()
    assert page.context["more_duties"] == 0


def test_each_chart_carries_the_counts_it_was_made_of_and_its_definition(quarter: None) -> None:
    for at in ("e", "w"):
        Area.objects.create(code=at, name_zh=at, name_en=at)
        Subscriber.objects.create(pseudonym=at, registered_at=START - timedelta(days=900), area=at)
    page = signed_in(colleague("lin", "manager")).get(
        f"/desk/indicators/?section=all&{PERIOD}&by=area&show=upheld"
    )
    context = page.context
    for name, column, expected in (
        ("weeks", "Complaints", {"50", "0"}),
        ("funnel", "Complaints", {"30", "20", "0"}),
        ("bars", "Counted", {"10", "7"}),
        ("bars", "Of", {"30", "20"}),
    ):
        data = list(csv.DictReader(io.StringIO(csv_of(context[name]))))
        assert {row[column] for row in data} == expected, name
        assert all(row["definition"] for row in data)
    content, _media, _name = file_of(context["funnel"], "svg") or ("", "", "")
    assert "<desc>complaints the operator received" in content


def test_shares_of_fewer_than_ten_are_marked(quarter: None) -> None:
    page = signed_in(colleague("lin", "manager")).get(
        f"/desk/indicators/?section=all&{PERIOD}&by=area"
    )
    assert "of fewer than ten" not in page.content.decode()
    Outcome.objects.exclude(id__in=Outcome.objects.values_list("id")[:5]).delete()
    page = signed_in(colleague("wu", "manager")).get(
        f"/desk/indicators/?section=all&{PERIOD}&by=area"
    )
    assert page.content.decode().count("of fewer than ten") == 2


def test_money_of_several_currencies_is_not_added_up(quarter: None) -> None:
    Complaint.objects.filter(area="s", amount_minor__gt=0).update(currency="EUR")
    made = _made()
    section = next(one for one in made.sections if one.id == "by-area")
    assert [row[-2:] for row in section.rows] == [(None, None)] * 2
    assert "several currencies" in section.note
    page = signed_in(colleague("lin", "manager")).get(
        f"/desk/indicators/?section=all&{PERIOD}&by=area"
    )
    assert "several currencies" in page.content.decode()


def test_a_reader_of_one_brand_sees_the_orders_of_that_brand(quarter: None) -> None:
    where = {"start": date(2026, 7, 1), "end": date(2026, 10, 1)}
    assert {one.unit: one.orders for one in used_by("channel", brand="blue", **where)} == {
        "phone": 2
    }
    page = signed_in(colleague("wu", "manager", brand="blue")).get(
        f"/desk/indicators/?section=all&{PERIOD}"
    )
    assert [one.orders for _name, _electronic, one in page.context["channels"]] == [2]
