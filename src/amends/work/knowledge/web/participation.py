"""Public pages: questions everybody can ask and answer, suggestions everybody can vote on."""

from __future__ import annotations

from datetime import timedelta
from ipaddress import ip_address, ip_network

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_POST

from amends.people.access.web.limits import Limit, network_address, too_much
from amends.people.access.web.permission import public
from amends.people.access.web.refusals import refusals_as_pages
from amends.people.access.web.visitors import identified_visitor
from amends.platform.vault.indexes import blind_index
from amends.work.knowledge.actions.participate import answer_question, ask, suggest, vote
from amends.work.knowledge.choices import IdeaState, QuestionState
from amends.work.knowledge.queries.participation import (
    public_ideas,
    public_question,
    public_questions,
)
from amends.work.knowledge.web.forms import AnswerQuestionForm, AskForm, IdeaForm

WRITING = Limit("help-write", 10, timedelta(hours=1), a_day=30)
VOTING = Limit("help-vote", 40, timedelta(hours=1))


def _language() -> str:
    return (get_language() or "zh")[:2]


@public
@refusals_as_pages
@require_http_methods(["GET", "HEAD", "POST"])
def questions(request: HttpRequest) -> HttpResponse:
    """Questions with their answers; ask one."""
    form = AskForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        if wait := WRITING.take(request, now=now):
            return _wait(wait)
        ask(form.cleaned_data["text"], _language(), email=form.cleaned_data["email"], now=now)
        return redirect(f"{request.path}?sent=yes")
    context = {
        "form": form,
        "rows": [
            (public_question, QuestionState(public_question.state))
            for public_question in public_questions(_language())
        ],
        "sent": "sent" in request.GET,
    }
    return render(request, "help/questions.html", context, status=400 if form.errors else 200)


@public
@refusals_as_pages
@require_http_methods(["GET", "HEAD", "POST"])
def question(request: HttpRequest, ref: str) -> HttpResponse:
    """One question; answer it."""
    row = public_question(ref)
    if row is None:
        raise Http404
    if row.article_id:
        return redirect("help:article", row.article_id)
    form = AnswerQuestionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        if wait := WRITING.take(request, now=now):
            return _wait(wait)
        answer_question(ref, form.cleaned_data["text"], now=now)
        return redirect(f"{request.path}?sent=yes")
    context = {"row": row, "form": form, "sent": "sent" in request.GET}
    return render(request, "help/question.html", context, status=400 if form.errors else 200)


@public
@refusals_as_pages
@require_http_methods(["GET", "HEAD", "POST"])
def ideas(request: HttpRequest) -> HttpResponse:
    """Suggestions with their votes and outcomes; suggest one."""
    form = IdeaForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        if wait := WRITING.take(request, now=now):
            return _wait(wait)
        suggest(form.cleaned_data["text"], _language(), email=form.cleaned_data["email"], now=now)
        return redirect(f"{request.path}?sent=yes")
    context = {
        "form": form,
        "rows": [
            (
                public_idea,
                IdeaState(public_idea.state),
                public_idea.state in (IdeaState.OPEN, IdeaState.PLANNED),
            )
            for public_idea in public_ideas(_language())
        ],
        "sent": "sent" in request.GET,
    }
    return render(request, "help/ideas.html", context, status=400 if form.errors else 200)


@public
@refusals_as_pages
@require_POST
def vote_for(request: HttpRequest, ref: str) -> HttpResponse:
    """Vote for a suggestion: once for each identified person, or for each network."""
    now = timezone.now()
    if wait := VOTING.take(request, now=now):
        return _wait(wait)
    person = identified_visitor(request, now=now)
    voter = blind_index("knowledge.vote", person or _network(request))
    vote(ref, voter=voter, is_identified=bool(person), now=now)
    return redirect("help:ideas")


def _network(request: HttpRequest) -> str:
    """The network a request comes from: /24 of IPv4, /48 of IPv6, which one customer may have."""
    network = network_address(request)
    try:
        address = ip_address(network)
    except ValueError:
        return network
    mapped = getattr(address, "ipv4_mapped", None)
    address = mapped or address
    return str(ip_network((address, 24 if address.version == 4 else 48), strict=False))


def _wait(minutes: int) -> HttpResponse:
    return HttpResponse(too_much(minutes), status=429, content_type="text/plain; charset=utf-8")
