"""The rows of this app that wait for a person, as `approvals` lists them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from amends.platform import registry

SOURCES = (
    registry.WaitingSource(
        name="measures.planned",
        title=_("Planned measure"),
        action=_("Start it"),
        model="measures.Measure",
        where={"state": "planned"},
        decides="hotissues.measure",
        subject="measure",
        key="id",
        page="measure",
        label="title",
        asked_by="planned_by",
        person="owner",
        since="planned_at",
        due_at="starts_on",
        brand="brand",
    ),
)
