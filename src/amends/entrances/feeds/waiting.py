"""The rows of this app that wait for a person, as `approvals` lists them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from amends.platform import registry

SOURCES = (
    registry.WaitingSource(
        name="feeds.upload",
        title=_("File to import"),
        action=_("Import or discard it"),
        model="feeds.UploadedFile",
        where={"state": "uploaded"},
        decides="complaints.import",
        subject="upload",
        key="id",
        page="import",
        label="id",
        person="uploaded_by",
        since="uploaded_at",
        queue="imports",
    ),
)
