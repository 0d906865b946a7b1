"""The record of processing: what is done with personal data, why, how long, and who gets it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from amends.platform.kit.packs import Verified, load_rules


@dataclass(frozen=True, slots=True)
class Activity:
    """One processing activity; `fields` are "app.Model.column", `zh` and `en` its purpose."""

    id: str
    zh: str
    en: str
    categories: tuple[str, str]
    recipients: tuple[str, str]
    retention: tuple[str, str]
    term: str
    fields: frozenset[str]
    source: str
    verified: Verified


def activities(on: date) -> tuple[list[Activity], frozenset[str], str]:
    """The activities, the columns that are about nobody, and the version of the record."""
    file = load_rules("amends.causes.privacy", "processing", on)
    activity_list = [
        Activity(
            id=row["id"],
            zh=row["zh"],
            en=row["en"],
            categories=_both(row, "categories"),
            recipients=_both(row, "recipients"),
            retention=_both(row, "retention"),
            term=row["term"],
            fields=_fields(row),
            source=row["source"],
            verified=row["verified"],
        )
        for row in file.rules
    ]
    exempt = (_fields(row) for row in file.data.get("exempt", ()))
    return activity_list, frozenset().union(*exempt), file.version


def undeclared(fields: Iterable[str], on: date) -> list[str]:
    """The personal columns that no complete activity names."""
    activity_list, exempt, _version = activities(on)
    complete = [
        activity
        for activity in activity_list
        if all((*activity.recipients, *activity.retention, activity.zh, activity.en))
    ]
    declared = exempt.union(*(activity.fields for activity in complete))
    return sorted(set(fields) - declared)


def _both(row: Mapping[str, Any], name: str) -> tuple[str, str]:
    return str(row[f"{name}_zh"]), str(row[f"{name}_en"])


def _fields(row: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(
        f"{model.strip()}.{column}"
        for model, _colon, columns in (line.partition(":") for line in row["fields"])
        for column in columns.split()
    )
