"""Chats at the desk: the queue, one conversation, and the actions of its handler."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from amends.entrances.chats.actions.converse import KIND, answer, return_to_queue, take
from amends.entrances.chats.actions.entries import LONGEST
from amends.entrances.chats.actions.finish import end, hand_over
from amends.entrances.chats.choices import ChatAuthor, ChatOutcome, ChatState
from amends.entrances.chats.models import Chat
from amends.entrances.chats.queries import (
    PERMISSION,
    chats_for,
    file_of,
    first_words,
    lines_of,
    visible_chats,
)
from amends.people.access.web.permission import actor_of, requires
from amends.people.access.web.refusals import refusal_text, refusals_as_pages, status_of
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import AmendsError, BadInput
from amends.platform.kit.ids import random_id
from amends.platform.vault.recognisers import mask_text
from amends.platform.vault.scanner import scan
from amends.work.casework.actions.drafts import UnableToReplaceDraft, save_draft
from amends.work.casework.queries import ComposerMode
from amends.work.casework.queries.kinds import summary
from amends.work.casework.queries.modules import filled_text_module, text_modules_for
from amends.work.casework.queries.work import drafts_of
from amends.work.knowledge.queries import answer as article_answer
from amends.work.knowledge.queries import search

LISTS = {
    "waiting": gettext_lazy("Waiting"),
    "mine": gettext_lazy("Mine"),
    "open": gettext_lazy("Every open chat"),
    "ended": gettext_lazy("Ended"),
}
SUGGESTED = 3


class ChatAnswerForm(forms.Form):
    """An answer to the visitor; `version` is that of the draft it is written from."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    key = forms.CharField(max_length=64, widget=forms.HiddenInput)
    text = forms.CharField(
        label=gettext_lazy("Answer"),
        max_length=LONGEST,
        widget=forms.Textarea(
            {
                "rows": 3,
                "data-draft-text": True,
                "placeholder": gettext_lazy("Answer the visitor"),
            }
        ),
        error_messages={"required": gettext_lazy("Write an answer first.")},
    )


class ChatActionForm(forms.Form):
    """The buttons of a chat at the desk."""

    action = forms.ChoiceField(
        choices=[(name, name) for name in ("take", "return", "end", "complaint")],
        widget=forms.HiddenInput,
    )


class DraftForm(forms.Form):
    """Text being typed."""

    text = forms.CharField(required=False, strip=False)
    version = forms.IntegerField(required=False, min_value=0)


@never_cache
@require_safe
@requires(PERMISSION)
def chats(request: HttpRequest) -> HttpResponse:
    """The queue of chats; the page refreshes itself."""
    actor, now = actor_of(request), timezone.now()
    which = request.GET.get("list", "waiting")
    if which not in LISTS:
        raise Http404
    chat_rows = chats_for(actor, which)
    texts = first_words(chat_rows)
    context = {
        "rows": [(row, texts.get(row.id, ""), _state(row)) for row in chat_rows],
        "lists": [(name, title, len(chats_for(actor, name))) for name, title in LISTS.items()],
        "which": which,
        "now": now,
    }
    return render(request, "chats/chats.html", context)


def _state(chat: Chat) -> ChatState | ChatOutcome:
    return ChatOutcome(chat.outcome) if chat.outcome else ChatState(chat.state)


def _found(request: HttpRequest, ref: str) -> Chat:
    chat = visible_chats(actor_of(request)).filter(id=ref).first()
    if chat is None:
        raise Http404
    return chat


def _lines(chat: Chat, after: int = 0) -> list[tuple[Any, str]]:
    """The entries with their text; numbers and addresses of the visitor are masked."""
    return [
        (line, mask_text(line.text).text if line.author == ChatAuthor.VISITOR else line.text)
        for line in lines_of(chat, after=after)
    ]


@never_cache
@require_safe
@requires(PERMISSION)
def chat(request: HttpRequest, ref: str) -> HttpResponse:
    """One chat with its composer, text modules and the articles that fit."""
    return _chat_page(request, _found(request, ref))


def _chat_page(
    request: HttpRequest,
    current_chat: Chat,
    *,
    form: ChatAnswerForm | None = None,
    status: int = 200,
) -> HttpResponse:
    actor = actor_of(request)
    if form is None:
        draft = drafts_of(actor.ref, KIND, current_chat.id).get(ComposerMode.REPLY)
        initial = {
            "version": draft.version if draft else 0,
            "key": random_id(),
            "text": draft.text if draft else "",
        }
        form = ChatAnswerForm(initial=initial)
    form.fields["text"].widget.attrs["lang"] = current_chat.language
    case = summary(KIND, current_chat.id)
    lines = _lines(current_chat)
    context = {
        "chat": current_chat,
        "state": _state(current_chat),
        "lines": lines,
        "form": form,
        "modules": text_modules_for(case, ComposerMode.REPLY) if case else (),
        "suggestions": _suggestions(current_chat, lines) if current_chat.is_open else (),
        "is_mine": current_chat.handler in ("", actor.ref),
        "now": timezone.now(),
    }
    return render(request, "chats/chat.html", context, status=status)


def _suggestions(chat: Chat, lines: list[tuple[Any, str]]) -> list[tuple[str, str]]:
    """Articles for the visitor's newest message: title and text, to be read over and sent."""
    visitor_texts = [text for line, text in lines if line.author == ChatAuthor.VISITOR and text]
    if not visitor_texts:
        return []
    hits = search(
        visitor_texts[-1], chat.language, audience="desk", brand=chat.brand, limit=SUGGESTED
    )
    return [
        (
            hit.title,
            article_answer(hit.article, hit.language, brand=chat.brand, longest=LONGEST - 100),
        )
        for hit in hits
    ]


