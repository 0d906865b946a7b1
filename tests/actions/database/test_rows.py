"""Many rows at once: what is there already is refused, or left as it is."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from amends.database.rows import create
from amends.subscribers.models import Area

pytestmark = pytest.mark.django_db


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
