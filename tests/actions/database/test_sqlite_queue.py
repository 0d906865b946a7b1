"""The queue of writers on SQLite: every thread gets its turn, and a failure gives the turn on."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from time import sleep

import pytest
from django.db import connection, transaction

from amends.record.catalogue.models import Area

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.sqlite_only,
    pytest.mark.postgres_too,
]


def in_threads(work: object, count: int) -> list[object]:
    def alone(number: int) -> object:
        try:
            return work(number)  # type: ignore[operator]
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(alone, range(count)))


def test_many_threads_write_and_none_is_turned_away() -> None:
    Area.objects.create(code="a", subscribers_count=0)

    def count_up(_: int) -> None:
        for _ in range(10):
            with transaction.atomic():
                area = Area.objects.get(code="a")
                area.subscribers_count += 1
                area.save()

    in_threads(count_up, 8)
    assert Area.objects.get(code="a").subscribers_count == 80


def test_the_next_goes_on_as_soon_as_a_transaction_fails() -> None:
    begun, may_fail = threading.Event(), threading.Event()

    def fail() -> None:
        with transaction.atomic():
            begun.set()
            may_fail.wait(120)
            Area.objects.create(code=str(1 // 0))

    def work(number: int) -> str:
        if number == 0:
            with pytest.raises(ZeroDivisionError):
                fail()
            return "failed"
        begun.wait(120)
        threading.Timer(0.1, may_fail.set).start()
        with transaction.atomic():
            Area.objects.create(code="after")
        return "wrote"

    assert in_threads(work, 2) == ["failed", "wrote"]


def test_a_connection_closed_in_the_middle_gives_its_turn_on() -> None:
    def leave(_: int) -> None:
        connection.ensure_connection()
        connection.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
        sleep(0.05)

    in_threads(leave, 1)
    with transaction.atomic():
        Area.objects.create(code="b")
    assert Area.objects.filter(code="b").exists()
