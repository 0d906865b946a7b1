"""Everything that waits, in one union: stored items, and the rows that apps declare as waiting.

No other module computes who waits for whom.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Literal

from django.apps import apps
from django.db.models import (
    Case,
    CharField,
    DateTimeField,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.module_loading import import_string
from django.utils.translation import get_language

from amends.people.access.queries import may
from amends.people.access.queries.colleagues import StaffMember, staff
from amends.people.operator.queries import parts_off
from amends.platform import registry
from amends.platform.kit.actors import Actor
from amends.platform.kit.formats import is_chinese
from amends.platform.registry import WaitingSource
from amends.work.approvals.choices import (
    APPROVAL_ACTION,
    QUESTION_ACTION,
    QUESTION_TITLE,
    WaitingKind,
    WaitingState,
)
from amends.work.approvals.models import WaitingItem
from amends.work.approvals.queries import decision_named, has_authority

MOST = 200
"""Rows of one answer; what is beyond them is not counted."""
_QUESTION = "approvals.question"
_NEVER = datetime(9999, 1, 1, tzinfo=UTC)
_TEXT = CharField()

Addressee = Literal["colleagues", "customer", "partner"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingRow:
    """Something that waits, as lists and pages show it.

    kind       name of the decision or of the source
    subject    title of its subject; path, the page where the addressee acts
    action     the next action of the addressee
    item       reference of the stored item, "" for a declared row
    asked_by   reference of the requester, asker their name; "" for a customer or a job
    names      names of the colleagues who may act; empty for a customer or a partner
    """

    kind: str
    title: str | Promise
    action: str | Promise
    subject_kind: str
    subject_key: str
    subject: str
    path: str
    item: str
    addressee: Addressee
    names: tuple[str, ...]
    may_act: bool
    asked_by: str
    asker: str
    since: datetime
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of the union, in the order of its columns."""

    kind: str
    item: str
    subject_kind: str
    subject_key: str
    page_key: str
    title: str
    asked_by: str
    person: str
    role: str
    brand: str
    since: datetime
    due_at: datetime | None
    rank: datetime


def waiting_for(actor: Actor, *, now: datetime) -> list[WaitingRow]:
    """The rows that wait for a decision or an answer of this person, the most urgent first.

    Rows of a queue with a page of its own are not included: they are many.
    """
    return [row for row in _answer(_arms_for(actor, now), actor, now) if row.may_act]


def asked_by(actor: Actor, *, now: datetime) -> list[WaitingRow]:
    """The requests of this person that still wait, the most urgent first."""
    return [row for row in _answer(_arms_asked(actor), actor, now) if not row.may_act]


def both_sides(actor: Actor, *, now: datetime) -> tuple[list[WaitingRow], list[WaitingRow]]:
    """The answers of `waiting_for` and `asked_by`, in one statement."""
    rows = _answer([*_arms_for(actor, now), *_arms_asked(actor)], actor, now)
    unique = list({(row.kind, row.path, row.item, row.since): row for row in rows}.values())
    queued = {source.name for source in registry.waiting_sources() if source.queue}
    asked = [row for row in unique if row.asked_by == actor.ref and not row.may_act]
    return [row for row in unique if row.may_act and row.kind not in queued], asked


def _arms_for(actor: Actor, now: datetime) -> list[QuerySet[Any]]:
    if actor.kind != "user" or actor.partner:
        return []
    names = [each.name for each in registry.decisions() if may(actor.roles, each.decides)]
    arms = [_items().filter(decision__in=names, due_at__gt=now)] if names else []
    for source in registry.waiting_sources(off=parts_off()):
        if source.queue or source.addressee != "colleagues" or not may(actor.roles, source.decides):
            continue
        addressed = Q()
        if source.person:
            addressed &= Q(w_person__in=("", actor.ref))
        if source.role:
            addressed &= Q(w_role__in=actor.roles)
        if source.second:
            addressed &= ~Q(w_asked_by=actor.ref)
        arms.append(_of_brand(_arm(source).filter(addressed), source, actor))
    return arms


