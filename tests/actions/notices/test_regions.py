"""A duty that holds in some countries is neither told nor owed elsewhere."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from amends.engines.duties.book import UnableToReadDuties, book, read_duties
from amends.engines.metering.engine.advance import advance
from amends.engines.metering.engine.compile import compile_rules
from amends.engines.metering.engine.layout import country_code
from amends.engines.metering.engine.limits import limits_in_force
from amends.engines.metering.engine.marks import MeteringPlan
from tests.actions.audits.test_audit_of_lines import (
    FIRST,
    MB,
    Feed,
    audited,
    count,
    found,
    keys,
    lines,
    stated,
)
from tests.pages.conftest import colleague, signed_in
from tests.rules.duties.test_duties import file_of
from tests.rules.notices import engine_world as world

DUTY = "/desk/notices/duty/{}/?pack=eu&on=2026-11-24"
IN_UNION = {"eu.roam.112", "eu.roam.vas"}
ENTRY = """
[[duties]]
id = "eu.here"
phase = "during"
trigger = "roaming_entry"
region = "union"
channels = ["sms"]
text = "near"
must_say = ["used"]
title_zh = "入境提醒"
title_en = "Arrival"
zh = "入境"
en = "Entry"
source = "item 5"
verified = true
"""


@pytest.mark.django_db
def test_the_emergency_number_is_told_within_the_union_and_not_owed_outside(
    tmp_path: Path, settings: Any
) -> None:
    settings.JURISDICTION = "eu"
    lines([MeteringPlan("p")] * 3, [("Europe/Berlin", 1)] * 3)
    feed = Feed(tmp_path, "EUR")
    there = dict(zip(("svc-0", "svc-1", "svc-2"), ("TH", "FR", "UA"), strict=True))
    count(
        feed.write(*((svc, FIRST, "data", MB, 0, to) for svc, to in there.items())),
        jurisdiction="eu",
    )
    document = {(service, duty) for service, duty, *_ in found("eu.roam")}
    assert {service for service, duty in document if duty in IN_UNION} == {"svc-1", "svc-2"}
    prices = {service for service, duty in document if duty == "eu.roam.entry_voice"}
    assert prices == set(there), "the prices are told on every journey"
    assert audited(feed.files, "eu").stated == 0
    assert stated() == keys()


@pytest.mark.django_db
def test_without_the_engine_it_is_owed_within_the_union_only(tmp_path: Path, settings: Any) -> None:
    settings.JURISDICTION = "eu"
    feed = Feed(tmp_path, "EUR")
    feed.write(("svc-0", FIRST, "data", MB, 0, "TH"), ("svc-1", FIRST, "data", MB, 0, "FR"))
    report = audited(feed.files, "eu")
    owed = {
        one.duty: one.missing + one.unknown
        for one in report.counts
        if one.duty.startswith("eu.roam.")
    }
    assert (owed["eu.roam.112"], owed["eu.roam.entry_voice"]) == (1, 2)


@pytest.mark.django_db
def test_use_within_the_union_fills_the_allowance_of_home_for_engine_and_auditor(
    tmp_path: Path, settings: Any
) -> None:
    settings.JURISDICTION = "eu"
    lines([MeteringPlan("p", data_bytes=100 * MB)] * 2, [("Europe/Berlin", 1)] * 2)
    feed = Feed(tmp_path, "EUR")
    feed.limits = {"svc-0": 100 * MB, "svc-1": 100 * MB}
    feed.write(
        ("svc-0", FIRST, "data", 100 * MB, 0, "FR"), ("svc-1", FIRST, "data", 100 * MB, 0, "TH")
    )
    audited(feed.files, "eu")
    without = stated()
    count(feed.files[0], jurisdiction="eu")
    assert {svc for svc, duty, *_ in found("eu.con.used")} == {"svc-0"}
    assert without == keys()


def test_a_visit_is_told_where_its_duty_holds() -> None:
    (duty,) = (one for one in book("eu", date(2026, 6, 1)).duties if one.id == "eu.roam.112")
    rules = compile_rules(
        [duty], plans=world.PLANS, cycles=world.CYCLES, limits=limits_in_force(date(2026, 3, 1))
    )
    records = world.Columns()
    for line, country in enumerate(("TH", "FR", "UA", "TH")):
        records.use(line, world.START_MS, 0, MB, country=country_code(country))
    records.use(3, world.START_MS + 1, 0, MB, country=country_code("DE"))
    document = advance(world.memory(), records.batch(), rules, received_ms=world.START_MS).notices
    assert np.unique(document["line"]).tolist() == [1, 2, 3]
    assert sorted(document["country"].tolist()) == sorted(map(country_code, ("FR", "UA", "DE")))


def test_the_countries_are_those_of_the_day() -> None:
    for day, there in ((date(2025, 12, 31), False), (date(2026, 1, 1), True)):
        rules = book("eu", day)
        assert ("UA" in rules.find("eu.roam.112").countries) is there
        assert ("regions@2026-01-01" in rules.versions) is there


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('trigger = "roaming_entry"', 'trigger = "yearly"', "belongs to no country"),
        ('text = "near"', 'text = "near"\naction = "stop"', "in some countries only"),
    ],
)
def test_a_region_that_cannot_be_kept_is_refused(old: str, new: str, said: str) -> None:
    with pytest.raises(UnableToReadDuties, match=said):
        read_duties(file_of(ENTRY.replace(old, new)))


@pytest.mark.django_db
@pytest.mark.parametrize(("language", "said"), [("zh-hans", "适用于"), ("en", "Holds in")])
def test_the_page_of_a_duty_says_where_it_holds(language: str, said: str) -> None:
    client = signed_in(colleague("zhao.an", "manager"), language)
    body = client.get(DUTY.format("eu.roam.112")).content.decode()
    assert f"<dt>{said}</dt>" in body
    assert "ANCOM" in body
    assert " MT NL NO " in body
    assert f"<dt>{said}</dt>" not in client.get(DUTY.format("eu.roam.entry_voice")).content.decode()
