"""File a complaint: what happened, about what, how to reach you, check and send; one page each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language, ngettext, pgettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST

from amends.causes.vetting.queries.services import service
from amends.channels.queries.social import posts_behind, thread_text
from amends.engines.classification.subjects import PickedSubject, SubjectKind
from amends.engines.decisions.deadlines import urgent_classes
from amends.entrances.portals.actions import drafts
from amends.entrances.portals.models import Draft
from amends.entrances.portals.public.deadlines import promises_of_sent
from amends.entrances.portals.public.forms import (
    AboutForm,
    DiscardForm,
    HappenedForm,
    ReachForm,
    SendForm,
)
from amends.entrances.portals.public.limits import BEGINNING, UPLOADING
from amends.entrances.portals.public.pages import personal
from amends.entrances.portals.public.send import send
from amends.entrances.portals.public.subjects import (
    own_number,
    set_subjects,
    subjects_in_address,
    subjects_in_draft,
    subjects_shown,
)
from amends.entrances.portals.public.uploads import InMemoryUpToTheLimit, sentence, uploaded
from amends.network.quality.queries import OWN_COOKIE, own_codes, test_by_code
from amends.people.access.web.limits import COMPLAINTS
from amends.people.access.web.visitors import identified_visitor
from amends.platform.kit.formats import is_chinese
from amends.work.knowledge.queries.visit_cookie import COOKIE as HELP_COOKIE
from amends.work.knowledge.queries.visit_cookie import visit_of


@dataclass(frozen=True, slots=True)
class WizardStep:
    """A step of the way: its address and its name."""

    name: str
    title: str | Promise


WAY = (
    WizardStep("public:complain", pgettext_lazy("way", "What happened")),
    WizardStep("public:about", pgettext_lazy("way", "About what")),
    WizardStep("public:reach", pgettext_lazy("way", "Reaching you")),
    WizardStep("public:check", pgettext_lazy("way", "Check and send")),
)


def _page(
    request: HttpRequest, template: str, step: int, *, status: int = 200, **context: Any
) -> HttpResponse:
    return render(
        request,
        f"portals/{template}.html",
        {
            "way": WAY,
            "step": step,
            "back": reverse(WAY[step - 2].name) if step > 1 else reverse("public:home"),
            "is_changing": "change" in request.GET,
            **context,
        },
        status=status,
    )


def _next(request: HttpRequest, step: int, draft_text: drafts.DraftText) -> HttpResponse:
    """The next page, or back to the overview for a user who changes one answer.

    The step of the number is left out for an identified user who complains about their own.
    """
    if "change" in request.GET:
        return redirect("public:check")
    if step == 1 and draft_text.subscriber:
        step = 2
    return redirect(WAY[step].name)


@personal
@csrf_exempt
def complain(request: HttpRequest) -> HttpResponse:
    """Step 1: what happened, and files; the uploads are bounded before anything reads them."""
    request.upload_handlers = [InMemoryUpToTheLimit(request)]
    return _happened(request)  # type: ignore[no-any-return]


@csrf_protect
def _happened(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    draft = _unsent(request)
    draft_text = drafts.words_of(draft)
    if request.method != "POST":
        initial = {
            "text": draft_text.text or _first_words(request),
            "wanted": draft_text.wanted,
            "urgent": draft_text.urgent,
        }
        form = HappenedForm(initial=initial, urgent=_urgent_words(now))
        subjects = [*subjects_in_draft(draft_text), *subjects_in_address(request)]
        return _happened_page(request, form, draft, subjects=subjects)
    form = HappenedForm(request.POST, urgent=_urgent_words(now))
    if draft is None:
        if wait := BEGINNING.wait(request, now=now):
            subjects = subjects_in_address(request)
            return _happened_page(request, form, None, subjects=subjects, wait=wait, status=429)
        BEGINNING.count(request, now=now)
        draft = drafts.begin(now=now)
    form.is_valid()
    # What was written is kept even where something else on the page has to be put right.
    for name in ("text", "wanted", "urgent"):
        setattr(draft_text, name, form.cleaned_data.get(name, getattr(draft_text, name)))
    draft_text.own_tests = own_codes(request.COOKIES.get(OWN_COOKIE, ""))
    draft_text.post = request.GET.get("post", "")[:16] or draft_text.post
    draft_text.help_visit = visit_of(request.COOKIES.get(HELP_COOKIE, "")) or draft_text.help_visit
    draft_text.language = get_language() or ""
    removed = form.cleaned_data.get("remove_subject", "")
    subjects = [*subjects_in_draft(draft_text), *subjects_in_address(request)]
    own_number(request, draft_text)
    set_subjects(draft_text, [each for each in subjects if each.subject.key != removed])
    if removed.startswith(SubjectKind.SERVICE):
        draft_text.service = ""
    drafts.keep(draft, draft_text)
    _take_files(request, draft, form)
    if file := form.cleaned_data.get("remove"):
        drafts.remove_file(draft, file)
        response = redirect(f"{request.get_full_path()}#files")
    elif removed:
        # Without the address that would add it again.
        query = "?change" if "change" in request.GET else ""
        response = redirect(f"{request.path}{query}#subjects")
    elif form.is_valid():
        response = _next(request, 1, draft_text)
    else:
        subjects = subjects_in_draft(draft_text)
        response = _happened_page(request, form, draft, subjects=subjects)
    drafts.hand_token(response, draft)
    return response


def _first_words(request: HttpRequest) -> str:
    """The first text of a complaint that begins elsewhere: at a speed test, a service, a post."""
    return _about_speed_test(request) or _about_service(request) or _about_post(request)


def _about_speed_test(request: HttpRequest) -> str:
    """The first text of a complaint that begins at the result of a speed test."""
    test = test_by_code(request.GET.get("speed", ""))
    return "" if test is None else _("My line is too slow.")


def _about_service(request: HttpRequest) -> str:
    """The first text of a complaint about a service of the public list that has no offer."""
    ref, now = request.GET.get("service", ""), timezone.now()
    language = get_language() or ""
    if not ref or (service_view := service(ref, now=now, language=language, listed=True)) is None:
        return ""
    if service_view.offer:
        return ""
    name = service_view.name_zh if is_chinese(language) else service_view.name_en
    return _("It is about the service “%(name)s” (%(ref)s) on my bill.") % {
        "name": name,
        "ref": service_view.ref,
    }


def _about_post(request: HttpRequest) -> str:
    """The person's posts on social media, where the link of an answer leads here."""
    code = request.GET.get("post", "")
    return thread_text(posts_behind(code)) if code else ""


