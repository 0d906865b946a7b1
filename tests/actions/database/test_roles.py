"""On PostgreSQL a role that owns no table runs the application, and cannot take a guard away."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

import pytest

from tests.actions.site.test_backups import postgres_tools

pytestmark = [pytest.mark.postgres, pytest.mark.postgres_too]
PROGRAM = """
import django; django.setup()
from datetime import UTC, datetime
from django.core.checks import run_checks
from django.db import connection, transaction
from amends.platform.kit.actors import system
from amends.causes.confirmations.actions.answer import answer_code
from amends.causes.confirmations.actions.execute import UnableToExecute, execute
from amends.causes.confirmations.actions.place import NewOrder, place
from amends.causes.confirmations.models import Challenge, Order
from amends.causes.confirmations.queries import standing_of
from amends.channels.models import OutboxMessage
from amends.channels.queries import open_letter
from amends.platform.database import roles, triggers
from amends.record.ledger.actions.append import append
from amends.record.ledger.actions.sequence import sequence
from amends.record.catalogue.actions.publish_offers import NewOffer, publish_offers
from amends.people.subscribers.actions.register import NewSubscriber, register
import re
now = datetime(2026, 11, 24, 9, tzinfo=UTC)
with transaction.atomic():
    append(publish_offers([NewOffer("gift", "1", "gift", "z", "e", 0, "CNY", now)]), now=now)
    person = register(NewSubscriber(phone="13900001234", language="en"), now=now)
order = place(NewOrder(key="k", order="open", offer="gift", subscriber=person),
              actor=system("t"), now=now)
try:
    execute(order.id, by="t", now=now)
    raise SystemExit("executed without its confirmation")
except UnableToExecute:
    pass
letter = open_letter(OutboxMessage.objects.get(key__startswith="challenge:").id)[1]
said = answer_code(order.id, re.findall(r"\\d{6}", letter)[0], now=now, by=person, channel="web")
assert said.outcome == "executed", said
assert standing_of(order.service).may_charge
sequence(now=now, holder="t")
assert triggers.missing(connection) == [] and not roles.owns_tables(connection)
assert not [one for one in run_checks(databases=["default"]) if one.id == "amends.W002"]
print("done")
"""
FORBIDDEN = (
    "DROP TRIGGER confirmations_order_confirmed ON confirmations_order",
    "ALTER TABLE confirmations_order DISABLE TRIGGER ALL",
    "ALTER TABLE confirmations_order DISABLE TRIGGER confirmations_order_confirmed",
    "DROP FUNCTION confirmations_order_confirmed() CASCADE",
    "CREATE OR REPLACE FUNCTION confirmations_order_confirmed() RETURNS trigger LANGUAGE plpgsql"
    " AS $$ BEGIN RETURN NEW; END $$",
    "DROP TABLE confirmations_confirmation CASCADE",
    "TRUNCATE confirmations_confirmation CASCADE",
    "TRUNCATE ledger_fact CASCADE",
    "SET session_replication_role = replica",
    "CREATE TABLE mine (id int)",
    "CREATE TRIGGER mine BEFORE INSERT ON confirmations_order FOR EACH ROW"
    " EXECUTE FUNCTION confirmations_order_confirmed()",
    "ALTER TABLE confirmations_order OWNER TO CURRENT_USER",
    "ALTER TABLE confirmations_order DROP CONSTRAINT an_added_service_needs_two_confirmations",
    "UPDATE confirmations_order SET state = 'waiting'",
    "DELETE FROM confirmations_confirmation",
)


@pytest.fixture(scope="module")
def roles_of_two() -> Iterator[tuple[str, list[str]]]:
    """The address of the server, and two roles on it: the owner and the application."""
    import psycopg

    url = os.environ.get("AMENDS_DATABASE_URL", "")
    if not url:
        pytest.skip("needs PostgreSQL")
    names = [f"amends_{kind}_{secrets.token_hex(4)}" for kind in ("owner", "app")]
    with psycopg.connect(url, autocommit=True) as server:
        for name in names:
            server.execute(f'CREATE ROLE "{name}" LOGIN NOSUPERUSER')
    yield url, names
    with psycopg.connect(url, autocommit=True) as server:
        for name in names:
            server.execute(f'DROP OWNED BY "{name}" CASCADE')
            server.execute(f'DROP ROLE "{name}"')


@contextmanager
def database(url: str, owner: str, *, like: str = "") -> Iterator[str]:
    """The name of a new database of the owner's, empty or a copy of another."""
    import psycopg

    name = f"amends_{secrets.token_hex(6)}"
    with psycopg.connect(url, autocommit=True) as server:
        copied = f'TEMPLATE "{like}"' if like else ""
        server.execute(f'CREATE DATABASE "{name}" OWNER "{owner}" {copied}')
    with psycopg.connect(_named(url, name), autocommit=True) as made:
        made.execute(f'ALTER SCHEMA public OWNER TO "{owner}"')
    yield name
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def _named(url: str, name: str, role: str = "") -> str:
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    given = {"netloc": f"{role}:@{host}"} if role else {}
    return urlunsplit(parts._replace(path=f"/{name}", **given))


