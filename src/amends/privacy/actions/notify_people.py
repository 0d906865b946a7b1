"""Tell the people of an incident what happened to their data and what they can do."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, override

from amends.access.actions.reach import Reachable, reach_many
from amends.access.actors import Actor, system
from amends.channels.actions.post import Outgoing, post_many
from amends.channels.queries.capabilities import reached_by
from amends.kit.formats import format_date, is_chinese
from amends.privacy.actions.incidents import PERMISSION, open_one
from amends.privacy.authority import check
from amends.privacy.models import AffectedPerson, Incident
from amends.privacy.rules.data_words import words_of_fields
from amends.subscribers.queries import subscribers

_AT_ONCE = 200


def notify_people(ref: str, *, actor: Actor, now: datetime) -> tuple[int, int]:
    """Post a message to everybody concerned who is not told yet: (told, without a contact).

    In a drill nobody is written to. Killed halfway, begin it again: nobody is told twice.
    """
    check(actor, PERMISSION)
    row = open_one(ref, actor)
    if row.drill:
        return 0, 0
    told, without = 0, 0
    waiting = list(row.affected.filter(message=""))
    for start in range(0, len(waiting), _AT_ONCE):
        some = waiting[start : start + _AT_ONCE]
        reached = reach_many(
            system("privacy"), {one.subscriber: row.ref for one in some},
            reason=gettext_noop("an incident of your personal data"), now=now,
        )  # fmt: skip
        known = subscribers(reached)
        with transaction.atomic():
            for one in some:
                contact = reached.get(one.subscriber)
                if contact is None or not (contact.phone or contact.email):
                    without += 1
                    continue
                person = known[one.subscriber]
                letter = _letter(row, one, contact, person.language, person.zone)
                one.message = post_many([letter], now=now)[0].id
                one.save(update_fields=["message"])
                told += 1
    return told, without


def _letter(
    row: Incident, one: AffectedPerson, contact: Reachable, language: str, zone: str
) -> Outgoing:
    chinese = is_chinese(language)
    with override("zh-hans" if chinese else "en"):
        body = _(
            "On %(first)s a user of our systems looked at your %(fields)s without a proper reason. "
            "We stopped the access and reported it. Be careful with calls and messages that know "
            "these data, give nobody a code, and see who looked at your data, or complain, at "
            "%(address)s. Reference %(ref)s."
        ) % {
            "first": format_date(one.first_at, language, zone),
            "fields": words_of_fields(one.fields, chinese=chinese),
            "address": f"{settings.BASE_URL}/mine/privacy/",
            "ref": row.ref,
        }  # fmt: skip
        subject = _("About your personal data")
    channel = reached_by("phone" if contact.phone else "email")
    return Outgoing(
        key=f"incident:{row.ref}:{one.subscriber}", channel=channel,
        recipient=contact.phone or contact.email, subject=subject, body=body,
        language="zh" if chinese else "en", reference=row.ref, subscriber=one.subscriber,
    )  # fmt: skip
