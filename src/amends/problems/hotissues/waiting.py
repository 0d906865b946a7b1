"""The rows of this app that wait for a person, as `approvals` lists them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from amends.platform import registry

SOURCES = (
    registry.WaitingSource(
        name="hotissues.issue",
        title=_("Open hot issue"),
        action=_("Find the cause, plan a measure"),
        model="hotissues.HotIssue",
        where={"state": "open"},
        decides="hotissues.lead",
        subject="hotissue",
        key="id",
        page="hotissue",
        labels="amends.problems.hotissues.texts.waiting.issue_titles",
        person="owner",
        since="detected_at",
        brand="brand",
        queue="hotissues",
    ),
)
