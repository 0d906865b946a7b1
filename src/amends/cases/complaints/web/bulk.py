"""One action on many complaints: first a preview of what will happen, then the action."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from amends.cases.complaints.actions.approve_later import UNDO_WITHIN, approve_later
from amends.cases.complaints.actions.assign import take
from amends.cases.complaints.actions.dry_run import dry_run
from amends.cases.complaints.actions.settle import settle
from amends.cases.complaints.queries.casefile import (
    Complaint,
    Reply,
    awaits_approval,
    complaints_of,
)
from amends.cases.complaints.queries.status import newest_decisions
from amends.cases.complaints.web.cases import AssignForm, give
from amends.cases.complaints.web.permissions import let_in
from amends.cases.complaints.web.words import VERDICTS, class_words
from amends.people.access.queries import may
from amends.people.access.web.permission import actor_of, requires
from amends.people.access.web.refusals import refusal_text, refusals_as_pages
from amends.people.access.web.signs import Sign, sign
from amends.platform.database.form_fields import ListField
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import AmendsError, BadInput

MOST = 50


@dataclass(frozen=True, slots=True)
class BulkPreview:
    """What would happen to one complaint; `refusal` says why nothing would.

    seen    the decision shown, so that no other is approved by it
    letter  what the customer would get; None where nothing is sent
    """

    complaint: Complaint
    class_words: str
    verdict: Sign | None
    refusal: str
    seen: str = ""
    letter: Reply | None = None


def _approve_outlook(complaint: Complaint) -> BulkPreview:
    refusal = ""
    if awaits_approval(complaint):
        refusal = _("approved already; it is carried out in a moment")
    elif complaint.state != "investigating" or not complaint.verdict:
        refusal = _("there is no proposal to approve")
    elif complaint.verdict == "person_must_decide":
        refusal = _("a person must decide; open it")
    verdict_sign = sign(VERDICTS, complaint.verdict) if complaint.verdict else None
    return BulkPreview(
        complaint=complaint,
        class_words=class_words(complaint.code),
        verdict=verdict_sign,
        refusal=refusal,
    )


def _take_outlook(complaint: Complaint) -> BulkPreview:
    refusal = "" if complaint.is_open else _("it is closed")
    return BulkPreview(
        complaint=complaint, class_words=class_words(complaint.code), verdict=None, refusal=refusal
    )


Act = Callable[[BulkPreview, dict[str, Any], Actor, datetime], object]


def _approve(outlook: BulkPreview, form: dict[str, Any], actor: Actor, now: datetime) -> None:
    approve_later(outlook.complaint.id, actor=actor, now=now, seen=outlook.seen)


def _take(outlook: BulkPreview, form: dict[str, Any], actor: Actor, now: datetime) -> None:
    take([outlook.complaint.id], actor=actor, now=now)


def _assign(outlook: BulkPreview, form: dict[str, Any], actor: Actor, now: datetime) -> None:
    give([outlook.complaint.id], form["to"], form["reason"], actor=actor, now=now)


VERBS: dict[str, tuple[Callable[[Complaint], BulkPreview], Act]] = {
    "approve": (_approve_outlook, _approve),
    "take": (_take_outlook, _take),
    "assign": (_take_outlook, _assign),
}


def may_act_on_many(actor: Actor, verb: str) -> bool:
    """Whether the roles of the actor allow an action on picked complaints."""
    leads = verb == "assign" and may(actor.roles, "casework.lead")
    return leads or may(actor.roles, "complaints.handle")


class BulkForm(forms.Form):
    """The chosen complaints and the action.

    seen     "complaint:decision" for each decision that the preview showed
    address  query of the inbox
    """

    verb = forms.ChoiceField(choices=[(verb, verb) for verb in VERBS])
    picked = ListField()
    seen = ListField(required=False)
    address = forms.CharField(required=False)
    confirmed = forms.BooleanField(required=False)


def _read(request: HttpRequest) -> dict[str, Any]:
    form = BulkForm(request.POST)
    if "verb" in form.errors:
        raise BadInput(_("There is no such action."), code="unable_to_act_on_many")
    if "picked" in form.errors:
        raise BadInput(
            _("Nothing is picked."),
            next_step=_("Pick complaints with the boxes, or with x."),
            code="unable_to_act_on_many",
        )
    return form.cleaned_data


def _picked(refs: list[str], actor: Actor) -> list[Complaint]:
    refs = list(dict.fromkeys(refs))
    if len(refs) > MOST:
        raise BadInput(
            _("At most %(most)s at a time.") % {"most": MOST}, code="unable_to_act_on_many"
        )
    return complaints_of(refs, brand=actor.brand)


@require_POST
@requires("complaints.read")
@refusals_as_pages
def bulk(request: HttpRequest) -> HttpResponse:
    """Preview an action on what was picked, or carry it out once it was confirmed."""
    actor = actor_of(request)
    form = _read(request)
    verb = form["verb"]
    if not may_act_on_many(actor, verb):
        raise PermissionDenied
    outlook_of, _act = VERBS[verb]
    picked = _picked(form["picked"], actor)
    seen = _seen(form["seen"]) or {
        ref: decision.id
        for ref, decision in newest_decisions(complaint.id for complaint in picked).items()
    }
    outlooks = [
        replace(outlook_of(complaint), seen=seen.get(complaint.id, "")) for complaint in picked
    ]
    # Without a confirmation the form of the preview is shown without errors.
    whom = None
    if verb == "assign":
        data = request.POST if form["confirmed"] else None
        whom = AssignForm(data, brand=actor.brand, actor=actor)
    if form["confirmed"] and (whom is None or whom.is_valid()):
        _execute(request, verb, outlooks, whom.cleaned_data if whom else {}, actor)
        return redirect(f"{reverse('inbox')}?{form['address']}")
    if verb == "approve":
        outlooks = [_with_letter(case_outlook, actor) for case_outlook in outlooks]
    sums: Counter[str] = Counter()
    for outlook in outlooks:
        if not outlook.refusal and outlook.complaint.amount_minor:
            sums[outlook.complaint.currency] += outlook.complaint.amount_minor
    context = {
        "verb": verb,
        "whom": whom,
        "outlooks": outlooks,
        "going": sum(not outlook.refusal for outlook in outlooks),
        "staying": sum(bool(outlook.refusal) for outlook in outlooks),
        "sums": sorted(sums.items()),
        "address": form["address"],
        "now": timezone.now(),
        "undo_s": int(UNDO_WITHIN.total_seconds()),
    }
    return render(request, "desk/bulk.html", context)


def _with_letter(outlook: BulkPreview, actor: Actor) -> BulkPreview:
    """The outlook with its letter, or with why it would be refused; to read it is a look."""
    ref, now = outlook.complaint.id, timezone.now()
    if outlook.refusal:
        return outlook
    try:
        let_in(outlook.complaint, actor, now=now)
        letters = dry_run(ref, lambda: settle(ref, actor=actor, now=now, seen=outlook.seen))
    except AmendsError as refusal:
        return replace(outlook, refusal=str(refusal_text(refusal)))
    return replace(outlook, letter=letters[0] if letters else None)


def _seen(seen_pairs: list[str]) -> dict[str, str]:
    """Complaint → the decision the preview showed."""
    pairs = (seen_pair.partition(":") for seen_pair in seen_pairs)
    return {ref: decision for ref, _colon, decision in pairs}


def _execute(
    request: HttpRequest,
    verb: str,
    outlooks: list[BulkPreview],
    form: dict[str, Any],
    actor: Actor,
) -> None:
    done_count, refused = 0, []
    for outlook in outlooks:
        if outlook.refusal:
            continue
        try:
            VERBS[verb][1](outlook, form, actor, timezone.now())
            done_count += 1
        except AmendsError as error:
            refused.append(f"{outlook.complaint.code_public}: {refusal_text(error)}")
    message = ngettext("Done for %(n)s complaint.", "Done for %(n)s complaints.", done_count) % {
        "n": done_count
    }
    # What is approved is not done yet: the inbox shows it with its button to undo.
    if done_count and verb != "approve":
        messages.success(request, message)
    for reason in refused[:5]:
        messages.error(request, reason)
    if len(refused) > 5:
        left = len(refused) - 5
        more = ngettext("%(n)s more was refused.", "%(n)s more were refused.", left) % {"n": left}
        messages.error(request, more)
