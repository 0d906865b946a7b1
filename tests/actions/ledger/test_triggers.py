"""The guards survive what Django does to tables, on both engines."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction
from django.db.migrations import Migration
from django.db.models.signals import post_migrate, pre_migrate

from amends.record.ledger import triggers
from amends.record.ledger.checks import ledger_is_guarded
from amends.record.ledger.models import SingleFact

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres_too]


def tell(signal, **options) -> None:
    config = apps.get_app_config("ledger")
    signal.send(sender=config, app_config=config, using="default", verbosity=0, **options)


def change(old: models.Field, new: models.Field) -> None:
    """What a migration of one column of the ledger does."""
    tell(pre_migrate, plan=[(Migration("9999_wider", "ledger"), False)])
    with connection.schema_editor() as editor:
        editor.alter_field(SingleFact, old, new)


def test_a_migration_of_the_ledger_lifts_the_guards_and_puts_them_back(record):
    record(2)
    old = SingleFact._meta.get_field("source")
    wider = models.CharField(max_length=41, default="crm")
    wider.set_attributes_from_name("source")
    wider.model = SingleFact
    change(old, wider)
    assert "ledger_fact_keeps_delete" in triggers.missing(connection)
    assert ledger_is_guarded(databases=["default"])
    tell(post_migrate)
    assert triggers.missing(connection) == []
    assert ledger_is_guarded(databases=["default"]) == []
    with pytest.raises(IntegrityError, match="keeps every row"), transaction.atomic():
        SingleFact.objects.all()._raw_delete("default")
    change(wider, old)
    tell(post_migrate)


def test_another_room_s_migration_lifts_nothing():
    tell(pre_migrate, plan=[(Migration("0001_initial", "channels"), False)])
    assert triggers.missing(connection) == []


def test_a_guard_of_the_right_name_that_lets_everything_pass_is_missed():
    name = "ledger_fact_keeps_delete"
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"DROP TRIGGER {name}")
            cursor.execute(
                f"CREATE TRIGGER {name} BEFORE DELETE ON ledger_fact BEGIN SELECT 1; END"
            )
        else:
            cursor.execute(
                f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
                "$$ BEGIN RETURN OLD; END $$"
            )
    assert triggers.missing(connection) == [name]
    assert [one.id for one in ledger_is_guarded(databases=["default"])] == ["ledger.E001"]
    tell(post_migrate)
    assert triggers.missing(connection) == []


@pytest.mark.sqlite_only
def test_sqlite_drops_triggers_with_a_rebuilt_table(record):
    record(2)
    with connection.schema_editor() as editor:
        editor._remake_table(SingleFact)
    assert "ledger_fact_keeps_delete" in triggers.missing(connection)
    tell(post_migrate)
    assert triggers.missing(connection) == []


def test_every_guard_is_named_apart_and_says_what_it_refuses():
    for vendor in ("sqlite", "postgresql"):
        names = [guard.name for guard in triggers.guards(vendor)]
        assert len(names) == len(set(names))
        assert all(len(name) <= 63 for name in names)
        assert all(guard.message.startswith(guard.table) for guard in triggers.guards(vendor))


@pytest.mark.postgres
def test_a_truncated_table_is_refused_on_postgresql(record):
    record(1)
    with (
        pytest.raises(IntegrityError, match="keeps every row"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("TRUNCATE ledger_fact CASCADE")


def test_without_tables_there_is_nothing_to_guard(monkeypatch):
    monkeypatch.setattr(connection.introspection, "table_names", lambda *_: [])
    triggers.install(connection)
    triggers.lift(connection)
    assert ledger_is_guarded(databases=["default"]) == []
    assert ledger_is_guarded() == []
