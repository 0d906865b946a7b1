"""The rows of this app that wait for a person, as `approvals` lists them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from amends.platform import registry

SOURCES = (
    registry.WaitingSource(
        name="protection.appeal",
        title=_("Appeal of a number"),
        action=_("Answer the appeal"),
        model="protection.NumberAppeal",
        where={"state": "open"},
        decides="protection.decide",
        subject="number_appeal",
        key="ref",
        page="protection_appeal",
        labels="amends.causes.protection.queries.waiting.appeal_numbers",
        person="handler",
        since="received_at",
        due_at="due_at",
        brand="brand",
    ),
    registry.WaitingSource(
        name="protection.report",
        title=_("Report of a number"),
        action=_("Decide what follows for the number"),
        model="protection.NuisanceReport",
        where={"state": "received"},
        decides="protection.decide",
        subject="reported number",
        key="number_id",
        page="protection_number",
        label="kind",
        since="reported_at",
        brand="brand",
        queue="protection",
    ),
)
