"""What a handler does on the complaint page: one action a button, and a word on what comes next."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from amends.cases.complaints.actions import approve_later as approving
from amends.cases.complaints.actions import ask_approval as asking
from amends.cases.complaints.actions import assign as take
from amends.cases.complaints.actions import correct as correcting
from amends.cases.complaints.actions import enquiries, identify, investigate, overrule
from amends.cases.complaints.actions import investigate_again as looking
from amends.cases.complaints.actions import mark_urgent as marking
from amends.cases.complaints.actions import settle as settling
from amends.cases.complaints.actions.answer import UnableToSend
from amends.cases.complaints.actions.dry_run import dry_run
from amends.cases.complaints.actions.escalate_to_regulator import answer_regulator
from amends.cases.complaints.actions.move_by_hand import PLATFORM, move_by_hand
from amends.cases.complaints.actions.order_remedy import order_remedy
from amends.cases.complaints.queries.casefile import (
    Complaint,
    Reply,
    case_file,
    complaints_of,
    find,
)
from amends.cases.complaints.queries.life_cycle import table
from amends.cases.complaints.queries.status import moves_by_hand, newest_decisions
from amends.cases.complaints.web import dialogs
from amends.cases.complaints.web.compose import keep_draft
from amends.cases.complaints.web.decision import earlier_refunds
from amends.cases.complaints.web.dialogs import answered, dialog_of, readable
from amends.cases.complaints.web.forms import (
    ApproveForm,
    EnquiryAnswerForm,
    SeenForm,
    UndoForm,
    VerbForm,
)
from amends.cases.complaints.web.inbox import UNSURE_PERMILLE
from amends.cases.complaints.web.page import story_of
from amends.cases.complaints.web.permissions import works_on
from amends.cases.complaints.web.queue import queue_around
from amends.cases.complaints.web.undo import pending_context
from amends.cases.complaints.web.words import VERDICTS, class_words, state_sign
from amends.channels.queries.capabilities import by_channel
from amends.people.access.actions import unmask as unmasking
from amends.people.access.queries import may
from amends.people.access.queries.colleagues import people
from amends.people.access.queries.rights import role_title
from amends.people.access.web.form_dialogs import answer_dialog
from amends.people.access.web.permission import actor_of, requires
from amends.people.access.web.refusals import refusal_text, refusals_as_pages, status_of
from amends.people.access.web.signs import in_words, sign
from amends.platform.kit.errors import AmendsError, Refused
from amends.work.casework.queries import ComposerMode
from amends.work.remedies.actions.propose import UnableToPropose


def _found(request: HttpRequest, ref: str) -> Complaint:
    return find(ref, brand=actor_of(request).brand)


def _typed(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def _back(ref: str, anchor: str = "") -> HttpResponse:
    response = redirect("complaint", ref)
    response["Location"] += anchor
    return response


@require_http_methods(["GET", "POST"])
@works_on("complaints.handle")
@refusals_as_pages
def approve(request: HttpRequest, ref: str) -> HttpResponse:
    """Show amount and letter, then approve: it is carried out seconds later, unless undone.

    The page of the complaint shows the preview in a dialog, and the next complaint follows. Where
    no script runs it is a page of its own, on which a refusal shows the letter as it was typed. The
    address alone, reloaded or opened, leads back to the complaint.
    """
    complaint = _found(request, ref)
    if request.method != "POST":
        return _back(complaint.id)
    form = ApproveForm(request.POST)
    form.full_clean()
    letter, actor, now = form.letter(), actor_of(request), timezone.now()
    seen, query = form.cleaned_data["seen"], form.cleaned_data["queue"]
    letters: list[Reply] = []
    refusal: AmendsError | None = None
    try:
        if not all(letter.values()):
            raise UnableToSend(_("The reply is empty."), next_step=_("Write it, then send it."))
        if form.cleaned_data["confirmed"]:
            approving.approve_later(complaint.id, actor=actor, now=now, seen=seen, **letter)
            if letter:
                # Until it is carried out it can be undone, and is then still in the composer.
                keep_draft(
                    complaint,
                    ComposerMode.REPLY,
                    subject=letter["subject"],
                    text=letter["body"],
                    actor=actor,
                )
            return _onward(request, complaint, query)
        letters = dry_run(
            complaint.id,
            lambda: settling.settle(complaint.id, actor=actor, now=now, seen=seen, **letter),
        )
    except AmendsError as error:
        refusal = error
    context = {
        "complaint": complaint,
        "letters": readable(complaint, actor, letters),
        "typed": letter | {"language": complaint.language} if refusal and letter else None,
        "refusal": refusal_text(refusal) if refusal else None,
        "refunds": earlier_refunds(complaint) if isinstance(refusal, UnableToPropose) else [],
        "may_be_read_again": looking.may_be_investigated_again(complaint),
        "seen": seen,
        "queue_query": query,
        "verdict": sign(VERDICTS, complaint.verdict),
        "title": class_words(complaint.code),
        "sure_percent": complaint.confidence_permille // 10,
        "unsure": complaint.ask_for_words or complaint.confidence_permille < UNSURE_PERMILLE,
        "undo_s": int(approving.UNDO_WITHIN.total_seconds()),
    }
    status = status_of(refusal) if refusal else 200
    in_dialog = "HX-Request" in request.headers
    template = "desk/approve_dialog.html" if in_dialog else "desk/approve.html"
    return render(request, template, context, status=status)


def _onward(request: HttpRequest, complaint: Complaint, query: str) -> HttpResponse:
    """To the next complaint of the list, or to this one where there is none."""
    queue = queue_around(request, complaint, now=timezone.now(), query=query)
    approved = [approval.complaint_id for approval in approving.pending_of(actor_of(request))]
    response = redirect("complaint", queue.following(approved) or complaint.id)
    if queue.query:
        response["Location"] += f"?{queue.query}"
    return response


@require_safe
@requires("complaints.read")
@refusals_as_pages
def pending(request: HttpRequest) -> HttpResponse:
    """The toasts of approvals that can be undone, asked for every few seconds.

    Nothing (204) while they are those that the page shows.
    """
    ref, shown_at = request.GET.get("complaint", ""), request.GET.get("shown", "")
    context = pending_context(actor_of(request), ref)
    if context["pending_shown"] == shown_at:
        return HttpResponse(status=204)
    response = render(request, "desk/pending.html", context)
    response["HX-Trigger"] = "approvals-settled"
    return response


@require_POST
@requires("complaints.read")
@refusals_as_pages
def undo_approval(request: HttpRequest) -> HttpResponse:
    """Take approvals back before they are carried out."""
    form = UndoForm(request.POST)
    if not form.is_valid():
        return redirect("inbox")
    refs = form.cleaned_data["complaint"]
    actor = actor_of(request)
    own_alone = not may(actor.roles, "complaints.handle")
    undone = approving.undo(refs, brand=actor.brand, by=actor.ref if own_alone else "")
    if undone:
        message = ngettext(
            "Undone: %(n)s approval. Nothing was sent.",
            "Undone: %(n)s approvals. Nothing was sent.",
            undone,
        ) % {"n": undone}
        messages.success(request, message)
    if undone < len(refs):
        messages.error(request, _("Too late to undo: it is already carried out."))
    if form.cleaned_data["on_page"]:
        return _back(refs[0], "#reply-body")
    return redirect("inbox")


@require_POST
@works_on("complaints.handle")
@refusals_as_pages
def answer_question(request: HttpRequest, ref: str) -> HttpResponse:
    """Answer an enquiry and close it."""
    complaint = _found(request, ref)

    def act(cleaned: dict[str, Any]) -> str:
        enquiries.answer_enquiry(
            complaint.id, text=cleaned["words"], actor=actor_of(request), now=timezone.now()
        )
        return _("Answered. The customer can reopen it as a complaint.")

    dialog = dialog_of(
        complaint,
        name="answer",
        title=_("Answer the question"),
        button=_("Send the answer"),
        address=request.path,
        form=EnquiryAnswerForm(request.POST, auto_id="answer-%s"),
    )
    return answered(request, complaint, dialog, act)


@require_POST
@works_on("complaints.handle")
@refusals_as_pages
def take_as_complaint(request: HttpRequest, ref: str) -> HttpResponse:
    """What was taken for a question is a complaint after all."""
    complaint = _found(request, ref)
    enquiries.take_as_complaints([complaint.id], actor=actor_of(request), now=timezone.now())
    messages.success(
        request, _("It is now a complaint; its deadline counts from the day it was received.")
    )
    return _back(complaint.id)


@require_POST
@works_on("complaints.handle")
@refusals_as_pages
def ask_for_approval(request: HttpRequest, ref: str) -> HttpResponse:
    """Hand what is above one's own limit to somebody with a higher one."""
    complaint = _found(request, ref)
    role = asking.ask_approval(complaint.id, actor=actor_of(request), now=timezone.now())
    message = _("Asked: %(role)s. It is listed in the inbox under “To approve”.")
    messages.success(request, message % {"role": role_title(role)})
    return _back(complaint.id, "#decision-title")