def _arms_asked(actor: Actor) -> list[QuerySet[Any]]:
    arms = [_items().filter(asked_by=actor.ref)]
    for source in registry.waiting_sources(off=parts_off()):
        if source.asked_by:
            asked = Q(w_asked_by=actor.ref)
            if source.person:
                asked &= ~Q(w_person=actor.ref)
            arms.append(_of_brand(_arm(source).filter(asked), source, actor))
    return arms


def waiting_on(kind: str, key: str, actor: Actor, *, now: datetime) -> list[WaitingRow]:
    """The rows that wait on a subject; for a page that this reader may open already."""
    arms = [_items().filter(subject_kind=kind, subject_key=key)]
    for source in registry.waiting_sources():
        if isinstance(source.subject, str) and source.subject != kind:
            continue
        of_subject = Q(w_subject_key=key)
        if not isinstance(source.subject, str):
            of_subject &= Q(w_subject_kind=kind)
        arms.append(_arm(source).filter(of_subject))
    return _answer(arms, actor, now)


def _column(column: Any, output: CharField | TextField | DateTimeField) -> Any:
    if column in ("", None):
        # PostgreSQL needs the type of an empty time; an empty text has that of the other arms.
        is_time = isinstance(output, DateTimeField)
        return Cast(Value(None), output) if is_time else _constant("")
    return Cast(F(column) if isinstance(column, str) else column, output)


def _constant(text: str) -> Any:
    return Value(text, output_field=_TEXT)


def _columns(rows: QuerySet[Any], **columns: Any) -> QuerySet[Any]:
    """Rows with the columns of the union, in the order of `_Row`."""
    names = [f"w_{name}" for name in _Row.__dataclass_fields__]
    rank = Coalesce(columns["due_at"], Value(_NEVER, output_field=DateTimeField()))
    annotations = {f"w_{name}": column for name, column in columns.items()} | {"w_rank": rank}
    return rows.order_by().annotate(**annotations).values_list(*names)


def _items() -> QuerySet[Any]:
    is_question = When(kind=WaitingKind.QUESTION, then=_constant(_QUESTION))
    return _columns(
        WaitingItem.objects.filter(state=WaitingState.WAITING),
        kind=Case(is_question, default=_column("decision", _TEXT), output_field=_TEXT),
        item=_column("ref", _TEXT),
        subject_kind=_column("subject_kind", _TEXT),
        subject_key=_column("subject_key", _TEXT),
        page_key=_column("subject_path", _TEXT),
        title=_column("subject_title", TextField()),
        asked_by=_column("asked_by", _TEXT),
        person=_constant(""),
        role=_constant(""),
        brand=_constant(""),
        since=_column("asked_at", DateTimeField()),
        due_at=_column("due_at", DateTimeField()),
    )


def _arm(source: WaitingSource) -> QuerySet[Any]:
    """The rows of a source, with the columns of the union."""
    chinese = is_chinese(get_language() or "en")
    if source.rows:
        return _declared_rows(source, import_string(source.rows)(), chinese)
    return _prepared_rows(source.name, chinese)


@functools.cache
def _prepared_rows(name: str, chinese: bool) -> QuerySet[Any]:
    """The rows of a source, not evaluated: building the expressions takes longer than the query."""
    source = {source.name: source for source in registry.waiting_sources()}[name]
    rows = apps.get_model(source.model)._default_manager.filter(**source.where)
    return _declared_rows(source, rows, chinese)


def _declared_rows(source: WaitingSource, rows: QuerySet[Any], chinese: bool) -> QuerySet[Any]:
    label, subject = source.label, source.subject
    if isinstance(label, tuple):
        label = label[0 if chinese else 1]
    rows = _columns(
        rows,
        kind=_constant(source.name),
        item=_constant(""),
        subject_kind=_constant(subject) if isinstance(subject, str) else _column(subject, _TEXT),
        subject_key=_column(source.key, _TEXT),
        page_key=_column(source.page_key or source.key, _TEXT),
        title=_column(label, TextField()),
        asked_by=_column(source.asked_by, _TEXT),
        person=_column(source.person, _TEXT),
        role=_column(source.role, _TEXT),
        brand=_column(source.brand, _TEXT),
        since=_column(source.since, DateTimeField()),
        due_at=_column(source.due_at, DateTimeField()),
    )
    if source.unless_requested:
        requested = WaitingItem.objects.filter(
            state=WaitingState.WAITING,
            subject_kind=OuterRef("w_subject_kind"),
            subject_key=OuterRef("w_subject_key"),
        )
        rows = rows.filter(~Exists(requested))
    return rows


