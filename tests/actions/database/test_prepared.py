"""The cursor of kept questions rests between them, and no two askers ever share one."""

from __future__ import annotations

import pytest
from django.db import ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext

from amends.platform.database.postgresql import base
from amends.platform.database.prepared_cursor import prepared_cursor

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True),
    pytest.mark.postgres_too,
]


def test_the_next_who_asks_is_given_the_same_cursor() -> None:
    with prepared_cursor() as first:
        first.execute("SELECT %s::int", [1])
        assert first.fetchall() == [(1,)]
    with prepared_cursor() as second:
        assert second is first
        second.execute("SELECT %s::int", [2])
        assert second.fetchall() == [(2,)]


def test_who_asks_while_another_reads_is_given_one_of_their_own() -> None:
    with prepared_cursor() as outer:
        outer.execute("SELECT generate_series(1, %s)", [3])
        with prepared_cursor() as inner:
            assert inner is not outer
            inner.execute("SELECT %s::int", [9])
            assert inner.fetchall() == [(9,)]
        assert outer.fetchall() == [(1,), (2,), (3,)]


def test_after_an_error_it_is_let_go_and_the_next_is_asked_as_ever() -> None:
    with pytest.raises(ProgrammingError), transaction.atomic(), prepared_cursor() as failed:
        failed.execute("SELECT nothing_of_this_name + %s", [1])
    assert failed.closed
    with prepared_cursor() as cursor:
        assert cursor is not failed
        cursor.execute("SELECT %s::int", [1])
        assert cursor.fetchall() == [(1,)]


def test_none_outlives_its_connection() -> None:
    with prepared_cursor() as before:
        before.execute("SELECT pg_backend_pid() * %s", [1])
        pid = before.fetchone()
    connection.close()
    with prepared_cursor() as after:
        after.execute("SELECT pg_backend_pid() * %s", [1])
        assert after.fetchone() != pid
    assert after is not before


def test_what_many_rows_filled_does_not_stay_in_memory() -> None:
    with prepared_cursor() as cursor:
        cursor.execute("SELECT generate_series(1, %s)", [base._MOST_HELD + 1])
        assert len(cursor.fetchall()) == base._MOST_HELD + 1
    assert cursor.closed


def test_who_listens_hears_what_a_rested_cursor_is_asked() -> None:
    with prepared_cursor() as cursor:
        cursor.execute("SELECT %s::int", [1])
    with CaptureQueriesContext(connection) as heard, prepared_cursor() as listened:
        listened.execute("SELECT %s::int + 1", [1])
    assert [one["sql"] for one in heard.captured_queries] == ["SELECT %s::int + 1"]
