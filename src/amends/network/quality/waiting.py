"""The rows of this app that wait for a person, as `approvals` lists them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from amends.platform import registry

SOURCES = (
    registry.WaitingSource(
        name="quality.suspected",
        title=_("Suspected network incident"),
        action=_("Confirm or dismiss it"),
        model="quality.NetworkIncident",
        where={"state": "suspected"},
        decides="quality.incidents",
        subject="network_incident",
        key="number",
        page="network_incident",
        labels="amends.network.quality.web.incident_words.incident_titles",
        since="found_at",
        unless_requested=True,
    ),
    registry.WaitingSource(
        name="quality.lasting",
        title=_("Network incident that lasts"),
        action=_("End it once it is repaired"),
        model="quality.NetworkIncident",
        where={"state": "open"},
        decides="quality.incidents",
        subject="network_incident",
        key="number",
        page="network_incident",
        labels="amends.network.quality.web.incident_words.incident_titles",
        since="started_at",
        unless_requested=True,
    ),
    registry.WaitingSource(
        name="quality.unapproved_plan",
        title=_("Plan for notices about incidents"),
        action=_("Stop it, or draft it again"),
        model="quality.NoticePlan",
        where={"second_at": None, "stopped_at": None},
        decides="quality.notice_plans",
        subject="notice_plan",
        key="id",
        page_key=None,
        page="notice_plans",
        label=("begins_zh", "begins_en"),
        asked_by="drafted_by",
        since="drafted_at",
        brand="brand",
        unless_requested=True,
    ),
)
