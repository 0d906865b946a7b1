"""Files that were uploaded on the page of imports.

The bytes are sealed (`vault.stored_files`) until the file was imported or discarded; the row stays
and says what became of it.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import pgettext_lazy

from amends.platform.kit.ids import random_id
from amends.platform.vault.fields import SealedField


class UploadedFile(models.Model):
    """A file, the wishes of who uploaded it, and what became of it."""

    class Kind(models.TextChoices):
        COMPLAINTS = "complaints", pgettext_lazy("import", "complaints of another system")
        SUBSCRIBERS = "subscribers", pgettext_lazy("import", "subscribers")
        FACTS = "facts", pgettext_lazy("import", "records: orders, charges, confirmations")

    class State(models.TextChoices):
        UPLOADED = "uploaded", pgettext_lazy("import", "not imported yet")
        QUEUED = "queued", pgettext_lazy("import", "being imported")
        DONE = "done", pgettext_lazy("import", "imported")
        FAILED = "failed", pgettext_lazy("import", "refused")
        DISCARDED = "discarded", pgettext_lazy("import", "discarded")

    id = models.CharField(primary_key=True, max_length=32, default=random_id)
    name = SealedField(bound_to="id")
    path = models.CharField(max_length=80, blank=True, help_text="Where the bytes are, while kept.")
    key = SealedField(bound_to="id")
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.COMPLAINTS)
    state = models.CharField(max_length=12, choices=State, default=State.UPLOADED)
    wishes = models.JSONField(default=dict)
    report = models.JSONField(default=dict)
    uploaded_by = models.CharField(max_length=80)
    uploaded_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-uploaded_at", "id"]

    def __str__(self) -> str:
        return self.id
