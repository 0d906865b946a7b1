"""Requests of people about their own data."""

from __future__ import annotations

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from amends.platform.vault.fields import SealedField


class RightsRequest(models.Model):
    """What a person asks about their own data, with its legal clock.

    rule      version and row of the rule that set `due_at`
    words     what the person wrote; sealed
    document  the export, sealed, until `document_until`
    """

    class Kind(models.TextChoices):
        ACCESS = "access", _("see my data")
        EXPORT = "export", _("a copy of my data")
        CORRECTION = "correction", _("correct my data")
        ERASURE = "erasure", _("erase my data")
        OBJECTION = "objection", _("stop a use of my data")

    class State(models.TextChoices):
        OPEN = "open", _("being worked on")
        DONE = "done", _("carried out")
        REFUSED = "refused", _("refused with a reason")

    ref = models.CharField(primary_key=True, max_length=40)
    subscriber = models.CharField(max_length=64, db_index=True)
    brand = models.CharField(max_length=40, blank=True)
    kind = models.CharField(_("request"), max_length=12, choices=Kind)
    channel = models.CharField(max_length=16)
    words = SealedField()
    rule = models.CharField(max_length=80)
    received_at = models.DateTimeField(_("received"))
    due_at = models.DateTimeField(_("due"))
    extended_because = models.CharField(max_length=300, blank=True)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.OPEN)
    answer = models.CharField(_("answer"), max_length=500, blank=True)
    answered_by = models.CharField(max_length=80, blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    document = SealedField()
    document_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "privacy_rights_request"
        verbose_name = _("request about personal data")
        verbose_name_plural = _("requests about personal data")
        ordering = ["due_at", "ref"]
        indexes = [models.Index(fields=["state", "due_at"], name="privacy_request_due")]
        constraints = [
            models.UniqueConstraint(
                fields=["subscriber", "kind"],
                condition=models.Q(state="open"),
                name="privacy_one_open_request",
            )
        ]

    def __str__(self) -> str:
        return self.ref

    @property
    def title(self) -> Promise:
        """The right that is used, as a person says it."""
        return RIGHTS[self.kind]


RIGHTS: dict[str, Promise] = {
    RightsRequest.Kind.ACCESS: _("See what you hold about me"),
    RightsRequest.Kind.EXPORT: _("Give me a copy of my data"),
    RightsRequest.Kind.CORRECTION: _("Correct something"),
    RightsRequest.Kind.ERASURE: _("Erase my data"),
    RightsRequest.Kind.OBJECTION: _("Stop every use that I may stop"),
}
