"""The listing: its pages, its search a stretch at a time, and the index each view reads."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from amends.cases.complaints.models import Complaint
from amends.cases.complaints.queries import inbox as listing
from amends.cases.complaints.queries.inbox import PAGE, InboxFilter

pytestmark = [pytest.mark.django_db, pytest.mark.postgres_too]

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)

INDEX_OF = {
    "open": "complaint_inbox",
    "late": "complaint_inbox",
    "escalated": "complaint_escalated",
    "today": "complaint_inbox",
    "person": "complaint_for_a_person",
    "mine": "complaint_taken",
    "waiting": "complaint_without_clock",
    "closed": "complaint_closed",
}


def complaints(words: list[str]) -> list[str]:
    """One complaint for each of the words, each a minute older than the one before."""
    rows = [
        Complaint(
            channel="web",
            jurisdiction="cn",
            first_words=said,
            code="network.speed",
            classified_by="test",
            state_since=NOW,
            recorded_at=NOW,
            received_at=NOW - timedelta(minutes=age),
            next_due_at=NOW + timedelta(days=age),
        )
        for age, said in enumerate(words)
    ]
    Complaint.objects.bulk_create(rows)
    return [row.id for row in rows]


def test_a_search_goes_on_where_a_stretch_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "SEARCHED", 4)
    refs = complaints(["slow", "fine", "slow", "fine", *["fine"] * 5, "slow"])
    found, after, pages = [], "", 0
    while pages == 0 or after:
        page = listing.page(InboxFilter(words="slow"), now=NOW, after=after)
        found += [row["id"] for row in page.rows]
        after, pages = page.after, pages + 1
    assert found == [refs[0], refs[2], refs[9]]
    assert pages == 3


def test_a_search_may_go_back_to_what_is_newer(monkeypatch: pytest.MonkeyPatch) -> None:
    refs = complaints(["slow"] * (PAGE + 3))
    first = listing.page(InboxFilter(words="slow"), now=NOW)
    second = listing.page(InboxFilter(words="slow"), now=NOW, after=first.after)
    assert [row["id"] for row in second.rows] == refs[PAGE:]
    again = listing.page(InboxFilter(words="slow"), now=NOW, before=second.before)
    assert [row["id"] for row in again.rows] == refs[:PAGE]


def test_the_queries_of_a_page_do_not_grow_with_its_rows() -> None:
    counted = []
    for more in (["slow"], ["slow"] * 2 * PAGE):
        complaints(more)
        with CaptureQueriesContext(connection) as queries:
            listing.page(InboxFilter(), now=NOW)
            listing.counts(
                ("open", "late", "today", "person", "mine"), brand="", handler="usr-1", now=NOW
            )
        counted.append(len(queries))
    assert counted[0] == counted[1]


def test_mine_holds_what_has_no_running_clock_behind_the_rest() -> None:
    refs = complaints(["slow"] * (2 * PAGE + 6))
    Complaint.objects.filter(id__in=refs).update(handler="usr-1")
    still = sorted(refs[: PAGE + 4])
    Complaint.objects.filter(id__in=still).update(next_due_at=None)
    Complaint.objects.filter(id=refs[0]).update(kind="enquiry")
    expected = [*refs[PAGE + 4 :], *still]
    wanted = InboxFilter(view="mine", handler="usr-1")
    pages = [listing.page(wanted, now=NOW)]
    while pages[-1].after:
        pages.append(listing.page(wanted, now=NOW, after=pages[-1].after))
    assert [row["id"] for one in pages for row in one.rows] == expected
    before = listing.page(wanted, now=NOW, before=pages[-1].before)
    assert [row["id"] for row in before.rows] == expected[PAGE : 2 * PAGE]
    before = listing.page(wanted, now=NOW, before=before.before)
    assert [row["id"] for row in before.rows] == expected[:PAGE]
    assert not before.before
    assert listing.count(wanted, now=NOW) == len(expected)
    assert listing.count(InboxFilter(view="mine", handler="usr-2"), now=NOW) == 0


@pytest.mark.sqlite_only
@pytest.mark.parametrize("narrowed", [{}, {"state": "received"}, {"code": "network.speed"}])
@pytest.mark.parametrize("view", list(INDEX_OF))
def test_every_view_reads_an_index_in_its_own_order(view: str, narrowed: dict[str, str]) -> None:
    wanted = InboxFilter(view=view, handler="usr-1", **narrowed)
    with CaptureQueriesContext(connection) as queries:
        listing.page(wanted, now=NOW)
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {queries[-1]['sql']}")
        plan = " ".join(row[3] for row in cursor.fetchall())
    assert f"USING INDEX {INDEX_OF[view]}" in plan
    assert "TEMP B-TREE" not in plan
