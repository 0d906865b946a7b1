"""On PostgreSQL a role that owns no table runs the application, and cannot take a guard away."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit, urlunsplit

import pytest

from tests.actions.site.test_backups import postgres_tools

pytestmark = pytest.mark.postgres
PROGRAM = """
import django; django.setup()
from datetime import UTC, datetime
from django.core.checks import run_checks
from django.db import connection, transaction
from amends.access.actors import system
from amends.confirmations.actions.answer import answer_code
from amends.confirmations.actions.execute import UnableToExecute, execute
from amends.confirmations.actions.place import NewOrder, place
from amends.confirmations.models import Challenge, Order
from amends.confirmations.queries import standing_of
from amends.channels.models import OutboxMessage
from amends.channels.queries import open_letter
from amends.database import laying, roles
from amends.ledger.actions.append import append
from amends.ledger.actions.sequence import sequence
from amends.subscribers.actions.publish_offers import NewOffer, publish_offers
from amends.subscribers.actions.register import NewSubscriber, register
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
assert laying.missing(connection) == [] and not roles.owns_tables(connection)
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


@pytest.fixture
def two(new_database_url: Callable[[], str]) -> Iterator[tuple[str, str, str]]:
    """The addresses of one new database for its owner and for the application; its own name."""
    import psycopg

    url = new_database_url()
    if not url:
        pytest.skip("needs PostgreSQL")
    names = [f"amends_{kind}_{secrets.token_hex(4)}" for kind in ("owner", "app")]
    with psycopg.connect(url, autocommit=True) as server:
        for name in names:
            server.execute(f'CREATE ROLE "{name}" LOGIN NOSUPERUSER')
        server.execute(f'ALTER SCHEMA public OWNER TO "{names[0]}"')
        database = urlsplit(url).path.lstrip("/")
        server.execute(f'ALTER DATABASE "{database}" OWNER TO "{names[0]}"')
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    addresses = [urlunsplit(parts._replace(netloc=f"{name}:@{host}")) for name in names]
    yield addresses[0], addresses[1], names[1]
    with psycopg.connect(url, autocommit=True) as server:
        for name in names:
            server.execute(f'REASSIGN OWNED BY "{name}" TO CURRENT_USER')
            server.execute(f'DROP OWNED BY "{name}" CASCADE')
            server.execute(f'DROP ROLE "{name}"')


def run(tmp_path, addresses: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "AMENDS_DATA_DIR": str(tmp_path), **addresses}
    return subprocess.run(
        [sys.executable, *words], env=environment, capture_output=True, text=True, timeout=300,
        check=False,
    )  # fmt: skip


def test_the_application_runs_without_owning_and_cannot_drop_a_guard(two, tmp_path) -> None:
    import psycopg

    owner, app, name = two
    both = {"AMENDS_OWNER_DATABASE_URL": owner, "AMENDS_DATABASE_URL": app}
    migrated = run(tmp_path, both, "-m", "amends", "migrate")
    assert f"The role {name} may read and write rows" in migrated.stdout, migrated.stderr
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


def test_the_role_that_serves_is_told_in_a_sentence_that_it_migrates_nothing(two, tmp_path) -> None:
    owner, app, _name = two
    both = {"AMENDS_OWNER_DATABASE_URL": owner, "AMENDS_DATABASE_URL": app}
    alone = {"AMENDS_DATABASE_URL": app}
    for words in (["migrate"], ["migrate", "--to", "0.1.0"]):
        refused = run(tmp_path, alone, "-m", "amends", *words)
        assert refused.returncode == 1, "an empty database"
        assert "AMENDS_OWNER_DATABASE_URL" in refused.stderr
    assert run(tmp_path, both, "-m", "amends", "migrate").returncode == 0
    for words in (["migrate"], ["migrate", "--to", "0.1.0"]):
        refused = run(tmp_path, alone, "-m", "amends", *words)
        assert refused.returncode == 1
        assert "does not own the tables" in refused.stderr
        assert "Traceback" not in refused.stderr
        assert len(refused.stderr.strip().splitlines()) == 1
    back = run(tmp_path, both, "-m", "amends", "migrate", "--to", "0.1.0")
    assert back.returncode == 0, back.stderr
    again = run(tmp_path, both, "-m", "amends", "migrate")
    assert again.returncode == 0, again.stderr


def test_one_archive_comes_back_under_two_roles(two, tmp_path, monkeypatch) -> None:
    owner, app, name = two
    monkeypatch.setenv("PATH", f"{postgres_tools()}{os.pathsep}{os.environ['PATH']}")
    both = {"AMENDS_OWNER_DATABASE_URL": owner, "AMENDS_DATABASE_URL": app}
    alone = {"AMENDS_DATABASE_URL": app}
    assert run(tmp_path, both, "-m", "amends", "migrate").returncode == 0
    made = run(tmp_path, alone, "-m", "amends", "backup", str(tmp_path / "one.backup"))
    assert made.returncode == 0, made.stderr
    restore = ("-m", "amends", "restore", str(tmp_path / "one.backup"), "--replace")
    refused = run(tmp_path, alone, *restore)
    assert refused.returncode == 1
    assert "AMENDS_OWNER_DATABASE_URL" in refused.stderr
    done = run(tmp_path, both, *restore)
    assert done.returncode == 0, done.stderr
    assert "Restored the backup" in done.stdout
    ran = run(tmp_path, alone, "-c", PROGRAM)
    assert ran.stdout.strip().endswith("done"), ran.stderr
    assert name
