"""Uploaded files on the first page after sign-in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse

from amends.entrances.feeds.actions.uploads import KEPT, file_name
from amends.entrances.feeds.models import UploadedFile
from amends.platform.kit.actors import Actor
from amends.platform.registry import HomeRow

_MOST = 20


def to_confirm(actor: Actor, now: datetime) -> Sequence[HomeRow]:
    """Uploaded files that no one has confirmed yet, oldest first; none for people of a brand."""
    if actor.brand:
        return []
    rows = UploadedFile.objects.filter(state=UploadedFile.State.UPLOADED).order_by("uploaded_at")
    return [
        HomeRow(
            file_name(row),
            reverse("import", args=[row.id]),
            row.get_kind_display(),
            row.uploaded_at + KEPT,
        )
        for row in rows[:_MOST]
    ]
