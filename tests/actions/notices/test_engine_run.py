"""A run counts every record once, writes every notice once, and its counts add up."""

import pytest

from amends.notices.models import Notice
from tests.actions.notices import engine_feed as feed

pytestmark = pytest.mark.django_db


def test_counts_add_up_and_every_notice_has_its_fact(tmp_path):
    feed.enrol_lines()
    told = feed.count(feed.parquet(tmp_path / "a.parquet", feed.random_table(4, 2_000))).as_dict()
    assert told["records"] == 2_000
    assert told["records"] == (
        told["counted"] + told["late"] + told["duplicates"] + told["rejected"]
    )
    assert told["notices"] == Notice.objects.count() == feed.kept().facts
    assert told["holds"] == len(feed.kept().holds)