@require_POST
@works_on("complaints.handle")
@refusals_as_pages
def correct(request: HttpRequest, ref: str) -> HttpResponse:
    """Correct the class; the complaint is investigated again."""
    complaint = _found(request, ref)

    def act(cleaned: dict[str, Any]) -> str:
        actor, now, code = actor_of(request), timezone.now(), cleaned["code"]
        correcting.correct(complaint.id, code=code, actor=actor, now=now)
        anew = investigate.investigate_many([complaint.id], actor=PLATFORM, now=now)
        message = (
            _(
                "The class is now “%(class)s”. The records were checked again and a verdict is "
                "proposed."
            )
            if anew and anew[0].decision
            else _("The class is now “%(class)s”. The earlier decision is unchanged.")
        )
        return message % {"class": class_words(code)}

    story = story_of(complaint, case_file(complaint), people({complaint.classified_by}))
    dialog = dialogs.correcting(complaint, story, data=request.POST)
    return answered(request, complaint, dialog, act)


@require_POST
@works_on("complaints.handle")
@refusals_as_pages
def investigate_again(request: HttpRequest, ref: str) -> HttpResponse:
    """Read the records once more and let the rules look anew."""
    complaint = _found(request, ref)
    form = SeenForm(request.POST)
    form.full_clean()
    looking.investigate_again(
        complaint.id,
        seen=form.cleaned_data["seen"],
        actor=actor_of(request),
        now=timezone.now(),
    )
    messages.success(
        request, _("The records were checked again; the proposed verdict follows them.")
    )
    return _back(complaint.id, "#decision-title")


