"""Write a copy, check it, take it down."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from amends.access.actors import Actor
from amends.kit.errors import BadInput
from amends.kit.errors import gettext_noop as _
from amends.kit.ids import random_id
from amends.kit.texts import clean
from amends.publicity.authority import require
from amends.publicity.models import FoundFault, PublishedCopy
from amends.publicity.queries import as_copy, checker
from amends.publicity.rules.check import Checker
from amends.publicity.rules.copies import MAX_CHARACTERS
from amends.publicity.rules.findings import Finding


class UnableToWriteCopy(BadInput):
    """The copy has no text, too much of it, or no channel."""

    code = "copy_not_written"


class UnableToFindCopy(BadInput):
    """There is no copy of that reference."""

    code = "copy_unknown"


def write_copy(
    text: str,
    *,
    offer: str,
    channel: str,
    place: str = "",
    publish_on: date | None = None,
    actor: Actor,
    now: datetime,
) -> str:
    """Keep a draft, check it at once, and return its reference."""
    require(actor, "publicity.write")
    row = new_copy(text, offer=offer, channel=channel, place=place, actor=actor, now=now)
    row.publish_on = publish_on
    with transaction.atomic():
        row.save(force_insert=True)
        keep_findings(row, checker(now), now=now)
    return row.ref


def new_copy(
    text: str, *, offer: str, channel: str, place: str, actor: Actor, now: datetime
) -> PublishedCopy:
    """A copy that is not stored yet. Raises UnableToWriteCopy for no text, or too much of it."""
    words = clean(text).strip()
    if not words or not channel.strip():
        raise UnableToWriteCopy(
            _("The copy has no text or no channel."), next_step=_("Fill in both.")
        )
    if len(words) > MAX_CHARACTERS:
        raise UnableToWriteCopy(
            _("The copy has more than %(most)s characters."),
            next_step=_("Enter each block of the page as a copy of its own."),
            values={"most": MAX_CHARACTERS},
        )
    return PublishedCopy(
        ref=random_id("copy", length=12), offer=offer[:64], channel=channel.strip()[:40],
        place=place.strip()[:300], brand=actor.brand, text=words,
        written_by=actor.ref, written_at=now,
    )  # fmt: skip


def keep_findings(row: PublishedCopy, rules: Checker, *, now: datetime) -> list[Finding]:
    """Check a copy and replace what was found in it before."""
    found = rules.check(as_copy(row), on=timezone.localdate(now))
    with transaction.atomic():
        row.findings.all().delete()
        FoundFault.objects.bulk_create(
            FoundFault(
                copy=row, code=one.code, severity=one.severity, field=one.field,
                said=one.said[:1000],
                recorded=one.is_[:300], start=one.start, end=one.end,
                rule=rules.rulebook.rule_id(one.code), found_at=now,
            )
            for one in found
        )  # fmt: skip
        PublishedCopy.objects.filter(ref=row.ref).update(checked_at=now)
    return found


def check_copies_of(offers: Collection[str], *, now: datetime) -> int:
    """Check the copies that speak of some offers, drafts and live ones; how many."""
    rows = PublishedCopy.objects.filter(offer__in=offers).exclude(state="withdrawn")
    if not offers or not rows.exists():
        return 0
    rules = checker(now)
    return sum(1 for row in rows if keep_findings(row, rules, now=now) is not None)


def withdraw(ref: str, *, actor: Actor, now: datetime) -> None:
    """Take a live copy down, or give a draft up."""
    require(actor, "publicity.decide")
    changed = PublishedCopy.objects.filter(ref=ref).exclude(state="withdrawn")
    if not changed.update(state=PublishedCopy.State.WITHDRAWN, withdrawn_at=now):
        raise UnableToFindCopy(
            _("There is no such copy, or it is down already."), next_step=_("Look in the list.")
        )