@never_cache
@require_safe
@requires(PERMISSION)
def entries(request: HttpRequest, ref: str) -> HttpResponse:
    """The entries after a number, and the state; polled while the chat is open."""
    current_chat = _found(request, ref)
    # Ten digits exceed the number of any entry and stay within what a database counts.
    after = request.GET.get("after", "0")[:10]
    context = {
        "chat": current_chat,
        "state": _state(current_chat),
        "lines": _lines(current_chat, int(after)) if after.isdecimal() else (),
        "is_polled": True,
    }
    return render(request, "chats/entries.html", context)


@require_POST
@requires(PERMISSION)
@refusals_as_pages
def answer_chat(request: HttpRequest, ref: str) -> HttpResponse:
    """Send an answer; what is refused is stored as a draft and shown beside its reason."""
    actor, now = actor_of(request), timezone.now()
    current_chat = _found(request, ref)
    form = ChatAnswerForm(request.POST)
    if not form.is_valid():
        return _chat_page(request, current_chat, form=form, status=400)
    text, key = form.cleaned_data["text"], form.cleaned_data["key"]
    try:
        answer(current_chat.id, text, key=key, actor=actor, now=now)
    except AmendsError as refusal:
        _store(current_chat, text, actor)
        form.add_error("text", str(refusal_text(refusal)))
        current_chat.refresh_from_db()
        return _chat_page(request, current_chat, form=form, status=status_of(refusal))
    return redirect("chat", current_chat.id)


def _store(chat: Chat, text: str, actor: Actor) -> None:
    stored = drafts_of(actor.ref, KIND, chat.id).get(ComposerMode.REPLY)
    version = stored.version if stored else 0
    save_draft(KIND, chat.id, "reply", text=text, version=version, actor=actor, now=timezone.now())


@require_POST
@requires(PERMISSION)
@refusals_as_pages
def store_chat_draft(request: HttpRequest, ref: str) -> HttpResponse:
    """Store the text being typed, so that it survives a reload."""
    actor, now = actor_of(request), timezone.now()
    current_chat = _found(request, ref)
    form = DraftForm(request.POST)
    form.is_valid()
    try:
        draft = save_draft(
            KIND,
            current_chat.id,
            ComposerMode.REPLY,
            text=form.cleaned_data.get("text", ""),
            version=form.cleaned_data.get("version") or 0,
            actor=actor,
            now=now,
        )
    except UnableToReplaceDraft as conflict:
        stored = conflict.draft
        payload = {
            "error": str(refusal_text(conflict)),
            "text": stored.text,
            "version": stored.version,
        }
        return JsonResponse(payload | {"subject": ""}, status=409)
    except AmendsError as refusal:
        return JsonResponse({"error": str(refusal_text(refusal))}, status=status_of(refusal))
    saved = _("Draft saved %(time)s") % {"time": f"{timezone.localtime(now):%H:%M}"}
    return JsonResponse({"version": draft.version if draft else 0, "saved": saved if draft else ""})


@require_safe
@requires(PERMISSION)
@refusals_as_pages
def chat_text_module(request: HttpRequest, ref: str) -> HttpResponse:
    """The text of a text module, filled for this chat."""
    current_chat = _found(request, ref)
    slug = request.GET.get("module", "")
    if not slug:
        payload = {"error": _("No text module is chosen."), "text": ""}
        return JsonResponse(payload, status=400)
    try:
        filled = filled_text_module(KIND, current_chat.id, slug, actor=actor_of(request))
    except AmendsError as refusal:
        return JsonResponse({"error": str(refusal_text(refusal))}, status=status_of(refusal))
    return JsonResponse({"subject": "", "text": filled.text})


@require_POST
@requires(PERMISSION)
@refusals_as_pages
def act(request: HttpRequest, ref: str) -> HttpResponse:
    """Take, return, end, or open a complaint from a chat."""
    actor, now = actor_of(request), timezone.now()
    current_chat, form = _found(request, ref), ChatActionForm(request.POST)
    if not form.is_valid():
        return _chat_page(request, current_chat, status=400)
    match form.cleaned_data["action"]:
        case "take":
            take(current_chat.id, actor=actor)
        case "return":
            return_to_queue(current_chat.id, actor=actor, now=now)
        case "end":
            end(current_chat.id, now=now)
        case "complaint":
            receipt = hand_over(current_chat.id, by=actor.ref, now=now)
            messages.success(
                request,
                _("Logged as %(code)s, with the conversation attached.")
                % {"code": receipt.tracking_code},
            )
            return redirect("complaint", receipt.complaint)
    return redirect("chat", current_chat.id)


@never_cache
@require_safe
@requires(PERMISSION)
@refusals_as_pages
def chat_file(request: HttpRequest, ref: str, file: str) -> HttpResponse:
    """A file of the visitor, to be saved; scanned now where the operator has a scanner."""
    opened_file = file_of(_found(request, ref), file)
    if opened_file is None:
        raise Http404
    name, _media_type, content = opened_file
    if settings.SCANNER and scan(content):
        raise BadInput(
            _("The scanner found malware in this file."),
            meaning=_("It is opened for nobody."),
            next_step=_("Ask the person for another copy, such as a photo or a printout."),
            code="file_unsafe",
        )
    response = HttpResponse(content, content_type="application/octet-stream")
    response.headers["Content-Disposition"] = content_disposition_header(True, name)
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
