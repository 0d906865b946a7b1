"""Block a number: by two people, or at once where the published rule accepts the evidence."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from amends.causes.protection.authority import check
from amends.causes.protection.choices import Step
from amends.causes.protection.models import BlockListChange, ReportedNumber
from amends.causes.protection.numbers import masked
from amends.causes.protection.queries import opened_numbers
from amends.causes.protection.queries.evidence_of_numbers import BlockEvidence, block_evidence
from amends.causes.protection.rules.consequences import (
    Weighed,
    block_safeguards,
    consequence_rules,
    is_evident,
)
from amends.causes.protection.rules.protected_numbers import ProtectedRange
from amends.platform.kit.actors import Actor, system
from amends.platform.kit.errors import Refused
from amends.platform.registry import DecisionAct
from amends.record.facts.fact import Fact
from amends.record.ledger.actions.append import append
from amends.work.approvals.actions.decide import overtake
from amends.work.approvals.actions.decide_by_rule import decide_by_rule
from amends.work.approvals.actions.request_approval import request_approval
from amends.work.approvals.actions.subject import Subject
from amends.work.approvals.queries import WaitingItem, others_who_may

DECISION, EVIDENT = "protection.block_number", "evident scam"
SUBJECT = "reported number"
_HELD = "held"
_ASK_AGAIN_AFTER = timedelta(days=14)
_PLATFORM = system("protection")


class UnableToBlock(Refused):
    """The number is never blocked, is unknown, or is blocked already."""

    code = "unable_to_block"


def block_number(ref: str, *, reason: str, actor: Actor, now: datetime) -> WaitingItem:
    """Block a reported number, or ask a second person for it; the item says which.

    One step where the published rule accepts the evidence. Without a second person, a number that
    callees are already warned of is blocked for 24 hours. Raises `UnableToBlock`, and
    `UnableToAsk` where a request waits already or the reason is missing.
    """
    check(actor, "complaints.handle")
    with transaction.atomic():
        number = _locked(ref)
        evidence = block_evidence(number, now=now)
        _refuse(number, evidence)
        return _decide(number, evidence, reason=reason, actor=actor, now=now)


def ask_for_block(number: ReportedNumber, evidence: BlockEvidence, *, now: datetime) -> None:
    """Block by the published rule, or ask a second person, because of the weight of the reports.

    A second person is asked at most once in two weeks.
    """
    recent = number.block_asked_at is not None and number.block_asked_at > now - _ASK_AGAIN_AFTER
    if recent and not evidence.is_evident:
        return
    if recent:
        forget_request(number, now=now)
    number.block_asked_at = now
    number.save(update_fields=["block_asked_at"])
    reason = _("The reports weigh enough for a block.")
    _decide(number, evidence, reason=reason, actor=_PLATFORM, now=now)


def forget_request(number: ReportedNumber, *, now: datetime) -> None:
    """End a request for a block that the evidence no longer supports."""
    overtake(SUBJECT, number.ref, actor=_PLATFORM, now=now, decision=DECISION)


def _decide(
    number: ReportedNumber, evidence: BlockEvidence, *, reason: str, actor: Actor, now: datetime
) -> WaitingItem:
    subject = Subject(
        kind=SUBJECT,
        key=number.ref,
        title=masked(opened_numbers([number])[0]),
        path=f"/desk/protection/numbers/{number.ref}/",
    )
    stated: dict[str, str | int] = {"evidence": evidence.stated}
    if evidence.is_evident:
        weighed = evidence.weighed
        return decide_by_rule(
            DECISION,
            subject=subject,
            reason=reason,
            rule=EVIDENT,
            evidence={
                "verified_people": weighed.verified,
                "people": weighed.people,
                "frauds": weighed.frauds,
                "weight_thousandths": round(weighed.weight * 1_000),
                "ordinary_minutes": round(evidence.ordinary_hours * 60),
            },
            actor=actor,
            now=now,
            payload=stated,
        )
    alone = actor.kind == "user" and not others_who_may(DECISION, actor)
    return request_approval(
        DECISION,
        subject=subject,
        reason=reason,
        actor=actor,
        now=now,
        payload=stated,
        benefits=evidence.staff,
        urgent=alone and number.step == Step.WARN,
    )


def accepts_evident(payload: Mapping[str, Any], evidence: Mapping[str, Any], on: date) -> str:
    """The version of the safeguards that accept the evidence instead of a second person."""
    safeguards = block_safeguards(on)
    needed = next(step for step in consequence_rules(on).steps if step.step == Step.BLOCK)
    weighed = Weighed(
        weight=int(evidence["weight_thousandths"]) / 1_000,
        people=int(evidence["people"]),
        frauds=int(evidence["frauds"]),
        verified=int(evidence["verified_people"]),
    )
    hours = int(evidence["ordinary_minutes"]) / 60
    accepted = is_evident(weighed, ordinary_hours=hours, needed=needed, safeguards=safeguards)
    return safeguards.version if accepted else ""


def perform_block(act: DecisionAct) -> str:
    """Put a number on the block list for the days of the rules."""
    rules = consequence_rules(timezone.localdate(act.now))
    block = next(step for step in rules.steps if step.step == Step.BLOCK)
    return _block(act, until=act.now + timedelta(days=block.days), rules=rules.version)


def hold_block(act: DecisionAct) -> str:
    """Put a number on the block list until a second person decides, 24 hours at most."""
    rules = consequence_rules(timezone.localdate(act.now))
    return f"{_HELD} {_block(act, until=act.until or act.now, rules=rules.version)}"


def _block(act: DecisionAct, *, until: datetime, rules: str) -> str:
    number = _locked(act.subject)
    evidence = block_evidence(number, now=act.now)
    if not act.outcome.startswith(_HELD):
        _refuse(number, evidence)
    elif evidence.protected is not None:
        raise _never(evidence.protected)
    before = number.step
    number.step, number.step_at, number.step_until = Step.BLOCK, act.now, until
    number.rules = rules
    number.save()
    decided = f"rule={act.rule}" if act.rule else f"asked_by={act.asked_by}"
    reason = f"{act.payload['evidence']} {decided} approval={act.ref}"[:200]
    record_change(number, before, reason, by=act.actor.ref, now=act.now)
    return number.ref


def undo_block(act: DecisionAct) -> None:
    """Take the number off the block list; reports so far do not bring it back alone."""
    number = _locked(act.subject)
    before = number.step
    end_step(number)
    if not act.outcome.startswith(_HELD):
        number.cleared_at = act.now
    number.save()
    if before:
        record_change(number, before, f"undone approval={act.ref}", by=act.actor.ref, now=act.now)


def end_step(number: ReportedNumber) -> None:
    """Take the consequence off a number; the caller saves it."""
    number.step, number.step_at, number.step_until = "", None, None
    number.holder_step = ""


def record_change(
    number: ReportedNumber, before: str, reason: str, *, by: str, now: datetime
) -> None:
    """Enter a number on the block list, or take it off, as its new consequence asks."""
    blocked = number.step == Step.BLOCK
    if blocked != (before == Step.BLOCK):
        BlockListChange.objects.create(
            number=number,
            added=blocked,
            at=now,
            until=number.step_until,
            reason=reason,
            by=by,
        )
        if blocked:
            payload: dict[str, str | int] = {
                "number": number.ref,
                "rule": number.rules,
                "people": number.people,
                "by": by,
            }
            append(
                [
                    Fact(
                        kind="NumberBlocked",
                        subscriber="",
                        subject=number.ref,
                        happened_at=now,
                        source="protection",
                        payload=payload,
                    )
                ],
                now=now,
            )


def _locked(ref: str) -> ReportedNumber:
    number = ReportedNumber.objects.select_for_update().filter(ref=ref).first()
    if number is None:
        raise UnableToBlock(
            _("There is no such number."),
            meaning=_("Nothing was changed."),
            next_step=_("Choose one from the list."),
        )
    return number


def _refuse(number: ReportedNumber, evidence: BlockEvidence) -> None:
    if evidence.protected is not None:
        raise _never(evidence.protected)
    if number.step == Step.BLOCK:
        raise UnableToBlock(
            _("This number is blocked already."),
            meaning=_("Nothing was changed."),
            next_step=_("Reload the page."),
        )


def _never(protecting: ProtectedRange) -> UnableToBlock:
    return UnableToBlock(
        _("This number is never blocked: %(why)s."),
        meaning=_("Nothing was changed."),
        next_step=_("Report a forged sender to its operator; callees read a warning."),
        values={"why": protecting.rule},
    )