Two = tuple[str, str, str]


def _addresses(url: str, names: list[str], name: str) -> Two:
    return _named(url, name, names[0]), _named(url, name, names[1]), names[1]


@pytest.fixture
def two(roles_of_two: tuple[str, list[str]]) -> Iterator[Two]:
    """The addresses of one empty database for its owner and for the application; its own name."""
    url, names = roles_of_two
    with database(url, names[0]) as name:
        yield _addresses(url, names, name)


@pytest.fixture(scope="module")
def migrated(
    roles_of_two: tuple[str, list[str]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, str]]:
    """A database the owner migrated, to be copied (a migration takes half a minute); what was said."""
    url, names = roles_of_two
    with database(url, names[0]) as name:
        owner, app, _ = _addresses(url, names, name)
        both = {"AMENDS_OWNER_DATABASE_URL": owner, "AMENDS_DATABASE_URL": app}
        done = run(tmp_path_factory.mktemp("migrated"), both, "-m", "amends", "migrate")
        assert done.returncode == 0, done.stderr
        yield name, done.stdout


@pytest.fixture
def two_migrated(roles_of_two: tuple[str, list[str]], migrated: tuple[str, str]) -> Iterator[Two]:
    """As `two`, with the tables."""
    url, names = roles_of_two
    with database(url, names[0], like=migrated[0]) as name:
        yield _addresses(url, names, name)


def run(tmp_path, addresses: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "AMENDS_DATA_DIR": str(tmp_path), **addresses}
    return subprocess.run(
        [sys.executable, *words],
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_the_application_runs_without_owning_and_cannot_drop_a_guard(
    two_migrated, migrated, tmp_path
) -> None:
    import psycopg

    _owner, app, name = two_migrated
    assert f"The role {name} may read and write rows" in migrated[1]
    ran = run(tmp_path, {"AMENDS_DATABASE_URL": app}, "-c", PROGRAM)
    assert ran.stdout.strip().endswith("done"), ran.stderr
    with psycopg.connect(app, autocommit=True) as asked:
        for statement in FORBIDDEN:
            with pytest.raises(psycopg.Error):
                asked.execute(statement)
        states = asked.execute("SELECT state FROM confirmations_order").fetchall()
    assert states == [("executed",)]


def test_a_role_that_is_the_owner_too_is_refused(two, tmp_path) -> None:
    owner, _app, _name = two
    same = {"AMENDS_OWNER_DATABASE_URL": owner, "AMENDS_DATABASE_URL": owner}
    refused = run(tmp_path, same, "-m", "amends", "migrate")
    assert refused.returncode != 0
    assert "another role" in refused.stderr


def test_the_role_that_serves_is_told_in_a_sentence_that_it_migrates_nothing(
    two, two_migrated, tmp_path
) -> None:
    refused = run(tmp_path, {"AMENDS_DATABASE_URL": two[1]}, "-m", "amends", "migrate")
    assert refused.returncode == 1, "an empty database"
    assert "AMENDS_OWNER_DATABASE_URL" in refused.stderr
    owner, app, _name = two_migrated
    both = {"AMENDS_OWNER_DATABASE_URL": owner, "AMENDS_DATABASE_URL": app}
    alone = {"AMENDS_DATABASE_URL": app}
    refused = run(tmp_path, alone, "-m", "amends", "migrate")
    assert refused.returncode == 1
    assert "does not own the tables" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert len(refused.stderr.strip().splitlines()) == 1
    again = run(tmp_path, both, "-m", "amends", "migrate")
    assert again.returncode == 0, again.stderr


def test_one_archive_comes_back_under_two_roles(two_migrated, tmp_path, monkeypatch) -> None:
    owner, app, name = two_migrated
    monkeypatch.setenv("PATH", f"{postgres_tools()}{os.pathsep}{os.environ['PATH']}")
    both = {"AMENDS_OWNER_DATABASE_URL": owner, "AMENDS_DATABASE_URL": app}
    alone = {"AMENDS_DATABASE_URL": app}
    made = run(tmp_path, alone, "-m", "amends", "backup", str(tmp_path / "one.backup"))
    assert made.returncode == 0, made.stderr
    restore = ("-m", "amends", "restore", str(tmp_path / "one.backup"), "--replace")
    refused = run(tmp_path, alone, *restore)
    assert refused.returncode == 1
    assert "AMENDS_OWNER_DATABASE_URL" in refused.stderr
    done = run(tmp_path, both, *restore)
    assert done.returncode == 0, done.stderr
    assert "Restored: the moment" in done.stdout
    ran = run(tmp_path, alone, "-c", PROGRAM)
    assert ran.stdout.strip().endswith("done"), ran.stderr
    assert name
