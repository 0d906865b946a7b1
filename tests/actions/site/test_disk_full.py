"""A database that may not grow: the interface answers that the disk is full."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from amends.entrances.portals.actions.clients import make_client
from amends.platform.database.failures import kind_of

pytestmark = pytest.mark.sqlite_only


@pytest.mark.django_db(transaction=True)
def test_the_interface_says_that_the_disk_is_full(client: Client) -> None:
    token = make_client("crm", scopes=["complaints:write"], now=timezone.now())
    client = Client(raise_request_exception=False)

    def complain(key: str) -> object:
        return client.post(
            "/api/v1/complaints",
            {"text": "我没有订过彩铃，请退费" + "。" * 9000, "phone": "13900001234"},
            content_type="application/json",
            headers={"Authorization": f"Bearer {token}", "Idempotency-Key": key},
        )

    assert complain("before").status_code == 201
    with connection.cursor() as cursor:
        pages = cursor.execute("PRAGMA page_count").fetchone()[0]
        cursor.execute(f"PRAGMA max_page_count = {pages}")
    try:
        answers = [complain(f"full-{n}") for n in range(40)]
    finally:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA max_page_count = 1073741823")
    refused = [answer for answer in answers if answer.status_code != 201]
    assert refused, "the database was full"
    for answer in refused:
        assert answer.status_code == 503
        assert answer.json()["error"] == "disk_full"
        assert "The disk is full" in answer.json()["what"]
        assert answer.headers["Retry-After"]
    assert complain("after").status_code == 201


def test_a_full_disk_is_told_from_a_database_that_is_away() -> None:
    assert kind_of(OSError(28, "No space left on device")) == "full"
    assert kind_of(OSError(122, "Disk quota exceeded")) == "full"
    assert kind_of(ValueError("ours")) == ""
