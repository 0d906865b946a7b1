"""What protection holds about one person, and its part of an erasure."""

from __future__ import annotations

from typing import Any

from amends.protection.models import AdvertRefusal, NuisanceReport, NumberAppeal
from amends.protection.queries import words_of, words_of_appeal
from amends.registry import Erasure


def subject_access_export(subscriber: str) -> dict[str, list[dict[str, Any]]]:
    """The person's own reports and appeals."""
    return {
        "protection_reports": [
            {
                "reference": row.ref,
                "what": row.thing,
                "reported_at": row.reported_at,
                "label": row.label,
                "state": row.state,
                "words": words_of(row),
            }
            for row in NuisanceReport.objects.filter(subscriber=subscriber)
        ],
        "protection_appeals": [
            {
                "reference": row.ref,
                "received_at": row.received_at,
                "state": row.state,
                "words": words_of_appeal(row),
                "answer": row.answer,
            }
            for row in NumberAppeal.objects.filter(subscriber=subscriber)
        ],
        "protection_advert_refusal": list(
            AdvertRefusal.objects.filter(subscriber=subscriber).values("since")
        ),
    }


def erase(erasure: Erasure) -> int:
    """Forget the words of a person's reports and appeals; that numbers were reported stays."""
    reports = NuisanceReport.objects.filter(subscriber=erasure.pseudonym)
    appeals = NumberAppeal.objects.filter(subscriber=erasure.pseudonym)
    AdvertRefusal.objects.filter(subscriber=erasure.pseudonym).delete()
    return reports.update(text=b"", words=[], hosts=[]) + appeals.update(words=b"", answer="")
