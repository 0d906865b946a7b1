"""Approve a copy: it is live from then on, and complaints may cite it."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from amends.access.actors import Actor
from amends.facts.fact import Fact
from amends.kit.errors import BadInput, Refused
from amends.kit.errors import gettext_noop as _
from amends.kit.texts import says_why
from amends.ledger.actions.append import append
from amends.publicity.actions.write import UnableToFindCopy, keep_findings
from amends.publicity.authority import require
from amends.publicity.models import FoundFault, PublishedCopy, RuleDecision, Waiver
from amends.publicity.queries import as_copy, checker, open_blocks
from amends.publicity.rules.check import Checker
from amends.publicity.rules.wording import AGREEMENT

_MAX_TEXT = 1000


class UnableToApproveCopy(Refused):
    """A finding blocks the copy, or it is not a draft."""

    code = "copy_not_approved"


class UnableToWaive(BadInput):
    """A waiver needs a reason, an owner and an end date."""

    code = "waiver_not_given"


def approve(ref: str, *, actor: Actor, now: datetime) -> None:
    """Mark a draft as live and state `ClaimPublished`.

    It is checked once more. Raises `UnableToApproveCopy` where a finding blocks it and no waiver
    covers that.
    """
    require(actor, "publicity.decide")
    today = timezone.localdate(now)
    with transaction.atomic():
        row = _draft(ref)
        rules = checker(now)
        keep_findings(row, rules, now=now)
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


def _draft(ref: str) -> PublishedCopy:
    row = PublishedCopy.objects.select_for_update().filter(ref=ref).first()
    if row is None:
        raise UnableToFindCopy(_("There is no such copy."), next_step=_("Look in the list."))
    if row.state != PublishedCopy.State.DRAFT:
        raise UnableToApproveCopy(
            _("The copy is not a draft any more."), next_step=_("Open it to see its state.")
        )
    return row


def claim_of(row: PublishedCopy, rules: Checker, now: datetime) -> Fact:
    """The fact that a copy was published, with the price and speed it states."""
    record = rules.offers.get(row.offer)
    payload: dict[str, str | int] = {
        "claim": row.ref, "channel": row.channel, "text": row.text[:_MAX_TEXT],
    }  # fmt: skip
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
    """Let a copy pass in spite of one kind of finding until a day (inclusive)."""
    require(actor, "publicity.decide")
    if not says_why(reason) or not owner.strip() or until < timezone.localdate(now):
        raise UnableToWaive(
            _("A waiver needs a reason, an owner and a day that is not past."),
            next_step=_("Fill in all three."),
        )
    if not FoundFault.objects.filter(copy=ref, code=code).exists():
        raise UnableToWaive(_("The copy has no such finding."), next_step=_("Open the copy again."))
    Waiver.objects.create(
        copy_id=ref, code=code, reason=reason.strip()[:300], owner=owner.strip()[:80], until=until,
        given_by=actor.ref, given_at=now,
    )  # fmt: skip


def judge(finding: int, *, right: bool, actor: Actor, now: datetime) -> str:
    """Say whether a finding is right; the copy it is in. The last word on a finding counts."""
    require(actor, "publicity.decide")
    row = FoundFault.objects.filter(pk=finding).first()
    if row is None:
        raise UnableToFindCopy(
            _("The finding is not there any more."), next_step=_("Open the copy again.")
        )
    RuleDecision.objects.update_or_create(
        code=row.code, copy=row.copy_id, said=row.said,
        defaults={"right": right, "decided_by": actor.ref, "decided_at": now},
    )  # fmt: skip
    return row.copy_id
