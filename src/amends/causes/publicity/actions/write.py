"""Write a copy, edit its draft, check it, take it down."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from amends.causes.publicity.actions.authority import require
from amends.causes.publicity.models import EarlierVersion, FoundFault, PublishedCopy
from amends.causes.publicity.queries import BrandChecker, as_copy, checker, checkers
from amends.causes.publicity.rules.copies import MAX_CHARACTERS
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import BadInput, Refused
from amends.platform.kit.errors import gettext_noop as _
from amends.platform.kit.ids import random_id
from amends.platform.kit.texts import clean
from amends.work.approvals.actions.decide import overtake

_EDITED = ("offer", "channel", "place", "publish_on", "text")


class UnableToFindCopy(BadInput):
    """There is no copy of that reference, or it is of another brand."""

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
    """Store a draft, check it at once, and return its reference."""
    require(actor, "publicity.write")
    row = new_copy(text, offer=offer, channel=channel, location=place, actor=actor, now=now)
    row.publish_on = publish_on
    with transaction.atomic():
        row.save(force_insert=True)
        store_findings(row, checker(now, brand=row.brand), now=now)
    return row.ref


def edit_copy(
    ref: str,
    text: str,
    *,
    offer: str,
    channel: str,
    place: str = "",
    publish_on: date | None = None,
    version: int,
    actor: Actor,
    now: datetime,
) -> PublishedCopy:
    """Replace a draft by a new version and check it; the version before stays on record.

    version  the version that was edited

    Waivers were given for the earlier version and do not hold for the new one. Raises
    Refused where a colleague has saved another version since, or the copy is no draft.
    """
    require(actor, "publicity.write")
    new = new_copy(text, offer=offer, channel=channel, location=place, actor=actor, now=now)
    new.publish_on = publish_on
    with transaction.atomic():
        row = locked_copy(ref, actor)
        if row.state != PublishedCopy.State.DRAFT:
            raise Refused(
                _("The copy is not a draft any more."),
                meaning=_("Nothing was changed."),
                next_step=_("Write a new copy, and take this one down when the new one is live."),
                code="copy_not_edited",
            )
        if row.version != version:
            raise Refused(
                _("A colleague has edited this copy meanwhile."),
                meaning=_("Your text was not saved."),
                next_step=_("Copy your text, open the copy again and compare."),
                code="copy_not_edited",
            )
        before = {name: getattr(row, name) for name in _EDITED}
        if all(getattr(new, name) == value for name, value in before.items()):
            return row
        EarlierVersion.objects.create(
            copy=row,
            number=row.version,
            written_by=row.written_by,
            written_at=row.written_at,
            **before,
        )
        for name in _EDITED:
            setattr(row, name, getattr(new, name))
        row.version += 1
        row.written_by, row.written_at = actor.ref, now
        row.save(update_fields=[*_EDITED, "version", "written_by", "written_at"])
        store_findings(row, checker(now, brand=row.brand), now=now)
        overtake("copy", ref, actor=actor, now=now)
    return row


def new_copy(
    text: str, *, offer: str, channel: str, location: str, actor: Actor, now: datetime
) -> PublishedCopy:
    """A copy that is not stored yet. Raises BadInput for no text, or too much of it."""
    cleaned = clean(text).strip()
    if not cleaned or not channel.strip():
        raise BadInput(
            _("The copy has no text or no channel."),
            next_step=_("Fill in both."),
            code="copy_not_written",
        )
    if len(cleaned) > MAX_CHARACTERS:
        raise BadInput(
            _("The copy has more than %(most)s characters."),
            next_step=_("Enter each block of the page as a copy of its own."),
            values={"most": MAX_CHARACTERS},
            code="copy_not_written",
        )
    return PublishedCopy(
        ref=random_id("copy", length=12),
        offer=offer[:64],
        channel=channel.strip()[:40],
        place=location.strip()[:300],
        brand=actor.brand,
        text=cleaned,
        written_by=actor.ref,
        written_at=now,
    )


def locked_copy(ref: str, actor: Actor) -> PublishedCopy:
    """A copy, locked, where the actor may act on it; call it inside a transaction."""
    rows = PublishedCopy.objects.select_for_update().filter(ref=ref)
    if actor.brand:
        rows = rows.filter(brand=actor.brand)
    row = rows.first()
    if row is None:
        raise UnableToFindCopy(_("There is no such copy."), next_step=_("Look in the list."))
    return row


def store_findings(row: PublishedCopy, rules: BrandChecker, *, now: datetime) -> list[FoundFault]:
    """Check a copy and replace what was found in it before.

    A finding that was there before keeps its number, so that a page opened before the check can
    still judge or waive it.
    """
    before = {_identity(finding): finding for finding in row.findings.all()}
    fresh_findings = []
    for rule_finding, severity in rules.findings(as_copy(row), on=timezone.localdate(now)):
        fresh = FoundFault(
            copy=row,
            code=rule_finding.code,
            severity=severity,
            field=rule_finding.field,
            said=rule_finding.said[:1000],
            recorded=rule_finding.is_[:300],
            instead=rule_finding.instead[:1000],
            start=rule_finding.start,
            end=rule_finding.end,
            rule=rules.rulebook.rule_id(rule_finding.code),
            found_at=now,
        )
        if earlier := before.pop(_identity(fresh), None):
            fresh.pk, fresh.found_at = earlier.pk, earlier.found_at
        fresh_findings.append(fresh)
    with transaction.atomic():
        row.findings.filter(
            pk__in=[stored_finding.pk for stored_finding in before.values()]
        ).delete()
        FoundFault.objects.bulk_update(
            [stored_finding for stored_finding in fresh_findings if stored_finding.pk is not None],
            ["severity", "recorded", "instead", "rule"],
        )
        FoundFault.objects.bulk_create(
            [new_finding for new_finding in fresh_findings if new_finding.pk is None]
        )
        PublishedCopy.objects.filter(ref=row.ref).update(checked_at=now)
    return fresh_findings


def _identity(finding: FoundFault) -> tuple[object, ...]:
    return finding.code, finding.field, finding.said, finding.start, finding.end


def check_again(rows: Iterable[PublishedCopy], *, now: datetime) -> list[list[FoundFault]]:
    """Check copies again, each under the rules of its brand; what is found in each."""
    by_brand = checkers(now)
    return [store_findings(row, by_brand(row.brand), now=now) for row in rows]


def check_copies_of(offers: Collection[str], *, now: datetime) -> int:
    """Check the copies that speak of some offers, drafts and live ones; how many."""
    if not offers:
        return 0
    rows = PublishedCopy.objects.filter(offer__in=offers)
    return len(check_again(rows.exclude(state=PublishedCopy.State.WITHDRAWN), now=now))


def withdraw(ref: str, *, actor: Actor, now: datetime) -> None:
    """Take a live copy down, or give a draft up."""
    require(actor, "publicity.decide")
    with transaction.atomic():
        row = locked_copy(ref, actor)
        if row.state == PublishedCopy.State.WITHDRAWN:
            raise UnableToFindCopy(
                _("There is no such copy, or it is down already."), next_step=_("Look in the list.")
            )
        row.state, row.withdrawn_at = PublishedCopy.State.WITHDRAWN, now
        row.save(update_fields=["state", "withdrawn_at"])
        overtake("copy", ref, actor=actor, now=now)
