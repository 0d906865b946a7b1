"""A column of personal data without declared purpose, retention and recipients fails here."""

from __future__ import annotations

from datetime import date

import pytest
from django.apps import apps
from tests.conventions.test_personal_fields import INDEX, MASKED, reason_for

from amends.causes.privacy.queries.processing import personal_fields
from amends.causes.privacy.rules.processing import activities, undeclared

pytestmark = pytest.mark.no_database
TODAY = date(2026, 11, 29)


def _listed() -> set[str]:
    """Columns that the list of readable columns calls masked or indexed."""
    return {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        if model.__module__.startswith("amends.")
        for field in model._meta.concrete_fields
        if reason_for(model, field) in (MASKED, INDEX)
    }


def test_every_personal_column_has_purpose_retention_and_recipients() -> None:
    """Declare a new column in `privacy/rules/data/processing@….toml`."""
    personal = personal_fields() | _listed()
    assert len(personal) > 100
    assert undeclared(personal, TODAY) == []


def test_a_column_that_is_not_declared_is_found() -> None:
    assert undeclared({"channels.OutboxMessage.nickname"}, TODAY) == [
        "channels.OutboxMessage.nickname"
    ]


def test_nothing_is_declared_that_is_not_there() -> None:
    found, exempt, _version = activities(TODAY)
    for name in exempt.union(*(one.fields for one in found)):
        label, _dot, column = name.rpartition(".")
        assert apps.get_model(label)._meta.get_field(column), name
