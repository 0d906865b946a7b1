"""Changes are numbered in the order they commit, so that no reader misses one."""

from __future__ import annotations

import threading

import pytest
from django.db import connection, transaction

from amends.channels.actions.cancel import cancel
from amends.channels.queries import changes_since

pytestmark = pytest.mark.postgres_too


# SQLite has one writer at a time; PostgreSQL shows whether the order holds.
@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_later_number_is_never_seen_before_an_earlier_one(post_mail, now):
    slow, quick = post_mail(), post_mail()
    holds, may_commit = threading.Event(), threading.Event()

    def first():
        with transaction.atomic():
            cancel(slow.pk, because="slow", now=now)
            holds.set()
            may_commit.wait(120)
        connection.close()

    def second():
        cancel(quick.pk, because="quick", now=now)
        connection.close()

    threads = [threading.Thread(target=first), threading.Thread(target=second)]
    threads[0].start()
    assert holds.wait(120)
    threads[1].start()
    threads[1].join(0.3)
    seen_early = [change.message for change in changes_since(0)]
    may_commit.set()
    for thread in threads:
        thread.join(120)
    assert seen_early == []
    assert [change.message for change in changes_since(0)] == [slow.pk, quick.pk]
