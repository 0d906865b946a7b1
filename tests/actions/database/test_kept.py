"""A kept question answers as its queryset does, each time with its own texts."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from amends.cases.complaints.models import Clock, Complaint, Event
from amends.platform.database.prepared_queries import PreparedQuery, PreparedQueryForKeys

pytestmark = [pytest.mark.django_db, pytest.mark.postgres_too]

NOW = datetime(2026, 11, 2, 9, 30, 15, 250_000, tzinfo=UTC)


@pytest.fixture
def two() -> list[Complaint]:
    """Two complaints with an event and a clock each."""
    made = []
    for name in ("a", "b"):
        row = Complaint.objects.create(
            id=f"cmp-{name}",
            code_public=f"CODE-{name.upper()}",
            received_at=NOW,
            recorded_at=NOW,
            state_since=NOW,
            because=["ring", name],
        )
        Event.objects.create(complaint=row, at=NOW, verb="taken", details={"who": name, "n": 3})
        Clock.objects.create(complaint=row, step="final", due_at=NOW, rule="r", binding=True)
        made.append(row)
    return made


def test_tuples_are_those_of_the_queryset(two: list[Complaint]) -> None:
    names = ("at", "verb", "details", "complaint")
    kept = PreparedQuery(lambda ref: Event.objects.filter(complaint=ref).values_list(*names))
    for row in (*two, *two):
        assert kept.rows(row.id) == list(Event.objects.filter(complaint=row).values_list(*names))
    assert kept.rows("cmp-c") == []


def test_objects_are_those_of_the_queryset(two: list[Complaint]) -> None:
    kept = PreparedQuery(lambda ref: Complaint.objects.filter(code_public=ref)[:1])
    found = kept.first("CODE-B")
    wanted = Complaint.objects.get(id="cmp-b")
    assert isinstance(found, Complaint)
    assert found == wanted
    assert not found._state.adding
    for field in Complaint._meta.concrete_fields:
        assert getattr(found, field.attname) == getattr(wanted, field.attname), field
    assert kept.first("CODE-C") is None
    found.area = "elsewhere"
    found.save(update_fields=["area"])
    assert Complaint.objects.get(id="cmp-b").area == "elsewhere"


def test_several_texts_and_the_same_twice(two: list[Complaint]) -> None:
    kept = PreparedQuery(
        lambda ref, state: Complaint.objects.filter(id=ref, state=state).values_list("id"), texts=2
    )
    assert kept.rows("cmp-a", two[0].state) == [("cmp-a",)]
    assert kept.rows("cmp-a", "closed") == []
    with pytest.raises(ValueError, match="zip"):
        kept.rows("cmp-a")


def test_texts_and_numbers(two: list[Complaint]) -> None:
    kept = PreparedQuery(
        lambda ref, least, most: Complaint.objects.filter(
            id=ref, confidence_permille__gte=least, confidence_permille__lt=most
        ).values_list("id"),
        numbers=2,
    )
    Complaint.objects.filter(id="cmp-b").update(confidence_permille=700)
    assert kept.rows("cmp-b", 700, 701) == [("cmp-b",)]
    assert kept.rows("cmp-b", 0, 700) == []
    assert kept.rows("cmp-a", -(2**31), 2**31 - 1) == [("cmp-a",)]
    with pytest.raises(ValueError, match="zip"):
        kept.rows("cmp-b", 1)


@pytest.mark.parametrize("most", [1, 2, 3])
def test_a_few_are_answered_as_many_are(two: list[Complaint], most: int) -> None:
    few = PreparedQueryForKeys(
        lambda refs: Event.objects.filter(complaint__in=refs).order_by("id").values_list("details"),
        max_texts=most,
    )
    for refs in ([], ["cmp-a"], ["cmp-b"], ["cmp-a", "cmp-b"], ["cmp-a", "cmp-c", "cmp-b"]):
        asked = Event.objects.filter(complaint__in=refs).order_by("id").values_list("details")
        assert few.rows(refs) == list(asked), refs
    objects = PreparedQueryForKeys(
        lambda refs: Complaint.objects.filter(id__in=refs), max_texts=most
    )
    assert set(objects.rows(["cmp-a", "cmp-b"])) == set(two)


def test_hundreds_are_answered_as_a_few_are(two: list[Complaint]) -> None:
    few = PreparedQueryForKeys(
        lambda refs: Event.objects.filter(complaint__in=refs).order_by("id").values_list("details")
    )
    wanted = few.rows(["cmp-a", "cmp-b"])
    for count in (50, 300, 898, 1_200):
        others = [f"none-{number}" for number in range(count)]
        with CaptureQueriesContext(connection) as asked:
            assert few.rows(["cmp-a", *others, "cmp-b"]) == wanted
        assert len(asked) == 1


def test_of_nothing_nothing_is_found(two: list[Complaint]) -> None:
    kept = PreparedQuery(
        lambda ref: Complaint.objects.filter(id=ref, state__in=[]).values_list("id")
    )
    assert kept.rows("cmp-a") == kept.rows("cmp-b") == []


def test_what_looks_like_a_mark_or_like_sql_is_a_text(two: list[Complaint]) -> None:
    kept = PreparedQuery(lambda ref: Complaint.objects.filter(id=ref).values_list("id"))
    assert kept.rows("' OR 1=1 --") == []
    assert kept.rows("%s") == []
    assert json.dumps(kept.rows("cmp-a")) == '[["cmp-a"]]'


@pytest.mark.postgres
def test_a_connection_the_server_closed_is_not_usable() -> None:
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            (process,) = cursor.fetchone()
        assert other.is_usable()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 10000)", [process])
        assert not other.is_usable()
        other.close_if_unusable_or_obsolete()
        other.close_if_health_check_failed()
        other.close()
        with other.cursor() as cursor:
            cursor.execute("SELECT 1")
            assert cursor.fetchone() == (1,)
    finally:
        other.close()


@pytest.mark.postgres
def test_a_kept_question_is_seen_by_who_listens(two: list[Complaint]) -> None:
    kept = PreparedQuery(lambda ref: Event.objects.filter(complaint=ref).values_list("verb"))
    with CaptureQueriesContext(connection) as listened:
        kept.rows("cmp-a")
    (heard,) = [one["sql"] for one in listened.captured_queries]
    assert heard.startswith("SELECT")
    assert "complaints_event" in heard
    assert "cmp-a" not in heard


@pytest.mark.postgres
def test_postgresql_plans_a_kept_question_once(two: list[Complaint]) -> None:
    kept = PreparedQuery(lambda ref: Event.objects.filter(complaint=ref).values_list("verb"))
    with connection.cursor() as cursor:
        for row in (*two, *two):
            assert kept.rows(row.id) == [("taken",)]
        cursor.execute("SELECT statement FROM pg_prepared_statements")
        planned = [sql for (sql,) in cursor.fetchall() if "complaints_event" in sql]
        assert len(planned) == 1
        assert "$1" in planned[0]
        cursor.execute("SELECT %s", ["a text bound on this side"])
        cursor.execute(
            "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%this side%'"
        )
        assert cursor.fetchone() == (0,)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_kept_question_outlives_a_table_that_another_changes() -> None:
    kept = PreparedQuery(lambda name: Complaint.objects.filter(id=name).values_list("id", "area"))
    Complaint.objects.create(
        id="cmp-a", code_public="CODE-A", received_at=NOW, recorded_at=NOW, state_since=NOW
    )
    assert kept.rows("cmp-a") == [("cmp-a", "")]
    column = Complaint._meta.get_field("area")
    another = connection.copy()
    try:
        for size in (300, column.max_length):
            with another.cursor() as cursor:
                cursor.execute(f"ALTER TABLE complaints_complaint ALTER area TYPE varchar({size})")
            assert kept.rows("cmp-a") == [("cmp-a", "")]
    finally:
        another.close()
