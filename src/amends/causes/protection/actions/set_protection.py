"""A subscriber's settings of their own protection, and a guardian's of a minor's line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_noop as _
from django.utils.translation import override

from amends.causes.protection.actions.count_reports import count_reports
from amends.causes.protection.choices import ProtectionLevel, Treatment
from amends.causes.protection.models import (
    ChosenNumber,
    Guardianship,
    ProtectionSettings,
    ReportedNumber,
    StoppedDelivery,
)
from amends.causes.protection.numbers import entry_of, spelled
from amends.causes.protection.queries.settings import CORRECT_WITHIN, number_of_stop, powers_over
from amends.channels.actions.post import Outgoing
from amends.channels.actions.send_on_request import send_on_request
from amends.channels.queries.capabilities import reached_by
from amends.people.subscribers.queries import normal_form, subscriber
from amends.platform.kit.errors import BadInput, Refused
from amends.platform.kit.formats import is_chinese
from amends.platform.kit.ids import random_id
from amends.platform.vault.sealing import seal

SETTINGS, CHOSEN = "protection_settings", "protection_chosen_number"
GUARDED = "protection_guardianship"
MOST_CHOSEN = 200


class UnableToSetProtection(BadInput):
    """A choice contradicts itself, or the number is not one."""

    code = "unable_to_set_protection"


class UnableToChangeMinor(Refused):
    """The level of a minor's line is chosen by the guardian."""

    code = "unable_to_change_minor"


class UnableToCorrectStop(Refused):
    """The entry belongs to another person, or is too old."""

    code = "unable_to_correct_stop"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSettings:
    """The settings of a subscriber; `second_contact` is a phone number, "" for none."""

    level: str
    quiet_from: time | None = None
    quiet_until: time | None = None
    international_calls_off: bool = False
    second_contact: str = ""
    outcome_messages: bool = True


def set_protection(subscriber_ref: str, new: NewSettings, *, now: datetime) -> ProtectionSettings:
    """Store a subscriber's own settings; they apply from the next message or call.

    A new second contact is informed by text message, and how to refuse.
    """
    if (new.quiet_from is None) != (new.quiet_until is None):
        raise UnableToSetProtection(
            _("Quiet hours need a beginning and an end."),
            meaning=_("Nothing was changed."),
            next_step=_("Enter both times, or leave both empty."),
        )
    row = ProtectionSettings.objects.filter(subscriber=subscriber_ref).first()
    before = row.level if row else ProtectionLevel.MARKED
    powers = powers_over(subscriber_ref, now=now)
    if powers is not None and powers.sets_level and new.level != before:
        raise UnableToChangeMinor(
            _("Your guardian chooses the level of this line."),
            meaning=_("Nothing was changed."),
            next_step=_("Ask your guardian to change it at “Your protection”."),
        )
    contact = normal_form("phone", new.second_contact) if new.second_contact.strip() else ""
    if contact and not contact.startswith("+"):
        raise UnableToSetProtection(
            _("The number of the second contact is not a telephone number."),
            meaning=_("Nothing was changed."),
            next_step=_("Enter it with its area code, or leave it empty."),
        )
    entry = entry_of(contact) if contact else ""
    with transaction.atomic():
        is_unchanged = row is not None and row.contact_entry == entry
        row, _created = ProtectionSettings.objects.update_or_create(
            subscriber=subscriber_ref,
            defaults={
                "level": new.level,
                "quiet_from": new.quiet_from,
                "quiet_until": new.quiet_until,
                "international_calls_off": new.international_calls_off,
                "outcome_messages": new.outcome_messages,
                "second_contact": (
                    seal(SETTINGS, "second_contact", subscriber_ref, contact) if contact else b""
                ),
                "contact_entry": entry,
                "changed_at": now,
            },
        )
        if contact and not is_unchanged:
            letter = _inform(subscriber_ref, contact, entry, now)
            send_on_request(letter, asked_by=subscriber_ref, now=now)
    return row


def refuse_to_be_contact(number: str) -> int:
    """End that a number is anybody's second contact, as its holder asks; of how many it was."""
    rows = ProtectionSettings.objects.filter(contact_entry=entry_of(number))
    return rows.update(second_contact=b"", contact_entry="")


