"""The chat of the public site: begin, write, read on, show who you are, end, rate.

The browser stores a signed token of the chat and nothing else. The page polls for new entries
every few seconds; without scripts a button loads them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import wraps
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST, require_safe

from amends.cases.complaints.actions.attach import UnableToAttach
from amends.causes.confirmations.actions.prove_presence import answer_presence, request_presence
from amends.entrances.chats.actions.begin import begin
from amends.entrances.chats.actions.converse import ask_person, show_presence, write
from amends.entrances.chats.actions.entries import LONGEST
from amends.entrances.chats.actions.finish import (
    ask_address,
    end,
    give_address,
    hand_over,
    rate,
    solved_alone,
)
from amends.entrances.chats.queries import Chat, chat_of, chat_settings, lines_of, visitor_words
from amends.entrances.chats.texts.transcripts import transcript_text
from amends.entrances.portals.public.forms import LineField, ProofForm, ServicesNumberForm, Story
from amends.entrances.portals.public.limits import BEGINNING_CHATS, CHATTING
from amends.entrances.portals.public.pages import personal
from amends.entrances.portals.public.subjects import (
    own_services,
    subjects_in_text,
    subjects_shown,
)
from amends.entrances.portals.public.uploads import InMemoryUpToTheLimit, sentence, uploaded
from amends.people.access.web.limits import SENDING, WRONG_CODES, source_of, too_much
from amends.people.access.web.refusals import refusal_text
from amends.platform.kit.errors import AmendsError
from amends.platform.kit.ids import random_id

COOKIE = f"{settings.COOKIE_PREFIX}amends_chat"
_SALT = "amends.entrances.portals.chat"
_LIFETIME_S = 24 * 3600
_ASKED = "chat_asked"


class BeginForm(forms.Form):
    """The first message, and that its writer has read what becomes of it."""

    text = Story(
        label=gettext_lazy("Your question"),
        max_length=LONGEST,
        widget=forms.Textarea({"rows": 4}),
        error_messages={"required": gettext_lazy("Write your question first.")},
    )
    agreed = forms.BooleanField(
        label=gettext_lazy(
            "I agree that what I write here is stored and read to answer me, and is deleted when "
            "the time limit for enquiries ends."
        ),
        error_messages={"required": gettext_lazy("Tick this, or file a complaint instead.")},
    )


class MessageForm(forms.Form):
    """One more message. `key` makes a second submission the same message."""

    text = forms.CharField(
        label=gettext_lazy("Your message"),
        max_length=LONGEST,
        required=False,
        widget=forms.Textarea({"rows": 2}),
    )
    key = forms.CharField(widget=forms.HiddenInput, max_length=40)
    files = forms.FileField(
        label=gettext_lazy("Files (optional)"),
        help_text=gettext_lazy("Up to five pictures or PDF files of 5 MB."),
        required=False,
        widget=forms.FileInput(),
    )


class AddressForm(forms.Form):
    """Address for an answer if no one is free."""

    address = LineField(
        label=gettext_lazy("Email address or phone number"),
        max_length=120,
        widget=forms.TextInput({"autocomplete": "email"}),
    )


class VisitorActionForm(forms.Form):
    """The buttons of a chat."""

    action = forms.ChoiceField(
        choices=[(name, name) for name in ("helped", "person", "end")],
        widget=forms.HiddenInput,
    )


class ChatComplaintForm(forms.Form):
    """What the complaint is about."""

    subjects = forms.MultipleChoiceField(
        label=gettext_lazy("Your complaint is about"),
        help_text=gettext_lazy("Choose what you mean, and clear what you do not mean."),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, choices: Mapping[str, str], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["subjects"].choices = list(choices.items())
        if not choices:
            del self.fields["subjects"]

    def clean(self) -> dict[str, Any]:
        """No subject where none can be chosen."""
        self.cleaned_data.setdefault("subjects", [])
        return self.cleaned_data


class RatingForm(forms.Form):
    """How satisfied the visitor is, 1 to 5; each number is a button."""

    rating = forms.TypedChoiceField(
        label=gettext_lazy("How satisfied are you? 1 is not at all, 5 is very."),
        choices=[(number, str(number)) for number in range(1, 6)],
        coerce=int,
        error_messages={
            "required": gettext_lazy("Choose a number from 1 to 5."),
            "invalid_choice": gettext_lazy("Choose a number from 1 to 5."),
        },
    )


def _chat_of(request: HttpRequest) -> Chat | None:
    """The chat whose token this browser has."""
    try:
        ref = signing.loads(request.COOKIES.get(COOKIE, ""), salt=_SALT, max_age=_LIFETIME_S)
    except signing.BadSignature:
        return None
    return chat_of(str(ref))


View = Callable[..., HttpResponse]


def in_chat(view: View) -> View:
    """A page of a chat; a browser without one is sent to its beginning."""

    @personal
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        chat = _chat_of(request)
        if chat is None:
            return redirect("public:chat")
        return view(request, chat, *args, **kwargs)

    return guarded


@personal
@csrf_exempt
def chat(request: HttpRequest) -> HttpResponse:
    """Begin a chat, or continue it; uploads are bounded before anything reads them."""
    request.upload_handlers = [InMemoryUpToTheLimit(request)]
    return _chat(request)  # type: ignore[no-any-return]


@csrf_protect
def _chat(request: HttpRequest) -> HttpResponse:
    current_chat, now = _chat_of(request), timezone.now()
    if current_chat is not None and "new" not in request.GET:
        return (
            _write(request, current_chat, now)
            if request.method == "POST"
            else _page(request, current_chat, now)
        )
    rules = chat_settings()
    form = BeginForm(request.POST or None)
    if request.method == "POST" and rules.is_on and form.is_valid():
        if wait := BEGINNING_CHATS.take(request, now=now):
            form.add_error("text", too_much(wait))
        else:
            begun = begin(
                text=form.cleaned_data["text"],
                language=get_language() or "",
                key=random_id(),
                now=now,
            )
            response = redirect("public:chat")
            response.set_cookie(
                COOKIE,
                signing.dumps(begun.id, salt=_SALT),
                max_age=_LIFETIME_S,
                secure=settings.SESSION_COOKIE_SECURE,
                httponly=True,
                samesite="Lax",
            )
            return response
    status = 400 if form.is_bound and form.errors else 200
    context = {"form": form, "rules": rules, "is_staffed": rules.is_open(now)}
    return render(request, "portals/chat_begin.html", context, status=status)


def _page(
    request: HttpRequest,
    it: Chat,
    now: datetime,
    *,
    form: MessageForm | None = None,
    address: AddressForm | None = None,
    number: ServicesNumberForm | None = None,
    proof: ProofForm | None = None,
    rating: RatingForm | None = None,
    status: int = 200,
) -> HttpResponse:
    asks_proof = it.presence_asked and not it.subscriber
    context = {
        "chat": it,
        "lines": lines_of(it),
        "form": form or MessageForm(initial={"key": random_id()}),
        "address": address or AddressForm(),
        "number": number or ServicesNumberForm(),
        "proof": proof or (ProofForm() if asks_proof else None),
        "is_staffed": chat_settings().is_open(now),
        "hours": chat_settings().hours_text,
        "rating": rating or RatingForm(),
    }
    return render(request, "portals/chat.html", context, status=status)


def _write(request: HttpRequest, it: Chat, now: datetime) -> HttpResponse:
    form = MessageForm(request.POST)
    files, refused = uploaded(request, "files")
    if form.is_valid():
        text = form.cleaned_data["text"]
        if wait := CHATTING.take(request, now=now):
            form.add_error("text", too_much(wait))
        elif refused:
            form.add_error("files", sentence(refused[0]))
        elif not text.strip() and not files:
            form.add_error("text", _("Write a message first."))
        else:
            try:
                write(it.id, text, key=form.cleaned_data["key"], files=files, now=now)
            except UnableToAttach as why:
                form.add_error("files", sentence(why))
            except AmendsError as why:
                form.add_error("text", str(refusal_text(why)))
            else:
                return redirect("public:chat")
    return _page(request, it, now, form=form, status=400)


@in_chat
@require_safe
def chat_news(request: HttpRequest, it: Chat) -> HttpResponse:
    """The entries after a number; polled until the chat has ended."""
    after = request.GET.get("after", "0")
    if not after.isdecimal() or len(after) > 6 or int(after) > it.entries_count:
        after = "0"
    lines = lines_of(it, after=int(after))
    # A change of state shows other buttons: the page is loaded again.
    if request.GET.get("state", it.state) != it.state:
        response = HttpResponse()
        response.headers["HX-Refresh"] = "true"
        return response
    context = {"chat": it, "lines": lines}
    return render(request, "portals/chat_lines.html", context)


@in_chat
@require_POST
def chat_act(request: HttpRequest, it: Chat) -> HttpResponse:
    """The buttons: it helped, ask a person, end."""
    now, form = timezone.now(), VisitorActionForm(request.POST)
    if not form.is_valid():
        return _page(request, it, now, status=400)
    try:
        match form.cleaned_data["action"]:
            case "helped":
                solved_alone(it.id, now=now)
            case "person":
                _ask_person(it, now)
            case "end":
                end(it.id, now=now)
    except AmendsError as why:
        messages.error(request, str(refusal_text(why)))
    return redirect("public:chat")


@in_chat
def chat_complaint(request: HttpRequest, it: Chat) -> HttpResponse:
    """Confirm the messages and the subject, then make the chat a complaint."""
    if not it.is_open:
        return redirect("public:chat")
    text = visitor_words(it)
    recognised = subjects_in_text(text, it.subscriber)
    choices = {each.subject.key: each for each in recognised}
    for service in own_services(it.subscriber):
        choices.setdefault(service.subject.key, service)
    form = ChatComplaintForm(
        request.POST if request.method == "POST" else None,
        choices=subjects_shown(choices.values()),
        initial={"subjects": [each.subject.key for each in recognised]},
    )
    refused = ""
    if request.method == "POST" and form.is_valid():
        picked = form.cleaned_data["subjects"]
        try:
            hand_over(
                it.id,
                by="visitor",
                now=timezone.now(),
                subjects=[choices[key] for key in picked],
                not_meant=[key for key in choices if key not in picked],
            )
        except AmendsError as why:
            refused = str(refusal_text(why))
        else:
            return redirect("public:chat")
    context = {"chat": it, "text": text, "form": form, "refused": refused}
    status = 400 if refused or form.errors else 200
    return render(request, "portals/chat_complaint.html", context, status=status)


@in_chat
@require_POST
def chat_rating(request: HttpRequest, it: Chat) -> HttpResponse:
    """Rate a chat that has ended."""
    now, form = timezone.now(), RatingForm(request.POST)
    if form.is_valid():
        try:
            rate(it.id, form.cleaned_data["rating"], now=now)
        except AmendsError as why:
            form.add_error("rating", str(refusal_text(why)))
        else:
            messages.success(request, _("Thank you for rating this chat."))
            return redirect("public:chat")
    return _page(request, it, now, rating=form, status=400)


def _ask_person(it: Chat, now: datetime) -> None:
    ask_person(it.id, now=now)
    if not chat_settings().is_open(now):
        ask_address(it.id, now=now)


@in_chat
@require_POST
def chat_address(request: HttpRequest, it: Chat) -> HttpResponse:
    """Store the address; after hours and when no one is free the chat becomes a complaint."""
    now, form = timezone.now(), AddressForm(request.POST)
    if not form.is_valid():
        return _page(request, it, now, address=form, status=400)
    try:
        give_address(it.id, form.cleaned_data["address"], now=now)
        if it.address_asked_at is not None and it.is_open:
            hand_over(it.id, by="visitor", now=now)
    except AmendsError as why:
        form.add_error("address", str(refusal_text(why)))
        return _page(request, it, now, address=form, status=400)
    return redirect("public:chat")


@in_chat
@require_POST
def chat_identity(request: HttpRequest, it: Chat) -> HttpResponse:
    """Have a code sent to the number's contact on record."""
    now, form = timezone.now(), ServicesNumberForm(request.POST)
    if not form.is_valid():
        return _page(request, it, now, number=form, status=400)
    if wait := SENDING.take(request, now=now):
        form.add_error("number", too_much(wait))
        return _page(request, it, now, number=form, status=429)
    it.presence_asked = request_presence(
        form.cleaned_data["number"], source=source_of(request), now=now
    )
    it.save(update_fields=["presence_asked"])
    return redirect("public:chat")


