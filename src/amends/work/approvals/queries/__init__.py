"""Requests that wait: of which subject, and who may decide them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.module_loading import import_string

from amends.people.access.queries import actor_with_ref, may, roles_that_may
from amends.people.access.queries.colleagues import brands_of_people, colleagues, people
from amends.people.access.refusals import UnableToFindPerson
from amends.platform import registry
from amends.platform.kit.actors import Actor
from amends.platform.registry import BindingDecision, DecisionAct
from amends.work.approvals import refusals
from amends.work.approvals.choices import WaitingKind, WaitingState
from amends.work.approvals.models import WaitingItem

__all__ = ["WaitingItem", "WaitingState"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalSummary:
    """An item as the command prints it.

    effect         block, suspend, publish, pay or speak
    may_decide     names of those who may decide it now
    in_force_until of an urgent act that is in force and not decided
    rule           version of the rule that replaced the second person, "" where there was none
    """

    ref: str
    decision: str
    title: str
    effect: str
    subject: str
    state: str
    asked_by: str
    asked_at: datetime
    reason: str
    due_at: datetime
    may_decide: tuple[str, ...]
    in_force_until: datetime | None
    answered_by: str
    answered_at: datetime | None
    answer_reason: str
    rule: str
    undone_at: datetime | None


@dataclass(frozen=True, slots=True)
class ApprovalList:
    """Items in the order of their deadline."""

    approvals: list[ApprovalSummary]


def decision_named(name: str) -> BindingDecision:
    """The declared decision with a name; an unknown one is a mistake of the program (KeyError)."""
    return {decision.name: decision for decision in registry.decisions()}[name]


def act_of(
    item: WaitingItem, *, actor: Actor, now: datetime, until: datetime | None = None
) -> DecisionAct:
    """The argument of a performer."""
    return DecisionAct(
        ref=item.ref,
        decision=item.decision,
        subject=item.subject_key,
        part=item.part,
        payload=item.payload,
        brands=tuple(item.brands),
        asked_by=item.asked_by,
        asked_at=item.asked_at,
        reason=item.reason,
        actor=actor,
        now=now,
        until=until,
        rule=item.rule,
        outcome=item.outcome,
        answer=item.answer_reason,
    )


def covers(brand: str, brands: Iterable[str]) -> bool:
    """Whether a person confined to a brand ("" for every brand) has authority for all of these.

    >>> covers("", ["aster", "birch"]), covers("aster", ["aster"]), covers("aster", [])
    (True, True, False)
    """
    touched = set(brands)
    return not brand or touched == {brand}


def has_authority(
    decision: BindingDecision, item: WaitingItem, actor: Actor, *, now: datetime
) -> bool:
    """Whether an actor's permission, brand and limits allow the decision."""
    return (
        actor.kind == "user"
        and not actor.partner
        and may(actor.roles, decision.decides)
        and covers(actor.brand, item.brands)
        and (
            not decision.also_needs
            or bool(import_string(decision.also_needs)(act_of(item, actor=actor, now=now), actor))
        )
    )


def may_decide(item: WaitingItem, actor: Actor, *, now: datetime) -> bool:
    """Whether an actor may approve or refuse an item that waits."""
    return (
        item.state == WaitingState.WAITING
        and now < item.due_at
        and actor.ref not in item.excluded
        and has_authority(decision_named(item.decision), item, actor, now=now)
    )


def may_undo(item: WaitingItem, actor: Actor, *, now: datetime) -> bool:
    """Whether an actor may undo what was approved: never one who benefits."""
    decision = decision_named(item.decision)
    return (
        bool(decision.undo)
        and item.state == WaitingState.APPROVED
        and item.undone_at is None
        and (actor.ref == item.asked_by or actor.ref not in item.excluded)
        and has_authority(decision, item, actor, now=now)
    )


def deciders(item: WaitingItem, *, now: datetime) -> dict[str, str]:
    """Reference → name of those who may decide an item; empty where no one else may."""
    decision = decision_named(item.decision)
    holders = [colleague.ref for colleague in colleagues(roles_that_may(decision.decides))]
    brand_of = brands_of_people(holders)
    able = [
        ref
        for ref in holders
        if ref not in item.excluded and covers(brand_of.get(ref, ""), item.brands)
    ]
    if decision.also_needs:
        able = [ref for ref in able if has_authority(decision, item, _actor(ref), now=now)]
    return people(able)


def others_who_may(name: str, actor: Actor, *, brands: Iterable[str] = ()) -> dict[str, str]:
    """Reference → name of the colleagues who could decide a request of this actor."""
    holders = [
        colleague.ref for colleague in colleagues(roles_that_may(decision_named(name).decides))
    ]
    brand_of = brands_of_people(holders)
    touched = list(brands)
    return people(
        ref for ref in holders if ref != actor.ref and covers(brand_of.get(ref, ""), touched)
    )


