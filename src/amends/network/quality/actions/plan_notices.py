"""Plan what affected users are told of incidents without anybody asking: two people approve it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from amends.network.quality.actions.incident_records import demand
from amends.network.quality.incident_choices import IncidentKind, Severity
from amends.network.quality.models import NoticePlan
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import BadInput, Refused
from amends.platform.kit.errors import gettext_noop as _
from amends.platform.registry import DecisionAct
from amends.platform.vault.redaction import redact_person
from amends.work.approvals.actions import decide as approvals
from amends.work.approvals.actions.decide import overtake
from amends.work.approvals.actions.request_approval import request_approval
from amends.work.approvals.actions.subject import Subject
from amends.work.approvals.queries import approvals_on

MAY = "quality.notice_plans"
FIRST, SECOND = "quality.notice_plan", "quality.notice_plan_second"
MOST_CAP = 1_000_000
FIELDS = ("{area}", "{since}", "{until}")
"""What a text may contain to be filled in."""


@dataclass(frozen=True, slots=True)
class NoticeTexts:
    """What is said when an incident begins and when it ends, in both languages."""

    begins_zh: str
    begins_en: str
    ends_zh: str
    ends_en: str


def draft_plan(
    texts: NoticeTexts,
    *,
    kinds: Collection[str],
    cap: int,
    least_severity: str = Severity.MAJOR,
    least_minutes: int = 30,
    brand: str = "",
    actor: Actor,
    now: datetime,
) -> NoticePlan:
    """Draft a plan for the users of a brand; nothing is sent before two approved it.

    brand  "" of every brand that has no plan of its own; an actor confined to a brand drafts for it
    """
    demand(actor, MAY, now)
    bodies = [
        redact_person(text.strip())
        for text in (texts.begins_zh, texts.begins_en, texts.ends_zh, texts.ends_en)
    ]
    valid_kinds = [kind for kind in IncidentKind.values if kind in set(kinds)]
    if not all(bodies) or not valid_kinds or not 0 < cap <= MOST_CAP:
        raise BadInput(
            _("A plan needs its kinds of incidents, a cap and four texts."),
            meaning=_("Nothing was saved."),
            next_step=_("Write what users read when it begins and ends, in both languages."),
            code="notice_plan_incomplete",
        )
    for text in bodies:
        _filled(text, dict.fromkeys(("area", "since", "until"), ""))
    with transaction.atomic():
        plan = NoticePlan.objects.create(
            brand=actor.brand or brand,
            kinds=valid_kinds,
            least_severity=least_severity,
            least_minutes=least_minutes,
            cap=cap,
            begins_zh=bodies[0],
            begins_en=bodies[1],
            ends_zh=bodies[2],
            ends_en=bodies[3],
            drafted_at=now,
            drafted_by=actor.ref,
        )
        _request(FIRST, plan, actor=actor, benefits=[], now=now)
    return plan


def _request(
    decision: str, plan: NoticePlan, *, actor: Actor, benefits: Collection[str], now: datetime
) -> None:
    request_approval(
        decision,
        subject=Subject(
            kind="notice_plan",
            key=plan.id,
            title=plan.begins_en,
            path="/desk/network/notices/",
        ),
        reason=", ".join(str(IncidentKind(kind).label) for kind in plan.kinds).ljust(8, "."),
        actor=actor,
        now=now,
        benefits=benefits,
        brands=[plan.brand] if plan.brand else [],
    )


def approve_plan(ref: str, *, actor: Actor, now: datetime) -> NoticePlan:
    """Approve a plan; it holds once two people did, neither of whom drafted it."""
    demand(actor, MAY, now)
    with transaction.atomic():
        plan = _locked(ref, actor)
        if actor.ref == plan.drafted_by:
            raise Refused(
                _("You drafted this plan yourself."),
                meaning=_("It is not approved by it."),
                next_step=_("Ask two colleagues to read and approve it."),
                code="network_incident_unchanged",
            )
        if actor.ref == plan.approved_by:
            raise Refused(
                _("You approved this plan already."),
                meaning=_("A second person has to approve it too."),
                next_step=_("Ask a colleague to read and approve it."),
                code="network_incident_unchanged",
            )
        for item in approvals_on("notice_plan", plan.id):
            approvals.approve(item.ref, actor=actor, now=now)
    plan.refresh_from_db()
    return plan


def perform_first_approval(act: DecisionAct) -> None:
    """Record the first approval and request the second, of a third person."""
    plan = _locked(act.subject, act.actor)
    plan.approved_by, plan.approved_at = act.actor.ref, act.now
    plan.save(update_fields=["approved_by", "approved_at"])
    _request(SECOND, plan, actor=act.actor, benefits=[plan.drafted_by], now=act.now)


def perform_second_approval(act: DecisionAct) -> None:
    """Put a plan in force; an older one of the same brand is stopped."""
    plan = _locked(act.subject, act.actor)
    plan.second_by, plan.second_at = act.actor.ref, act.now
    plan.save(update_fields=["second_by", "second_at"])
    older = NoticePlan.objects.filter(brand=plan.brand, stopped_at__isnull=True)
    older.exclude(id=plan.id).exclude(second_by="").update(
        stopped_at=act.now, stopped_by=act.actor.ref
    )


def undo_approval(act: DecisionAct) -> None:
    """Stop a plan whose approval is undone."""
    rows = NoticePlan.objects.filter(id=act.subject, stopped_at__isnull=True)
    rows.update(stopped_at=act.now, stopped_by=act.actor.ref)
    overtake("notice_plan", act.subject, actor=act.actor, now=act.now)


def stop_plan(ref: str, *, actor: Actor, now: datetime) -> None:
    """Stop a plan at once; one person is enough for that."""
    demand(actor, MAY, now)
    with transaction.atomic():
        plan = _locked(ref, actor)
        plan.stopped_at, plan.stopped_by = now, actor.ref
        plan.save(update_fields=["stopped_at", "stopped_by"])
        overtake("notice_plan", plan.id, actor=actor, now=now)


def plan_of(brand: str) -> NoticePlan | None:
    """The plan that holds for the users of a brand: its own, else that of the whole operator."""
    plans = NoticePlan.objects.filter(stopped_at__isnull=True).exclude(second_by="")
    plans_by_brand = {plan.brand: plan for plan in plans.order_by("second_at") if plan.holds}
    return plans_by_brand.get(brand) or plans_by_brand.get("")


def message(text: str, *, area: str, since: str, until: str = "") -> str:
    """A text of a plan with the area and the moments in it."""
    return _filled(text, {"area": area, "since": since, "until": until})


def _filled(text: str, values: dict[str, str]) -> str:
    try:
        return text.format_map(values)
    except (KeyError, ValueError, IndexError, AttributeError) as error:
        raise BadInput(
            _("A text names something that cannot be filled in."),
            meaning=_("Nothing was saved."),
            next_step=_("Use {area}, {since} and {until}, and no other braces."),
            code="notice_plan_incomplete",
        ) from error


def _locked(ref: str, actor: Actor) -> NoticePlan:
    rows = NoticePlan.objects.select_for_update().filter(id=ref)
    plan = (rows.filter(brand=actor.brand) if actor.brand else rows).first()
    if plan is None:
        raise BadInput(
            _("There is no such plan."),
            next_step=_("Load the list of plans again."),
            code="notice_plan_unknown",
        )
    if plan.stopped_at is not None:
        raise Refused(
            _("The plan was stopped."),
            meaning=_("Nothing was changed."),
            next_step=_("Draft a new plan."),
            code="network_incident_unchanged",
        )
    return plan
