"""Of two transactions that wait for each other one gives way, and is done anew."""

from __future__ import annotations

import logging
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import OperationalError, connection, transaction

from amends.platform.database.locks import advisory_lock, is_deadlock, retry_on_deadlock
from amends.site.logs import JsonWithoutPersonalData

pytestmark = pytest.mark.postgres_too


def _crosswise(tries: list[str]) -> None:
    """Two that take the same two turns, each beginning with the other's last."""
    both = threading.Barrier(2)

    def work(first: str, then: str) -> None:
        tries.append(first)
        with transaction.atomic():
            advisory_lock("test", [first])
            if len(tries) <= 2:
                both.wait(60)
            advisory_lock("test", [then])

    def go(first: str, then: str) -> None:
        try:
            retry_on_deadlock(lambda: work(first, then))
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as hands:
        one, other = hands.submit(go, "left", "right"), hands.submit(go, "right", "left")
        one.result(120)
        other.result(120)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_who_had_to_give_way_is_done_anew_and_both_are_done() -> None:
    tries: list[str] = []
    _crosswise(tries)
    assert sorted(tries[:2]) == ["left", "right"]
    assert len(tries) == 3


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_inside_another_transaction_nothing_is_done_anew_and_the_log_tells_why() -> None:
    both, failed = threading.Barrier(2), []

    def go(first: str, then: str) -> None:
        def work() -> None:
            advisory_lock("test", [first])
            both.wait(60)
            advisory_lock("test", [then])

        try:
            with transaction.atomic():
                retry_on_deadlock(work)
        except OperationalError as error:
            failed.append(error)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as hands:
        list(hands.map(go, ("left", "right"), ("right", "left")))
    (error,) = failed
    assert is_deadlock(error)
    told = logging.LogRecord(
        "test", logging.ERROR, "", 0, "Said.", None, (type(error), error, error.__traceback__)
    )
    assert "OperationalError (40P01) at " in JsonWithoutPersonalData().format(told)


def test_what_fails_for_another_reason_is_not_tried_again() -> None:
    tries = []

    def work() -> None:
        tries.append(1)
        raise OperationalError("disk full")

    with pytest.raises(OperationalError):
        retry_on_deadlock(work)
    assert tries == [1]
    assert not is_deadlock(OperationalError("disk full"))
