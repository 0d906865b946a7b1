"""The cheap cursor of SQLite keeps what Django's promises: its errors, its guards, its listeners."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext

from amends.platform.database.prepared_cursor import prepared_cursor
from amends.platform.database.rows import insert, keys
from amends.record.catalogue.models import Area

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.sqlite_only,
    pytest.mark.postgres_too,
]


def codes() -> list[str]:
    return list(Area.objects.order_by("code").values_list("code", flat=True))


def areas(*names: str) -> None:
    insert(Area, {"code": names, "subscribers_count": [0] * len(names)})


def test_it_reads_marks_and_signs_as_django_does() -> None:
    areas("a%", "b?")
    with prepared_cursor() as cursor:
        cursor.execute("SELECT code FROM catalogue_area WHERE code LIKE '%%?' OR code = %s", ["a%"])
        assert sorted(cursor.fetchall()) == [("a%",), ("b?",)]


def test_what_the_database_refuses_is_django_s_error_and_leaves_nothing() -> None:
    areas("a")
    with pytest.raises(IntegrityError), transaction.atomic():
        areas("c", "a")
    assert codes() == ["a"]
    areas("b")
    assert codes() == ["a", "b"]


def test_a_transaction_that_is_lost_is_not_written_into() -> None:
    areas("a")
    with transaction.atomic():
        with pytest.raises(IntegrityError), transaction.atomic(savepoint=False):
            areas("a")
        with pytest.raises(TransactionManagementError):
            areas("b")
        transaction.set_rollback(True)
    assert codes() == ["a"]


def test_who_listens_hears_its_statements() -> None:
    with CaptureQueriesContext(connection) as heard:
        keys(Area, {"code": ["a"]})
    (one,) = [said["sql"] for said in heard.captured_queries]
    assert one.startswith("SELECT")
    assert "catalogue_area" in one


def test_it_opens_the_connection_where_it_is_closed() -> None:
    areas("a")
    connection.close()
    assert keys(Area, {"code": ["a", "b"]})
