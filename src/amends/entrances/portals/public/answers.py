"""What a complainant may do: answer the proposal, say if it is solved, withdraw, reopen, add,
have it passed on to whoever decides next.
"""

from __future__ import annotations

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from amends.cases.complaints.actions.escalate_to_regulator import escalate_to_regulator
from amends.cases.complaints.actions.intake import Submission
from amends.cases.complaints.actions.move import UnableToMove
from amends.cases.complaints.actions.prove_identity import as_complainant
from amends.cases.complaints.actions.receive import receive, refuse_reused_keys
from amends.cases.complaints.actions.respond import accept, answer_outcome, refuse, reopen, withdraw
from amends.cases.complaints.queries.complainant_view import complainant_view
from amends.entrances.portals.public.follow import Followed, followed
from amends.entrances.portals.public.forms import AnswerForm, MoreForm, OutcomeForm, ReopenForm
from amends.entrances.portals.public.words import pick
from amends.people.access.web.limits import SENDING
from amends.platform.kit.errors import UnableToReuseKey
from amends.platform.kit.ids import random_id


def _acted(
    request: HttpRequest, it: Followed, act: Callable[[], object], message: str
) -> HttpResponse:
    """Do it, say so, and go back to the complaint; what is no longer possible is only said."""
    try:
        act()
    except UnableToMove:
        messages.info(request, _("This was answered already. Here is where the complaint stands."))
    else:
        messages.success(request, message)
    return redirect("public:followed", it.code)


def _ask(
    request: HttpRequest, it: Followed, template: str, form: forms.Form, **context: object
) -> HttpResponse:
    return render(request, f"portals/{template}.html", {"it": it, "form": form, **context})


@followed(shown_only=True)
def proposal(request: HttpRequest, it: Followed) -> HttpResponse:
    """Accept or refuse what was proposed."""
    if not it.may("accept"):
        return redirect("public:followed", it.code)
    form = AnswerForm(request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid():
        letters = complainant_view(it.ref).letters
        kinds = ("partly_upheld", "proposal")
        proposed = next(
            (letter for letter in letters if letter.kind.partition(".")[0] in kinds), None
        )
        return _ask(request, it, "proposal", form, proposed=proposed)
    actor, now = as_complainant(it.view.subscriber), it.now
    if form.cleaned_data["answer"] == "accept":
        message = _("You agreed. We carry it out now; you can follow it here.")
        return _acted(request, it, lambda: accept(it.ref, actor=actor, now=now), message)
    message = _("You did not agree. We propose again, or tell you in a letter who you can go to.")
    because = form.cleaned_data["words"]
    return _acted(request, it, lambda: refuse(it.ref, text=because, actor=actor, now=now), message)


@followed(shown_only=True)
def solved(request: HttpRequest, it: Followed) -> HttpResponse:
    """Is it really solved?"""
    if not it.may("confirm"):
        return redirect("public:followed", it.code)
    form = OutcomeForm(request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid():
        return _ask(request, it, "solved", form)
    answer = form.cleaned_data["answer"]
    message = {
        "solved": _("Thank you. We are glad that it is solved."),
        "partly": _("Thank you. We read what you wrote. If you want it taken up again, reopen it."),
        "not_solved": _("Your complaint is open again. We look at it once more."),
    }[answer]
    return _acted(
        request,
        it,
        lambda: answer_outcome(
            it.ref,
            answer=answer,
            text=form.cleaned_data["words"],
            satisfaction=int(form.cleaned_data["satisfaction"] or 0) or None,
            actor=as_complainant(it.view.subscriber),
            now=it.now,
        ),
        message,
    )


@followed(shown_only=True)
def withdrawn(request: HttpRequest, it: Followed) -> HttpResponse:
    """Take the complaint back, after reading what that means."""
    if not it.may("withdraw"):
        return redirect("public:followed", it.code)
    if request.method != "POST":
        return _ask(request, it, "withdraw", forms.Form())
    actor = as_complainant(it.view.subscriber)
    message = _("Your complaint is withdrawn. You can reopen it here at any time.")
    return _acted(request, it, lambda: withdraw(it.ref, actor=actor, now=it.now), message)


@followed(shown_only=True)
def passed_on(request: HttpRequest, it: Followed) -> HttpResponse:
    """Have it passed on to whoever decides next, after reading what goes there."""
    to = it.way_on()
    if to is None or not it.may_be_passed_on(to):
        return redirect("public:followed", it.code)
    name = pick(to.zh, to.en)
    if request.method != "POST":
        return _ask(request, it, "pass_on", forms.Form(), name=name)
    actor = as_complainant(it.view.subscriber)
    message = _("We pass your complaint on to %(name)s. A letter tells you when that is done.")
    return _acted(
        request,
        it,
        lambda: escalate_to_regulator(it.ref, actor=actor, now=it.now),
        message % {"name": name},
    )


@followed(shown_only=True)
def reopened(request: HttpRequest, it: Followed) -> HttpResponse:
    """It is not over: the same complaint goes on."""
    if not it.may("reopen"):
        return redirect("public:followed", it.code)
    form = ReopenForm(request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid():
        return _ask(request, it, "reopen", form)
    actor, because = as_complainant(it.view.subscriber), form.cleaned_data["words"]
    message = _("Your complaint is open again. We look at it once more.")
    return _acted(
        request, it, lambda: reopen(it.ref, text=because, actor=actor, now=it.now), message
    )


@followed()
def more(request: HttpRequest, it: Followed) -> HttpResponse:
    """Add words to an open complaint; the code alone is enough to say something."""
    if not it.is_under_way:
        return redirect("public:followed", it.code)
    form = MoreForm(
        request.POST if request.method == "POST" else None, initial={"key": random_id()}
    )
    if request.method != "POST" or not form.is_valid():
        return _ask(request, it, "more", form)
    if wait := SENDING.wait(request, now=it.now):
        message = ngettext(
            "Much was sent from your connection. Wait %(wait)s minute, then send this.",
            "Much was sent from your connection. Wait %(wait)s minutes, then send this.",
            wait,
        )
        form.add_error("text", message % {"wait": wait})
        return _ask(request, it, "more", form)
    SENDING.count(request, now=it.now)
    submission = Submission(
        channel="web",
        key=f"more:{it.ref}:{form.cleaned_data['key'] or random_id()}",
        text=form.cleaned_data["text"],
        received_at=it.now,
        thread=it.code,
        by="web",
    )
    try:
        with transaction.atomic():
            refuse_reused_keys([submission], [receive(submission, now=it.now)])
    except UnableToReuseKey:
        # They came back to the page and changed the words: the next ones get their own key.
        form.data = {**form.cleaned_data, "key": random_id()}
        form.add_error(
            "text", _("What you sent from this page before is saved. Send again to add this too.")
        )
        return _ask(request, it, "more", form)
    messages.success(request, _("We have it. It stands with your complaint now."))
    return redirect("public:followed", it.code)
