"""The rows of this app that wait for a person, as `approvals` lists them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from amends.platform import registry

SOURCES = (
    registry.WaitingSource(
        name="publicity.draft",
        title=_("Draft of an advert"),
        action=_("Correct what is found, then ask for approval"),
        model="publicity.PublishedCopy",
        where={"state": "draft"},
        decides="publicity.write",
        subject="copy",
        key="ref",
        page="publicity_copy",
        label="text",
        person="written_by",
        since="written_at",
        due_at="publish_on",
        brand="brand",
        unless_requested=True,
    ),
    registry.WaitingSource(
        name="publicity.phrase",
        title=_("Phrase to accept"),
        action=_("Accept or end it"),
        model="publicity.AcceptedPhrase",
        where={"accepted_at": None, "ended_at": None},
        decides="publicity.decide",
        subject="phrase",
        key="id",
        page_key=None,
        page="publicity_phrases",
        label="phrase",
        asked_by="proposed_by",
        since="proposed_at",
        due_at="until",
        brand="brand",
        second=True,
    ),
)