@in_chat
@require_POST
def chat_code(request: HttpRequest, it: Chat) -> HttpResponse:
    """Take the code, which shows whose chat it is."""
    now, form = timezone.now(), ProofForm(request.POST)
    if not form.is_valid():
        return _page(request, it, now, proof=form, status=400)
    if wait := WRONG_CODES.wait(request, now=now):
        form.add_error("digits", too_much(wait))
        return _page(request, it, now, proof=form, status=429)
    presence_ref = it.presence_asked
    if not presence_ref or not answer_presence(presence_ref, form.cleaned_data["digits"], now=now):
        WRONG_CODES.count(request, now=now)
        form.add_error(
            "digits",
            _("This is not the code we sent, or it is too old. Look at the newest message."),
        )
        return _page(request, it, now, proof=form, status=400)
    try:
        show_presence(it.id, presence_ref, now=now)
    except AmendsError as why:
        messages.error(request, str(refusal_text(why)))
    return redirect("public:chat")


@in_chat
@require_safe
def chat_transcript(request: HttpRequest, it: Chat) -> HttpResponse:
    """The conversation as a text file."""
    response = HttpResponse(transcript_text(it), content_type="text/plain; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="chat.txt"'
    return response


@in_chat
@require_POST
def chat_leave(request: HttpRequest, it: Chat) -> HttpResponse:
    """On a shared device: the browser forgets the chat."""
    response = redirect("public:home")
    response.delete_cookie(COOKIE, samesite="Lax")
    return response
