"""Reports of messages, calls, links and apps; the numbers they are about; what followed."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from amends.causes.protection.choices import (
    AppealState,
    DeliveryAction,
    DeliveryReason,
    FraudKind,
    MessageLabel,
    ProtectionLevel,
    ReportedThing,
    ReportState,
    Step,
    Treatment,
)
from amends.platform.kit.ids import time_ordered_id
from amends.platform.vault.fields import SealedField


class ReportedNumber(models.Model):
    """A number that was reported, and what it is subject to.

    entry         blind index of the number: found again without being readable
    holder_since  since when its holder has it: what was reported earlier counts nothing
    weight        what its reports weigh together, when last counted
    step_until    the consequence ends then unless new reports come
    holder_step   the consequence that its holder was last informed of
    partner       the partner that uses it, once its suspension was decided
    sanction      reference of the proceeding about that suspension (`vetting`)
    checked_with  the list of numbers that are never blocked, when it was last compared with it
    block_asked_at  when the rules last asked a second person for a block
    """

    ref = models.CharField(primary_key=True, max_length=40)
    entry = models.CharField(max_length=80, unique=True)
    number = SealedField()
    holder_since = models.DateTimeField(null=True, blank=True)
    weight = models.FloatField(_("weight"), default=0.0)
    people = models.PositiveIntegerField(_("people who reported it"), default=0)
    frauds = models.PositiveIntegerField(default=0)
    step = models.CharField(_("consequence"), max_length=8, choices=Step, blank=True)
    step_at = models.DateTimeField(null=True, blank=True)
    step_until = models.DateTimeField(_("until"), null=True, blank=True)
    rules = models.CharField(max_length=60, blank=True)
    holder_step = models.CharField(max_length=8, choices=Step, blank=True)
    partner = models.CharField(max_length=64, blank=True)
    sanction = models.CharField(max_length=40, blank=True)
    cleared_at = models.DateTimeField(null=True, blank=True)
    counted_at = models.DateTimeField(null=True, blank=True)
    checked_with = models.CharField(max_length=40, blank=True, default="", db_default="")
    block_asked_at = models.DateTimeField(null=True, blank=True)
    last_reported_at = models.DateTimeField(_("last report"))

    class Meta:
        db_table = "protection_number"
        ordering = ["-weight", "ref"]
        indexes = [
            models.Index(fields=["step", "step_until"], name="protection_number_step"),
            models.Index(fields=["-weight", "ref"], name="protection_number_weight"),
        ]


class NuisanceReport(models.Model):
    """What one person reported.

    key        idempotency key: the same message reported twice is one report
    reporter   pseudonym, or the blind index of the address where nobody is known by it
    proven     whether the channel proves that it is theirs
    verified   the network recorded that the number contacted this person before: only then the
               report weighs in full
    source     blind index of the network address, or the client, that it came from; "" for none
    typed_by   the colleague who entered it for a caller; "" for none
    text       the message, sealed
    score      probability that it is spam or fraud; None without words
    words      the passages that decided it, masked
    hosts      hosts of the links in it, with their kinds
    complaint  reference of the complaint it belongs to
    harmed     the person has paid, or shared a code or password
    """

    ref = models.CharField(primary_key=True, max_length=40)
    key = models.CharField(max_length=80, unique=True)
    number = models.ForeignKey(
        ReportedNumber, null=True, blank=True, on_delete=models.PROTECT, related_name="reports"
    )
    thing = models.CharField(_("what is reported"), max_length=8, choices=ReportedThing)
    text = SealedField()
    label = models.CharField(_("label"), max_length=12, choices=MessageLabel, blank=True)
    kind = models.CharField(_("kind"), max_length=16, choices=FraudKind, blank=True)
    score = models.FloatField(null=True, blank=True)
    words = models.JSONField(default=list)
    hosts = models.JSONField(default=list)
    reporter = models.CharField(max_length=80)
    proven = models.BooleanField(default=False)
    verified = models.BooleanField(default=False, db_default=False)
    source = models.CharField(max_length=80, blank=True, default="", db_default="")
    typed_by = models.CharField(max_length=80, blank=True, default="", db_default="")
    subscriber = models.CharField(max_length=64, blank=True)
    brand = models.CharField(max_length=40, blank=True)
    channel = models.CharField(max_length=16)
    complaint = models.CharField(max_length=40, blank=True)
    harmed = models.BooleanField(default=False)
    reported_at = models.DateTimeField(_("reported at"))
    state = models.CharField(
        _("state"), max_length=14, choices=ReportState, default=ReportState.RECEIVED
    )
    answered_at = models.DateTimeField(null=True, blank=True)
    outcome_sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "protection_report"
        ordering = ["-reported_at", "ref"]
        indexes = [
            models.Index(fields=["reporter", "reported_at"], name="protection_report_by"),
            models.Index(fields=["reported_at"], name="protection_report_at"),
            models.Index(fields=["subscriber"], name="protection_report_person"),
        ]


class NumberContact(models.Model):
    """That a number contacted a subscriber, according to the network's query.

    It proves the receipt of what is reported, and how long a number has had ordinary traffic.
    Nothing else is stored of messages and calls that are delivered: the pair is a keyed hash.

    pair   blind index of number and subscriber
    entry  blind index of the number
    """

    pair = models.CharField(primary_key=True, max_length=80)
    entry = models.CharField(max_length=80)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        db_table = "protection_contact"
        ordering = ["first_at", "pair"]
        indexes = [
            models.Index(fields=["entry", "first_at"], name="protection_contact_entry"),
            models.Index(fields=["last_at"], name="protection_contact_last"),
        ]


class ReportEvidence(models.Model):
    """A screenshot, or a file of a multimedia message, attached to a report.

    The bytes are encrypted on disk under `key`.
    """

    id = models.CharField(primary_key=True, max_length=32, default=time_ordered_id)
    report = models.ForeignKey(NuisanceReport, on_delete=models.CASCADE, related_name="evidence")
    name = SealedField()
    key = SealedField()
    media_type = models.CharField(max_length=100)
    size_bytes = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    added_at = models.DateTimeField()

    class Meta:
        db_table = "protection_evidence"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["report", "sha256"], name="protection_evidence_once")
        ]


class BlockListChange(models.Model):
    """A number put on the block list or taken off; ids are the numbers of changes, in order."""

    number = models.ForeignKey(ReportedNumber, on_delete=models.PROTECT, related_name="changes")
    added = models.BooleanField()
    at = models.DateTimeField(_("at"))
    until = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=200)
    by = models.CharField(max_length=80)
    notified_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "protection_block_change"
        ordering = ["id"]


class NumberAppeal(models.Model):
    """The holder of a number says that a consequence is wrong."""

    ref = models.CharField(primary_key=True, max_length=40)
    number = models.ForeignKey(ReportedNumber, on_delete=models.PROTECT, related_name="appeals")
    subscriber = models.CharField(max_length=64)
    brand = models.CharField(max_length=40, blank=True)
    words = SealedField()
    received_at = models.DateTimeField(_("received at"))
    due_at = models.DateTimeField(_("due"))
    state = models.CharField(
        _("state"), max_length=8, choices=AppealState, default=AppealState.OPEN
    )
    handler = models.CharField(max_length=80, blank=True)
    answer = models.CharField(_("answer"), max_length=2000, blank=True)
    answered_by = models.CharField(max_length=80, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "protection_appeal"
        ordering = ["due_at", "ref"]
        constraints = [
            models.UniqueConstraint(
                fields=["number"],
                condition=models.Q(state="open"),
                name="protection_one_open_appeal",
            )
        ]


class AdvertRefusal(models.Model):
    """A subscriber who wants no advertising at all, whatever they agreed to elsewhere."""

    subscriber = models.CharField(primary_key=True, max_length=64)
    since = models.DateTimeField()

    class Meta:
        db_table = "protection_advert_refusal"


class ProtectionSettings(models.Model):
    """Settings of a subscriber; without a row the defaults apply.

    quiet_from, quiet_until  local times; quiet hours may cross midnight; None for none
    outcome_messages         what became of reports is sent as a message
    second_contact           phone number of a person who is notified of likely frauds
    contact_entry            its blind index, by which that person can refuse
    """

    subscriber = models.CharField(primary_key=True, max_length=64)
    level = models.CharField(
        _("level"), max_length=8, choices=ProtectionLevel, default=ProtectionLevel.MARKED
    )
    quiet_from = models.TimeField(null=True, blank=True)
    quiet_until = models.TimeField(null=True, blank=True)
    international_calls_off = models.BooleanField(default=False)
    outcome_messages = models.BooleanField(default=True)
    second_contact = SealedField()
    contact_entry = models.CharField(max_length=80, blank=True, db_index=True)
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "protection_settings"


class ChosenNumber(models.Model):
    """A number that a subscriber always allows, or never wants to hear from."""

    ref = models.CharField(primary_key=True, max_length=40)
    subscriber = models.CharField(max_length=64)
    entry = models.CharField(max_length=80)
    number = SealedField()
    treatment = models.CharField(max_length=8, choices=Treatment)
    chosen_at = models.DateTimeField()

    class Meta:
        db_table = "protection_chosen_number"
        ordering = ["-chosen_at", "ref"]
        constraints = [
            models.UniqueConstraint(fields=["subscriber", "entry"], name="protection_chosen_once")
        ]


class Guardianship(models.Model):
    """A line and the guardian of its subscriber, approved by two people on a document.

    minor     the ward: a minor, or an adult
    number    phone number of the line
    until     last day (date) of the guardianship
    basis     rule of `guardianship-….toml`: `minor`, `court`, `agreement`
    document  the document that was examined, masked
    approval  reference of the request that a second person approved; "" for an entry of before,
              which protects and overrules nothing
    notified_at, objected_at  when the ward was notified of it, and objected
    """

    minor = models.CharField(primary_key=True, max_length=64)
    number = SealedField()
    guardian = models.CharField(max_length=64, db_index=True)
    until = models.DateField(_("until"))
    purchases_off = models.BooleanField(default=True)
    premium_off = models.BooleanField(default=True)
    basis = models.CharField(max_length=16, blank=True, default="", db_default="")
    document = models.CharField(max_length=200, blank=True, default="", db_default="")
    approval = models.CharField(max_length=40, blank=True, default="", db_default="")
    notified_at = models.DateTimeField(null=True, blank=True)
    objected_at = models.DateTimeField(null=True, blank=True)
    set_by = models.CharField(max_length=80)
    set_at = models.DateTimeField()

    class Meta:
        db_table = "protection_guardianship"
        ordering = ["until", "minor"]


class StoppedDelivery(models.Model):
    """A message or call to a subscriber that was marked, held or blocked.

    key       idempotency key of the network's question
    fraud     whether it was a likely fraud
    until     when a held message is delivered
    wrong_at  when the subscriber said that it was wrong to stop it
    """

    ref = models.CharField(primary_key=True, max_length=40)
    key = models.CharField(max_length=80, unique=True)
    subscriber = models.CharField(max_length=64)
    brand = models.CharField(max_length=40, blank=True)
    entry = models.CharField(max_length=80)
    number = SealedField()
    thing = models.CharField(max_length=8, choices=ReportedThing)
    action = models.CharField(max_length=8, choices=DeliveryAction)
    reason = models.CharField(max_length=20, choices=DeliveryReason)
    fraud = models.BooleanField(default=False)
    at = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    wrong_at = models.DateTimeField(null=True, blank=True)
    advised_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "protection_stopped"
        ordering = ["-at", "ref"]
        indexes = [
            models.Index(fields=["subscriber", "-at"], name="protection_stopped_of"),
            models.Index(fields=["entry", "wrong_at"], name="protection_stopped_wrong"),
            models.Index(fields=["at"], name="protection_stopped_at"),
        ]