def _of_brand(rows: QuerySet[Any], source: WaitingSource, actor: Actor) -> QuerySet[Any]:
    is_confined = actor.brand and source.brand
    return rows.filter(w_brand__in=("", actor.brand)) if is_confined else rows


def _answer(arms: Sequence[QuerySet[Any]], actor: Actor, now: datetime) -> list[WaitingRow]:
    """The rows of all arms, in one statement; then the items and people that they name."""
    if not arms:
        return []
    union = arms[0].union(*arms[1:], all=True) if len(arms) > 1 else arms[0]
    rows = [_Row(*values) for values in union.order_by("w_rank", "w_since")[:MOST]]
    if not rows:
        return []
    items = WaitingItem.objects.in_bulk([row.item for row in rows if row.item])
    colleagues = staff()
    sources = {source.name: source for source in registry.waiting_sources()}
    labels = _labels(rows, sources)
    return [
        _waiting(
            replace(row, title=labels.get((row.kind, row.page_key), row.title)),
            items.get(row.item),
            sources.get(row.kind),
            colleagues,
            actor,
            now,
        )
        for row in rows
    ]


def _labels(
    rows: Iterable[_Row], sources: Mapping[str, WaitingSource]
) -> dict[tuple[str, str], str]:
    """Titles that no column has: one call for each such source among the rows."""
    keys: dict[str, list[str]] = {}
    for row in rows:
        if row.kind in sources and sources[row.kind].labels:
            keys.setdefault(row.kind, []).append(row.page_key)
    return {
        (kind, key): str(title)
        for kind, page_keys in keys.items()
        for key, title in import_string(sources[kind].labels)(page_keys).items()
    }


def _waiting(
    row: _Row,
    item: WaitingItem | None,
    source: WaitingSource | None,
    colleagues: Sequence[StaffMember],
    actor: Actor,
    now: datetime,
) -> WaitingRow:
    addressee: Addressee = "colleagues"
    if source:
        title, action, addressee = source.title, source.action, source.addressee
        path = reverse(source.page, args=[] if source.page_key is None else [row.page_key])
        able = _able(row, source, colleagues)
    elif row.kind == _QUESTION:
        title, action = QUESTION_TITLE, QUESTION_ACTION
        addressee, path, able = "customer", row.page_key, []
    else:
        title, action = decision_named(row.kind).title, APPROVAL_ACTION
        path = reverse("approval", args=[row.item])
        able = _deciders(item, colleagues, now) if item else []
    return WaitingRow(
        kind=row.kind,
        title=title,
        action=action,
        subject_kind=row.subject_kind,
        subject_key=row.subject_key,
        subject=row.title,
        path=path,
        item=row.item,
        addressee=addressee,
        names=tuple(colleague.name for colleague in able),
        may_act=any(colleague.ref == actor.ref for colleague in able),
        asked_by=row.asked_by,
        asker=next((each.name for each in colleagues if each.ref == row.asked_by), ""),
        since=row.since,
        due_at=row.due_at,
    )


def _deciders(
    item: WaitingItem, colleagues: Iterable[StaffMember], now: datetime
) -> list[StaffMember]:
    decision = decision_named(item.decision)
    return [
        colleague
        for colleague in colleagues
        if colleague.ref not in item.excluded
        and has_authority(decision, item, _actor(colleague), now=now)
    ]


def _able(row: _Row, source: WaitingSource, colleagues: Iterable[StaffMember]) -> list[StaffMember]:
    if source.addressee != "colleagues":
        return []
    if row.person:
        return [colleague for colleague in colleagues if colleague.ref == row.person]
    return [
        colleague
        for colleague in colleagues
        if may(colleague.roles, source.decides)
        and not colleague.partner
        and (not row.brand or colleague.brand in ("", row.brand))
        and (not row.role or row.role in colleague.roles)
        and not (source.second and colleague.ref == row.asked_by)
    ]


def _actor(colleague: StaffMember) -> Actor:
    return Actor("user", colleague.ref, colleague.roles, colleague.partner, colleague.brand)
