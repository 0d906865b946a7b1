"""How the installation stands: the page, the metrics, the alarms and their Prometheus rules."""

from __future__ import annotations

import subprocess
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.utils import timezone

from amends import __version__
from amends.cases.complaints.models import Complaint
from amends.entrances.portals.actions.clients import make_client
from amends.operations.actions.record_jobs import expect_jobs
from amends.operations.actions.retention import carry_out
from amends.operations.backups.postgres import SLOT, retained_bytes
from amends.operations.backups.status import BackupStatus, write_status
from amends.operations.health.alarms import alarms, prometheus_rules, sounding
from amends.operations.health.exposition import exposition
from amends.operations.health.readings import HealthReading, readings
from amends.platform.cli.language import speaking
from amends.platform.environment.build import commit
from amends.platform.kit.periods import to_ms
from amends.record.facts.fact import Fact
from amends.record.ledger.actions.append import append
from amends.record.ledger.actions.sequence import sequence
from amends.site.schedule import Schedule
from shell import amends
from tests.actions.complaints.conftest import NOW
from tests.needs import program
from tests.pages.conftest import Desk, colleague, signed_in

pytestmark = pytest.mark.postgres_too

RULES = Path(__file__).parents[2] / "deploy" / "prometheus" / "amends.rules.yml"


