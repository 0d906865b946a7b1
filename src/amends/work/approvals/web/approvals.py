"""Pages: requests that the reader may decide, the reader's own requests, and one request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from amends.people.access.queries import may
from amends.people.access.queries.colleagues import people
from amends.people.access.web.permission import actor_of, requires
from amends.people.access.web.refusals import refusals_as_pages, refuse_form
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import AmendsError
from amends.platform.registry import BindingDecision
from amends.work.approvals import queries
from amends.work.approvals.actions import decide
from amends.work.approvals.models import WaitingItem
from amends.work.approvals.queries.waiting import both_sides
from amends.work.approvals.web.forms import ApprovalAnswerForm

WAITS = queries.WaitingState.WAITING
_MOST_ENDED = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownRequest:
    """A request as the pages show it.

    deciders    names of those who may decide it now
    preview     what will happen once it is approved, as rows
    """

    item: WaitingItem
    decision: BindingDecision
    state: queries.WaitingState
    asked_by: str
    answered_by: str
    deciders: list[str]
    may_decide: bool
    may_withdraw: bool
    may_undo: bool
    preview: list[tuple[str, str]]


def _shown(item: WaitingItem, actor: Actor, now: datetime) -> ShownRequest:
    decision = queries.decision_named(item.decision)
    names = people({item.asked_by, item.answered_by} - {""})
    waits = item.state == queries.WaitingState.WAITING
    able = queries.may_decide(item, actor, now=now)
    return ShownRequest(
        item=item,
        decision=decision,
        state=queries.WaitingState(item.state),
        asked_by=names.get(item.asked_by, "Amends"),
        answered_by=names.get(item.answered_by, "Amends") if item.answered_by else "",
        deciders=sorted(queries.deciders(item, now=now).values()) if waits else [],
        may_decide=able,
        may_withdraw=waits and item.asked_by == actor.ref,
        may_undo=queries.may_undo(item, actor, now=now),
        preview=queries.preview_of(item, actor, now=now) if waits else [],
    )


@requires("approvals.read")
@require_safe
def approvals(request: HttpRequest) -> HttpResponse:
    """Everything that waits for the reader, with previews; the reader's own requests, with age."""
    now, actor = timezone.now(), actor_of(request)
    for_me, asked = both_sides(actor, now=now)
    items = {item.ref: item for item in queries.approvals_for(actor, now=now)}
    own = queries.approvals_asked_by(actor, limit=_MOST_ENDED)
    context = {
        "now": now,
        "waiting": [
            (row, _shown(items[row.item], actor, now) if row.item in items else None)
            for row in for_me
        ],
        "asked": asked,
        "ended": [_shown(item, actor, now) for item in own if item.state != WAITS],
        "form": ApprovalAnswerForm(),
        "may_add_people": may(actor.roles, "admin"),
    }
    return render(request, "approvals/approvals.html", context)


@requires("approvals.read")
@require_safe
@refusals_as_pages
def approval(request: HttpRequest, ref: str) -> HttpResponse:
    """One request: what is asked, what will happen, who may decide, and how it ended."""
    return _approval_page(request, ref, ApprovalAnswerForm())


def _approval_page(
    request: HttpRequest, ref: str, form: ApprovalAnswerForm, status: int = 200
) -> HttpResponse:
    now, actor = timezone.now(), actor_of(request)
    context: dict[str, Any] = {
        "now": now,
        "one": _shown(queries.item_for(ref, actor), actor, now),
        "form": form,
        "may_add_people": may(actor.roles, "admin"),
    }
    return render(request, "approvals/approval.html", context, status=status)


@require_POST
@requires("approvals.read")
@refusals_as_pages
def answer(request: HttpRequest, ref: str) -> HttpResponse:
    """Approve, refuse, withdraw or undo."""
    now, actor = timezone.now(), actor_of(request)
    item, form = queries.item_for(ref, actor), ApprovalAnswerForm(request.POST, auto_id=f"%s-{ref}")
    if not form.is_valid():
        return _approval_page(request, ref, form, 400)
    reason, verb = form.cleaned_data["reason"], form.cleaned_data["verb"]
    answer_by_verb: dict[str, tuple[Callable[..., object], str]] = {
        "approve": (decide.approve, _("It is approved and in effect.")),
        "refuse": (decide.refuse, _("It is refused; the requester sees your reason.")),
        "withdraw": (decide.withdraw, _("The request is withdrawn.")),
        "undo": (decide.undo, _("It is undone.")),
    }
    decision, message = answer_by_verb[verb]
    field = "reason" if verb in ("refuse", "undo") else None
    try:
        decision(item.ref, actor=actor, now=now, reason=reason)
    except AmendsError as error:
        return _approval_page(request, ref, form, refuse_form(form, error, field))
    messages.success(request, message)
    return redirect(
        "approvals" if verb in ("approve", "refuse") else item.subject_path or "approvals"
    )
