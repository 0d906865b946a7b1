"""Requests that arrive at once: one piece of work, an answer or a refusal for each."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from django.db import connection

from amends.cases.complaints.actions.intake import Receipt, Submission
from amends.cases.complaints.models import Complaint, Contact
from amends.entrances.portals.actions.clients import make_client
from amends.entrances.portals.api import receiving
from amends.entrances.portals.api.receiving import ClientSubmission, take
from amends.entrances.portals.api.request_batching import RequestBatcher
from amends.entrances.portals.models import ApiClient
from amends.platform.kit.errors import UnableToReuseKey

pytestmark = pytest.mark.postgres_too

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


class Kitchen:
    """Work that holds the first until the others have queued, and notes who was served with whom."""

    def __init__(self, guests: int) -> None:
        self.together: RequestBatcher[int, int] = RequestBatcher(self.serve)
        self.served: list[list[int]] = []
        self._guests = guests

    def serve(self, asked: Sequence[int]) -> list[int | Exception]:
        self.served.append(list(asked))
        while len(self.served) == 1 and len(self.together._queue) < self._guests - 1:
            threading.Event().wait(0.005)
        return [ValueError(f"not {one}") if one % 5 == 4 else one * 10 for one in asked]

    def guest(self, number: int) -> int | str:
        try:
            return self.together.do(number)
        except ValueError as refusal:
            return str(refusal)


def test_who_comes_meanwhile_is_taken_along_by_the_next_all_at_once() -> None:
    kitchen = Kitchen(7)
    with ThreadPoolExecutor(7) as guests:
        answers = list(guests.map(kitchen.guest, range(7)))
    assert answers == [0, 10, 20, 30, "not 4", 50, 60]
    assert [len(some) for some in kitchen.served] == [1, 6]


def test_one_after_the_other_each_is_served_alone() -> None:
    kitchen = Kitchen(1)
    assert [kitchen.guest(number) for number in (1, 2, 4)] == [10, 20, "not 4"]
    assert kitchen.served == [[1], [2], [4]]


def test_work_that_fails_fails_for_all_and_the_next_go_on() -> None:
    together: RequestBatcher[int, int] = RequestBatcher(lambda asked: [1 // one for one in asked])
    with pytest.raises(ZeroDivisionError):
        together.do(0)
    assert together.do(1) == 1


def handed(key: str, *, body: str = "", client: int) -> ClientSubmission:
    said = Submission(
        channel="api",
        key=f"{client}:{key}",
        text=f"no signal at home, {key}",
        received_at=NOW,
        phone=f"1390000{key[-4:]:0>4}",
    )
    return ClientSubmission(client, key, body or key, said)


@pytest.fixture
def client(db: None) -> int:
    make_client("crm", scopes=["complaints:write"], now=NOW)
    return ApiClient.objects.get().pk


def test_several_are_received_in_one_transaction(client: int) -> None:
    answers = receiving._several([handed(f"k-{n:04d}", client=client) for n in range(4)])
    assert [answer.joined for answer in answers if isinstance(answer, Receipt)] == ["new"] * 4
    assert Complaint.objects.count() == 4


def test_a_key_used_for_another_body_is_refused_and_the_others_are_received(client: int) -> None:
    take(handed("k-0001", client=client))
    answers = receiving._several(
        [
            handed("k-0002", client=client),
            handed("k-0001", body="other", client=client),
            handed("k-0003", client=client),
        ]
    )
    assert [type(answer) for answer in answers] == [Receipt, UnableToReuseKey, Receipt]
    assert Complaint.objects.count() == 3


def test_the_same_twice_at_once_is_one_contact_and_its_repeat(client: int) -> None:
    twice = [handed("k-0001", client=client), handed("k-0001", client=client)]
    first, second = receiving._several(twice)
    assert isinstance(first, Receipt)
    assert isinstance(second, Receipt)
    assert (first.joined, second.joined) == ("new", "repeat")
    assert first.tracking_code == second.tracking_code
    assert Contact.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_many_threads_hand_over_and_nothing_is_lost_or_doubled() -> None:
    make_client("crm", scopes=["complaints:write"], now=NOW)
    client = ApiClient.objects.get().pk

    def post(number: int) -> str:
        try:
            return take(handed(f"k-{number % 30:04d}", client=client)).joined
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as clients:
        joined = list(clients.map(post, range(60)))
    assert sorted(joined) == ["new"] * 30 + ["repeat"] * 30
    assert Contact.objects.count() == 30