def choose_number(
    subscriber_ref: str, number: str, treatment: Treatment, *, now: datetime
) -> ChosenNumber:
    """Put a number on a subscriber's do-not-disturb list, or always allow it."""
    if not number.strip():
        raise UnableToSetProtection(
            _("The number is missing."),
            meaning=_("Nothing was changed."),
            next_step=_("Enter the number or name of the sender."),
        )
    entry = entry_of(number)
    mine = ChosenNumber.objects.filter(subscriber=subscriber_ref)
    if not mine.filter(entry=entry).exists() and mine.count() >= MOST_CHOSEN:
        raise UnableToSetProtection(
            _("Your list is full: it has at most %(most)s numbers."),
            meaning=_("Nothing was changed."),
            next_step=_("Remove a number first."),
            values={"most": MOST_CHOSEN},
        )
    ref = random_id("cho", length=12)
    row, is_created = ChosenNumber.objects.get_or_create(
        subscriber=subscriber_ref,
        entry=entry,
        defaults={
            "ref": ref,
            "number": seal(CHOSEN, "number", ref, spelled(number)),
            "treatment": treatment,
            "chosen_at": now,
        },
    )
    if not is_created and row.treatment != treatment:
        row.treatment, row.chosen_at = treatment, now
        row.save(update_fields=["treatment", "chosen_at"])
    return row


def remove_chosen(subscriber_ref: str, ref: str) -> bool:
    """Take a number off a subscriber's own list; False where it is not on it."""
    deleted, _by_model = ChosenNumber.objects.filter(subscriber=subscriber_ref, ref=ref).delete()
    return bool(deleted)


def correct_stop(subscriber_ref: str, ref: str, *, now: datetime) -> StoppedDelivery:
    """A subscriber says that something was wrongly stopped.

    The number is allowed for them from now on, and its reports weigh less for everybody.
    """
    with transaction.atomic():
        row = (
            StoppedDelivery.objects.select_for_update()
            .filter(subscriber=subscriber_ref, ref=ref, at__gte=now - CORRECT_WITHIN)
            .first()
        )
        if row is None:
            raise UnableToCorrectStop(
                _("This entry cannot be corrected any more."),
                meaning=_("Nothing was changed."),
                next_step=_("Add the number to the ones you allow."),
            )
        if row.wrong_at is not None:
            return row
        row.wrong_at = now
        row.save(update_fields=["wrong_at"])
        choose_number(subscriber_ref, number_of_stop(row), Treatment.ALLOW, now=now)
        reported = ReportedNumber.objects.select_for_update().filter(entry=row.entry).first()
        if reported is not None:
            count_reports(reported, now=now, corrected=True)
    return row


def set_minor(
    guardian: str,
    minor: str,
    *,
    level: str,
    purchases_off: bool,
    premium_off: bool,
    now: datetime,
) -> Guardianship:
    """A guardian chooses what the law lets them decide for the ward's line.

    That is the level, and whether the line may buy anything.
    """
    with transaction.atomic():
        row = (
            Guardianship.objects.select_for_update()
            .filter(guardian=guardian, minor=minor, until__gte=timezone.localdate(now))
            .first()
        )
        powers = powers_over(minor, now=now)
        if row is None or level not in ProtectionLevel.values:
            raise UnableToChangeMinor(
                _("You are not the guardian of this line."),
                meaning=_("Nothing was changed."),
                next_step=_("Have it recorded at a counter, with your documents."),
            )
        if powers is None or not (powers.sets_level or powers.refuses_orders):
            raise UnableToChangeMinor(
                _("The holder of this line decides for themselves."),
                meaning=_("Nothing was changed. You are still warned together with them."),
                next_step=_("Ask at a counter which document the law requires."),
            )
        row.purchases_off, row.premium_off = purchases_off, premium_off
        row.save(update_fields=["purchases_off", "premium_off"])
        if powers.sets_level:
            ProtectionSettings.objects.update_or_create(
                subscriber=minor, defaults={"level": level, "changed_at": now}
            )
    return row


def _inform(subscriber_ref: str, contact: str, entry: str, now: datetime) -> Outgoing:
    person = subscriber(subscriber_ref)
    chinese = is_chinese(person.language if person else "zh")
    with override("zh-hans" if chinese else "en"):
        body = _t(
            "A subscriber of ours named you as the second contact, who is notified if they may "
            "become the victim of a fraud. If you do not want this, answer NO CONTACT."
        )
    return Outgoing(
        key=f"second-contact-named:{subscriber_ref}:{entry}:{now:%Y%m%d}"[:200],
        channel=reached_by("phone"),
        recipient=contact,
        body=body,
        language="zh" if chinese else "en",
    )
