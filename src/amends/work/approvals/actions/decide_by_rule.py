"""Let a published rule replace the second person where it accepts the evidence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import gettext_noop as _
from amends.work.approvals.actions.decide import UnableToDecide
from amends.work.approvals.actions.request_approval import (
    new_item,
    refuse_asker,
    refuse_other_types,
)
from amends.work.approvals.actions.subject import Subject
from amends.work.approvals.choices import WaitingState
from amends.work.approvals.models import WaitingItem
from amends.work.approvals.queries import act_of, decision_named


def accepting_rule(
    decision: str,
    *,
    rule: str,
    evidence: Mapping[str, Any],
    now: datetime,
    payload: Mapping[str, Any] | None = None,
) -> str:
    """The version of a declared rule that accepts the evidence today; "" where it does not."""
    declared = {
        decision_rule.name: decision_rule for decision_rule in decision_named(decision).rules
    }[rule]
    accepts = import_string(declared.accepts)
    return str(accepts(dict(payload or {}), dict(evidence), timezone.localdate(now)) or "")


def decide_by_rule(
    decision: str,
    *,
    subject: Subject,
    reason: str,
    rule: str,
    evidence: Mapping[str, Any],
    actor: Actor,
    now: datetime,
    payload: Mapping[str, Any] | None = None,
    brands: Iterable[str] = (),
) -> WaitingItem:
    """Perform a decision at once because a published rule accepts the evidence.

    rule      one that the decision declares; evidence, what it is given: strings and integers

    The record has no second person: it has the rule, its version and the evidence. Raises
    `UnableToDecide` where the rule does not accept the evidence.
    """
    declared = decision_named(decision)
    refuse_asker(declared, actor)
    refuse_other_types(evidence)
    version = accepting_rule(decision, rule=rule, evidence=evidence, now=now, payload=payload)
    if not version:
        raise UnableToDecide(
            _("The rule does not accept the evidence."),
            meaning=_("Nothing was done."),
            next_step=_("Ask a second person to approve it."),
        )
    item = new_item(
        declared,
        subject=subject,
        reason=reason,
        requester=actor.ref,
        now=now,
        payload=payload,
        benefits=(),
        brands=brands,
    )
    item.state, item.answered_at = WaitingState.APPROVED, now
    item.rule, item.rule_version, item.evidence = rule, version, dict(evidence)
    with transaction.atomic():
        item.outcome = import_string(declared.perform)(act_of(item, actor=actor, now=now)) or ""
        item.save(force_insert=True)
    return item
