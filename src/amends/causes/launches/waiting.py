"""The rows of this app that wait for a person, as `approvals` lists them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from amends.platform import registry

SOURCES = (
    registry.WaitingSource(
        name="launches.approval",
        title=_("Launch to approve"),
        action=_("Approve it or send it back"),
        model="launches.Launch",
        where={"state": "assessed"},
        decides="launches.approve",
        subject="launch",
        key="id",
        page="launch",
        label="name",
        asked_by="owner",
        since="assessed_at",
        brand="brand",
        unless_requested=True,
    ),
    registry.WaitingSource(
        name="launches.start",
        title=_("Approved launch"),
        action=_("Put it on sale"),
        model="launches.Launch",
        where={"state": "approved"},
        decides="launches.approve",
        subject="launch",
        key="id",
        page="launch",
        label="name",
        asked_by="owner",
        since="approved_at",
        brand="brand",
    ),
)