def _promtool(*words: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = [program("promtool"), *words]
    return subprocess.run(command, input=given, capture_output=True, check=False)


@pytest.fixture(autouse=True)
def _room(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half of each disk is taken, wherever this runs."""
    monkeypatch.setattr("amends.operations.health.disks.used_share", lambda path: 0.5)


@pytest.fixture
def token(db: None) -> str:
    """A client that may read metrics."""
    return make_client("prometheus", scopes=["metrics:read"], now=timezone.now())


def _get(client: Client, token: str = "") -> object:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return client.get("/metrics", headers=headers)


def test_metrics_are_closed_to_whoever_shows_no_token(client: Client, token: str) -> None:
    assert _get(client).status_code == 401
    assert _get(client, "amends_wrong").status_code == 401
    other = make_client("crm", scopes=["complaints:read"], now=timezone.now())
    refused = _get(client, other)
    assert refused.status_code == 403
    assert "metrics:read" in refused.content.decode()
    assert _get(client, token).status_code == 200


@pytest.mark.needs("promtool")
def test_metrics_tell_the_desk_as_it_is_and_nobody_by_name(
    client: Client, token: str, desk: Desk
) -> None:
    sequence(now=timezone.now(), holder="test")
    response = _get(client, token)
    said = response.content.decode()
    lines = dict(line.rsplit(" ", 1) for line in said.splitlines() if not line.startswith("#"))
    assert float(lines["amends_complaints_open"]) >= 1
    assert float(lines["amends_ledger_waiting"]) == 0
    assert float(lines["amends_guards_missing"]) == 0
    assert float(lines[f'amends_build_info{{commit="{commit()}",version="{__version__}"}}']) == 1
    assert 'rules="decisions/deadlines",version="deadlines-cn@2016-07-30"' in said
    assert response["Content-Type"].startswith("text/plain; version=0.0.4")
    checked = _promtool("check", "metrics", given=response.content)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_the_work_is_counted_by_its_deadlines(desk: Desk) -> None:
    found = {one.name: one.value for one in readings(now=NOW) if not one.labels}
    later = {
        one.name: one.value for one in readings(now=NOW + timedelta(days=400)) if not one.labels
    }
    assert found["amends_complaints_overdue"] == 0
    assert later["amends_complaints_overdue"] == found["amends_complaints_open"] > 0
    assert later["amends_complaints_received_last_hour"] == 0


@pytest.mark.parametrize("alarm", alarms(), ids=lambda alarm: alarm.id)
def test_an_alarm_sounds_beyond_its_bound_and_not_at_it(alarm: object, db: None) -> None:
    at = HealthReading(alarm.metric, "", alarm.above, alarm.labels)
    beyond = HealthReading(alarm.metric, "", alarm.above + 1, alarm.labels)
    unknown = HealthReading(alarm.metric, "", None, alarm.labels)
    assert [one.alarm for one in sounding([at, unknown])] == []
    assert [one.alarm for one in sounding([beyond])] == [alarm]


def test_every_alarm_watches_something_that_is_measured(desk: Desk) -> None:
    measured = {one.name for one in readings(now=timezone.now())}
    optional = {
        "amends_feed_stated_age_seconds",
        "amends_outbox_messages",
        "amends_outbox_oldest_due_seconds",
        "amends_backup_slot_retained_bytes",
        "amends_jobs_late_seconds",
        "amends_job_failing_seconds",
        "amends_messages_held",
        "amends_work_silent_seconds",
    }
    assert {alarm.metric for alarm in alarms()} - measured <= optional


@pytest.mark.needs("promtool")
def test_the_rule_file_that_ships_is_the_one_the_alarms_write() -> None:
    assert RULES.read_text(encoding="utf-8") == prometheus_rules()
    checked = _promtool("check", "rules", str(RULES))
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.needs("promtool")
def test_the_scrape_that_the_guide_shows_is_one_prometheus_takes(tmp_path: Path) -> None:
    guide = (RULES.parents[2] / "docs" / "operator" / "production.md").read_text(encoding="utf-8")
    shown = next(part for part in guide.split("```") if "scrape_configs:" in part)
    shown = shown.replace("/etc/prometheus/amends.token", str(tmp_path / "token"))
    (tmp_path / "token").write_text("amends_token")
    (tmp_path / RULES.name).write_bytes(RULES.read_bytes())
    (tmp_path / "prometheus.yml").write_text(shown, encoding="utf-8")
    checked = _promtool("check", "config", str(tmp_path / "prometheus.yml"))
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.needs("amtool")
def test_the_example_of_who_is_woken_is_one_alertmanager_takes() -> None:
    example = RULES.parents[1] / "alertmanager" / "alertmanager.yml"
    checked = subprocess.run([program("amtool"), "check-config", str(example)], capture_output=True)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_the_receivers_know_every_severity_the_rules_carry() -> None:
    said = (RULES.parents[1] / "alertmanager" / "alertmanager.yml").read_text(encoding="utf-8")
    assert {alarm.severity for alarm in alarms()} == {"page", "ticket"}
    assert 'severity="page"' in said
    assert "receiver: tickets" in said


@pytest.mark.needs("promtool")
def test_a_label_is_escaped() -> None:
    odd = HealthReading(
        "amends_outbox_messages", "words", 1, {"channel": 'a"b\\\n', "state": "sent"}
    )
    checked = _promtool("check", "metrics", given=exposition([odd]))
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_the_page_is_for_those_who_run_the_house(desk: Desk) -> None:
    page = signed_in(colleague("lin", "manager")).get("/desk/operation/")
    assert "amends_ledger_oldest_waiting_seconds" in page.content.decode()
    assert signed_in(colleague("bob", "handler")).get("/desk/operation/").status_code == 403


@pytest.mark.parametrize(
    ("language", "words"),
    [("zh-hans", "没有需要处理的告警"), ("en", "Nothing asks for anybody")],
)
def test_the_page_speaks_both_languages(
    desk: Desk, language: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The day the desk's feeds last stated their coverage: later they would be overdue.
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    sequence(now=NOW, holder="test")
    page = signed_in(colleague("lin", "administrator"), language).get("/desk/operation/")
    assert words in page.content.decode()


@pytest.mark.parametrize(("language", "words"), [("zh-hans", "依法留存"), ("en", "Held")])
def test_the_page_tells_what_has_been_kept_too_long(desk: Desk, language: str, words: str) -> None:
    reader = signed_in(colleague("lin", "administrator"), language)
    assert words not in reader.get("/desk/operation/").content.decode()
    long_ago = timezone.now() - timedelta(days=2000)
    Complaint.objects.update(is_open=False, state_since=long_ago, received_at=long_ago)
    page = reader.get("/desk/operation/").content.decode()
    assert words in page
    assert "retention-cn@2021-11-01" in page
    assert carry_out(timezone.now())
    assert words not in reader.get("/desk/operation/").content.decode()


def test_a_broken_deadline_asks_for_somebody_and_says_what_to_do(desk: Desk) -> None:
    Complaint.objects.update(next_due_at=timezone.now() - timedelta(days=1))
    page = signed_in(colleague("lin", "manager")).get("/desk/operation/").content.decode()
    assert "A complaint is past a legal deadline" in page
    assert "tab Overdue" in page


@pytest.mark.parametrize(
    ("language", "words"),
    [("zh-hans", "连续备份尚未开始"), ("en", "The continuous backup has not begun")],
)
def test_a_backup_that_is_expected_and_never_began_asks_for_somebody(
    desk: Desk, settings: object, tmp_path: Path, language: str, words: str
) -> None:
    settings.DATA_DIR = tmp_path
    reader = signed_in(colleague("lin", "administrator"), language)
    assert words not in reader.get("/desk/operation/").content.decode()
    settings.BACKUP_EXPECTED = True
    assert words in reader.get("/desk/operation/").content.decode()
    settings.BACKUP_EXPECTED = False
    write_status(BackupStatus(began_at=NOW))
    assert words in reader.get("/desk/operation/").content.decode(), "it began, and keeps nothing"
    write_status(BackupStatus(began_at=NOW, at=NOW, base_at=NOW - timedelta(days=3)))
    write_status(BackupStatus(began_at=NOW, at=NOW, base_at=NOW - timedelta(days=3), days=14))
    until = timezone.localdate(timezone.now() + timedelta(days=16)).isoformat()
    assert until in reader.get("/desk/operation/").content.decode()
    found = {one.name: one.value for one in readings(now=NOW + timedelta(minutes=6))}
    assert found["amends_backup_newest_age_seconds"] == 360
    heard = {one.alarm.id for one in sounding(readings(now=NOW + timedelta(minutes=6)))}
    assert {"AmendsBackupBehind", "AmendsBackupCopyOld"} <= heard


@pytest.mark.postgres
def test_the_slot_of_the_backup_tells_how_much_it_holds_back(db: None) -> None:
    assert retained_bytes() is None
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_create_physical_replication_slot(%s, true)", [SLOT])
    try:
        held = retained_bytes()
        assert (held or 0) >= 0
        assert held is not None
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_drop_replication_slot(%s)", [SLOT])


def test_the_command_speaks_one_language(desk: Desk) -> None:
    Complaint.objects.update(next_due_at=timezone.now() - timedelta(days=1))
    for language, words, other in (
        ("zh-hans", "有投诉已超过法定时限", "A complaint is past a legal deadline"),
        ("en", "A complaint is past a legal deadline", "有投诉已超过法定时限"),
    ):
        with speaking(language):
            done = amends("operation", "show", "--check")
        assert done.code == 1
        said = done.out + done.err
        assert words in said
        assert other not in said
        assert ("open complaints" in said) == (language == "en")


def _states(source: str, until: datetime, *, recorded_at: datetime) -> None:
    """A source states that one day of its orders is whole."""
    payload = {
        "kinds": "ServiceOrdered",
        "scope": "all",
        "complete": 1,
        "from_ms": to_ms(until - timedelta(days=1)),
        "to_ms": to_ms(until),
    }
    append([Fact("SourceCovered", "", source, until, source, payload)], now=recorded_at)


def test_a_feed_that_stays_silent_is_missed_for_longer_than_a_week(db: None) -> None:
    _states("orders", NOW, recorded_at=NOW + timedelta(hours=1))
    _states("old-desk", NOW - timedelta(days=20), recorded_at=NOW)
    for days, is_heard in ((1, False), (3, True), (8, True), (80, True), (92, False)):
        heard = [
            reading.labels["source"]
            for one in sounding(readings(now=NOW + timedelta(days=days)))
            if one.alarm.id == "AmendsFeedStale"
            for reading in one.readings
        ]
        assert heard == (["orders"] if is_heard else []), days


@pytest.mark.parametrize(
    ("language", "words"), [("zh-hans", "后台任务晚了"), ("en", "Jobs are more")]
)
def test_the_page_says_that_jobs_are_late(
    desk: Desk, settings: object, tmp_path: Path, language: str, words: str
) -> None:
    settings.DATA_DIR = tmp_path
    reader = signed_in(colleague("lin", "administrator"), language)
    expect_jobs(Schedule().everything, timezone.now())
    assert words not in reader.get("/desk/operation/").content.decode()
    expect_jobs([], timezone.now())
    expect_jobs(Schedule().everything, timezone.now() - timedelta(days=3))
    page = reader.get("/desk/operation/").content.decode()
    assert words in page
    assert "amends_jobs_late_seconds" in page


def test_pending_migrations_are_the_only_reading_and_an_alarm(db: None) -> None:
    newest = max(MigrationRecorder(connection).applied_migrations().keys())
    assert {one.name: one.value for one in readings(now=NOW)}["amends_migrations_pending"] == 0
    MigrationRecorder(connection).record_unapplied(*newest)
    taken = readings(now=NOW)
    assert [(one.name, one.value) for one in taken] == [
        ("amends_build_info", 1),
        ("amends_migrations_pending", 1),
    ]
    done = amends("operation", "show", "--check", "--json")
    assert done.code == 1
    assert [alarm["id"] for alarm in done.document["alarms"]] == ["AmendsMigrationsPending"]
