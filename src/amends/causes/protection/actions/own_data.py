"""What protection holds about one person, and its part of an erasure."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from amends.causes.protection.actions.evidence import remove_evidence
from amends.causes.protection.actions.report import reporter_of
from amends.causes.protection.models import (
    AdvertRefusal,
    ChosenNumber,
    Guardianship,
    NuisanceReport,
    NumberAppeal,
    ProtectionSettings,
    ReportEvidence,
    StoppedDelivery,
)
from amends.causes.protection.queries import words_of, words_of_appeal
from amends.causes.protection.queries.settings import (
    chosen_numbers,
    number_of_stop,
    second_contact_of,
)
from amends.people.subscribers.queries import normal_form
from amends.platform.registry import Erasure
from amends.work.casework.actions.forget import forget_words

APPEALS = "appeal"
"""The kind of case."""


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
                "files": row.evidence.count(),
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
        "protection_settings": [
            {
                "level": row.level,
                "quiet_from": row.quiet_from,
                "quiet_until": row.quiet_until,
                "international_calls_off": row.international_calls_off,
                "outcome_messages": row.outcome_messages,
                "second_contact": second_contact_of(subscriber),
            }
            for row in ProtectionSettings.objects.filter(subscriber=subscriber)
        ],
        "protection_numbers": [
            {"number": chosen_number.number, "treatment": chosen_number.treatment}
            for chosen_number in chosen_numbers(subscriber)
        ],
        "protection_stopped": [
            {
                "at": row.at,
                "number": number_of_stop(row),
                "what": row.thing,
                "action": row.action,
                "reason": row.reason,
                "called_wrong_at": row.wrong_at,
            }
            for row in StoppedDelivery.objects.filter(subscriber=subscriber)
        ],
        "protection_guardianships": list(
            Guardianship.objects.filter(Q(minor=subscriber) | Q(guardian=subscriber)).values(
                "until", "purchases_off", "premium_off", "set_at"
            )
        ),
    }


def erase(erasure: Erasure) -> int:
    """Erase the text of a person's reports and appeals, and their settings; counts stay."""
    reports = NuisanceReport.objects.filter(_reported_by(erasure))
    remove_evidence(ReportEvidence.objects.filter(report__in=reports))
    appeals = NumberAppeal.objects.filter(subscriber=erasure.pseudonym)
    own = {"subscriber": erasure.pseudonym}
    for model in (AdvertRefusal, ProtectionSettings, ChosenNumber, StoppedDelivery):
        model.objects.filter(**own).delete()
    Guardianship.objects.filter(Q(minor=erasure.pseudonym) | Q(guardian=erasure.pseudonym)).delete()
    forget_words(APPEALS, list(appeals.values_list("ref", flat=True)))
    return reports.update(text=b"", words=[], hosts=[]) + appeals.update(words=b"", answer="")


def _reported_by(erasure: Erasure) -> Q:
    """Reports of the person, and of a number while it was theirs and nobody was known by it."""
    condition = Q(subscriber=erasure.pseudonym)
    for address, theirs in erasure.addresses:
        if "@" in address:
            continue
        spellings = {address, normal_form("phone", address)} - {""}
        single_condition = Q(
            subscriber="",
            reporter__in=[reporter_of(address=spelling) for spelling in spellings],
            reported_at__gte=theirs.start,
        )
        condition |= (
            single_condition & Q(reported_at__lt=theirs.end) if theirs.end else single_condition
        )
    return condition