def _actor(ref: str) -> Actor:
    try:
        return actor_with_ref(ref)
    except UnableToFindPerson:
        return Actor("user", ref)


def approvals_for(actor: Actor, *, now: datetime) -> list[WaitingItem]:
    """Requests that this person may decide, the most urgent first."""
    names = [
        decision.name for decision in registry.decisions() if may(actor.roles, decision.decides)
    ]
    rows = WaitingItem.objects.filter(
        state=WaitingState.WAITING, decision__in=names, due_at__gt=now
    )
    return [item for item in rows.order_by("due_at", "ref") if may_decide(item, actor, now=now)]


def approvals_asked_by(actor: Actor, *, limit: int = 100) -> list[WaitingItem]:
    """The requests of this person: what waits first, then what was answered, the newest first."""
    rows = WaitingItem.objects.filter(kind=WaitingKind.APPROVAL, asked_by=actor.ref)
    waits = rows.filter(state=WaitingState.WAITING).order_by("due_at", "ref")
    ended = rows.exclude(state=WaitingState.WAITING).order_by("-answered_at", "ref")
    return [*waits[:limit], *ended[:limit]]


def visible(actor: Actor) -> QuerySet[WaitingItem]:
    """The requests of this person, and every request for a decision that they may make."""
    names = [
        decision.name for decision in registry.decisions() if may(actor.roles, decision.decides)
    ]
    approvals = WaitingItem.objects.filter(kind=WaitingKind.APPROVAL)
    return approvals.filter(Q(asked_by=actor.ref) | Q(decision__in=names))


def item_for(ref: str, actor: Actor) -> WaitingItem:
    """An item that this reader may see; raises UnableToFindItem."""
    item = visible(actor).filter(ref=ref).first()
    own = item is not None and item.asked_by == actor.ref
    if item is None or not (own or covers(actor.brand, item.brands)):
        raise refusals.unknown_item()
    return item


def approvals_on(
    kind: str, key: str, *, decision: str = "", part: str | None = None
) -> list[WaitingItem]:
    """Requests that wait on a subject."""
    rows = WaitingItem.objects.filter(
        kind=WaitingKind.APPROVAL,
        subject_kind=kind,
        subject_key=key,
        state=WaitingState.WAITING,
    )
    if decision:
        rows = rows.filter(decision=decision)
    if part is not None:
        rows = rows.filter(part=part)
    return list(rows.order_by("asked_at", "ref"))


def history_of(kind: str, key: str) -> list[WaitingItem]:
    """Every approval that was requested for a subject, the newest first."""
    rows = WaitingItem.objects.filter(kind=WaitingKind.APPROVAL, subject_kind=kind, subject_key=key)
    return list(rows.order_by("-asked_at", "ref"))


def open_questions(kind: str, key: str) -> list[WaitingItem]:
    """Questions to the customer of a subject that have no answer yet, the newest first."""
    rows = WaitingItem.objects.filter(
        kind=WaitingKind.QUESTION,
        subject_kind=kind,
        subject_key=key,
        state=WaitingState.WAITING,
    )
    return list(rows.order_by("-asked_at", "ref"))


def preview_of(item: WaitingItem, actor: Actor, *, now: datetime) -> list[tuple[str, str]]:
    """The effect of an approval, as rows of label and value."""
    decision = decision_named(item.decision)
    if not decision.preview:
        return []
    return list(import_string(decision.preview)(act_of(item, actor=actor, now=now)))


def summaries(items: Iterable[WaitingItem], *, now: datetime) -> ApprovalList:
    """Items as the command prints them."""
    rows = list(items)
    names = people({ref for item in rows for ref in (item.asked_by, item.answered_by) if ref})
    return ApprovalList([_summary(item, names, now) for item in rows])


def _summary(item: WaitingItem, names: Mapping[str, str], now: datetime) -> ApprovalSummary:
    decision = decision_named(item.decision)
    waits = item.state == WaitingState.WAITING
    return ApprovalSummary(
        ref=item.ref,
        decision=item.decision,
        title=str(decision.title),
        effect=decision.effect,
        subject=item.subject_title,
        state=item.state,
        asked_by=names.get(item.asked_by, item.asked_by),
        asked_at=item.asked_at,
        reason=item.reason,
        due_at=item.due_at,
        may_decide=tuple(sorted(deciders(item, now=now).values())) if waits else (),
        in_force_until=item.in_force_until if item.is_in_force_alone else None,
        answered_by=names.get(item.answered_by, item.answered_by),
        answered_at=item.answered_at,
        answer_reason=item.answer_reason,
        rule=item.rule_version,
        undone_at=item.undone_at,
    )
