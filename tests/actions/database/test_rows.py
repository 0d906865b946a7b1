"""Many rows at once: what is there already is refused, or left as it is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import DataError, IntegrityError, connection, transaction

from amends.causes.notices.engine_models import UsageFile
from amends.causes.notices.models import LineTerms
from amends.platform.database.copying import FEW
from amends.platform.database.rows import create
from amends.record.catalogue.models import Area

pytestmark = [pytest.mark.django_db, pytest.mark.postgres_too]


def _areas(*codes: str, people: int) -> list[Area]:
    return [Area(code=code, subscribers_count=people) for code in codes]


def test_a_row_that_is_there_is_refused_or_left() -> None:
    create(_areas("a", "b", people=1))
    with pytest.raises(IntegrityError), transaction.atomic():
        create(_areas("b", "c", people=2))
    create(_areas("b", "c", people=2), or_leave=True)
    found = Area.objects.order_by("code").values_list("code", "subscribers_count")
    assert list(found) == [("a", 1), ("b", 1), ("c", 2)]


def test_nothing_is_nothing() -> None:
    create([])
    assert not Area.objects.exists()


@pytest.mark.postgres
def test_many_rows_are_copied_in_with_all_that_is_refused() -> None:
    written: list[str] = []
    with connection.execute_wrapper(_noting(written)):
        create(_areas(*(f"a{number}" for number in range(FEW + 1)), people=3))
    assert not written  # no statement a row
    assert Area.objects.filter(subscribers_count=3).count() == FEW + 1
    with pytest.raises(IntegrityError), transaction.atomic():
        create(_areas(*(f"b{number}" for number in range(FEW)), "a1", people=4))
    with pytest.raises(DataError), transaction.atomic():
        create(_areas(*(f"c{number}" for number in range(FEW)), "c\x00", people=4))
    with pytest.raises(DataError), transaction.atomic():
        create(_areas(*(f"d{number}" for number in range(FEW)), "d" * 1_000, people=4))
    assert not Area.objects.exclude(subscribers_count=3).exists()


def test_every_kind_of_value_comes_back_as_it_was_given() -> None:
    moment = datetime(2026, 11, 1, 8, 30, 0, 250_000, tzinfo=UTC)
    create(
        [
            UsageFile(
                name=f"ünïcode\t\\N {number}",
                sha256=f"{number:064d}",
                size_bytes=-number,
                received_ms=2**62 + number,
                accepted=number % 2 == 0,
            )
            for number in range(FEW + 1)
        ]
    )
    create([LineTerms(sha256="a" * 64, rows=3, columns=bytes(range(256)), enrolled_at=moment)])
    found = UsageFile.objects.get(sha256=f"{7:064d}")
    assert (found.name, found.size_bytes, found.received_ms, found.accepted, found.state) == (
        "ünïcode\t\\N 7",
        -7,
        2**62 + 7,
        False,
        "open",
    )
    terms = LineTerms.objects.get()
    assert (bytes(terms.columns), terms.enrolled_at) == (bytes(range(256)), moment)


def _noting(written: list[str]) -> Callable[..., Any]:
    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        written.append(sql)
        return execute(sql, params, many, context)

    return note
