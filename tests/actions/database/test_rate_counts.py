"""Rate limits are counted in the database, so that all machines share them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import RequestFactory

from amends.people.access.web.limits import WRONG_CODES
from amends.platform.database.models import RateCount
from amends.platform.database.rate_counts import add, counts, forget_ended

pytestmark = pytest.mark.postgres_too
NOW = datetime(2026, 12, 2, 9, 0, tzinfo=UTC)


def test_counts_add_up_and_end(db: None) -> None:
    for _time in range(3):
        add("limit:a", ends_at=NOW + timedelta(hours=1))
    add("limit:b", ends_at=NOW + timedelta(days=1))
    assert counts(["limit:a", "limit:b", "limit:c"]) == {"limit:a": 3, "limit:b": 1}
    assert forget_ended(now=NOW + timedelta(hours=2)) == 1
    assert counts(["limit:a", "limit:b"]) == {"limit:b": 1}


def test_a_second_machine_sees_what_the_first_counted(db: None, settings: object) -> None:
    request = RequestFactory().get("/", REMOTE_ADDR="203.0.113.7")
    for _time in range(30):
        assert WRONG_CODES.take(request, now=NOW) == 0
    # Another machine shares `keys/` and the database, and has a cache of its own.
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    assert WRONG_CODES.take(request, now=NOW) > 0
    key = RateCount.objects.values_list("key", flat=True)[0]
    assert "203.0.113.7" not in key
