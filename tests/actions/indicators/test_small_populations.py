"""Of few users every page, file and interface shows the count and its interval, no rate."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from tests.pages.conftest import colleague, signed_in
from tests.shell import amends

from amends.cases.complaints.models import Complaint
from amends.engines.stats.rates import FEWEST_USERS, count_interval, population_rate, rate
from amends.people.subscribers.models import Service, Subscriber
from amends.problems.indicators.texts.bulletin import bulletin
from amends.record.catalogue.models import Area, Offer

NOW = datetime(2026, 11, 27, 4, 0, tzinfo=UTC)
START = datetime(2026, 7, 10, tzinfo=UTC)
USERS, COMPLAINTS = 8, 5
PERIOD = "from=2026-07-01&to=2026-09-30"


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


@pytest.fixture
def few_users(db: Any) -> None:
    """Eight users of one area, five of whom complained of one service."""
    Area.objects.create(code="n", name_zh="北区", name_en="North")
    Offer.objects.create(ref="ring", kind="value_added")
    for number in range(USERS):
        person = Subscriber.objects.create(
            pseudonym=f"s{number}", registered_at=START - timedelta(days=900), area="n"
        )
        Service.objects.create(
            ref=f"svc{number}",
            subscriber=person,
            kind="value_added",
            offer="ring",
            started_at=START - timedelta(days=800),
        )
    for number in range(COMPLAINTS):
        received = START + timedelta(days=number)
        Complaint.objects.create(
            channel="web",
            area="n",
            product="ring",
            code="billing.wrong_charge",
            jurisdiction="cn",
            received_at=received,
            recorded_at=received,
            state_since=received,
            first_words="x",
            classified_by="test",
        )


@pytest.fixture
def manager(few_users: None) -> Client:
    return signed_in(colleague("lin", "manager"))


def test_a_population_below_the_limit_has_a_count_and_no_rate() -> None:
    small, large = population_rate(5, FEWEST_USERS - 1), population_rate(5, FEWEST_USERS)
    assert small.rate is None
    assert (small.low, small.high) == (count_interval(5).low, count_interval(5).high)
    assert large.rate == rate(5, FEWEST_USERS).rate


@pytest.mark.parametrize("by", ["area", "product", "channel"])
def test_the_page_shows_counts_with_their_interval(manager: Client, by: str) -> None:
    page = manager.get(f"/desk/indicators/?section=all&{PERIOD}&by={by}").content.decode()
    assert "625,000" not in page, "five of eight users, per million"
    assert "too few for a rate" in page
    assert "1.6–11.7" in page


def test_the_file_of_the_page_leaves_the_rate_out(manager: Client) -> None:
    answer = manager.get(f"/desk/indicators/download/?{PERIOD}&by=area")
    (row,) = csv.DictReader(io.StringIO(answer.content.decode()))
    assert (row["complaints"], row["rate"]) == (str(COMPLAINTS), "")
    assert float(row["low"]) == pytest.approx(count_interval(COMPLAINTS).low)


def test_the_command_has_no_rate(few_users: None) -> None:
    shown = amends("indicators", "report", "--from", "2026-07-01", "--to", "2026-09-30", "--json")
    document = json.loads(shown.out)
    for measured in (document["whole"], document["units"][0]["rate"]):
        assert measured["rate"] is None
        assert measured["in_units"] == {}
        assert measured["count"] == COMPLAINTS
        assert measured["high"] == pytest.approx(count_interval(COMPLAINTS).high)


def test_the_bulletin_has_no_rate_of_few_users(few_users: None) -> None:
    made = bulletin("2026Q3", zone="Asia/Shanghai", now=NOW, language="en", is_public=False)
    sections = {section.id: section for section in made.sections}
    assert "units" not in sections, "there is no rate to convert"
    for name, column in (("rate", 3), ("kinds", 3), ("records", 3)):
        assert {row[column] for row in sections[name].rows} == {None}, name
    areas = sections["areas"]
    column = areas.header.index("Per million users")
    assert {row[column] for row in areas.rows} == {None}
    assert "10,000 users no rate" in areas.note
    assert not any("Per million" in sentence for sentence in made.lead)
