"""The rows of this app that wait for a person, as `approvals` lists them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from amends.platform import registry
from amends.platform.database.epoch import DateTimeOfMs

SOURCES = (
    registry.WaitingSource(
        name="notices.incomplete",
        title=_("Notice to complete"),
        action=_("Complete it"),
        model="notices.Notice",
        where={"state": "incomplete"},
        decides="notices.by_hand",
        subject="notice",
        key="id",
        page_key="duty",
        page="duty",
        label="duty",
        since=DateTimeOfMs("detected_at_ms"),
        queue="duties",
    ),
    registry.WaitingSource(
        name="notices.usage_file",
        title=_("Stopped file of usage records"),
        action=_("Let it pass or put it aside"),
        model="notices.UsageFile",
        where={"state": "stopped"},
        decides="notices.usage",
        subject="usage_file",
        key="id",
        page_key=None,
        page="usage_files",
        label="name",
        since=DateTimeOfMs("received_ms"),
    ),
)