def _urgent_words(now: datetime) -> list[str]:
    """What the rules in force call urgent, in the reader's words."""
    today = timezone.localtime(now).date()
    classes = urgent_classes(jurisdiction=settings.JURISDICTION, on=today)
    return [
        urgent_class.zh if is_chinese(get_language() or "") else urgent_class.en
        for urgent_class in classes
    ]


def _take_files(request: HttpRequest, draft: Draft, form: forms.Form) -> None:
    """Keep the files that may be kept; the others are errors of the form that say why."""
    files, refused = uploaded(request, "files")
    now = timezone.now()
    if files and (wait := UPLOADING.wait(request, now=now)):
        message = ngettext(
            "Many files came from your connection. Wait %(wait)s minute, or go on without.",
            "Many files came from your connection. Wait %(wait)s minutes, or go on without.",
            wait,
        )
        form.add_error("files", message % {"wait": wait})
        return
    if files:
        UPLOADING.count(request, now=now)
    for why in [*drafts.add_files(draft, files), *refused]:
        form.add_error("files", sentence(why))


def _happened_page(
    request: HttpRequest,
    form: forms.Form,
    draft: Draft | None,
    *,
    subjects: Sequence[PickedSubject] = (),
    wait: int = 0,
    status: int = 200,
) -> HttpResponse:
    context = {"files": drafts.files_of(draft), "subjects": subjects_shown(subjects)}
    return _page(request, "happened", 1, form=form, wait=wait, status=status, **context)


def _unsent(request: HttpRequest) -> Draft | None:
    """The draft in hand; one that was sent is no draft any more."""
    draft = drafts.draft_of(request, now=timezone.now())
    return draft if draft and draft.sent_at is None else None


