"""Orders, the challenges put to the user, what was answered, and the services that run.

Nothing here says who somebody is: subscribers by pseudonym, codes as keyed hashes only. Triggers
(`guards.py`) hold what the actions promise.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import pgettext_lazy

from amends.platform.kit.ids import time_ordered_id
from amends.platform.vault.fields import SealedField


class Presence(models.Model):
    """Somebody showed that he is the subscriber: by a code to the contact on record, or at a shop.

    `code_print` is empty once it is answered, and for a document seen at a counter.
    """

    class Way(models.TextChoices):
        CODE = "code", pgettext_lazy("presence", "code to the contact on record")
        DOCUMENT = "document", pgettext_lazy("presence", "document seen at a counter")

    id = models.CharField(primary_key=True, max_length=32, default=time_ordered_id)
    subscriber = models.CharField(max_length=64, blank=True)
    way = models.CharField(max_length=12, choices=Way)
    channel = models.CharField(max_length=16)
    recorded_by = models.CharField(max_length=64, blank=True)
    partner = models.CharField(max_length=64, blank=True)
    code_print = models.CharField(max_length=64, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    shown_at = models.DateTimeField(null=True, blank=True)
    valid_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["asked_at", "id"]
        indexes = [
            models.Index(fields=["subscriber", "asked_at"], name="confirmations_presence_of")
        ]

    def __str__(self) -> str:
        return self.id


class PresenceRequest(models.Model):
    """A number that somebody typed to be sent a code; its `id` becomes that of the presence.

    Whose number it is is looked up after the answer, so that the time it takes reveals nothing.
    """

    id = models.CharField(primary_key=True, max_length=32, default=time_ordered_id)
    number = SealedField(bound_to="id")
    source = models.CharField(max_length=64, blank=True)
    brand = models.CharField(max_length=40, blank=True, db_default="", default="")
    asked_at = models.DateTimeField()

    class Meta:
        ordering = ["asked_at", "id"]


class Order(models.Model):
    """What somebody asks Amends to carry out, with the exact terms, and what it needs first."""

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("order", "waits for the user")
        CONFIRMED = "confirmed", pgettext_lazy("order", "confirmed, not yet carried out")
        EXECUTED = "executed", pgettext_lazy("order", "carried out")
        REFUSED = "refused", pgettext_lazy("order", "refused by the user")
        LAPSED = "lapsed", pgettext_lazy("order", "lapsed without an answer")
        CANCELLED = "cancelled", pgettext_lazy("order", "cancelled")

    id = models.CharField(primary_key=True, max_length=32, default=time_ordered_id)
    key = models.CharField(max_length=120, unique=True)
    order = models.CharField(max_length=8)
    subscriber = models.CharField(max_length=64)
    service = models.CharField(max_length=64)
    kind = models.CharField(max_length=32)
    offer = models.CharField(max_length=64)
    offer_version = models.CharField(max_length=32, blank=True)
    before = models.CharField(max_length=64, blank=True)
    name_zh = models.CharField(max_length=160)
    name_en = models.CharField(max_length=160)
    price_minor = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3)
    term_months = models.PositiveIntegerField(default=0)
    provider = models.CharField(max_length=64, blank=True)
    agent = models.CharField(max_length=64, blank=True)
    campaign = models.CharField(max_length=64, blank=True)
    claim = models.CharField(max_length=64, blank=True)
    initiator = models.CharField(max_length=12)
    channel = models.CharField(max_length=16)
    placed_by = models.CharField(max_length=64)
    pack = models.CharField(max_length=8)
    rules = models.CharField(max_length=200, blank=True)
    versions = models.CharField(max_length=200)
    needed = models.PositiveSmallIntegerField()
    methods = models.CharField(max_length=80, blank=True)
    terms_hash = models.CharField(max_length=64)
    exception = models.CharField(max_length=40, blank=True)
    exception_reference = models.CharField(max_length=120, blank=True)
    exception_by = models.CharField(max_length=64, blank=True)
    told_at = models.DateTimeField(null=True, blank=True)
    not_before = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=12, choices=State, default=State.WAITING)
    placed_at = models.DateTimeField()
    lapses_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.CharField(max_length=64, blank=True)

    class Meta:
        db_table = "confirmations_order"
        ordering = ["placed_at", "id"]
        indexes = [
            models.Index(fields=["state", "placed_at"], name="confirmations_order_state"),
            models.Index(fields=["subscriber", "placed_at"], name="confirmations_order_of"),
            models.Index(fields=["service", "placed_at"], name="confirmations_order_svc"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(order__in=("open", "change", "stop")), name="an_order_is_one_of_three"
            ),
            models.CheckConstraint(
                condition=Q(needed__gte=1) | ~Q(exception=""),
                name="an_order_needs_a_confirmation_or_a_named_exception",
            ),
            models.CheckConstraint(
                condition=Q(order="stop")
                | ~Q(kind__in=("value_added", "subscription"))
                | Q(needed__gte=2)
                | ~Q(exception=""),
                name="an_added_service_needs_two_confirmations",
            ),
            models.CheckConstraint(
                condition=Q(exception="")
                | (
                    Q(order__in=("change", "stop"))
                    & Q(initiator__in=("operator", "system"))
                    & ~Q(exception_reference="")
                    & ~Q(exception_by="")
                ),
                name="an_exception_names_its_document_and_who_claims_it",
            ),
            models.CheckConstraint(
                condition=Q(exception__gt="")
                | ~Q(initiator__in=("operator", "system", "partner"))
                | Q(order="open")
                | Q(not_before__isnull=False),
                name="what_the_operator_changes_is_told_ahead",
            ),
        ]

    def __str__(self) -> str:
        return self.id


class Challenge(models.Model):
    """One question to the user about one order, answerable once, for a few minutes.

    `print` is a keyed hash of the six digits with the challenge's id; `link_print` of the token in
    the link. `answer` is "" while it is open.
    """

    class Answer(models.TextChoices):
        OPEN = "", pgettext_lazy("challenge", "open")
        YES = "yes", pgettext_lazy("challenge", "yes")
        NO = "no", pgettext_lazy("challenge", "no")
        SPENT = "spent", pgettext_lazy("challenge", "too many wrong codes")
        EXPIRED = "expired", pgettext_lazy("challenge", "no answer in time")
        REPLACED = "replaced", pgettext_lazy("challenge", "another was sent")

    id = models.CharField(primary_key=True, max_length=32, default=time_ordered_id)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="challenges")
    step = models.PositiveSmallIntegerField()
    form = models.CharField(max_length=12)
    channel = models.CharField(max_length=16)
    terms_hash = models.CharField(max_length=64)
    text_hash = models.CharField(max_length=64, blank=True)
    print = models.CharField(max_length=64)
    link_print = models.CharField(max_length=64, unique=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    answer = models.CharField(max_length=8, choices=Answer, default=Answer.OPEN, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["asked_at", "id"]
        indexes = [models.Index(fields=["order", "asked_at"], name="confirmations_asked_of")]
        constraints = [
            models.UniqueConstraint(
                fields=["order"], condition=Q(answer=""), name="one_open_challenge_an_order"
            ),
        ]

    def __str__(self) -> str:
        return self.id


class Confirmation(models.Model):
    """The user's yes to one step of one order; consumes its challenge or cites a presence."""

    id = models.CharField(primary_key=True, max_length=32, default=time_ordered_id)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="confirmations")
    step = models.PositiveSmallIntegerField()
    form = models.CharField(max_length=12)
    method = models.CharField(max_length=16)
    channel = models.CharField(max_length=16)
    challenge = models.OneToOneField(Challenge, null=True, blank=True, on_delete=models.PROTECT)
    presence = models.ForeignKey(Presence, null=True, blank=True, on_delete=models.PROTECT)
    terms_hash = models.CharField(max_length=64)
    evidence_hash = models.CharField(max_length=64)
    taken_by = models.CharField(max_length=64)
    partner = models.CharField(max_length=64, blank=True)
    given_at = models.DateTimeField()
    fact = models.CharField(max_length=32)

    class Meta:
        ordering = ["given_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["order", "step"], name="each_step_confirmed_once"),
            models.UniqueConstraint(
                fields=["order", "form"], name="each_step_by_another_challenge"
            ),
            models.CheckConstraint(
                condition=Q(challenge__isnull=False) | Q(presence__isnull=False),
                name="a_confirmation_has_its_proof",
            ),
        ]

    def __str__(self) -> str:
        return self.id


