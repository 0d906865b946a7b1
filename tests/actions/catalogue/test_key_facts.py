"""Key facts of offers: versions stay, ids and label identifiers are never used again."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import xlsxwriter
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone

from amends.causes.publicity.actions.import_offers import import_offers
from amends.platform.kit.actors import Actor
from amends.record.catalogue.actions.publish_offers import NewOffer, publish_offers
from amends.record.catalogue.actions.record_key_facts import (
    UnableToRecordKeyFacts,
    record_key_facts,
)
from amends.record.catalogue.models import Offer, OfferVersion, PeakSpeed
from amends.record.catalogue.queries import all_key_facts, key_facts, key_facts_of_version, offer
from amends.record.catalogue.texts.broadband_label import labels_csv
from amends.record.catalogue.texts.contract_summary import sections as contract_sections
from amends.record.catalogue.texts.tariff_sheet import sheet_csv
from amends.record.facts.offers.key_facts import FIELDS, KeyFacts, UnableToReadOffer, key_facts_of

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 27, 2, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
PLAN = KeyFacts("p59", "畅享59", price=59, data_gb=30, contract_months=12, kind="mobile_plan")
PLAN_ID = "F0001234567ABCDEFGHIJ00001"


def test_a_change_makes_a_version_and_the_old_one_stays() -> None:
    assert [fact.kind for fact in record_key_facts([PLAN], now=NOW)] == ["OfferPublished"]
    assert record_key_facts([PLAN], now=LATER) == []
    record_key_facts([replace(PLAN, price=69)], now=LATER)
    before, after = key_facts("p59", NOW), key_facts("p59", LATER)
    assert before is not None
    assert after is not None
    assert (before.price, after.price) == (59, 69)
    terms = offer("p59", LATER)
    assert terms is not None
    assert (terms.price_minor, terms.allowance_mb, terms.contract_months) == (6900, 30_720, 12)
    assert key_facts_of_version("p59", "1") == PLAN
    with pytest.raises(DatabaseError), transaction.atomic():
        OfferVersion.objects.filter(offer="p59").update(price_minor=1)


def test_terms_published_without_key_facts_have_them_too() -> None:
    publish_offers(
        [NewOffer("bb", "1", "broadband", "百兆", "Fibre", 8900, "CNY", NOW, speed_down_kbps=10**5)]
    )
    facts = key_facts("bb", NOW)
    assert facts is not None
    assert (facts.price, facts.down_nominal_mbps, facts.name_en) == (89, 100, "Fibre")


@pytest.mark.parametrize(
    "changed",
    [
        replace(PLAN, price=None),
        replace(PLAN, price=9, currency="USD"),
        replace(PLAN, price=9, kind="broadband"),
        replace(PLAN, plan_id="F1"),
        replace(PLAN, id="other", plan_id=PLAN_ID),
    ],
)
def test_what_would_mislead_buyers_is_refused(changed: KeyFacts) -> None:
    record_key_facts([PLAN, replace(PLAN, id="labelled", plan_id=PLAN_ID)], now=NOW)
    with pytest.raises(UnableToRecordKeyFacts):
        record_key_facts([changed], now=LATER)
    assert len(all_key_facts(LATER)) == 2


def test_the_measured_speed_of_enough_tests_is_the_one_shown() -> None:
    record_key_facts([replace(PLAN, down_nominal_mbps=300, down_median_peak_mbps=200)], now=NOW)
    for tests, median in ((29, 100_000), (30, 260_000)):
        PeakSpeed.objects.create(
            offer=Offer.objects.get(ref="p59"),
            median_kbps=median,
            low_kbps=250_000,
            high_kbps=270_000,
            tests=tests,
            since=NOW,
            calculated_at=NOW,
        )
    facts = key_facts("p59", LATER)
    assert facts is not None
    assert (facts.down_median_peak_mbps, facts.measured_tests) == (260, 30)


def test_a_file_is_recorded_and_bad_rows_are_set_aside(tmp_path: Path) -> None:
    file = tmp_path / "offers.json"
    price = {"priceType": "recurring", "price": {"taxIncludedAmount": {"value": 59, "unit": "CNY"}}}
    foreign = {"priceType": "oneTime", "price": {"taxIncludedAmount": {"value": 9, "unit": "USD"}}}
    rows = [
        {"@type": "ProductOffering", "id": "a", "name": "甲", "productOfferingPrice": [price]},
        {"@type": "ProductOffering", "id": "b", "productOfferingPrice": [price, foreign]},
        {"id": "c", "price": "39", "sale_from": "2026-02-30"},
        {"id": "d", "price": "=1+1"},
        {"id": "e"},
    ]
    file.write_text(json.dumps(rows))
    report = import_offers(
        file, rejects=tmp_path / "r.csv", actor=Actor("system", "shell", ("manager",)), now=NOW
    )
    assert (report.read, report.accepted, report.duplicates, report.rejected) == (5, 1, 0, 4)
    assert [one.id for one in all_key_facts(NOW)] == ["a"]
    assert len((tmp_path / "r.csv").read_text().splitlines()) == 5


ODD = ([5], {"a": 1}, [[1]], "NaN", "many", "\x01", "1_000", -5, True)
COLUMNS = tuple(name for name in FIELDS if name != "id")


def test_a_row_with_a_list_where_a_value_belongs_is_refused_with_row_and_column(
    tmp_path: Path,
) -> None:
    rows: list[dict[str, object]] = [{"id": "good", "price": 59}]
    for value in ([5], {"a": 1}, [[1]], {"id": "x"}):
        rows += [
            {"id": f"o{len(rows) + n}", "price": 9} | {name: value}
            for n, name in enumerate(COLUMNS)
        ]
    file, rejects = tmp_path / "offers.json", tmp_path / "r.csv"
    file.write_text(json.dumps(rows))
    report = import_offers(
        file, rejects=rejects, actor=Actor("system", "shell", ("manager",)), now=NOW
    )
    # Lists of one text are what three columns are for.
    assert (report.read, report.rejected) == (
        len(rows),
        len(rows) - 1 - len(("bundle_required", "areas", "parts")),
    )
    told = rejects.read_text()
    for name in COLUMNS:
        assert f"{name} " in told
    assert f"\n{len(rows)}," in told


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_table_with_odd_cells_is_refused_with_row_and_column(form: str, tmp_path: Path) -> None:
    header = ["id", "name", "price", "latency_ms", "sale_to", "sold_alone"]
    good = ["a", "甲", "59", "9", "2026-12-31", "yes"]
    cells = [("[5]", name) for name in header[1:]] + [
        ("NaN", "price"),
        ("many", "latency_ms"),
        ("soon", "sale_to"),
        ("perhaps", "sold_alone"),
    ]
    rows = [good] + [
        [
            f"o{number}",
            *(
                value if column == name else cell
                for column, cell in zip(header[1:], good[1:], strict=True)
            ),
        ]
        for number, (value, name) in enumerate(cells)
    ]
    file, rejects = tmp_path / f"offers.{form}", tmp_path / "r.csv"
    if form == "csv":
        with file.open("w", newline="") as out:
            csv.writer(out).writerows([header, *rows])
    else:
        with xlsxwriter.Workbook(file) as book:
            sheet = book.add_worksheet()
            for number, row in enumerate([header, *rows]):
                sheet.write_row(number, 0, row)
    report = import_offers(
        file, rejects=rejects, actor=Actor("system", "shell", ("manager",)), now=NOW
    )
    assert (report.read, report.accepted, report.rejected) == (len(rows), 1, len(cells))
    told = list(csv.reader(rejects.read_text(encoding="utf-8-sig").splitlines()))[1:]
    for (line, reason, *_cells), (number, (_value, name)) in zip(
        told, enumerate(cells), strict=True
    ):
        assert (int(line), name in reason) == (number + 3, True), reason


@pytest.mark.parametrize(
    ("column", "value"), [("name", "x" * 161), ("id", "x" * 65), ("voice_min", 1e11)]
)
def test_what_the_database_cannot_hold_is_refused(column: str, value: object) -> None:
    with pytest.raises(UnableToRecordKeyFacts, match=column):
        record_key_facts([replace(PLAN, **{column: value})], now=NOW)  # type: ignore[arg-type]


@pytest.mark.parametrize("value", ODD, ids=repr)
def test_a_column_of_any_content_is_read_as_what_it_is_or_refused(value: object) -> None:
    for column in FIELDS:
        row = {"id": "odd", "price": 59, "currency": "CNY", column: value}
        try:
            facts = key_facts_of(row)
        except UnableToReadOffer:
            continue
        sheet_csv([facts])
        labels_csv([facts], provider="A", on=NOW.date())
        contract_sections(facts)


def test_public_tariff_pages_answer_whatever_is_stored() -> None:
    """Every column with a list or an object in it, recorded before such rows were refused."""
    yesterday = timezone.now() - timedelta(days=1)
    odd = [(column, value) for column in FIELDS for value in ([5], {"a": 1})]
    offers = [
        NewOffer(
            f"odd-{number}",
            "1",
            "mobile_plan",
            "甲",
            "A",
            5900,
            "CNY",
            yesterday,
            facts={"id": f"odd-{number}", "price": 59, "plan_id": PLAN_ID} | {column: value},
        )
        for number, (column, value) in enumerate(odd)
    ]
    publish_offers(offers)
    stranger = Client()
    for path in ("", "tariffs.csv", "broadband-labels.csv", "odd-12/label/"):
        assert stranger.get(f"/tariffs/{path}").status_code in {200, 404}, path
    assert stranger.get("/tariffs/").content.decode().count("<article") == len(odd)


def test_no_cell_of_a_tariff_table_is_a_formula() -> None:
    starts = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t")
    offers = [
        KeyFacts(
            str(number),
            f"{start}cmd()",
            price=9,
            name_en=f"{start}cmd()",
            conditions_zh=f"{start}1+1",
            conditions_en=f"{start}1+1",
            plan_id=f"M0001234567{number:015d}",
            technology=f"{start}cmd()",
        )
        for number, start in enumerate(starts)
    ]
    for text in (sheet_csv(offers), labels_csv(offers, provider="＝cmd()", on=NOW.date())):
        cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
        assert len(cells) >= 50
        assert [cell for cell in cells if cell.startswith(starts)] == []
