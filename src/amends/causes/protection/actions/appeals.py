"""The holder of a number appeals against a consequence; a person answers in time."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext, override
from django.utils.translation import gettext_noop as _

from amends.causes.protection.actions.block_number import end_step, record_change
from amends.causes.protection.actions.count_reports import count_reports
from amends.causes.protection.actions.suspend_partner import end_suspension
from amends.causes.protection.authority import check
from amends.causes.protection.choices import AppealState
from amends.causes.protection.models import NumberAppeal, ReportedNumber
from amends.causes.protection.numbers import entry_of
from amends.causes.protection.rules.consequences import consequence_rules
from amends.channels.actions.post import Outgoing, post_many
from amends.channels.queries.capabilities import reached_by
from amends.people.access.actions.reach import reach_many
from amends.people.subscribers.queries import identify
from amends.people.subscribers.queries import subscriber as subscriber_of
from amends.platform.kit.actors import Actor, system
from amends.platform.kit.calendars import working_days
from amends.platform.kit.errors import BadInput, Refused
from amends.platform.kit.formats import is_chinese
from amends.platform.kit.ids import random_id
from amends.platform.vault.recognisers import mask_text
from amends.platform.vault.sealing import seal

TABLE = "protection_appeal"


class UnableToAppealNumber(Refused):
    """The number is not the person's, or nothing was done to it."""

    code = "unable_to_appeal"


def appeal(number: str, *, subscriber: str, text: str, now: datetime) -> NumberAppeal:
    """Take an appeal of the person whose number it is; one that is open is not taken twice.

    Somebody else learns nothing about the number: not that it is known, nor what it is subject to.
    """
    holder = identify(phone=number)
    row = ReportedNumber.objects.filter(entry=entry_of(number)).exclude(step="").first()
    if holder is None or holder.pseudonym != subscriber or row is None:
        raise UnableToAppealNumber(
            _("There is nothing to appeal against for a number of yours."),
            meaning=_("Nothing was stored."),
            next_step=_("Only the holder of a number can appeal; check the number."),
        )
    if not text.strip():
        raise BadInput(
            _("The reason why the decision is wrong is missing."),
            meaning=_("Nothing was stored."),
            next_step=_("Write what you use the number for."),
            code="unable_to_answer_appeal",
        )
    with transaction.atomic():
        locked = ReportedNumber.objects.select_for_update().get(ref=row.ref)
        if open_appeal := locked.appeals.filter(state=AppealState.OPEN).first():
            return open_appeal
        ref = random_id("apl", length=12)
        return NumberAppeal.objects.create(
            ref=ref,
            number=locked,
            subscriber=subscriber,
            brand=holder.brand,
            words=seal(TABLE, "words", ref, text.strip()[:2_000]),
            received_at=now,
            due_at=_due(now),
        )


def answer_appeal(
    ref: str, *, granted: bool, text: str, actor: Actor, now: datetime
) -> NumberAppeal:
    """Grant an appeal, which ends the consequence and forgets the reports so far, or refuse it."""
    check(actor, "protection.decide")
    if not text.strip():
        raise BadInput(
            _("An answer needs a text for the holder."),
            meaning=_("Nothing was changed."),
            next_step=_("Write why it is granted or refused."),
            code="unable_to_answer_appeal",
        )
    with transaction.atomic():
        row = (
            NumberAppeal.objects.select_for_update()
            .select_related("number")
            .filter(ref=ref, state=AppealState.OPEN)
            .first()
        )
        if row is None or (actor.brand and row.brand not in ("", actor.brand)):
            raise BadInput(
                _("There is no open appeal with this reference."),
                meaning=_("Nothing was changed."),
                next_step=_("Choose one from the list."),
                code="unable_to_answer_appeal",
            )
        row.state = AppealState.GRANTED if granted else AppealState.REFUSED
        row.answer = mask_text(text.strip()[:2_000]).text
        row.answered_by, row.answered_at = actor.ref, now
        row.save()
        _send_answer(row, now)
        if granted:
            _clear(row.number_id, ref, actor, now)
    return row


def _send_answer(row: NumberAppeal, now: datetime) -> None:
    """Send the holder the answer; where no contact is on record it is on their page alone."""
    contacts = reach_many(
        system("protection"),
        {row.subscriber: row.ref},
        reason=_("informed of the answer to an appeal"),
        now=now,
    )
    person, contact = subscriber_of(row.subscriber), contacts.get(row.subscriber)
    if person is None or contact is None or not (contact.phone or contact.email):
        return
    chinese = is_chinese(person.language or "zh")
    with override("zh-hans" if chinese else "en"):
        granted = row.state == AppealState.GRANTED
        begin = (
            gettext("Your appeal is granted.") if granted else gettext("Your appeal is refused.")
        )
    letter = Outgoing(
        key=f"appeal-answer:{row.ref}",
        channel=reached_by("phone" if contact.phone else "email"),
        recipient=contact.phone or contact.email,
        subject="" if contact.phone else "Amends",
        body=f"{begin} {row.answer}",
        language="zh" if chinese else "en",
        reference=row.ref,
        subscriber=row.subscriber,
    )
    post_many([letter], now=now)


def _clear(number: str, appeal_ref: str, actor: Actor, now: datetime) -> None:
    locked = ReportedNumber.objects.select_for_update().get(ref=number)
    before = locked.step
    end_step(locked)
    locked.cleared_at = now
    if locked.sanction:
        end_suspension(locked, now=now)
    locked.save()
    if before:
        record_change(locked, before, f"appeal={appeal_ref}", by=actor.ref, now=now)
    count_reports(locked, now=now)


def _due(now: datetime) -> datetime:
    days = consequence_rules(timezone.localdate(now)).appeal_working_days
    local = timezone.localtime(now)
    last = working_days(settings.JURISDICTION).add(local.date(), days)
    return local.replace(year=last.year, month=last.month, day=last.day, hour=23, minute=59)