class RunningService(models.Model):
    """What runs on a subscriber's line, and where we know it from.

    origin   `amends`: carried out here, with its order. `observed`: reported by a system of the
             operator (`source`, `source_ref`), stored whatever it says.
    covered  whether a confirmation covers it
    """

    class Origin(models.TextChoices):
        AMENDS = "amends", pgettext_lazy("service", "carried out by Amends")
        OBSERVED = "observed", pgettext_lazy("service", "reported by the operator's systems")

    id = models.CharField(primary_key=True, max_length=32, default=time_ordered_id)
    service = models.CharField(max_length=64)
    subscriber = models.CharField(max_length=64)
    kind = models.CharField(max_length=32, blank=True)
    offer = models.CharField(max_length=64)
    offer_version = models.CharField(max_length=32, blank=True)
    name_zh = models.CharField(max_length=160, blank=True)
    name_en = models.CharField(max_length=160, blank=True)
    price_minor = models.BigIntegerField(null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    provider = models.CharField(max_length=64, blank=True)
    agent = models.CharField(max_length=64, blank=True)
    campaign = models.CharField(max_length=64, blank=True)
    origin = models.CharField(max_length=12, choices=Origin)
    source = models.CharField(max_length=40)
    source_ref = models.CharField(max_length=64)
    covered = models.BooleanField()
    order = models.ForeignKey(Order, null=True, blank=True, on_delete=models.PROTECT)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    ended_by = models.CharField(max_length=32, blank=True)
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["since", "id"]
        indexes = [
            models.Index(fields=["subscriber", "since"], name="confirmations_runs_for"),
            models.Index(
                fields=["since", "id"],
                condition=Q(covered=False, until__isnull=True),
                name="confirmations_uncovered",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["service"], condition=Q(until__isnull=True), name="a_service_runs_once"
            ),
            models.UniqueConstraint(
                fields=["source", "source_ref"], name="a_report_is_stored_once"
            ),
            models.CheckConstraint(
                condition=Q(origin="observed") | Q(order__isnull=False),
                name="what_amends_carried_out_has_its_order",
            ),
        ]

    def __str__(self) -> str:
        return self.service


class Audit(models.Model):
    """One audit of the past over the ledger's facts, and what it found in all.

    `brand` is the brand of whoever made it, whose subscribers alone it covers; "" for all.
    """

    id = models.CharField(primary_key=True, max_length=32, default=time_ordered_id)
    brand = models.CharField(max_length=40, blank=True)
    pack = models.CharField(max_length=8)
    period_start = models.DateTimeField()
    period_end = models.DateTimeField()
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=64)
    document = models.JSONField(default=dict)
    opened_at = models.DateTimeField(null=True, blank=True)
    opened_by = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ["-made_at", "-id"]

    def __str__(self) -> str:
        return self.id


