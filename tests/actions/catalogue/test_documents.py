"""Tariff sheet, broadband label and contract summary, made of the record."""

from __future__ import annotations

import csv
import io
import json
import re
import zlib
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from django.utils import translation

from amends.record.catalogue.rules.plan_id import is_plan_id
from amends.record.catalogue.texts.broadband_label import FIELDS, labels_csv
from amends.record.catalogue.texts.contract_summary import (
    LEAST_POINTS,
    UnableToFitSummary,
    contract_summary,
    sections,
)
from amends.record.catalogue.texts.tariff_sheet import entry, on_sale, sheet_csv
from amends.record.facts.offers.key_facts import KeyFacts

pytestmark = pytest.mark.no_database
ON = date(2026, 11, 27)
FIBRE = KeyFacts(
    "fibre",
    "百兆光纤",
    price=89,
    currency="EUR",
    promo_price=59,
    promo_months=6,
    contract_months=12,
    early_termination_fee=200,
    down_nominal_mbps=300,
    down_median_peak_mbps=260,
    measured_tests=120,
    measured_low_mbps=250,
    measured_high_mbps=270,
    name_en="Fibre 300",
    plan_id="F0001234567ABCDEFGHIJ00001",
    support_phone="10000",
    conditions_en="New customers only.",
    sold_alone=True,
)
HEADINGS = [
    "Services and equipment",
    "Speeds of the internet service and remedies",
    "Price",
    "Duration, renewal and termination",
    "Features for end-users with disabilities",
    "Other relevant information",
]


def _pages_and_points(pdf: bytes) -> tuple[int, list[float]]:
    """What the rendered file holds: its pages, and the size of every letter in points."""
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.S)
    drawn = b""
    for stream in streams:
        try:
            drawn += zlib.decompress(stream)
        except zlib.error:
            continue
    sizes = [float(size) for size in re.findall(rb"/F\d+ ([\d.]+) Tf", drawn)]
    return len(re.findall(rb"/Type /Page\b(?!s)", pdf)), sizes


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_contract_summary_is_one_page_of_ten_points(language: str) -> None:
    with translation.override(language):
        pages, sizes = _pages_and_points(contract_summary(FIBRE, provider="Example Telecom"))
    assert pages == 1
    assert sizes
    assert min(sizes) >= LEAST_POINTS
    with translation.override("en"):
        assert [heading for heading, _lines in sections(FIBRE)] == HEADINGS
        assert any("then €89 a month" in line for line in sections(FIBRE)[2][1])


def test_a_summary_that_does_not_fit_is_refused_and_a_bundle_may_have_three_pages() -> None:
    long = replace(FIBRE, conditions_en="A condition of this offer. " * 250)
    with translation.override("en"):
        with pytest.raises(UnableToFitSummary):
            contract_summary(long, provider="Example Telecom")
        bundle = replace(long, parts=("fibre=59", "tv=20"))
        assert 1 < _pages_and_points(contract_summary(bundle, provider="Example"))[0] <= 3


@pytest.mark.shared
def test_the_label_has_the_fields_of_the_rule_in_their_order(shared: Path) -> None:
    vector = shared / "vectors" / "broadband_label_fields.json"
    said = json.loads(vector.read_text())
    assert list(FIELDS) == said["fields_in_order"]
    plans = said["unique_plan_identifier"]
    assert all(is_plan_id(one) for one in plans["valid"])
    assert not any(is_plan_id(one) for one in plans["invalid"])
    table = labels_csv([FIBRE, replace(FIBRE, plan_id="")], provider="Example", on=ON)
    (row,) = csv.DictReader(io.StringIO(table))
    assert row["price_recurring"] == "89.00"
    assert row["fee_introductory"] == "59.00"
    assert (row["fcc_registration_number"], row["connection_type"]) == ("0001234567", "Fixed")
    assert (row["bandwidth_download_typical_low"], row["contract_required"]) == ("250", "Yes")


def test_the_tariff_sheet_lists_what_is_on_sale_with_every_condition() -> None:
    plan = KeyFacts(
        "p",
        "=畅享59",
        price=59,
        data_gb=30,
        throttle_after_gb=30,
        throttle_mbps=1,
        quota=100,
        taken=100,
        filing="24GD001",
    )
    stopped = replace(FIBRE, id="old", sale_to=date(2026, 1, 1))
    assert [one.id for one in on_sale([FIBRE, stopped, plan], ON)] == ["fibre"]
    with translation.override("zh-hans"):
        said = dict(entry(replace(plan, taken=0)).elements)
        assert said["服务内容"] == ("流量30GB", "用满30GB后限速至1Mbps")
        assert said["方案编号"] == ("24GD001",)
        assert "'=畅享59" in sheet_csv([plan])
