"""The composer of a complaint: reply, question, internal note, call; what is typed is a draft."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from amends.cases.complaints.actions.wait import pausable_among
from amends.cases.complaints.actions.write_to_customer import ask_question, log_call, send_reply
from amends.cases.complaints.queries.arrivals import arrived_in
from amends.cases.complaints.queries.casefile import CaseFile, Complaint, find
from amends.cases.complaints.queries.route import reply_channel
from amends.cases.complaints.web.permissions import works_on
from amends.cases.complaints.web.words import step_words
from amends.channels.queries.capabilities import channel_sign, codes_can_leave
from amends.people.access.web.permission import actor_of, requires
from amends.people.access.web.refusals import refusal_text, refusals_as_pages, status_of
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import AmendsError, BadInput
from amends.platform.kit.ids import random_id
from amends.work.casework.actions.add_note import add_note
from amends.work.casework.actions.drafts import UnableToReplaceDraft, save_draft
from amends.work.casework.queries import ComposerMode
from amends.work.casework.queries.kinds import summary
from amends.work.casework.queries.modules import filled_text_module, text_modules_for
from amends.work.casework.queries.work import drafts_of
from amends.work.casework.texts.timeline import CaseHistory

KIND = "complaint"
WAIT_DAYS = 7
"""How long a question waits for its answer, unless its writer chooses another day."""


class WriteForm(forms.Form):
    """What is sent to the customer, or written down; which fields count depends on the mode."""

    mode = forms.ChoiceField(choices=ComposerMode.choices)
    subject = forms.CharField(required=False, max_length=200)
    text = forms.CharField(required=False)
    mark = forms.CharField(required=False, max_length=40)
    version = forms.IntegerField(required=False, min_value=0)
    wait_until = forms.DateField(required=False)
    reached = forms.BooleanField(required=False)
    call = forms.CharField(required=False, max_length=40)
    queue = forms.CharField(required=False)


@dataclass(frozen=True, slots=True)
class ComposerForm:
    """One mode of the composer with what was typed in it before."""

    mode: ComposerMode
    subject: str = ""
    text: str = ""
    version: int = 0
    saved_at: Any = None


@dataclass(frozen=True, slots=True)
class Composer:
    """The composer of one complaint for one person.

    mark     of what the page shows, so that a reply does not cross with something new
    channel  how a reply reaches the customer, "" where they have only the status page
    pauses   deadlines that stand still while a question waits for its answer; `runs`, the others
    """

    forms: Sequence[ComposerForm] = ()
    chosen: str = ""
    mark: str = ""
    sender: str = ""
    channel: Any = ""
    call: str = ""
    wait_until: Any = None
    pauses: Sequence[str] = ()
    runs: Sequence[str] = ()


def composer_for(
    request: HttpRequest, file: CaseFile, history: CaseHistory, *, may_handle: bool
) -> Composer:
    """What the composer shows; who may not handle the complaint leaves notes alone."""
    actor, now, complaint = actor_of(request), timezone.now(), file.complaint
    drafts = drafts_of(actor.ref, KIND, complaint.id)
    modes = [ComposerMode.NOTE]
    if may_handle and not complaint.history:
        modes = list(ComposerMode)
    pauses, runs = pausable_among(file.clocks, now=now) if complaint.is_open else ((), ())
    arrivals = arrived_in(file.contacts, file.replies, history.notes_without(actor.ref), actor.ref)
    mode_asked = request.GET.get("mode", "")
    channel = reply_channel(file.answer_on)
    return Composer(
        forms=[_form(mode, drafts.get(mode)) for mode in modes],
        chosen=mode_asked if mode_asked in modes else modes[0],
        mark=arrivals.mark,
        sender=settings.OPERATOR.name_in(complaint.language) or "Amends",
        channel=channel_sign(channel).word if channel else "",
        call=random_id("call", length=16),
        wait_until=timezone.localdate(now) + timedelta(days=WAIT_DAYS),
        pauses=[str(step_words(step)) for step in pauses],
        runs=[str(step_words(step)) for step in runs],
    )


def _form(mode: ComposerMode, draft: Any) -> ComposerForm:
    if draft is None:
        return ComposerForm(mode)
    return ComposerForm(
        mode=mode,
        subject=draft.subject,
        text=draft.text,
        version=draft.version,
        saved_at=draft.saved_at,
    )


SENT = {
    ComposerMode.REPLY: gettext_lazy("The reply is sent."),
    ComposerMode.ASK: gettext_lazy("The question is sent."),
    ComposerMode.NOTE: gettext_lazy("The note is saved."),
    ComposerMode.CALL: gettext_lazy("The call is logged."),
}
HELD = {
    ComposerMode.REPLY: gettext_lazy("The reply is held: no channel is switched on."),
    ComposerMode.ASK: gettext_lazy("The question is held: no channel is switched on."),
}
"""Said instead where no message is sent out."""


@require_POST
@requires("complaints.read")
@refusals_as_pages
def write(request: HttpRequest, ref: str) -> HttpResponse:
    """Send or save what was typed; what is refused is stored as a draft and shown again."""
    actor = actor_of(request)
    complaint = find(ref, brand=actor.brand)
    typed = _typed(request)
    mode = typed["mode"]
    try:
        _send(complaint, ComposerMode(mode), typed, actor)
    except AmendsError as refusal:
        _keep(complaint, mode, typed, actor)
        messages.error(request, str(refusal_text(refusal)))
    else:
        texts = SENT if codes_can_leave() else SENT | HELD
        messages.success(request, texts[ComposerMode(mode)])
        mode = ""
    return _back(complaint, mode, typed.get("queue", ""))


def _typed(request: HttpRequest) -> dict[str, Any]:
    """What was typed; raises BadInput for a mode there is none of."""
    form = WriteForm(request.POST)
    form.is_valid()
    typed: dict[str, Any] = form.cleaned_data
    if "mode" not in typed:
        raise BadInput(
            _("There is no such mode of the composer."),
            meaning=_("Nothing was sent or stored."),
            next_step=_("Load the complaint again."),
            code="composer_form_invalid",
        )
    return typed


def _send(complaint: Complaint, mode: ComposerMode, typed: Mapping[str, Any], actor: Actor) -> None:
    now = timezone.now()
    subject, text, seen = (typed.get(name, "") for name in ("subject", "text", "mark"))
    if mode == ComposerMode.REPLY:
        send_reply(complaint.id, subject=subject, text=text, seen=seen, actor=actor, now=now)
    elif mode == ComposerMode.ASK:
        ask_question(
            complaint.id,
            subject=subject,
            text=text,
            seen=seen,
            wait_until=typed.get("wait_until"),
            actor=actor,
            now=now,
        )
    elif mode == ComposerMode.CALL:
        was_reached, call = typed.get("reached", False), typed.get("call", "")
        log_call(complaint.id, text=text, was_reached=was_reached, call=call, actor=actor, now=now)
    else:
        add_note(KIND, complaint.id, text=text, actor=actor, now=now)


def _keep(complaint: Complaint, mode: str, typed: Mapping[str, Any], actor: Actor) -> None:
    keep_draft(
        complaint, mode, subject=typed.get("subject", ""), text=typed.get("text", ""), actor=actor
    )


def keep_draft(complaint: Complaint, mode: str, *, subject: str, text: str, actor: Actor) -> None:
    """Store what was typed over an older draft of the same person."""
    stored = drafts_of(actor.ref, KIND, complaint.id).get(mode)
    save_draft(
        KIND,
        complaint.id,
        mode,
        text=text,
        subject=subject,
        version=stored.version if stored else 0,
        actor=actor,
        now=timezone.now(),
    )


def _back(complaint: Complaint, mode: str, queue: str) -> HttpResponse:
    response = redirect("complaint", complaint.id)
    parts = [part for part in (queue, f"mode={mode}" if mode else "") if part]
    if parts:
        response["Location"] += f"?{'&'.join(parts)}"
    return response


@require_POST
@requires("complaints.read")
@refusals_as_pages
def store_draft(request: HttpRequest, ref: str) -> HttpResponse:
    """Store what is being typed; the answer names the new version, or what is stored instead."""
    actor, now = actor_of(request), timezone.now()
    complaint = find(ref, brand=actor.brand)
    typed = _typed(request)
    try:
        draft = save_draft(
            KIND,
            complaint.id,
            typed["mode"],
            text=typed.get("text", ""),
            subject=typed.get("subject", ""),
            version=typed.get("version") or 0,
            actor=actor,
            now=now,
        )
    except UnableToReplaceDraft as conflict:
        stored = conflict.draft
        return JsonResponse(
            {
                "error": str(refusal_text(conflict)),
                "subject": stored.subject,
                "text": stored.text,
                "version": stored.version,
            },
            status=409,
        )
    except AmendsError as refusal:
        return JsonResponse({"error": str(refusal_text(refusal))}, status=status_of(refusal))
    saved = _("Draft saved %(time)s") % {"time": f"{timezone.localtime(now):%H:%M}"}
    return JsonResponse({"version": draft.version if draft else 0, "saved": saved if draft else ""})


@require_safe
@requires("complaints.read")
@refusals_as_pages
def text_modules(request: HttpRequest, ref: str) -> HttpResponse:
    """The text modules for a mode of the composer, loaded when its form gets the focus."""
    complaint = find(ref, brand=actor_of(request).brand)
    case, mode = summary(KIND, complaint.id), request.GET.get("mode", "")
    choices = text_modules_for(case, mode) if case and mode in ComposerMode.values else []
    return render(request, "desk/text_modules.html", {"choices": choices})


@require_safe
@works_on("complaints.handle")
@refusals_as_pages
def text_module(request: HttpRequest, ref: str) -> HttpResponse:
    """The words of the text module `module` for this complaint, with its placeholders filled."""
    actor = actor_of(request)
    complaint = find(ref, brand=actor.brand)
    slug = request.GET.get("module", "")
    if not slug:
        raise BadInput(
            _("No text module is chosen."),
            next_step=_("Choose one from the list."),
            code="composer_form_invalid",
        )
    try:
        filled = filled_text_module(KIND, complaint.id, slug, actor=actor)
    except AmendsError as refusal:
        return JsonResponse({"error": str(refusal_text(refusal))}, status=status_of(refusal))
    return JsonResponse({"subject": filled.subject, "text": filled.text})
