"""The record of processing of this installation: its models, purposes and reviewed services."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.conf import settings
from django.utils import timezone

from amends.causes.privacy.queries import reviews
from amends.causes.privacy.rules.consent import Purpose, purposes
from amends.causes.privacy.rules.processing import Activity, activities, undeclared
from amends.platform.kit.packs import day_in, rules_in_force
from amends.platform.vault.fields import SealedField

PSEUDONYMS = frozenset(("subscriber", "pseudonym"))


@dataclass(frozen=True, slots=True)
class Processing:
    """The record; `days` is kind of record → how many days it is kept; `missing` must be empty."""

    activities: list[Activity]
    days: dict[str, int]
    purposes: list[Purpose]
    services: list[dict[str, Any]]
    missing: list[str]
    version: str


@dataclass(frozen=True, slots=True)
class ProcessingActivity:
    """A purpose for which personal data are processed; `fields` are columns."""

    id: str
    purpose_zh: str
    purpose_en: str
    categories_zh: str
    categories_en: str
    recipients_zh: str
    recipients_en: str
    retention_zh: str
    retention_en: str
    retention_days: int | None
    legal_basis: str
    fields: list[str]


@dataclass(frozen=True, slots=True)
class ConsentPurpose:
    """A purpose to which a subscriber may consent."""

    id: str
    zh: str
    en: str
    data: list[str]
    recipients: list[str]
    retention_days: int
    legal_basis: str


@dataclass(frozen=True, slots=True)
class ProcessingRecord:
    """The record of processing; `undeclared` are personal columns without a purpose."""

    version: str
    activities: list[ProcessingActivity]
    consents: list[ConsentPurpose]
    services: list[dict[str, Any]]
    undeclared: list[str]


def personal_fields() -> set[str]:
    """Columns that hold or find personal data by their form: sealed, indexed, a pseudonym."""
    return {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        if model.__module__.startswith("amends.")
        for field in model._meta.concrete_fields
        if isinstance(field, SealedField)
        or field.name in PSEUDONYMS
        or (field.name.endswith("_index") and not field.is_relation)
    }


def processing(now: datetime, *, brand: str = "") -> Processing:
    """The record as of a moment, with the reviewed services (of a brand)."""
    day = timezone.localdate(now)
    activity_list, _exempt, version = activities(day)
    return Processing(
        activities=activity_list,
        days=_days(now),
        purposes=list(purposes(day).values()),
        services=[
            {
                "service": row.service,
                "title": row.title,
                "verdict": row.verdict,
                "flows": row.description.get("flows", []),
            }
            for row in reviews(brand=brand)
        ],
        missing=undeclared(personal_fields(), day),
        version=version,
    )


def _days(now: datetime) -> dict[str, int]:
    """Days by kind of record, of the retention rules that `operations` carries out."""
    jurisdiction = settings.JURISDICTION
    return {
        row["id"]: int(row["days"])
        for title in ("retention", "received", "left")
        for file in rules_in_force(jurisdiction, "access", title, day_in(jurisdiction, now))
        for row in file.rules
    }


def record_of_processing(processing: Processing) -> ProcessingRecord:
    """The record in both languages, as programs read it."""
    return ProcessingRecord(
        version=processing.version,
        activities=[
            ProcessingActivity(
                id=activity.id,
                purpose_zh=activity.zh,
                purpose_en=activity.en,
                categories_zh=activity.categories[0],
                categories_en=activity.categories[1],
                recipients_zh=activity.recipients[0],
                recipients_en=activity.recipients[1],
                retention_zh=activity.retention[0],
                retention_en=activity.retention[1],
                retention_days=processing.days.get(activity.term),
                legal_basis=activity.source,
                fields=sorted(activity.fields),
            )
            for activity in processing.activities
        ],
        consents=[
            ConsentPurpose(
                id=purpose.id,
                zh=purpose.zh,
                en=purpose.en,
                data=list(purpose.data),
                recipients=list(purpose.recipients),
                retention_days=purpose.retention_days,
                legal_basis=purpose.source,
            )
            for purpose in processing.purposes
        ],
        services=processing.services,
        undeclared=processing.missing,
    )
