"""The ledger's page asks for sizes, the newest checkpoint and facts to sample."""

from __future__ import annotations

import pytest

from amends.record.ledger.queries import overview

from .conftest import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.postgres_too]


def test_sizes_and_the_newest_checkpoint(record, numbered):
    assert overview.newest_checkpoint() is None
    assert overview.sample(5) == []
    record(30)
    record(200, rows=True)
    numbered()
    record(4)
    assert overview.size() == overview.Size(entries=31, rows=200, segments=1, waiting=4)
    newest = overview.newest_checkpoint()
    assert (newest.size, newest.signed_at, newest.witnessed_size) == (31, NOW, None)
    assert len(overview.sample(10)) == 10
