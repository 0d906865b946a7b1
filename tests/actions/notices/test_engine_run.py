"""A run counts every record once, writes every notice once, and its counts add up."""

import pytest

from amends.notices.models import Notice
from tests.actions.notices import engine_feed as feed

pytestmark = pytest.mark.django_db


def test_the_three_kernels_write_the_same_notices(tmp_path):
    from django.db import transaction

    path = feed.parquet(tmp_path / "a.parquet", feed.random_table(3, 3_000))
    seen = []
    for kernel in ("oracle", "numpy", "numba"):
        point = transaction.savepoint()
        feed.enrol_lines()
        report = feed.count(path, kernel=kernel)
        seen.append((report.as_dict() | {"seconds": 0}, feed.kept()))
        transaction.savepoint_rollback(point)
    assert seen[0][0]["notices"] > 50
    assert seen[0] == seen[1] == seen[2]


def test_counts_add_up_and_every_notice_has_its_fact(tmp_path):
    feed.enrol_lines()
    told = feed.count(feed.parquet(tmp_path / "a.parquet", feed.random_table(4, 2_000))).as_dict()
    assert told["records"] == 2_000
    assert told["records"] == (
        told["counted"] + told["late"] + told["duplicates"] + told["rejected"]
    )
    assert told["notices"] == Notice.objects.count() == feed.kept().facts
    assert told["holds"] == len(feed.kept().holds)
