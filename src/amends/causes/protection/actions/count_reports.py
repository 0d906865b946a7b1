"""Count the reports of a number anew, and let follow what the rules say."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from amends.causes.protection.actions.block_number import (
    ask_for_block,
    end_step,
    forget_request,
    record_change,
)
from amends.causes.protection.choices import MessageLabel, ReportState, Step
from amends.causes.protection.models import ReportedNumber
from amends.causes.protection.queries.evidence_of_numbers import block_evidence
from amends.causes.protection.queries.protected import protected_version
from amends.causes.protection.rules.consequences import (
    STEPS,
    ConsequenceRule,
    consequence_rules,
    step_for,
)

BY_RULE = "rules"


def count_reports(
    number: ReportedNumber, *, now: datetime, corrected: bool = False
) -> ReportedNumber:
    """Weigh the reports of a number whose row the caller has locked, and set its consequence.

    A stricter consequence begins at once; a milder one when the stricter has run out, or where a
    subscriber has `corrected` it. Reports from before the number's present holder, or before a
    granted appeal, count nothing. A block needs a second person unless the published rule accepts
    the evidence; emergency, bank, operator and service numbers have no consequence at all.
    """
    today = timezone.localdate(now)
    rules = consequence_rules(today)
    evidence = block_evidence(number, now=now)
    weighed = evidence.weighed
    number.counted_at = now
    number.weight, number.people, number.frauds = weighed.weight, weighed.people, weighed.frauds
    number.checked_with = protected_version(today)
    before = number.step
    lasting = not corrected and number.step_until is not None and number.step_until > now
    follows = None if evidence.protected else step_for(weighed, rules=rules)
    asks_block = follows is not None and follows.step == Step.BLOCK
    if asks_block and before == Step.BLOCK and number.step_until and number.step_until > now:
        # Two people or the rule decided it; new reports extend it only where the rule does.
        asks_block = False
        follows = follows if evidence.is_evident else None
        lasting = True
    elif asks_block:
        follows = next(step for step in rules.steps if step.step == Step.WARN)
    if follows is not None and (_order(follows.step) >= _order(before) or not lasting):
        _set_step(number, follows, rules.version, now)
    elif evidence.protected or (follows is None and not lasting):
        end_step(number)
    number.save()
    if number.step != before:
        record_change(number, before, evidence.stated, by=BY_RULE, now=now)
    if asks_block:
        ask_for_block(number, evidence, now=now)
        number.refresh_from_db()
    elif number.block_asked_at is not None and number.step != Step.BLOCK:
        forget_request(number, now=now)
    if number.step:
        waiting = number.reports.filter(state=ReportState.RECEIVED)
        waiting.exclude(label=MessageLabel.LEGITIMATE).update(
            state=ReportState.CONFIRMED, answered_at=now
        )
    return number


def _set_step(
    number: ReportedNumber, follows: ConsequenceRule, version: str, now: datetime
) -> None:
    if number.step != follows.step:
        number.step, number.step_at = follows.step, now
    number.step_until = now + timedelta(days=follows.days)
    number.rules = version


def _order(step: str) -> int:
    return STEPS.index(step) if step else -1