def _with_words(
    view: Callable[[HttpRequest, Draft, drafts.DraftText], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """A later step: who has written nothing starts at the first, who has sent sees the receipt."""

    def checked(request: HttpRequest) -> HttpResponse:
        draft = drafts.draft_of(request, now=timezone.now())
        if draft is not None and draft.sent_at is not None:
            return redirect("public:receipt")
        draft_text = drafts.words_of(draft)
        if draft is None or not draft_text.text:
            return redirect("public:complain")
        return view(request, draft, draft_text)

    return checked


def _one_form(
    request: HttpRequest,
    draft: Draft,
    draft_text: drafts.DraftText,
    *,
    kind: type[forms.Form],
    template: str,
    step: int,
) -> HttpResponse:
    names = list(kind.base_fields)
    if request.method != "POST":
        form = kind(initial={name: getattr(draft_text, name) for name in names})
        return _page(request, template, step, form=form, words=draft_text)
    form = kind(request.POST)
    if not form.is_valid():
        return _page(request, template, step, form=form, words=draft_text)
    for name in names:
        setattr(draft_text, name, form.cleaned_data[name])
    if kind is ReachForm:
        draft_text.reach_said = True
    if draft_text.about:
        # They write about another number than their own.
        draft_text.subscriber = draft_text.service = ""
    drafts.keep(draft, draft_text)
    return _next(request, step, draft_text)


@personal
@_with_words
def about(request: HttpRequest, draft: Draft, draft_text: drafts.DraftText) -> HttpResponse:
    """Step 2: about which number or service."""
    return _one_form(request, draft, draft_text, kind=AboutForm, template="about", step=2)


@personal
@_with_words
def reach(request: HttpRequest, draft: Draft, draft_text: drafts.DraftText) -> HttpResponse:
    """Step 3: how to reach the person; none of it is required."""
    return _one_form(request, draft, draft_text, kind=ReachForm, template="reach", step=3)


@personal
@_with_words
def check(request: HttpRequest, draft: Draft, draft_text: drafts.DraftText) -> HttpResponse:
    """Step 4: everything once more, and send."""
    if not draft_text.reach_said:
        return redirect("public:reach")
    now = timezone.now()
    if draft_text.subscriber and draft_text.subscriber != identified_visitor(request, now=now):
        draft_text.subscriber = draft_text.service = ""
        drafts.keep(draft, draft_text)
        message = _("You are not signed in any more. Enter the number it is about.")
        messages.info(request, message)
        return redirect("public:about")
    form = SendForm(request.POST if request.method == "POST" else None)
    context: dict[str, Any] = {
        "words": draft_text,
        "files": drafts.files_of(draft),
        "subjects": subjects_shown(subjects_in_draft(draft_text)),
        "form": form,
    }
    if request.method != "POST" or not form.is_valid():
        return _page(request, "check", 4, **context)
    if wait := COMPLAINTS.wait(request, now=now):
        return _page(request, "check", 4, wait=wait, status=429, **context)
    COMPLAINTS.count(request, now=now)
    send(draft, now=now)
    return redirect("public:receipt")


@personal
def receipt(request: HttpRequest) -> HttpResponse:
    """What was sent has arrived: the tracking code, what happens next and by when."""
    draft = drafts.draft_of(request, now=timezone.now())
    if draft is None or draft.sent_at is None:
        return redirect("public:complain")
    return render(
        request,
        "portals/receipt.html",
        {
            "code": draft.tracking_code,
            "received_at": draft.sent_at,
            "promises": promises_of_sent(draft),
            "subjects": subjects_in_draft(drafts.words_of(draft)),
        },
    )


@personal
@require_POST
def discard(request: HttpRequest) -> HttpResponse:
    """Start anew: what was written is gone at once, the browser forgets the token.

    What was not sent is deleted only after it was asked whether it should be.
    """
    draft = drafts.draft_of(request, now=timezone.now())
    unsent = draft is not None and draft.sent_at is None
    form = DiscardForm(request.POST)
    form.is_valid()
    again, confirmed = form.cleaned_data["again"], form.cleaned_data["confirmed"]
    if unsent and not (again or confirmed):
        return render(request, "portals/discard.html")
    if draft is not None and draft.sent_at is None:
        drafts.forget([draft])
    response = redirect("public:complain" if again else "public:home")
    drafts.take_token_back(response)
    return response
