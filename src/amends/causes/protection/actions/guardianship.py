"""Record a guardian: asked on a document, approved by a second person, notified to the ward."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_noop as _

from amends.causes.protection.actions.set_protection import GUARDED, UnableToSetProtection
from amends.causes.protection.authority import check
from amends.causes.protection.models import Guardianship
from amends.causes.protection.numbers import masked, spelled
from amends.causes.protection.queries.settings import rules_of_guardians
from amends.causes.protection.rules.guardianship import last_day
from amends.channels.actions.post import Outgoing, post_many
from amends.channels.queries.capabilities import reached_by
from amends.people.access.actions.reach import reach_many
from amends.people.subscribers.queries import SubscriberView, identify, subscriber
from amends.platform.kit.actors import Actor, system
from amends.platform.kit.formats import format_date, is_chinese
from amends.platform.registry import DecisionAct
from amends.platform.vault.recognisers import mask_text
from amends.platform.vault.sealing import seal
from amends.work.approvals.actions.decide import overtake
from amends.work.approvals.actions.request_approval import request_approval
from amends.work.approvals.actions.subject import Subject
from amends.work.approvals.queries import WaitingItem

DECISION = "protection.name_guardian"
SUBJECT = "guardianship"


class GuardianRefused(UnableToSetProtection):
    """The guardian cannot be recorded as entered; `field` of `NewGuardian` is to be corrected."""

    def __init__(
        self,
        what: str,
        *,
        meaning: str,
        next_step: str,
        field: str,
        values: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(what, meaning=meaning, next_step=next_step, values=values)
        self.field = field


@dataclass(frozen=True, slots=True, kw_only=True)
class NewGuardian:
    """A guardianship to record.

    ward, guardian  phone numbers of the two
    basis           rule of `guardianship-….toml`
    document        the document that was examined, such as "court decision of 2026-03-01"
    born            birthday of a minor as in the document; not stored
    until           last day
    """

    ward: str
    guardian: str
    basis: str
    document: str
    until: date
    born: date | None = None


def request_guardian(new: NewGuardian, *, actor: Actor, now: datetime) -> WaitingItem:
    """Ask a second person to approve a guardian, after the documents were examined."""
    check(actor, "protection.decide")
    ward, guardian = _people(new, actor)
    _refuse_terms(new, now)
    number = seal(GUARDED, "number", ward.pseudonym, spelled(new.ward))
    document = mask_text(new.document.strip()[:200]).text[:200]
    return request_approval(
        DECISION,
        subject=Subject(
            kind=SUBJECT,
            key=ward.pseudonym,
            title=masked(spelled(new.ward)),
            path="/desk/protection/guardians/",
        ),
        reason=document,
        actor=actor,
        now=now,
        payload={
            "guardian": guardian.pseudonym,
            "basis": new.basis,
            "document": document,
            "until": new.until.isoformat(),
            "number": number.hex(),
        },
        brands=sorted({ward.brand, guardian.brand} - {""}),
    )


def perform_guardian(act: DecisionAct) -> str:
    """Record the guardian and notify the ward."""
    terms = act.payload
    row, _created = Guardianship.objects.update_or_create(
        minor=act.subject,
        defaults={
            "guardian": terms["guardian"],
            "number": bytes.fromhex(terms["number"]),
            "until": date.fromisoformat(terms["until"]),
            "basis": terms["basis"],
            "document": terms["document"],
            "approval": act.ref,
            "notified_at": None,
            "objected_at": None,
            "set_by": act.asked_by,
            "set_at": act.now,
        },
    )
    if _notify_ward(row, act.now):
        row.notified_at = act.now
        row.save(update_fields=["notified_at"])
    return act.ref


def undo_guardian(act: DecisionAct) -> None:
    """End the guardianship that this approval recorded."""
    Guardianship.objects.filter(minor=act.subject, approval=act.ref).delete()


def terms_of(act: DecisionAct) -> list[tuple[str, str]]:
    """The terms as the second person reads them."""
    rule = rules_of_guardians(timezone.localdate(act.now)).get(act.payload["basis"])
    chinese = is_chinese(get_language() or "en")
    return [
        (_t("Basis"), (rule.zh if chinese else rule.en) if rule else act.payload["basis"]),
        (_t("Document"), act.payload["document"]),
        (_t("Until"), act.payload["until"]),
    ]


def object_to_guardian(ward: str, *, now: datetime) -> bool:
    """The ward objects: for an adult the guardian decides nothing until two people decide again."""
    with transaction.atomic():
        rows = Guardianship.objects.filter(minor=ward, objected_at__isnull=True)
        return bool(rows.update(objected_at=now))


def end_guardianship(ward: str, *, actor: Actor, now: datetime) -> bool:
    """End a guardianship early; False where there is none."""
    check(actor, "protection.decide")
    person = subscriber(ward)
    if person is None or (actor.brand and person.brand != actor.brand):
        return False
    with transaction.atomic():
        deleted, _by_model = Guardianship.objects.filter(minor=ward).delete()
        overtake(SUBJECT, ward, actor=actor, now=now, decision=DECISION)
    return bool(deleted)


def _people(new: NewGuardian, actor: Actor) -> tuple[SubscriberView, SubscriberView]:
    ward, guardian = identify(phone=new.ward), identify(phone=new.guardian)
    if ward is None or (actor.brand and ward.brand != actor.brand):
        raise GuardianRefused(
            _("The ward's number is not a subscriber's."),
            meaning=_("Nothing was changed."),
            next_step=_("Check both numbers."),
            field="ward",
        )
    if guardian is None or (actor.brand and guardian.brand != actor.brand):
        raise GuardianRefused(
            _("The guardian's number is not a subscriber's."),
            meaning=_("Nothing was changed."),
            next_step=_("Check both numbers."),
            field="guardian",
        )
    if ward.pseudonym == guardian.pseudonym:
        raise GuardianRefused(
            _("The two numbers are the same person's."),
            meaning=_("Nothing was changed."),
            next_step=_("Check both numbers."),
            field="guardian",
        )
    return ward, guardian


def _refuse_terms(new: NewGuardian, now: datetime) -> None:
    today = timezone.localdate(now)
    rule = rules_of_guardians(today).get(new.basis)
    if rule is None or not new.document.strip():
        raise GuardianRefused(
            _("The document that proves the guardianship is missing."),
            meaning=_("Nothing was changed."),
            next_step=_("Choose the basis and describe the document you examined."),
            field="document",
        )
    if rule.until_age and new.born is not None and new.born > today:
        raise GuardianRefused(
            _("The birthday of the minor is in the future."),
            meaning=_("Nothing was changed."),
            next_step=_("Enter it as in the document; it is not stored."),
            field="born",
        )
    last = last_day(rule, today=today, born=new.born)
    if last is None:
        raise GuardianRefused(
            _("The birthday of the minor is missing."),
            meaning=_("Nothing was changed."),
            next_step=_("Enter it as in the document; it is not stored."),
            field="born",
        )
    if new.until < today or new.until > last:
        raise GuardianRefused(
            _("The last day must be between today and %(last)s."),
            meaning=_("Nothing was changed."),
            next_step=_("Check the date; later the documents are examined again."),
            values={"last": last.isoformat()},
            field="until",
        )


def _notify_ward(row: Guardianship, now: datetime) -> bool:
    contacts = reach_many(
        system("protection"),
        {row.minor: row.approval},
        reason=_("notified of a guardian of this line"),
        now=now,
    )
    person, contact = subscriber(row.minor), contacts.get(row.minor)
    if person is None or contact is None or not (contact.phone or contact.email):
        return False
    chinese = is_chinese(person.language or "zh")
    language = "zh-hans" if chinese else "en"
    with override(language):
        body = _t(
            "A guardian was recorded for your line until %(until)s. If this is wrong, answer "
            "NO GUARDIAN, or object at “Your protection” or by phone; people examine it again."
        ) % {"until": format_date(row.until, language)}
    letter = Outgoing(
        key=f"guardian-recorded:{row.approval}",
        channel=reached_by("phone" if contact.phone else "email"),
        recipient=contact.phone or contact.email,
        subject="" if contact.phone else "Amends",
        body=body,
        language="zh" if chinese else "en",
        reference=row.approval,
        subscriber=row.minor,
    )
    post_many([letter], now=now)
    return True
