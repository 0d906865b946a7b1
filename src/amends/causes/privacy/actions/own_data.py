"""What this app holds about one person, and its part of an erasure."""

from __future__ import annotations

from typing import Any

from amends.causes.privacy.actions.rights_requests import words_of
from amends.causes.privacy.models import AffectedPerson, RightsRequest
from amends.platform.registry import Erasure


def subject_access_export(subscriber: str) -> dict[str, list[dict[str, Any]]]:
    """Requests and incidents of the person; consents are facts and stand among these."""
    requests = RightsRequest.objects.filter(subscriber=subscriber)
    return {
        "privacy_requests": [
            {
                "reference": row.ref,
                "kind": row.kind,
                "received_at": row.received_at,
                "due_at": row.due_at,
                "state": row.state,
                "words": words_of(row),
                "answer": row.answer,
            }
            for row in requests
        ],
        "privacy_incidents": list(
            AffectedPerson.objects.filter(subscriber=subscriber, incident__drill=False).values(
                "incident", "looks", "fields", "first_at", "last_at"
            )
        ),
    }


def erase(erasure: Erasure) -> int:
    """Erase the words and copies of a person's requests; that they were asked stays. How many."""
    rows = RightsRequest.objects.filter(subscriber=erasure.pseudonym)
    return rows.update(words=b"", document=b"", document_until=None, answer="")
