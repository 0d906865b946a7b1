"""A table with a subscriber is in the export for that person, or says here why not."""

from __future__ import annotations

import pytest
from django.apps import apps

from amends.cases.audits.models import MissedNotice
from amends.causes.confirmations.actions.subject_access_export import TABLES as CONFIRMATIONS
from amends.causes.notices.actions.subject_access_export import TABLES as NOTICES
from amends.network.quality.actions.subject_access_export import TABLES as QUALITY
from amends.problems.emergencies.actions.subject_access_export import TABLES as EMERGENCIES

pytestmark = pytest.mark.no_database


ELSEWHERE = {
    "complaints.Complaint": "complaints, by hand_out",
    "chats.Chat": "chats, with their transcripts",
    "privacy.AffectedPerson": "privacy_incidents",
    "privacy.Honeytoken": "an invented subscriber",
    "privacy.RightsRequest": "privacy_requests",
    "protection.NuisanceReport": "protection_reports",
    "protection.AdvertRefusal": "protection_advert_refusal",
    "protection.NumberAppeal": "protection_appeals",
    "protection.ChosenNumber": "protection_numbers",
    "protection.ProtectionSettings": "protection_settings",
    "protection.StoppedDelivery": "protection_stopped",
    "remedies.Remedy": "remedies of the person's complaints; others as facts",
    "channels.OutboxMessage": "messages, by address and by complaint",
    "access.Case": "cases",
    "access.BreakGlass": "looks, which are facts",
    "ledger.SingleFact": "facts",
    "subscribers.IndexEntry": "a keyed hash of a value that stands in the export in full",
    "subscribers.LegalHold": "kept from an investigation's subject, as its authority may ask",
    "subscribers.Service": "services",
    "vault.DataKey": "a key says nothing about anybody",
}


def test_every_table_about_a_subscriber_is_handed_out() -> None:
    about = {
        model._meta.label
        for model in apps.get_models()
        if model.__module__.startswith("amends.")
        and any(field.name == "subscriber" for field in model._meta.fields)
    }
    handed = {
        model._meta.label
        for model in (MissedNotice, *NOTICES, *CONFIRMATIONS, *EMERGENCIES, *QUALITY)
    }
    assert about == handed | set(ELSEWHERE), "Add the new table to the export, or say why not."
    assert not handed & set(ELSEWHERE)
