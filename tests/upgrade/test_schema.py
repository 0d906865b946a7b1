"""Processes of the previous release work on the schema that this version's migrations leave.

During an upgrade they go on writing to it, and a rollback of the code needs no rollback of the
schema. So a new column of an old table is nullable or has a `db_default`, and a column or table is
removed in the version after the last one that uses it (docs/developer/adding.md).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from tests.upgrade.release import previous_release

pytestmark = pytest.mark.postgres_too
RELEASE = previous_release()
_REMOVED = (
    migrations.RemoveField,
    migrations.DeleteModel,
    migrations.RenameField,
    migrations.RenameModel,
    migrations.AlterModelTable,
)


def _breaking_changes(loader: MigrationLoader, since: list[tuple[str, str]]) -> Iterator[str]:
    """What migrations after `since` do that a process of that release would fail on.

    Each is "app.migration Operation model.field[: why]".
    """
    state = loader.project_state(since)
    released = {key: set(model.fields) for key, model in state.models.items()}
    applied = {node for leaf in since for node in loader.graph.forwards_plan(leaf)}
    for leaf in loader.graph.leaf_nodes():
        for node in loader.graph.forwards_plan(leaf):
            if node in applied:
                continue
            applied.add(node)
            migration = loader.graph.nodes[node]
            for operation in _of_the_database(migration.operations):
                name, why = _subject(operation), _why(operation, node[0], state, released)
                if why:
                    yield f"{node[0]}.{node[1]} {type(operation).__name__} {name}: {why}"
            migration.mutate_state(state, preserve=False)


def _of_the_database(operations: list[Operation]) -> Iterator[Operation]:
    for operation in operations:
        if isinstance(operation, migrations.SeparateDatabaseAndState):
            yield from operation.database_operations
        else:
            yield operation


def _subject(operation: Any) -> str:
    model = getattr(operation, "model_name", None) or getattr(operation, "name", "")
    if isinstance(operation, migrations.RenameModel):
        model = operation.old_name
    field = getattr(operation, "old_name", None) or getattr(operation, "name", None)
    is_of_field = hasattr(operation, "model_name") and field
    return f"{model.lower()}.{field}" if is_of_field else model.lower()


def _why(
    operation: Any, app: str, state: ProjectState, released: dict[tuple[str, str], set[str]]
) -> str:
    """Why the previous release fails on it; "" where it does not."""
    model, _dot, field = _subject(operation).partition(".")
    columns = released.get((app, model))
    if columns is None:
        return ""
    if isinstance(operation, migrations.AddField):
        return _why_not_added(operation.field)
    if isinstance(operation, migrations.AlterField):
        was = state.models[app, model].fields[field]
        return _why_not_altered(was, operation.field) if field in columns else ""
    if isinstance(operation, migrations.AddConstraint):
        names = _columns_of(operation.constraint)
        return "" if names and not names & columns else "rows of that release may break it"
    if isinstance(operation, migrations.AlterUniqueTogether | migrations.AlterOrderWithRespectTo):
        return "rows of that release may break it"
    if isinstance(operation, _REMOVED):
        return "" if field and field not in columns else "that release reads and writes it"
    return ""


def _why_not_added(field: models.Field[Any, Any]) -> str:
    if field.many_to_many or field.null or field.has_db_default() or field.generated:
        return ""
    return "NOT NULL without db_default, and that release writes no such column"


def _why_not_altered(was: Any, now: Any) -> str:
    if was.null and not now.null:
        return "NOT NULL, and that release writes NULL"
    if type(was) is not type(now):
        return "another type of column"
    if (was.max_length or 0) > (now.max_length or 0) > 0:
        return "shorter than what that release writes"
    if now.unique and not was.unique:
        return "unique, and that release may write a value twice"
    return ""


def _columns_of(constraint: models.BaseConstraint) -> set[str]:
    if isinstance(constraint, models.UniqueConstraint):
        return set(constraint.fields)
    if isinstance(constraint, models.CheckConstraint):
        return set(constraint.condition.referenced_base_fields)
    return set()


def test_migrations_since_the_previous_release_leave_its_processes_working() -> None:
    loader = MigrationLoader(None, ignore_no_migrations=True)
    exempt = {exemption.change: exemption for exemption in RELEASE.exemptions}
    changes = {
        change.partition(": ")[0]: change
        for change in _breaking_changes(loader, list(RELEASE.migrations))
    }
    assert sorted(changes[change] for change in changes.keys() - exempt.keys()) == []
    assert exempt.keys() - changes.keys() == set(), "exemptions that nothing needs"
    assert all(len(exemption.reason) > 20 for exemption in RELEASE.exemptions)


@pytest.mark.django_db
def test_the_database_has_every_column_of_the_previous_release_and_takes_its_rows() -> None:
    """Of the database as it is, whatever operation made it so (RunSQL too)."""
    loader = MigrationLoader(None, ignore_no_migrations=True)
    state = loader.project_state(list(RELEASE.migrations))
    exempt = {exemption.change.rpartition(" ")[2] for exemption in RELEASE.exemptions}
    problems = []
    with connection.cursor() as cursor:
        for model in state.apps.get_models(include_auto_created=True):
            table = model._meta.db_table
            nullable = {field.column: field.null for field in model._meta.local_concrete_fields}
            found = {
                column.name: column
                for column in connection.introspection.get_table_description(cursor, table)
            }
            for column in nullable.keys() - found.keys():
                problems.append(f"{model._meta.model_name}.{column} is missing")
            for column, info in found.items():
                is_new = column not in nullable
                may_be_left_out = info.null_ok or (is_new and info.default is not None)
                if (is_new or nullable[column]) and not may_be_left_out:
                    problems.append(f"{model._meta.model_name}.{column} refuses NULL")
    assert [text for text in problems if text.partition(" ")[0] not in exempt] == []


def test_the_release_names_the_last_migration_of_each_app() -> None:
    """A migration that `release.toml` leaves out would count as new."""
    loader = MigrationLoader(None, ignore_no_migrations=True)
    state = {node for leaf in RELEASE.migrations for node in loader.graph.forwards_plan(leaf)}
    assert {app for app, _name in state} == {app for app, _name in RELEASE.migrations}


@pytest.mark.parametrize(
    ("operation", "why"),
    [
        (migrations.AddField("thing", "n", models.IntegerField(default=0)), "NOT NULL without"),
        (migrations.AddField("thing", "n", models.IntegerField(db_default=0)), ""),
        (migrations.AddField("thing", "n", models.IntegerField(null=True)), ""),
        (migrations.AddField("newer", "n", models.IntegerField()), ""),
        (migrations.AlterField("thing", "note", models.CharField(max_length=9)), "NOT NULL"),
        (migrations.AlterField("thing", "name", models.CharField(max_length=8)), "shorter"),
        (migrations.AlterField("thing", "name", models.CharField(max_length=10)), ""),
        (migrations.AlterField("thing", "name", models.TextField()), "another type"),
        (
            migrations.AlterField("thing", "name", models.CharField(max_length=9, unique=True)),
            "unique",
        ),
        (migrations.RemoveField("thing", "name"), "reads and writes"),
        (migrations.RenameField("thing", "name", "title"), "reads and writes"),
        (migrations.DeleteModel("Thing"), "reads and writes"),
        (migrations.RenameModel("Thing", "Item"), "reads and writes"),
        (migrations.DeleteModel("Newer"), ""),
        (
            migrations.AddConstraint(
                "thing", models.UniqueConstraint(fields=["name"], name="one_name")
            ),
            "may break",
        ),
        (
            migrations.AddConstraint(
                "thing",
                models.CheckConstraint(condition=models.Q(added__gte=0), name="not_negative"),
            ),
            "",
        ),
    ],
)
def test_what_the_previous_release_would_fail_on_is_refused(operation: Any, why: str) -> None:
    state = ProjectState()
    fields = {
        "name": models.CharField(max_length=9),
        "note": models.CharField(max_length=9, null=True),
    }
    migrations.CreateModel("Thing", list(fields.items())).state_forwards("things", state)
    migrations.CreateModel("Newer", []).state_forwards("things", state)
    reason = _why(operation, "things", state, {("things", "thing"): set(fields)})
    assert why in reason
    assert bool(reason) == bool(why)
