"""Receiving what clients hand over: those that come at once in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from amends.cases.complaints.actions.intake import Receipt, Submission
from amends.cases.complaints.actions.receive import read, receive_read, refuse_reused_keys
from amends.entrances.portals.api.idempotency import hand_over
from amends.entrances.portals.api.request_batching import RequestBatcher
from amends.platform.database.locks import is_deadlock, retry_on_deadlock


@dataclass(frozen=True, slots=True, eq=False)
class ClientSubmission:
    """What a client hands over under a key; `body` is the request it must equal when repeated."""

    client: int
    key: str
    body: str
    said: Submission


def take(handed: ClientSubmission) -> Receipt:
    """The receipt, once the complaint is durable; raises `UnableToReuseKey`."""
    return _TOGETHER.do(handed)


def _several(handed: Sequence[ClientSubmission]) -> list[Receipt | Exception]:
    """All in one transaction; where one of them cannot be received, each in its own."""
    first: dict[tuple[int, str], ClientSubmission] = {}
    for client_submission in handed:
        first.setdefault((client_submission.client, client_submission.key), client_submission)
    try:
        receipts = dict(zip(first.values(), _received(list(first.values())), strict=True))
    except Exception as why:
        if len(handed) == 1 and not is_deadlock(why):
            return [why]
        return [_alone(client_submission) for client_submission in handed]
    return [
        receipts[client_submission] if client_submission in receipts else _alone(client_submission)
        for client_submission in handed
    ]


def _alone(client_submission: ClientSubmission) -> Receipt | Exception:
    try:
        (receipt,) = retry_on_deadlock(lambda: _received([client_submission]))
    except Exception as why:
        return why
    return receipt


def _received(handed: Sequence[ClientSubmission]) -> list[Receipt]:
    now = timezone.now()
    readings = read([client_submission.said for client_submission in handed], now=now)
    with transaction.atomic():
        for client_submission in handed:
            hand_over(
                client_submission.client,
                f"complaint:{client_submission.key}",
                client_submission.body,
                now=now,
            )
        receipts = receive_read(readings, now=now)
        refuse_reused_keys([client_submission.said for client_submission in handed], receipts)
        return receipts


_TOGETHER: RequestBatcher[ClientSubmission, Receipt] = RequestBatcher(_several)
