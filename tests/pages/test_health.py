"""`/healthz/live` asks nothing of anybody; `/healthz/ready` asks what work needs."""

from __future__ import annotations

import errno
import os

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.db.utils import OperationalError
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from amends import __version__
from amends.entrances.portals.actions.clients import make_client
from amends.platform.database import triggers
from amends.platform.environment.build import commit

pytestmark = pytest.mark.postgres_too
VERSION = {"version": __version__, "commit": commit()}


def test_it_lives_without_a_database(client: Client) -> None:
    # No `db` fixture: a query would fail this test.
    assert client.get("/healthz/live").json() == {"ok": True}


def test_it_lives_for_whoever_asks(
    client: Client, db: None, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client.cookies["sessionid"] = "somebody"
    with django_assert_num_queries(0):
        assert client.get("/healthz/live").status_code == 200


def test_ready_and_whole_where_everything_stands(client: Client, db: None) -> None:
    assert client.get("/healthz/ready").status_code == 200
    assert client.get("/healthz").status_code == 200


def test_not_ready_while_a_migration_waits(client: Client, db: None) -> None:
    newest = max(MigrationRecorder(connection).applied_migrations().keys())
    MigrationRecorder(connection).record_unapplied(*newest)
    said = client.get("/healthz/ready")
    assert said.status_code == 503
    assert said.json()["what"] == "Migrations wait: 1. Run `amends migrate`."
    assert client.get("/healthz").status_code == 200


def test_a_newer_version_that_migrated_first_is_no_fault(client: Client, db: None) -> None:
    MigrationRecorder(connection).record_applied("complaints", "9999_of_tomorrow")
    assert client.get("/healthz/ready").status_code == 200


def test_not_ready_while_the_database_is_away(
    client: Client, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(self: object) -> None:
        raise OperationalError("away")

    monkeypatch.setattr(MigrationRecorder, "applied_migrations", away)
    said = client.get("/healthz/ready")
    assert (said.status_code, said.json()["what"]) == (503, "The database does not answer.")
    assert client.get("/healthz/live").status_code == 200


def test_not_ready_while_nothing_can_be_written(
    client: Client, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        said = client.get("/healthz/ready")
    assert said.status_code == 503
    assert said.json()["what"].startswith("Nothing can be saved")
    assert client.get("/healthz/ready").status_code == 200


@pytest.mark.postgres
def test_not_ready_on_a_database_that_only_reads(client: Client, db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION READ ONLY")
    assert client.get("/healthz/ready").status_code == 503


def test_version_and_commit_are_for_monitoring(client: Client, db: None) -> None:
    assert client.get("/healthz").json() == {"ok": True}
    for scope, shown in (("complaints:read", {}), ("metrics:read", VERSION)):
        token = make_client(scope, scopes=[scope], now=timezone.now())
        answer = client.get("/healthz", headers={"Authorization": f"Bearer {token}"})
        assert answer.json() == {"ok": True} | shown


@pytest.mark.sqlite_only
def test_guards_of_a_newer_version_that_migrated_first_are_no_fault(
    client: Client, db: None
) -> None:
    guard = triggers.guards()[0]
    with connection.cursor() as cursor:
        cursor.execute(guard.dropped(connection.vendor))
        cursor.execute(
            f"CREATE TRIGGER {guard.name} BEFORE DELETE ON {guard.table} "
            "BEGIN SELECT RAISE(ABORT, 'of tomorrow'); END"
        )
    assert client.get("/healthz").json()["what"] == "Guards missing: 1."
    MigrationRecorder(connection).record_applied("complaints", "9999_of_tomorrow")
    assert client.get("/healthz").status_code == 200
    with connection.cursor() as cursor:
        cursor.execute(guard.dropped(connection.vendor))
    assert client.get("/healthz").json()["what"] == "Guards missing: 1."
