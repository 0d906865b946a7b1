"""A column is added without writing the table anew, and is what Django would have made."""

from __future__ import annotations

import pytest
from django.db import connection, models
from django.db.utils import IntegrityError
from django.test.utils import isolate_apps

from amends.database.sqlite import schema


@pytest.mark.sqlite_only
@pytest.mark.django_db(transaction=True)
@isolate_apps("amends.database")
def test_a_column_that_may_not_be_null_is_added_in_place() -> None:
    class Row(models.Model):
        name = models.CharField(max_length=8)

        class Meta:
            app_label = "database"

    added: dict[str, models.Field] = {
        "word": models.CharField(max_length=9, blank=True),
        "count": models.PositiveIntegerField(default=7),
        "is_on": models.BooleanField(default=True),
        "text": models.TextField(default="it's; 50%"),
        "marked": models.CharField(max_length=4, default="x", db_index=True),
    }
    with connection.schema_editor() as editor:
        editor.create_model(Row)
    try:
        Row.objects.create(name="a")
        with connection.cursor() as cursor:
            cursor.execute("SELECT rootpage FROM sqlite_master WHERE name = 'database_row'")
            place = cursor.fetchone()
        for name, field in added.items():
            field.set_attributes_from_name(name)
            field.model = Row
            with connection.schema_editor() as editor:
                editor.add_field(Row, field)
            with connection.cursor() as cursor:
                cursor.execute("SELECT rootpage FROM sqlite_master WHERE name = 'database_row'")
                assert cursor.fetchone() == place, f"{name}: the table stands where it stood"
        with connection.cursor() as cursor:
            cursor.execute("SELECT rootpage FROM sqlite_master WHERE name = 'database_row'")
            assert cursor.fetchone() == place, "the table stands where it stood"
            cursor.execute('SELECT word, "count", is_on, text, marked FROM database_row')
            assert cursor.fetchone() == ("", 7, 1, "it's; 50%", "x")
            cursor.execute("SELECT count(*) FROM sqlite_master WHERE type = 'index' "
                           "AND tbl_name = 'database_row' AND sql LIKE '%marked%'")  # fmt: skip
            assert cursor.fetchone() == (1,)
        for wrong in ("NULL", "-1"):
            with pytest.raises(IntegrityError), connection.cursor() as cursor:
                cursor.execute(f'UPDATE database_row SET "count" = {wrong}')
    finally:
        with connection.schema_editor() as editor:
            editor.delete_model(Row)


@pytest.mark.sqlite_only
@pytest.mark.django_db(transaction=True)
@isolate_apps("amends.database")
def test_between_two_migrations_a_writer_of_another_process_has_its_turn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Turn(models.Model):
        class Meta:
            app_label = "database"

    waited: list[tuple[float, bool]] = []
    monkeypatch.setattr(
        schema.time, "sleep", lambda s: waited.append((s, connection.in_atomic_block))
    )
    with connection.schema_editor() as editor:
        editor.create_model(Turn)
    assert waited == [], "a new database waits for nobody"
    with schema.giving_way(), connection.schema_editor() as editor:
        editor.delete_model(Turn)
    assert waited == [(schema.TURN_S, False)], "after the lock is given back"
