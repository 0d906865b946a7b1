"""Approve a copy: it is live from then on, and complaints may cite it."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from amends.facts.fact import Fact
from amends.kit.actors import Actor
from amends.kit.errors import BadInput, Refused
from amends.kit.errors import gettext_noop as _
from amends.kit.texts import says_why
from amends.ledger.actions.append import append
from amends.publicity.actions.authority import others_who_decide, possible_owners, require
from amends.publicity.actions.write import UnableToFindCopy, locked_copy, store_findings
from amends.publicity.models import (
    LONGEST_LEAVE,
    FoundFault,
    PublishedCopy,
    RuleDecision,
    Waiver,
)
from amends.publicity.queries import BrandChecker, as_copy, checker, open_blocks, waivers_of
from amends.publicity.rules.wording import AGREEMENT

_MAX_TEXT = 1000


class UnableToApproveCopy(Refused):
    """A finding blocks the copy, it is no draft, or another person must approve it."""

    code = "copy_not_approved"


class UnableToWaive(BadInput):
    """A waiver needs a reason, a person who answers for it, and an end within a year."""

    code = "waiver_not_given"


class UnableToJudge(Refused):
    """The author of a copy does not judge what is found in it, or the reason is missing."""

    code = "finding_not_judged"


def who_decides_instead(row: PublishedCopy, actor: Actor) -> dict[str, str]:
    """Reference → name of those who decide on a copy because the actor wrote it; {} if none do.

    Whoever wrote a version leaves it to somebody who wrote none. Where everybody who holds the
    permission has written a version, whoever wrote the last one leaves it to the others.
    """
    authors = row.authors()
    if actor.ref not in authors:
        return {}
    others = others_who_decide(row.brand, besides={actor.ref})
    strangers = {ref: name for ref, name in others.items() if ref not in authors}
    return strangers or (others if actor.ref == row.written_by else {})


def why_not_by(row: PublishedCopy, actor: Actor, now: datetime) -> str:
    """Why another person must approve the copy: "author", "owner"; "" where this one may.

    Neither its author nor whoever answers for one of its waivers approves it where another person
    holds the permission.
    """
    if who_decides_instead(row, actor):
        return "author"
    owners = {waiver.owner for waiver in waivers_of(row, timezone.localdate(now))}
    others = others_who_decide(row.brand, besides={actor.ref})
    return "owner" if actor.ref in owners and others else ""


def approve(ref: str, *, actor: Actor, now: datetime, version: int | None = None) -> None:
    """Mark a draft as live and state `ClaimPublished`.

    version  the version that was seen in the preview; None for the newest

    It is checked once more. Raises `UnableToApproveCopy` where a finding blocks it and no waiver
    covers that, or where its author or the owner of a waiver is not alone in holding the
    permission.
    """
    require(actor, "publicity.decide")
    today = timezone.localdate(now)
    with transaction.atomic():
        row = locked_copy(ref, actor)
        if row.state != PublishedCopy.State.DRAFT:
            raise UnableToApproveCopy(
                _("The copy is not a draft any more."), next_step=_("Open it to see its state.")
            )
        if version is not None and row.version != version:
            raise UnableToApproveCopy(
                _("The copy was edited after you opened the preview."),
                meaning=_("It is not live."),
                next_step=_("Open the preview again."),
            )
        if role := why_not_by(row, actor, now):
            others = who_decides_instead(row, actor) or others_who_decide(
                row.brand, besides={actor.ref}
            )
            raise UnableToApproveCopy(
                _("You wrote this copy.")
                if role == "author"
                else _("You answer for a waiver of this copy."),
                meaning=_("What goes live is seen by a second person first."),
                next_step=_("Ask %(names)s to approve it."),
                values={"names": ", ".join(others.values())},
            )
        rules = checker(now, brand=row.brand)
        store_findings(row, rules, now=now)
        if blocking := open_blocks(ref, row.publish_on or today):
            raise UnableToApproveCopy(
                _("%(count)s findings block this copy: %(codes)s."),
                meaning=_("It would tell people something that the record contradicts or hides."),
                next_step=_("Correct the text, or give a waiver with reason, owner and end date."),
                values={
                    "count": len(blocking),
                    "codes": ", ".join(sorted({one.code for one in blocking})),
                },
            )
        row.state, row.approved_by, row.approved_at = PublishedCopy.State.LIVE, actor.ref, now
        row.save(update_fields=["state", "approved_by", "approved_at"])
        if row.channel != AGREEMENT:
            append([claim_of(row, rules, now)], now=now)


def claim_of(row: PublishedCopy, rules: BrandChecker, now: datetime) -> Fact:
    """The fact that a copy was published, with the price and speed it states."""
    record = rules.offers.get(row.offer)
    payload: dict[str, str | int] = {
        "claim": row.ref,
        "channel": row.channel,
        "text": row.text[:_MAX_TEXT],
    }
    if row.offer:
        payload["offer"] = row.offer
    said = rules.stated(as_copy(row))
    if "price" in said:
        payload["price_minor"] = round(said["price"].value * 100)
        payload["currency"] = said["price"].currency or (record.currency if record else "CNY")
    if "down_nominal_mbps" in said:
        payload["speed_down_kbps"] = round(said["down_nominal_mbps"].value * 1000)
    promo = record.promo_price if record else None
    if record and record.promo_months and promo is not None:
        at_promo = round(promo * 100) == payload.get("price_minor")
        payload |= {"months": int(record.promo_months)} if at_promo else {}
    return Fact("ClaimPublished", "", row.offer or row.ref, now, "publicity", payload)


def waive(
    ref: str, code: str, *, reason: str, owner: str, until: date, actor: Actor, now: datetime
) -> None:
    """Let this version of a copy pass in spite of one kind of finding until a day (inclusive).

    owner  reference of the person who answers for it: never the one who gives it where there is
           another
    until  within a year
    """
    require(actor, "publicity.decide")
    today = timezone.localdate(now)
    if not says_why(reason) or not owner.strip() or until < today:
        raise UnableToWaive(
            _("A waiver needs a reason, an owner and a day that is not past."),
            next_step=_("Fill in all three."),
        )
    if until > today + LONGEST_LEAVE:
        raise UnableToWaive(
            _("A waiver ends within a year."), next_step=_("Choose an earlier last day.")
        )
    with transaction.atomic():
        row = locked_copy(ref, actor)
        _refuse_waiver(row, code, owner, actor)
        Waiver.objects.create(
            copy=row,
            code=code,
            version=row.version,
            reason=reason.strip()[:300],
            owner=owner,
            until=until,
            given_by=actor.ref,
            given_at=now,
        )


def _refuse_waiver(row: PublishedCopy, code: str, owner: str, actor: Actor) -> None:
    if not FoundFault.objects.filter(copy=row, code=code).exists():
        raise UnableToWaive(_("The copy has no such finding."), next_step=_("Open the copy again."))
    owners = possible_owners(row.brand)
    if owner not in owners:
        raise UnableToWaive(
            _("The owner of the waiver is not a colleague who writes or approves adverts."),
            next_step=_("Choose one from the list."),
        )
    if owner == actor.ref and owners.keys() - {actor.ref}:
        raise UnableToWaive(
            _("Whoever gives a waiver does not answer for it as well."),
            next_step=_("Choose a colleague as its owner."),
        )
    if who_decides_instead(row, actor):
        raise UnableToWaive(
            _("You wrote this copy."),
            meaning=_("The finding still blocks it."),
            next_step=_("Ask a colleague who approves adverts to give the waiver."),
        )


def judge(finding: int, *, right: bool, reason: str = "", actor: Actor, now: datetime) -> str:
    """Say whether a finding is right; the copy it is in. The last judgement of a finding counts.

    reason  why it is wrong; needed for that
    """
    require(actor, "publicity.decide")
    with transaction.atomic():
        row = FoundFault.objects.select_related("copy").filter(pk=finding).first()
        if row is None or (actor.brand and row.copy.brand != actor.brand):
            raise UnableToFindCopy(
                _("The finding is not there any more."), next_step=_("Open the copy again.")
            )
        if not right:
            _refuse_wrong(row.copy, reason, actor)
        RuleDecision.objects.update_or_create(
            code=row.code,
            copy=row.copy_id,
            said=row.said,
            defaults={
                "right": right,
                "reason": "" if right else reason.strip()[:300],
                "brand": row.copy.brand,
                "decided_by": actor.ref,
                "decided_at": now,
            },
        )
    return row.copy_id


def _refuse_wrong(row: PublishedCopy, reason: str, actor: Actor) -> None:
    if not says_why(reason):
        raise UnableToJudge(
            _("A finding is judged wrong with a reason."),
            meaning=_("Nothing was changed."),
            next_step=_("Write why in a sentence."),
        )
    if who_decides_instead(row, actor):
        raise UnableToJudge(
            _("You wrote this copy."),
            meaning=_("The finding counts as it is."),
            next_step=_("Ask a colleague who approves adverts to judge the finding."),
        )
