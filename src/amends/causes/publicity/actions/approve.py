"""Approve a copy: it is live from then on, and complaints may cite it."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from amends.causes.publicity.actions.authority import others_who_decide, possible_owners, require
from amends.causes.publicity.actions.write import UnableToFindCopy, locked_copy, store_findings
from amends.causes.publicity.models import (
    LONGEST_LEAVE,
    FoundFault,
    PublishedCopy,
    RuleDecision,
    Waiver,
)
from amends.causes.publicity.queries import BrandChecker, as_copy, checker, open_blocks, waivers_of
from amends.causes.publicity.rules.wording import AGREEMENT
from amends.people.access.queries.colleagues import people
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import BadInput, Refused
from amends.platform.kit.errors import gettext_noop as _
from amends.platform.kit.texts import says_why
from amends.platform.registry import DecisionAct
from amends.platform.vault.redaction import redact_person
from amends.record.facts.fact import Fact
from amends.record.ledger.actions.append import append
from amends.work.approvals.actions.decide import NOBODY_ELSE
from amends.work.approvals.actions.second_person import approve_or_request
from amends.work.approvals.actions.subject import Subject
from amends.work.approvals.queries import WaitingItem

APPROVE, WAIVE = "publicity.approve_copy", "publicity.waive"
_MAX_TEXT = 1000


def who_leaves_it(row: PublishedCopy) -> list[str]:
    """References of the authors who leave decisions on a copy to others, the last one first.

    All who wrote a version; where everyone who holds the permission has written one, only whoever
    wrote the last.
    """
    authors = row.authors()
    strangers = others_who_decide(row.brand, besides=authors)
    earlier = sorted(authors - {row.written_by}) if strangers else []
    return [row.written_by, *earlier]


def who_decides_instead(row: PublishedCopy, actor: Actor) -> dict[str, str]:
    """Reference → name of those who decide on a copy because the actor wrote it."""
    authors = who_leaves_it(row)
    return others_who_decide(row.brand, besides=authors) if actor.ref in authors else {}


def why_not_by(row: PublishedCopy, actor: Actor, now: datetime) -> str:
    """Why another person must approve the copy: "author", "owner"; "" where this one may."""
    if actor.ref in who_leaves_it(row):
        return "author"
    return "owner" if actor.ref in _owners(row, now) else ""


def approve(ref: str, *, actor: Actor, now: datetime, version: int | None = None) -> WaitingItem:
    """Approve a draft as the second person, so that it is live; or request that.

    version  the version that was seen in the preview; None for the newest

    Its authors and the owners of its waivers never approve it: their requests wait for a
    colleague. It is checked once more. Raises `Refused` where a finding blocks it and
    no waiver covers that.
    """
    require(actor, "publicity.write")
    with transaction.atomic():
        row = locked_copy(ref, actor)
        _refuse_unready(row, version, now)
        return approve_or_request(
            APPROVE,
            subject=Subject(kind="copy", key=ref, title=row.text, path=f"/desk/publicity/{ref}/"),
            reason=f"Version {row.version} for {row.channel}",
            prepared_by=[*who_leaves_it(row), *_owners(row, now)],
            actor=actor,
            now=now,
            payload={"version": row.version},
            brands=[row.brand] if row.brand else [],
        )


def publish_copy(act: DecisionAct) -> None:
    """Mark an approved draft as live and state `ClaimPublished`."""
    row = locked_copy(act.subject, act.actor)
    rules = _refuse_unready(row, act.payload["version"], act.now)
    row.state, row.approved_by = PublishedCopy.State.LIVE, act.actor.ref
    row.approved_at = act.now
    row.save(update_fields=["state", "approved_by", "approved_at"])
    if row.channel != AGREEMENT:
        append([claim_of(row, rules, act.now)], now=act.now)


def take_copy_down(act: DecisionAct) -> None:
    """Take a copy down whose approval is undone."""
    rows = PublishedCopy.objects.filter(ref=act.subject, state=PublishedCopy.State.LIVE)
    rows.update(state=PublishedCopy.State.WITHDRAWN, withdrawn_at=act.now)


def _owners(row: PublishedCopy, now: datetime) -> list[str]:
    return sorted({waiver.owner for waiver in waivers_of(row, timezone.localdate(now))})


def _refuse_unready(row: PublishedCopy, version: int | None, now: datetime) -> BrandChecker:
    """Refuse a copy that is not a draft, was edited since, or is blocked; the rules it passed."""
    if row.state != PublishedCopy.State.DRAFT:
        raise Refused(
            _("The copy is not a draft any more."),
            next_step=_("Open it to see its state."),
            code="copy_not_approved",
        )
    if version is not None and row.version != version:
        raise Refused(
            _("The copy was edited after you opened the preview."),
            meaning=_("It is not live."),
            next_step=_("Open the preview again."),
            code="copy_not_approved",
        )
    rules = checker(now, brand=row.brand)
    store_findings(row, rules, now=now)
    if blocking := open_blocks(row.ref, row.publish_on or timezone.localdate(now)):
        raise Refused(
            _("%(count)s findings block this copy: %(codes)s."),
            meaning=_("It would tell people something that the record contradicts or hides."),
            next_step=_("Correct the text, or give a waiver with reason, owner and end date."),
            values={
                "count": len(blocking),
                "codes": ", ".join(sorted({finding.code for finding in blocking})),
            },
            code="copy_not_approved",
        )
    return rules


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
    stated_facts = rules.stated(as_copy(row))
    if "price" in stated_facts:
        payload["price_minor"] = round(stated_facts["price"].value * 100)
        payload["currency"] = stated_facts["price"].currency or (
            record.currency if record else "CNY"
        )
    if "down_nominal_mbps" in stated_facts:
        payload["speed_down_kbps"] = round(stated_facts["down_nominal_mbps"].value * 1000)
    promo = record.promo_price if record else None
    if record and record.promo_months and promo is not None:
        at_promo = round(promo * 100) == payload.get("price_minor")
        payload |= {"months": int(record.promo_months)} if at_promo else {}
    return Fact(
        kind="ClaimPublished",
        subscriber="",
        subject=row.offer or row.ref,
        happened_at=now,
        source="publicity",
        payload=payload,
    )


def waive(
    ref: str, code: str, *, reason: str, owner: str, until: date, actor: Actor, now: datetime
) -> WaitingItem:
    """Let this version of a copy pass in spite of one kind of finding until a day (inclusive).

    owner  reference of the person who answers for it: neither its author nor the approver
    until  within a year

    Whoever wrote the copy, or answers for the waiver, only requests it.
    """
    require(actor, "publicity.write")
    today = timezone.localdate(now)
    if not says_why(reason) or not owner.strip() or until < today:
        raise BadInput(
            _("A waiver needs a reason, an owner and a day that is not past."),
            next_step=_("Fill in all three."),
            code="waiver_not_given",
        )
    if until > today + LONGEST_LEAVE:
        raise BadInput(
            _("A waiver ends within a year."),
            next_step=_("Choose an earlier last day."),
            code="waiver_not_given",
        )
    with transaction.atomic():
        row = locked_copy(ref, actor)
        _refuse_waiver(row, code, owner, actor)
        return approve_or_request(
            WAIVE,
            subject=Subject(
                kind="copy", key=ref, part=code, title=row.text, path=f"/desk/publicity/{ref}/"
            ),
            reason=reason,
            prepared_by=[*who_leaves_it(row), owner],
            actor=actor,
            now=now,
            payload={
                "version": row.version,
                "owner": owner,
                "until": until.isoformat(),
                "reason": redact_person(reason.strip())[:300],
            },
            brands=[row.brand] if row.brand else [],
        )


def record_waiver(act: DecisionAct) -> str:
    """Record an approved waiver for the version that it was requested for."""
    row = locked_copy(act.subject, act.actor)
    if row.version != act.payload["version"]:
        raise BadInput(
            _("The copy was edited after this waiver was requested."),
            meaning=_("The finding still blocks it."),
            next_step=_("Request the waiver for the new version."),
            code="waiver_not_given",
        )
    waiver = Waiver.objects.create(
        copy=row,
        code=act.part,
        version=row.version,
        reason=act.payload["reason"],
        owner=act.payload["owner"],
        until=date.fromisoformat(act.payload["until"]),
        given_by=act.actor.ref,
        given_at=act.now,
    )
    return str(waiver.pk)


def end_waiver(act: DecisionAct) -> None:
    """End a waiver whose approval is undone: its last day was yesterday."""
    yesterday = timezone.localdate(act.now) - timedelta(days=1)
    Waiver.objects.filter(pk=act.outcome).update(until=yesterday)


def waiver_preview(act: DecisionAct) -> list[tuple[str, str]]:
    """The finding that no longer blocks, until when, and who answers for it."""
    owner = act.payload["owner"]
    return [
        (gettext("Finding"), act.part),
        (gettext("Last day"), act.payload["until"]),
        (gettext("Answers for it"), people([owner]).get(owner, owner)),
    ]


def copy_preview(act: DecisionAct) -> list[tuple[str, str]]:
    """The text that goes live, where and when."""
    row = PublishedCopy.objects.get(ref=act.subject)
    rows = [(gettext("Text"), row.text), (gettext("Channel"), row.channel)]
    if row.publish_on:
        rows.append((gettext("From"), f"{row.publish_on:%Y-%m-%d}"))
    return rows


def _refuse_waiver(row: PublishedCopy, code: str, owner: str, actor: Actor) -> None:
    if not FoundFault.objects.filter(copy=row, code=code).exists():
        raise BadInput(
            _("The copy has no such finding."),
            next_step=_("Open the copy again."),
            code="waiver_not_given",
        )
    if owner not in possible_owners(row.brand):
        raise BadInput(
            _("The owner of the waiver is not a colleague who writes or approves adverts."),
            next_step=_("Choose one from the list."),
            code="waiver_not_given",
        )
    if owner == actor.ref:
        raise BadInput(
            _("Whoever gives a waiver does not answer for it as well."),
            next_step=_("Choose a colleague as its owner."),
            code="waiver_not_given",
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
        raise Refused(
            _("A finding is judged wrong with a reason."),
            meaning=_("Nothing was changed."),
            next_step=_("Write why in a sentence."),
            code="finding_not_judged",
        )
    if actor.ref in who_leaves_it(row):
        raise Refused(
            _("You wrote this copy."),
            meaning=_("The finding counts as it is."),
            next_step=_("Ask a colleague who approves adverts to judge the finding.")
            if who_decides_instead(row, actor)
            else NOBODY_ELSE,
            code="finding_not_judged",
        )
