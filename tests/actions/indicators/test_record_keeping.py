"""The fields of the Australian record-keeping rules, counted by hand; and the rate in other units."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta

import pytest
import typer
from typer.testing import CliRunner

from amends.cases.complaints.models import Complaint, Event
from amends.engines.stats import rates
from amends.engines.stats.rates import rate as rate_of
from amends.people.subscribers.actions.open_services import NewService, open_services
from amends.people.subscribers.actions.register import NewSubscriber, register
from amends.problems.indicators.cli.rate import rate
from amends.problems.indicators.texts.bulletin import bulletin
from amends.problems.indicators.texts.documents import document
from amends.record.catalogue.models import Offer

pytestmark = pytest.mark.postgres_too

NOW = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)
START = datetime(2026, 7, 1, tzinfo=UTC)
CODES = ["network.speed"] * 5 + ["billing.wrong_charge"] * 3 + ["service.support"] * 2


@pytest.fixture(autouse=True)
def _rates_of_any_population(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "FEWEST_USERS", 1)


@pytest.fixture
def quarter(db: None) -> None:
    """Ten complaints, resolved after 1, 2, … 9 days and one never; four services, one bundle."""
    for number in range(2):
        person = register(
            NewSubscriber(name="林小满", phone=f"1390000000{number}"),
            now=START - timedelta(days=99),
        )
        open_services(
            [
                NewService(
                    ref=f"svc-{number}-{kind}",
                    subscriber=person,
                    kind=kind,
                    offer="offer-x",
                    started_at=START - timedelta(days=90),
                )
                for kind in ("broadband", "mobile_plan")
            ]
        )
    rows = []
    for at, code in enumerate(CODES):
        received = START + timedelta(days=5 + at)
        resolved = received + timedelta(days=at) - timedelta(hours=1) if at else None
        rows.append(
            Complaint(
                channel="web",
                code=code,
                received_at=received,
                recorded_at=received,
                state_since=received,
                jurisdiction="au",
                first_words="x",
                classified_by="test",
                first_resolved_at=resolved,
            )
        )
    Complaint.objects.bulk_create(rows)
    for row in rows[:2] * 2:
        Event.objects.create(
            complaint=row,
            at=START + timedelta(days=40),
            verb="pass_on",
            actor="usr-1",
            to_state="with_regulator",
        )


def test_every_field_is_what_counting_by_hand_gives(quarter: None) -> None:
    made = bulletin("2026Q3", zone="Asia/Shanghai", now=NOW, language="en", is_public=False)
    section = next(one for one in made.sections if one.id == "records")
    *_, whole = section.rows
    _, services, complaints, per_10_000, mean_days, days_80, passed_on, top = whole
    assert (services, complaints) == (4, 10)
    assert per_10_000 == pytest.approx(10 / 4 * 10_000)
    assert mean_days == pytest.approx(sum(range(1, 10)) / 9 - 1 / 24, abs=0.01)
    # Eight of ten within eight days begun; the one never resolved counts among the ten.
    assert days_80 == 8
    assert [part.rpartition(" ")[2] for part in str(top).split("; ")] == ["5", "3", "2"]
    # Two complaints were passed on, one of them twice.
    assert passed_on == 2
    kinds = {row[0]: row[1] for row in section.rows}
    assert kinds["fixed broadband"] == kinds["mobile"] == 2


def test_each_kind_of_service_has_its_rate_in_each_unit(quarter: None) -> None:
    Complaint.objects.filter(code="network.speed").update(product="offer-x")
    Offer.objects.create(ref="offer-x", kind="broadband")
    made = bulletin("2026Q3", zone="Asia/Shanghai", now=NOW, language="en", is_public=False)
    rows = {row[0]: row for row in next(one.rows for one in made.sections if one.id == "kinds")}
    _, services, complaints, million, low, high, ofcom, acma, few = rows["fixed broadband"]
    assert (services, complaints, few) == (2, 5, "few")
    expected = rate_of(5, 2)
    assert (million, low, high) == pytest.approx((expected.rate, expected.low, expected.high))
    assert (ofcom, acma) == pytest.approx((million / 10, million / 100))
    assert rows["all services"][2] == 10


def test_the_file_carries_the_fields_and_the_units(quarter: None) -> None:
    made = bulletin("2026Q3", zone="Asia/Shanghai", now=NOW, language="en", is_public=False)
    data, _, _ = document(made, "csv")
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
    said = {cell for row in rows for cell in row}
    assert any("Days to solve 80%" in cell for cell in said)
    names = ("per million users (China)", "per 100,000 (Ofcom)", "per 10,000 (ACMA)")
    rates = {
        name: next(float(row[-2]) for row in rows if name in row and "Rate" in row)
        for name in names
    }
    million = rates["per million users (China)"]
    assert rates["per 100,000 (Ofcom)"] == pytest.approx(million / 10, rel=0.01)
    assert rates["per 10,000 (ACMA)"] == pytest.approx(million / 100, rel=0.01)


@pytest.mark.parametrize(("per", "expected"), [(1e6, 13.603), (1e5, 1.3603), (1e4, 0.13603)])
def test_the_command_speaks_each_regulators_unit(per: float, expected: float) -> None:
    app = typer.Typer()
    app.command()(rate)
    said = ["--complaints", "4081", "--users", "300e6", "--per", str(per), "--json"]
    found = json.loads(CliRunner().invoke(app, said).stdout)
    assert found["rate"] == pytest.approx(expected, abs=per / 1e6 * 0.001)
    assert found["low"] < found["rate"] < found["high"]
