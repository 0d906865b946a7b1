"""The rows of this app that wait for a person, as `approvals` lists them."""

from __future__ import annotations

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from amends.platform import registry

SOURCES = (
    registry.WaitingSource(
        name="casework.review",
        title=_("Quality review"),
        action=_("Answer the four questions"),
        model="casework.QualityReview",
        where={"reviewed_at": None},
        decides="casework.lead",
        subject=F("kind"),
        key="key",
        page_key="id",
        page="review_case",
        label="key",
        asked_by="drawn_by",
        person="reviewer",
        since="drawn_at",
    ),
    registry.WaitingSource(
        name="casework.review_unread",
        title=_("Review of your work"),
        action=_("Read it"),
        model="casework.QualityReview",
        where={"reviewed_at__isnull": False, "seen_at": None},
        decides="complaints.read",
        subject=F("kind"),
        key="key",
        page_key=None,
        page="own_reviews",
        label="key",
        asked_by="reviewer",
        person="handler",
        since="reviewed_at",
    ),
)
