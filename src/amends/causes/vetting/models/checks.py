"""Checks of apps, their findings, and the certificates that were accepted."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from amends.causes.vetting.choices import (
    AppFindingSeverity,
    AppType,
    AppVerdict,
    CheckOutcome,
    CheckState,
)


class AppCheck(models.Model):
    """One app that was sent in, and what was found in it.

    service       offer or service whose launch asks about it, "" for none
    partner       reference of the partner whose app it is
    sent_by_partner  whether people of the partner sent it in, not the operator's
    file_name     as it was sent, for people to recognise it
    file_key      key of the stored file, under the master key; None once it was checked
    certificates  fingerprints (SHA-256) it is signed with, where the signature verifies
    unread        files of the app that could not be read
    refusal       why it could not be read: the parts of an UnableToReadApk
    is_open       whether work on it is left
    """

    ref = models.CharField(primary_key=True, max_length=40)
    service = models.CharField(_("offer or service"), max_length=64, blank=True)
    partner = models.CharField(_("partner"), max_length=64, blank=True)
    brand = models.CharField(max_length=40, blank=True)
    sent_by_partner = models.BooleanField(default=False, db_default=False)
    app_type = models.CharField(_("type of app"), max_length=16, choices=AppType, blank=True)
    file_name = models.CharField(_("file"), max_length=200)
    file_key = models.BinaryField(null=True)
    size = models.PositiveBigIntegerField(_("size in bytes"), default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    state = models.CharField(_("state"), max_length=12, choices=CheckState)
    package = models.CharField(_("package"), max_length=255, blank=True)
    version = models.CharField(_("version"), max_length=100, blank=True)
    target_sdk = models.PositiveIntegerField(null=True)
    certificates = models.JSONField(default=list)
    verdict = models.CharField(_("verdict"), max_length=12, choices=AppVerdict, blank=True)
    rules = models.JSONField(default=list)
    refusal = models.JSONField(default=dict)
    received_at = models.DateTimeField(_("received"))
    received_by = models.CharField(max_length=80)
    checked_at = models.DateTimeField(_("checked"), null=True)
    is_open = models.BooleanField(default=True)
    outcome = models.CharField(_("outcome"), max_length=12, choices=CheckOutcome, blank=True)
    reason = models.CharField(_("reason"), max_length=400, blank=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=80, blank=True)

    class Meta:
        db_table = "vetting_app_check"
        verbose_name = _("check of an app")
        verbose_name_plural = _("checks of apps")
        ordering = ["-received_at", "-ref"]
        indexes = [
            models.Index(fields=["package", "-received_at"], name="vetting_check_package"),
            models.Index(fields=["service", "-received_at"], name="vetting_check_service"),
            models.Index(fields=["state", "received_at"], name="vetting_check_state"),
        ]

    def __str__(self) -> str:
        return f"{self.package or self.file_name} {self.version}".strip()


class AppCheckFinding(models.Model):
    """One finding of a check, the worst first.

    rule    id of the row of `app-findings@….toml`; "" for one of another scanner
    title   of another scanner: what it calls the finding
    source  who found it: amends, mobsf, exodus
    """

    check_of = models.ForeignKey(AppCheck, on_delete=models.CASCADE, related_name="findings")
    position = models.PositiveIntegerField()
    rule = models.CharField(max_length=40, blank=True)
    code = models.CharField(max_length=30)
    severity = models.CharField(_("severity"), max_length=8, choices=AppFindingSeverity)
    evidence = models.CharField(_("evidence"), max_length=500)
    values = models.JSONField(default=dict)
    title = models.CharField(max_length=200, blank=True)
    source = models.CharField(max_length=12, default="amends")

    class Meta:
        db_table = "vetting_app_finding"
        ordering = ["check_of", "position"]

    def __str__(self) -> str:
        return f"{self.code} {self.evidence}"


class AppCertificate(models.Model):
    """A certificate that a partner's app of a package may be signed with.

    partner   reference of the partner, "" for the operator's own apps
    check_of  the check it was first seen in; `accepted_by` "" where it was the partner's first
    """

    partner = models.CharField(max_length=64, blank=True, db_default="")
    package = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    check_of = models.ForeignKey(AppCheck, on_delete=models.PROTECT, related_name="+")
    accepted_at = models.DateTimeField()
    accepted_by = models.CharField(max_length=80, blank=True)

    class Meta:
        db_table = "vetting_app_certificate"
        constraints = [
            models.UniqueConstraint(
                fields=["partner", "package", "sha256"], name="vetting_certificate_of_partner"
            )
        ]

    def __str__(self) -> str:
        return f"{self.package} {self.sha256[:16]}"


class AgreedHost(models.Model):
    """A host that apps may name, agreed with a partner; subdomains are included."""

    host = models.CharField(_("host"), primary_key=True, max_length=253)
    reason = models.CharField(_("reason"), max_length=400)
    agreed_by = models.CharField(max_length=80)
    agreed_at = models.DateTimeField()

    class Meta:
        db_table = "vetting_agreed_host"
        ordering = ["host"]

    def __str__(self) -> str:
        return self.host
