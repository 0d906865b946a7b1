"""Pages of the desk: public questions to check and answer, suggestions to decide."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from amends.people.access.queries import may
from amends.people.access.web.permission import actor_of, requires
from amends.people.access.web.refusals import refusals_as_pages, refuse_form
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import AmendsError
from amends.work.knowledge.actions.participate import (
    answer_question,
    check_answer,
    check_question,
    decide_idea,
    merge_question,
)
from amends.work.knowledge.choices import IdeaState, QuestionState
from amends.work.knowledge.queries.editorial import article_summaries
from amends.work.knowledge.queries.participation import (
    ideas_for_desk,
    participation,
    questions_for_desk,
    visible_questions,
)
from amends.work.knowledge.web.forms import IdeaDecisionForm, QuestionVerbForm

_LISTED = 100
_COUNTED = timedelta(days=90)


@requires("knowledge.read")
@refusals_as_pages
@require_safe
def questions(request: HttpRequest) -> HttpResponse:
    """Questions with something to do, or those of one state."""
    return _questions_page(request)


def _questions_page(
    request: HttpRequest, refused: QuestionVerbForm | None = None, ref: str = "", status: int = 200
) -> HttpResponse:
    state = request.GET.get("state", "")
    if state and state not in QuestionState.values:
        raise Http404
    actor, now = actor_of(request), timezone.now()
    rows = questions_for_desk(state, brand=actor.brand)[:_LISTED]
    articles = _articles(actor.brand)
    context = {
        "rows": [
            (
                row,
                QuestionState(row.state),
                refused
                if refused and row.ref == ref
                else QuestionVerbForm(question=row, articles=articles),
            )
            for row in rows
        ],
        "refused": refused,
        "counts": participation(now - _COUNTED, now, brand=actor.brand),
        "state": state,
        "states": QuestionState,
        "may_write": may(actor.roles, "knowledge.write"),
    }
    return render(request, "knowledge/questions.html", context, status=status)


def _articles(brand: str) -> list[tuple[str, str]]:
    summaries = article_summaries((get_language() or "zh")[:2], brand=brand)
    return [(summary.article, summary.title) for summary in summaries]


@requires("knowledge.write")
@refusals_as_pages
@require_POST
def question(request: HttpRequest, ref: str) -> HttpResponse:
    """Publish, refuse, answer or merge a question; publish or refuse an answer of a user."""
    actor, now = actor_of(request), timezone.now()
    row = visible_questions(actor.brand).filter(ref=ref).first()
    if row is None:
        raise Http404
    form = QuestionVerbForm(request.POST, question=row, articles=_articles(actor.brand))
    status = 400
    if form.is_valid():
        try:
            _carry_out(ref, form.cleaned_data, actor, now)
        except AmendsError as error:
            status = refuse_form(form, error, form.refusal_field())
        else:
            messages.success(request, _("Done."))
            return redirect("knowledge_questions")
    return _questions_page(request, form, ref, status)


def _carry_out(ref: str, cleaned: dict[str, Any], actor: Actor, now: datetime) -> None:
    verb = cleaned["verb"]
    if verb in ("publish", "refuse"):
        check_question(ref, publish=verb == "publish", actor=actor)
    elif verb == "answer":
        answer_question(ref, cleaned["text"], actor=actor, now=now)
    elif verb == "merge":
        merge_question(ref, cleaned["article"], actor=actor, now=now)
    else:
        publish = verb == "publish-answer"
        check_answer(cleaned["answer"].pk, publish=publish, actor=actor, now=now)


@requires("knowledge.read")
@refusals_as_pages
@require_safe
def ideas(request: HttpRequest) -> HttpResponse:
    """Suggestions by votes, or those of one state."""
    return _ideas_page(request)


def _ideas_page(
    request: HttpRequest, refused: IdeaDecisionForm | None = None, ref: str = "", status: int = 200
) -> HttpResponse:
    state = request.GET.get("state", "")
    if state and state not in IdeaState.values:
        raise Http404
    actor = actor_of(request)
    context = {
        "rows": [
            (
                idea,
                IdeaState(idea.state),
                refused
                if refused and idea.ref == ref
                else IdeaDecisionForm(
                    initial={"state": idea.state, "outcome": idea.outcome},
                    auto_id=f"{idea.ref}-%s",
                ),
            )
            for idea in ideas_for_desk(state, brand=actor.brand)[:_LISTED]
        ],
        "refused": refused,
        "state": state,
        "states": IdeaState,
        "may_write": may(actor.roles, "knowledge.write"),
    }
    return render(request, "knowledge/ideas.html", context, status=status)


@requires("knowledge.write")
@refusals_as_pages
@require_POST
def decide(request: HttpRequest, ref: str) -> HttpResponse:
    """Set the state of a suggestion and its outcome."""
    actor = actor_of(request)
    if not ideas_for_desk("", brand=actor.brand).filter(ref=ref).exists():
        raise Http404
    form = IdeaDecisionForm(request.POST, auto_id=f"{ref}-%s")
    status = 400
    if form.is_valid():
        try:
            decide_idea(ref, **form.cleaned_data, actor=actor, now=timezone.now())
        except AmendsError as error:
            status = refuse_form(form, error, "outcome")
        else:
            messages.success(request, _("Done."))
            return redirect("knowledge_ideas")
    return _ideas_page(request, form, ref, status)
