"""Notify the affected users who have not complained: each once, at the contact on record.

One person drafts the message, another sends it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from amends.channels.actions.post import Outgoing, post_many
from amends.channels.queries.capabilities import reached_by
from amends.people.access.actions.reach import reach_many
from amends.people.access.actions.record_count import note_count
from amends.people.subscribers.queries import subscribers
from amends.platform.database.rows import create, update
from amends.platform.kit.actors import Actor, system
from amends.platform.kit.batches import slices
from amends.platform.kit.errors import Refused
from amends.platform.kit.formats import is_chinese
from amends.platform.vault.redaction import redact_person
from amends.problems.emergencies.actions.steps import done
from amends.problems.emergencies.models import Affected, Emergency, SilentNotice
from amends.problems.emergencies.queries.affected import COUNTED, complainants_in, silent_in
from amends.problems.emergencies.queries.steps import SANDBOX
from amends.problems.hotissues.actions.authority import demand, locked
from amends.problems.hotissues.actions.note import note
from amends.problems.hotissues.queries.records import HotIssue

_AT_ONCE = 200


class UnableToNotify(Refused):
    """No emergency says who is hit, or the words are missing."""

    code = "unable_to_tell_silent"


@dataclass(frozen=True, slots=True)
class SilentSummary:
    """How many would be notified; counts alone, nobody's data is opened for it.

    notified  already; `by_language` and `by_brand` count those still to notify
    """

    silent: int
    notified: int
    by_language: dict[str, int]
    by_brand: dict[str, int]


def find_silent(issue: HotIssue, emergency: Emergency, *, now: datetime) -> int:
    """Store the affected users who have not complained, without those who have complained since and
    were neither notified nor credited; how many are new. A drill invents its own.

    Call it with the issue locked.
    """
    if issue.drill:
        return 0
    return store_silent(issue, emergency, current_silent(issue, emergency, now=now), now=now)


def current_silent(issue: HotIssue, emergency: Emergency, *, now: datetime) -> list[str]:
    """Who is hit and silent now by what was declared; nothing is written."""
    return silent_in(
        issue,
        offers=emergency.offers,
        areas=emergency.areas,
        causes=emergency.causes,
        since=emergency.hit_since,
        brand=emergency.brand,
        now=now,
    )


def store_silent(
    issue: HotIssue,
    emergency: Emergency,
    silent_refs: list[str],
    *,
    actor: Actor | None = None,
    now: datetime,
) -> int:
    """Keep what `find_silent` found, and the access to services; the caller locks the issue.

    actor  the platform's own job that counted; without it the one that leads emergencies
    """
    note_count(actor or system("hotissues"), about=issue.id, fields=COUNTED, now=now)
    affected_refs = set(issue.affected.values_list("subscriber", flat=True))
    spoke = affected_refs & complainants_in(issue)
    for part in slices(sorted(spoke)):
        issue.affected.filter(
            subscriber__in=part, told_at__isnull=True, proposed_at__isnull=True
        ).delete()
    fresh = [
        subscriber_ref for subscriber_ref in silent_refs if subscriber_ref not in affected_refs
    ]
    emergency.silent = len(affected_refs - spoke) + len(fresh)
    emergency.save(update_fields=["silent"])
    people = subscribers(fresh)
    create(
        [
            Affected(
                issue=issue,
                subscriber=subscriber_ref,
                brand=people[subscriber_ref].brand,
                found_at=now,
            )
            for subscriber_ref in fresh
            if subscriber_ref in people
        ],
        or_leave=True,
    )
    return len(fresh)


def count_silent(ref: str, *, actor: Actor, now: datetime) -> None:
    """Find the affected users again before showing whom a message or a relief goes to."""
    demand(actor, "hotissues.answer", now)
    with transaction.atomic():
        issue = locked(ref, actor)
        if emergency := Emergency.objects.filter(issue=issue).first():
            find_silent(issue, emergency, now=now)


def silent_summary(issue: HotIssue, *, brand: str = "") -> SilentSummary:
    """Who is still to be notified, in counts."""
    rows = issue.affected.filter(brand=brand) if brand else issue.affected.all()
    spoke = complainants_in(issue)
    waiting = [
        (subscriber_ref, name)
        for subscriber_ref, name in rows.filter(**_UNTOLD).values_list("subscriber", "brand")
        if subscriber_ref not in spoke
    ]
    languages: dict[str, int] = {}
    brands: dict[str, int] = {}
    known_people = subscribers(subscriber_ref for subscriber_ref, _brand in waiting)
    for subscriber_ref, name in waiting:
        language = known_people[subscriber_ref].language if subscriber_ref in known_people else ""
        language_key = "zh" if is_chinese(language or "zh") else "en"
        languages[language_key] = languages.get(language_key, 0) + 1
        brands[name] = brands.get(name, 0) + 1
    return SilentSummary(
        silent=rows.count(),
        notified=rows.filter(told_at__isnull=False).count(),
        by_language=languages,
        by_brand=brands,
    )


def draft_notice(ref: str, zh: str, en: str, *, actor: Actor, now: datetime) -> SilentNotice:
    """Save the message for the affected users of the actor's brand; a colleague sends it."""
    demand(actor, "hotissues.silent", now)
    texts = {"zh": redact_person(zh.strip()), "en": redact_person(en.strip())}
    with transaction.atomic():
        issue = locked(ref, actor)
        if not Emergency.objects.filter(issue=issue).exists() or not all(texts.values()):
            raise UnableToNotify(
                _("There is no emergency on this issue, or the text is missing."),
                meaning=_("No one was notified."),
                next_step=_("Declare it, and write the text in both languages."),
            )
        waiting = issue.silent_notices.filter(brand=actor.brand, sent_at__isnull=True).first()
        notice = waiting or SilentNotice(issue=issue, brand=actor.brand)
        notice.text_zh, notice.text_en = texts["zh"], texts["en"]
        notice.drafted_at, notice.drafted_by = now, actor.ref
        notice.save()
        note(issue, "silent_drafted", actor=actor, now=now)
    return notice


