"""A run counts every record once, writes every notice once, and its counts add up."""

import pytest

from amends.causes.notices.models import Notice
from tests.actions.notices import engine_feed as feed

pytestmark = pytest.mark.django_db


def test_counts_add_up_and_every_notice_has_its_fact(tmp_path):
    feed.enrol_lines()
    document = feed.count(
        feed.parquet(tmp_path / "a.parquet", feed.random_table(4, 2_000))
    ).as_dict()
    assert document["records"] == 2_000
    assert document["records"] == (
        document["counted"] + document["late"] + document["duplicates"] + document["rejected"]
    )
    assert document["notices"] == Notice.objects.count() == feed.kept().facts
    assert document["holds"] == len(feed.kept().holds)
