"""What protection holds about one person, and its part of an erasure."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from amends.protection.actions.report import reporter_of
from amends.protection.models import AdvertRefusal, NuisanceReport, NumberAppeal
from amends.protection.queries import words_of, words_of_appeal
from amends.registry import Erasure
from amends.subscribers.queries import normal_form


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
    reports = NuisanceReport.objects.filter(_reported_by(erasure))
    appeals = NumberAppeal.objects.filter(subscriber=erasure.pseudonym)
    AdvertRefusal.objects.filter(subscriber=erasure.pseudonym).delete()
    return reports.update(text=b"", words=[], hosts=[]) + appeals.update(words=b"", answer="")


def _reported_by(erasure: Erasure) -> Q:
    """Reports of the person, and of a number while it was theirs and nobody was known by it."""
    found = Q(subscriber=erasure.pseudonym)
    for address, theirs in erasure.addresses:
        if "@" in address:
            continue
        spellings = {address, normal_form("phone", address)} - {""}
        one = Q(
            subscriber="",
            reporter__in=[reporter_of(address=spelling) for spelling in spellings],
            reported_at__gte=theirs.start,
        )
        found |= one & Q(reported_at__lt=theirs.end) if theirs.end else one
    return found