class AuditFinding(models.Model):
    """One service of one subscriber that was charged without a confirmation."""

    class State(models.TextChoices):
        FOUND = "found", pgettext_lazy("finding", "found")
        OPENED = "opened", pgettext_lazy("finding", "refund opened, user told")
        UNTOLD = "untold", pgettext_lazy("finding", "refund opened, no contact on record")
        NOTHING = "nothing", pgettext_lazy("finding", "given back already")

    id = models.CharField(primary_key=True, max_length=32, default=time_ordered_id)
    audit = models.ForeignKey(Audit, on_delete=models.CASCADE, related_name="findings")
    subscriber = models.CharField(max_length=64)
    service = models.CharField(max_length=64)
    offer = models.CharField(max_length=64)
    partner = models.CharField(max_length=64, blank=True)
    campaign = models.CharField(max_length=64, blank=True)
    agent = models.CharField(max_length=64, blank=True)
    verdict = models.CharField(max_length=16)
    charges = models.PositiveIntegerField()
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=8, choices=State, default=State.FOUND)

    class Meta:
        ordering = ["audit", "id"]
        indexes = [
            models.Index(fields=["audit", "state"], name="confirmations_findings"),
            models.Index(fields=["subscriber"], name="confirmations_finding_of"),
        ]

    def __str__(self) -> str:
        return f"{self.service} {self.offer}"


class BillSent(models.Model):
    """The monthly list of running services sent to a subscriber; once a month."""

    subscriber = models.CharField(max_length=64)
    month = models.CharField(max_length=7)
    at = models.DateTimeField()

    class Meta:
        ordering = ["month", "id"]
        constraints = [
            models.UniqueConstraint(fields=["month", "subscriber"], name="one_bill_a_month")
        ]

    def __str__(self) -> str:
        return self.month


class AuditCharge(models.Model):
    """One charge of a finding: what was charged, and what of it is owed."""

    finding = models.ForeignKey(AuditFinding, on_delete=models.CASCADE, related_name="wrong")
    charge = models.CharField(max_length=64)
    charge_minor = models.BigIntegerField()
    owed_minor = models.BigIntegerField()

    class Meta:
        ordering = ["finding", "id"]

    def __str__(self) -> str:
        return self.charge