def newest_notice(issue: HotIssue, *, brand: str = "") -> SilentNotice | None:
    """The newest message drafted for the users of a brand; None before one."""
    return issue.silent_notices.filter(brand=brand).order_by("-drafted_at", "-id").first()


def notice_digest(notice: SilentNotice) -> str:
    """SHA-256 over the message in both languages: what the sender has read."""
    return sha256("\0".join((notice.text_zh, notice.text_en, "")).encode()).hexdigest()


def notify_silent(
    ref: str, *, limit: int, seen: str = "", actor: Actor, now: datetime
) -> tuple[int, int]:
    """Send the drafted message; returns how many were notified now, and how many have no contact
    on record.

    most  how many people the sender was shown: never more are written to
    seen  `notice_digest` of the message the sender has read; "" of a caller that reads and sends
          in one

    Somebody else than who drafted it sends it. Each look at a contact is a fact the person can
    read. Safe to call again after a crash: who was notified is not notified again.
    """
    demand(actor, "hotissues.answer", now)
    with transaction.atomic():
        issue = locked(ref, actor)
        notice = readable_notice(issue, actor=actor)
        if seen and seen != notice_digest(notice):
            raise UnableToNotify(
                _("The message was changed since you read it."),
                meaning=_("No one was notified."),
                next_step=_("Read it again, then send it."),
            )
        find_silent(issue, issue.emergency, now=now)
    texts = {"zh": notice.text_zh, "en": notice.text_en}
    notified = unreachable = 0
    for part in slices(_waiting(issue, actor.brand)[:limit], _AT_ONCE):
        with transaction.atomic():
            # Another process may notify the same people: whoever locks a row first does.
            rows = issue.affected.select_for_update().filter(id__in=part, **_UNTOLD)
            batch = list(rows.order_by("id"))
            batch_notified = _notify(issue, batch, texts, now) if batch else 0
        notified += batch_notified
        unreachable += len(batch) - batch_notified
    with transaction.atomic():
        issue = locked(ref, actor)
        notice = SilentNotice.objects.select_for_update().get(id=notice.id)
        notice.sent_at, notice.sent_by = notice.sent_at or now, notice.sent_by or actor.ref
        notice.told, notice.unreachable = notice.told + notified, notice.unreachable + unreachable
        notice.save(update_fields=["sent_at", "sent_by", "told", "unreachable"])
        counts: dict[str, object] = {"told": notified, "unreachable": unreachable}
        note(issue, "silent_told", actor=actor, now=now, details=counts)
        if not _waiting(issue, ""):
            done(issue, "silent", actor=actor, now=now, details=counts)
    return notified, unreachable


def readable_notice(issue: HotIssue, *, actor: Actor) -> SilentNotice:
    """The newest draft, for a colleague to read and send; refused to who drafted it."""
    notice = newest_notice(issue, brand=actor.brand)
    if notice is None:
        raise UnableToNotify(
            _("No message is drafted yet."),
            meaning=_("No one was notified."),
            next_step=_("A service-quality manager writes it on the page of the emergency."),
        )
    if notice.drafted_by == actor.ref:
        raise UnableToNotify(
            _("You drafted this message yourself."),
            meaning=_("No one was notified."),
            next_step=_("Ask a colleague to read it and send it."),
        )
    return notice


_UNTOLD = {"told_at__isnull": True, "told_on": ""}


def _waiting(issue: HotIssue, brand: str) -> list[str]:
    """Those still to be notified, without those who have complained since they were found."""
    rows = issue.affected.filter(**_UNTOLD)
    rows = rows.filter(brand=brand) if brand else rows
    spoke = complainants_in(issue)
    return [
        ref
        for ref, subscriber_ref in rows.order_by("id").values_list("id", "subscriber")
        if subscriber_ref not in spoke
    ]


def _notify(issue: HotIssue, batch: list[Affected], texts: dict[str, str], now: datetime) -> int:
    """Post to these and mark them; how many could be reached."""
    contacts = _contacts(issue, batch, now)
    people_by_ref = subscribers(affected.subscriber for affected in batch)
    letters = []
    for row in batch:
        if row.subscriber not in contacts:
            row.told_on = "nobody"
            continue
        channel, recipient = contacts[row.subscriber]
        person = people_by_ref.get(row.subscriber)
        language_key = "zh" if person is None or is_chinese(person.language) else "en"
        letters.append(
            Outgoing(
                key=f"silent:{row.id}",
                channel=channel,
                recipient=recipient,
                subject="Amends",
                body=texts[language_key],
                language=language_key,
                reference=issue.id,
            )
        )
        row.told_at, row.told_on = now, channel
    post_many(letters, now=now)
    update(batch, ["told_at", "told_on"])
    return len(letters)


def _contacts(issue: HotIssue, batch: list[Affected], now: datetime) -> dict[str, tuple[str, str]]:
    if issue.drill:
        return {row.subscriber: (SANDBOX, row.subscriber) for row in batch}
    ways_by_ref = reach_many(
        system("hotissues"),
        {row.subscriber: issue.id for row in batch},
        reason=gettext_noop("told of a fault that concerns this line"),
        now=now,
    )
    contacts = {}
    for subscriber_ref, way in ways_by_ref.items():
        if way.phone or way.email:
            contacts[subscriber_ref] = (
                (reached_by("phone"), way.phone) if way.phone else (reached_by("email"), way.email)
            )
    return contacts