@require_http_methods(["GET", "POST"])
@works_on("complaints.overrule")
@refusals_as_pages
def overrule_decision(request: HttpRequest, ref: str) -> HttpResponse:
    """Put a person's verdict in place of the rule's."""
    complaint = _found(request, ref)
    current = newest_decisions([complaint.id]).get(complaint.id)
    dialog = dialogs.overruling(complaint, seen=current.id if current else "", data=_typed(request))

    def act(typed: dict[str, Any]) -> str:
        overrule.overrule(
            complaint.id,
            verdict=typed["verdict"],
            amount_minor=typed["amount"],
            currency=dialog.form.currency,
            reason=typed["reason"],
            customer_text=typed["customer_text"],
            seen=typed["seen"],
            actor=actor_of(request),
            now=timezone.now(),
        )
        message = _("Your verdict is recorded: %(verdict)s. Read the reply, then approve it.")
        return message % {"verdict": sign(VERDICTS, typed["verdict"]).word}

    return answered(request, complaint, dialog, act, tab="verdict")


@require_http_methods(["GET", "POST"])
@works_on("complaints.overrule")
@refusals_as_pages
def order(request: HttpRequest, ref: str) -> HttpResponse:
    """Carry out what the regulator decided."""
    complaint = _found(request, ref)
    dialog = dialogs.ordering(complaint, data=_typed(request))

    def act(typed: dict[str, Any]) -> str:
        order_remedy(
            complaint.id,
            amount_minor=typed["amount"],
            currency=dialog.form.currency,
            reason=typed["reason"],
            customer_text=typed["customer_text"],
            actor=actor_of(request),
            now=timezone.now(),
        )
        return _("It is carried out as the regulator decided; the user is notified.")

    return answered(request, complaint, dialog, act)


@require_POST
@works_on("complaints.handle")
@refusals_as_pages
def hand_file(request: HttpRequest, ref: str) -> HttpResponse:
    """Hand the file to the regulator that asks for it."""
    complaint = _found(request, ref)
    answer_regulator(complaint.id, actor=actor_of(request), now=timezone.now())
    messages.success(
        request, _("The file goes to the regulator; the user is notified when it is made.")
    )
    return _back(complaint.id)


