"""A piece of work in one transaction without savepoints: kept whole, or not at all."""

from __future__ import annotations

import pytest
from django.db import connection, transaction
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext

from amends.platform.database.atomic_without_savepoints import atomic_without_savepoints
from amends.record.catalogue.actions.define_areas import define_areas
from amends.record.catalogue.queries import AreaView, areas

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres_too]


def _area(ref: str) -> AreaView:
    return AreaView(ref, ref, ref, "", "44", 0)


@atomic_without_savepoints()
def _go_on_after_an_error() -> None:
    define_areas([_area("qianwan")])
    try:
        with transaction.atomic():
            raise ValueError("the second half went wrong")
    except ValueError:
        define_areas([_area("beigang")])


def _set_within(work: CaptureQueriesContext) -> list[str]:
    return [one["sql"] for one in work.captured_queries if "SAVEPOINT" in one["sql"]]


def test_inner_blocks_set_no_savepoint_and_those_after_it_do() -> None:
    with (
        CaptureQueriesContext(connection) as work,
        atomic_without_savepoints(),
        transaction.atomic(),
    ):
        define_areas([_area("qianwan")])
    assert _set_within(work) == []
    with CaptureQueriesContext(connection) as work, transaction.atomic(), transaction.atomic():
        define_areas([_area("beigang")])
    assert _set_within(work)
    assert {one.code for one in areas()} == {"qianwan", "beigang"}


def test_what_fails_in_an_inner_block_fails_with_all() -> None:
    with pytest.raises(TransactionManagementError):
        _go_on_after_an_error()
    assert areas() == []
    with transaction.atomic():
        define_areas([_area("beigang")])
    assert [one.code for one in areas()] == ["beigang"]


def test_within_a_transaction_it_sets_none_of_its_own() -> None:
    with (
        CaptureQueriesContext(connection) as work,
        transaction.atomic(),
        atomic_without_savepoints(),
    ):
        define_areas([_area("qianwan")])
    assert _set_within(work) == []
