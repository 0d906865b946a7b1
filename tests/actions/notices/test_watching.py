"""Near a border, and new on the bill: told once, whatever is handed over again, and heard."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from django.db import transaction
from typer import Typer
from typer.testing import CliRunner

from amends.causes.notices.actions.sightings_file import UnableToReadSightings
from amends.causes.notices.actions.watch_borders import BorderWatch, watch_borders, watch_new
from amends.causes.notices.actions.watch_charges import watch_charges
from amends.causes.notices.cli.engine import watch
from amends.causes.notices.models import Notice, WatchedFile
from amends.causes.notices.texts.duties import find_duty
from amends.people.subscribers.actions.open_services import NewService, open_services
from amends.people.subscribers.actions.register import NewSubscriber, register
from amends.platform.kit.periods import to_ms
from amends.record.facts.fact import Fact
from amends.record.ledger.actions.append import append
from amends.record.ledger.queries import facts_about

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 4, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture
def line() -> tuple[str, str]:
    """A person and the line that is theirs."""
    person = register(NewSubscriber(name="周远", phone="13900001234"), now=NOW - 400 * DAY)
    (ref,) = open_services([NewService(person, "mobile_plan", NOW - 400 * DAY, "plan", "1")])
    return person, ref


def csv(path: Path, *rows: tuple[str, int, str]) -> Path:
    lines = [
        f"{ref},{(NOW + minute * MINUTE).isoformat()},{country}" for ref, minute, country in rows
    ]
    path.write_text("\n".join(["service,at,country", *lines]) + "\n", encoding="utf-8")
    return path


def test_a_network_abroad_within_the_hour_is_told_once(
    line: tuple[str, str], tmp_path: Path
) -> None:
    person, ref = line
    file = csv(
        tmp_path / "a.csv",
        (ref, -50, ""),
        (ref, -10, "HK"),
        (ref, -8, ""),
        (ref, -5, "HK"),
        ("svc-of-a-visitor", -5, ""),
        ("svc-of-a-visitor", -4, "HK"),
        (ref, -3, "Hongkong"),
    )
    done = watch_borders([file], now=NOW)
    assert done == BorderWatch(files=1, sighted=6, refused=1, found=3, notices=1)
    (notice,) = Notice.objects.all()
    assert (notice.duty, notice.subscriber, notice.service) == ("cn.roaming_border", person, ref)
    assert notice.period == "HK@2026-11-24"
    assert notice.due_at_ms == to_ms(NOW - 10 * MINUTE)
    (fact,) = facts_about(person, kinds=["NoticeDue"])
    assert fact.payload["key"] == notice.key
    again = file.rename(tmp_path / "under-another-name.csv")
    assert watch_borders([again], now=NOW) == BorderWatch(repeated=1)
    assert Notice.objects.count() == 1


def test_home_in_one_file_and_abroad_in_the_next_is_seen(
    line: tuple[str, str], tmp_path: Path
) -> None:
    _, ref = line
    watch_borders([csv(tmp_path / "a.csv", (ref, -50, ""))], now=NOW)
    assert watch_borders([csv(tmp_path / "b.csv", (ref, -10, "MO"))], now=NOW).notices == 1


def test_what_a_file_says_of_long_ago_is_told_to_nobody(
    line: tuple[str, str], tmp_path: Path
) -> None:
    _, ref = line
    done = watch_borders(
        [csv(tmp_path / "a.csv", (ref, -50, ""), (ref, -9, "MO"))], now=NOW + 9 * DAY
    )
    assert (done.found, done.notices) == (1, 0)


def test_somebody_who_travelled_is_left_alone(line: tuple[str, str], tmp_path: Path) -> None:
    _, ref = line
    file = csv(tmp_path / "a.csv", (ref, -200, ""), (ref, -10, "TH"), (ref, -5, "TH"))
    assert watch_borders([file], now=NOW) == BorderWatch(files=1, sighted=3)


def test_usage_files_are_watched_too_and_charges_happen_nowhere(
    line: tuple[str, str], tmp_path: Path
) -> None:
    _, ref = line
    rows = [("data", -300, "TH"), ("charge", -20, ""), ("data", -10, "TH")]
    table = pl.DataFrame(
        {
            "record": [1, 2, 3],
            "service": [ref] * 3,
            "kind": [one[0] for one in rows],
            "at_ms": [to_ms(NOW + one[1] * MINUTE) for one in rows],
            "amount": [1] * 3,
            "country": [one[2] for one in rows],
        }
    )
    table.write_parquet(tmp_path / "usage.parquet")
    assert watch_new([tmp_path, tmp_path / "none"], now=NOW) == BorderWatch(files=1, sighted=2)
    assert watch_new([tmp_path], now=NOW) == BorderWatch()


def test_a_file_without_countries_is_refused_and_not_opened_again(tmp_path: Path) -> None:
    bad = tmp_path / "plain.csv"
    bad.write_text("service,at\na,2026-11-24T04:00:00Z\n", encoding="utf-8")
    with pytest.raises(UnableToReadSightings, match="column country"):
        watch_borders([bad], now=NOW)
    assert watch_new([tmp_path], now=NOW) == BorderWatch()
    assert WatchedFile.objects.get().name == "plain.csv"


def charged(person: str, ref: str, service: str, days_ago: int, kind: str) -> None:
    fact = Fact(
        "ChargeMade",
        person,
        service,
        NOW - days_ago * DAY,
        "billing",
        {
            "charge": ref,
            "charge_kind": kind,
            "offer": "o",
            "amount_minor": 1_000,
            "currency": "CNY",
        },
    )
    with transaction.atomic():
        append([fact], now=NOW)


def test_the_first_charge_of_a_kind_is_told_once(line: tuple[str, str]) -> None:
    person, ref = line
    for months in (3, 2, 1):
        charged(person, f"m{months}", ref, months * 30, "monthly_fee")
    assert watch_charges(now=NOW) == 0
    charged(person, "tone-1", "svc-tone", 2, "value_added")
    assert watch_charges(now=NOW) == 1
    assert watch_charges(now=NOW + DAY) == 0
    (notice,) = Notice.objects.all()
    assert (notice.duty, notice.period) == ("cn.new_charge", "2026-11-01/value_added")
    figures = json.loads(notice.figures)
    assert (figures["charge_kind_zh"], figures["amount_minor"]) == ("增值业务费", 1_000)


def test_what_is_said_names_the_kind_and_the_amount() -> None:
    from amends.causes.notices.texts.duties import previews

    rules, duty = find_duty("cn", "cn.new_charge", NOW.date())
    texts = previews(rules, duty, figures={"charge_kind_zh": "增值业务费", "amount_minor": 1_000})
    assert any("增值业务费" in one.body and "10.00" in one.body for one in texts)


def test_the_command_says_what_was_looked_through(line: tuple[str, str], tmp_path: Path) -> None:
    _, ref = line
    shell = Typer()
    shell.command()(watch)
    now = datetime.now(UTC)
    rows = [(now - 9 * MINUTE, ""), (now - 5 * MINUTE, "HK")]
    file = tmp_path / "seen.csv"
    lines = [f"{ref},{at.isoformat()},{country}" for at, country in rows]
    file.write_text("\n".join(["service,at,country", *lines]), encoding="utf-8")
    done = CliRunner().invoke(shell, [str(file), "--json"])
    assert json.loads(done.stdout) == {
        "files": 1,
        "repeated": 0,
        "sighted": 2,
        "refused": 0,
        "found": 1,
        "notices": 1,
        "charge_notices": 0,
    }