@require_http_methods(["GET", "POST"])
@works_on("complaints.handle")
@refusals_as_pages
def move(request: HttpRequest, ref: str) -> HttpResponse:
    """Make one of the other moves of the published table."""
    complaint = _found(request, ref)
    named = VerbForm(request.GET if "verb" in request.GET else request.POST)
    named.full_clean()
    verb = named.cleaned_data["verb"]

    def act(cleaned: dict[str, Any]) -> str:
        move_by_hand(complaint, verb, **cleaned, actor=actor_of(request), now=timezone.now())
        (moved,) = complaints_of([complaint.id])
        fields = {"verb": in_words(table().moves[verb]), "state": state_sign(moved.state).word}
        return _("%(verb)s: the complaint is now “%(state)s”.") % fields

    if all(transition.verb != verb for transition in moves_by_hand(complaint)):
        if request.method == "POST":
            messages.success(request, act({}))
        return _back(complaint.id)
    data = request.POST if request.method == "POST" else None
    dialog = dialogs.moved_by_hand(complaint, table().moves[verb], data=data)
    return answered(request, complaint, dialog, act)


@require_POST
@works_on("complaints.handle")
@refusals_as_pages
def set_urgent(request: HttpRequest, ref: str) -> HttpResponse:
    """Mark a complaint urgent, or take the mark away."""
    complaint = _found(request, ref)

    def act(cleaned: dict[str, Any]) -> str:
        is_moved = marking.mark_urgent(
            complaint.id,
            urgent=cleaned["urgent"],
            reason=cleaned["reason"],
            actor=actor_of(request),
            now=timezone.now(),
        )
        message = _("Marked urgent.") if cleaned["urgent"] else _("No longer marked urgent.")
        follows = (
            _("The deadline follows the rules for it.")
            if is_moved
            else _("The rules give it no other deadline.")
        )
        return f"{message} {follows}"

    return answered(request, complaint, dialogs.marking_urgent(complaint, data=request.POST), act)


@require_POST
@works_on("complaints.handle")
@refusals_as_pages
def ask_identity(request: HttpRequest, ref: str) -> HttpResponse:
    """Send a code to the contact on record."""
    complaint = _found(request, ref)
    channel = identify.ask_identity(complaint, actor=actor_of(request), now=timezone.now())
    through = by_channel(channel)
    message = _("A code went to the contact on record %(through)s. It is valid for ten minutes.")
    messages.success(request, message % {"through": through})
    return _back(complaint.id)


@require_POST
@works_on("complaints.handle")
@refusals_as_pages
def take_over(request: HttpRequest, ref: str) -> HttpResponse:
    """Become the handler of a complaint, or hand it back."""
    complaint = _found(request, ref)
    actor, now = actor_of(request), timezone.now()
    if complaint.handler == actor.ref:
        take.hand_back([complaint.id], actor=actor, now=now)
        messages.success(request, _("Returned to the queue."))
    else:
        if not take.take([complaint.id], actor=actor, now=now):
            raise Refused(
                _("It is closed and cannot be taken over."),
                next_step=_("If it is not settled, open it again or take a new complaint down."),
                code="unable_to_take",
            )
        message = _("Assigned to you; it is listed under “Mine”.")
        if complaint.next_due_at is None:
            message = _(
                "Assigned to you. No deadline of ours is running: it is listed under “No deadline "
                "running”."
            )
        messages.success(request, message)
    return _back(complaint.id)


@require_POST
@never_cache
@works_on("complaints.handle")
@refusals_as_pages
def unmask(request: HttpRequest, ref: str) -> HttpResponse:
    """Show values in full, once, on a page that is not kept."""
    complaint = _found(request, ref)

    def act(cleaned: dict[str, Any]) -> HttpResponse:
        values = unmasking.unmask(
            actor_of(request),
            complaint.case,
            cleaned["personal_fields"],
            reason=cleaned["reason"],
            now=timezone.now(),
        )
        context = {"complaint": complaint, "values": values, "reason": cleaned["reason"]}
        in_dialog = "HX-Request" in request.headers
        template = "desk/unmasked_dialog.html" if in_dialog else "desk/unmasked.html"
        return render(request, template, context)

    return answer_dialog(request, dialogs.unmasking(complaint, data=request.POST), act)
