"""Tell the people of an incident what happened to their data and what they can do."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, override

from amends.causes.privacy.actions.authority import check
from amends.causes.privacy.actions.incidents import PERMISSION, UnableToHandleIncident, open_one
from amends.causes.privacy.models import AffectedPerson, Incident
from amends.causes.privacy.queries.clocks import incident_clocks
from amends.causes.privacy.rules.data_words import words_of_fields
from amends.channels.actions.post import Outgoing, post_many
from amends.channels.queries.capabilities import reached_by
from amends.people.access.actions.reach import Reachable, reach_many
from amends.people.operator.queries import public_address
from amends.people.subscribers.queries import subscribers
from amends.platform.kit.actors import Actor, system
from amends.platform.kit.formats import format_date, is_chinese

_AT_ONCE = 200


def ask_to_notify(ref: str, *, actor: Actor, now: datetime) -> int:
    """Ask a colleague to send the messages to everybody concerned now; to how many people."""
    check(actor, PERMISSION)
    with transaction.atomic():
        row = open_one(ref, actor)
        people = row.affected.filter(message="").count()
        if row.drill or not people:
            raise UnableToHandleIncident(
                gettext_noop("There is nobody to tell."), meaning=gettext_noop("Nothing was asked.")
            )
        row.notice_asked_by, row.notice_asked_at, row.notice_people = actor.ref, now, people
        row.save(update_fields=["notice_asked_by", "notice_asked_at", "notice_people"])
    return people


def notify_people(ref: str, *, actor: Actor, now: datetime) -> tuple[int, int]:
    """Post a message to everybody concerned who is not told yet: (told, without a contact).

    Somebody else than who asked for it sends it, to no more people than were asked for. In a drill
    nobody is written to. Killed halfway, begin it again: nobody is told twice.
    """
    check(actor, PERMISSION)
    row = open_one(ref, actor)
    if row.drill:
        return 0, 0
    informed_count, without = 0, 0
    waiting = list(row.affected.filter(message=""))
    _refuse_alone(row, len(waiting), actor)
    for start in range(0, len(waiting), _AT_ONCE):
        batch = waiting[start : start + _AT_ONCE]
        contacts = reach_many(
            system("privacy"),
            {affected_person.subscriber: row.ref for affected_person in batch},
            reason=gettext_noop("an incident of your personal data"),
            now=now,
        )
        people = subscribers(contacts)
        with transaction.atomic():
            for affected_person in batch:
                contact = contacts.get(affected_person.subscriber)
                if contact is None or not (contact.phone or contact.email):
                    without += 1
                    continue
                person = people[affected_person.subscriber]
                letter = _letter(row, affected_person, contact, person.language, person.zone)
                affected_person.message = post_many([letter], now=now)[0].id
                affected_person.save(update_fields=["message"])
                informed_count += 1
    if not row.affected.filter(message="").exists():
        about_people = [
            incident_clock.rule
            for incident_clock in incident_clocks(row.found_at)
            if incident_clock.persons
        ]
        met = row.clocks.filter(rule__in=about_people, told_at=None)
        met.update(told_at=now, told_by=actor.ref)
    return informed_count, without


def _refuse_alone(row: Incident, people: int, actor: Actor) -> None:
    if not row.notice_asked_by:
        raise UnableToHandleIncident(
            gettext_noop("Nobody has asked for these messages yet."),
            meaning=gettext_noop("Nobody was written to."),
            next_step=gettext_noop("Ask for them; a colleague reads it and sends them."),
        )
    if row.notice_asked_by == actor.ref:
        raise UnableToHandleIncident(
            gettext_noop("You asked for these messages yourself."),
            meaning=gettext_noop("Nobody was written to."),
            next_step=gettext_noop("Another privacy officer or manager reads it and sends them."),
        )
    if people > row.notice_people:
        raise UnableToHandleIncident(
            gettext_noop("%(people)s people wait now; messages to %(asked)s were asked for."),
            meaning=gettext_noop("Nobody was written to."),
            next_step=gettext_noop("Look at the scope, and ask for the messages again."),
            values={"people": people, "asked": row.notice_people},
        )


def _letter(
    row: Incident, affected_person: AffectedPerson, contact: Reachable, language: str, zone: str
) -> Outgoing:
    chinese = is_chinese(language)
    with override("zh-hans" if chinese else "en"):
        body = _(
            "On %(first)s a user of our systems looked at your %(fields)s without a proper reason. "
            "We stopped the access and reported it. Be careful with calls and messages that know "
            "these data, give nobody a code, and see who looked at your data, or complain, at "
            "%(address)s. Reference %(ref)s."
        ) % {
            "first": format_date(affected_person.first_at, language, zone),
            "fields": words_of_fields(affected_person.fields, chinese=chinese),
            "address": f"{public_address()}/mine/privacy/",
            "ref": row.ref,
        }
        subject = _("About your personal data")
    channel = reached_by("phone" if contact.phone else "email")
    return Outgoing(
        key=f"incident:{row.ref}:{affected_person.subscriber}",
        channel=channel,
        recipient=contact.phone or contact.email,
        subject=subject,
        body=body,
        language="zh" if chinese else "en",
        reference=row.ref,
        subscriber=affected_person.subscriber,
    )
