"""Pages of the desk: public questions to check and answer, suggestions to decide."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from amends.people.access.queries import may
from amends.people.access.web.permission import actor_of, requires
from amends.people.access.web.refusals import refusals_as_pages
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

_LISTED = 100
_COUNTED = timedelta(days=90)


@requires("knowledge.read")
@refusals_as_pages
@require_safe
def questions(request: HttpRequest) -> HttpResponse:
    """Questions with something to do, or those of one state."""
    state = request.GET.get("state", "")
    if state and state not in QuestionState.values:
        raise Http404
    actor, now = actor_of(request), timezone.now()
    rows = questions_for_desk(state, brand=actor.brand)[:_LISTED]
    context = {
        "rows": [(row, QuestionState(row.state)) for row in rows],
        "counts": participation(now - _COUNTED, now, brand=actor.brand),
        "state": state,
        "states": QuestionState,
        "articles": article_summaries((get_language() or "zh")[:2], brand=actor.brand),
        "may_write": may(actor.roles, "knowledge.write"),
    }
    return render(request, "knowledge/questions.html", context)


@requires("knowledge.write")
@refusals_as_pages
@require_POST
def question(request: HttpRequest, ref: str) -> HttpResponse:
    """Publish, refuse, answer or merge a question; publish or refuse an answer of a user."""
    actor, now, form_data = actor_of(request), timezone.now(), request.POST
    if not visible_questions(actor.brand).filter(ref=ref).exists():
        raise Http404
    verb = form_data.get("verb", "")
    if verb in ("publish", "refuse"):
        check_question(ref, publish=verb == "publish", actor=actor)
    elif verb == "answer":
        answer_question(ref, form_data.get("text", ""), actor=actor, now=now)
    elif verb == "merge":
        merge_question(ref, form_data.get("article", ""), actor=actor, now=now)
    elif verb in ("publish-answer", "refuse-answer") and form_data.get("answer", "").isdecimal():
        check_answer(
            int(form_data["answer"]), publish=verb == "publish-answer", actor=actor, now=now
        )
    else:
        return HttpResponseBadRequest(_("There is no such action."))
    messages.success(request, _("Done."))
    return redirect("knowledge_questions")


@requires("knowledge.read")
@refusals_as_pages
@require_safe
def ideas(request: HttpRequest) -> HttpResponse:
    """Suggestions by votes, or those of one state."""
    state = request.GET.get("state", "")
    if state and state not in IdeaState.values:
        raise Http404
    actor = actor_of(request)
    context = {
        "rows": [
            (idea, IdeaState(idea.state))
            for idea in ideas_for_desk(state, brand=actor.brand)[:_LISTED]
        ],
        "state": state,
        "states": IdeaState,
        "may_write": may(actor.roles, "knowledge.write"),
    }
    return render(request, "knowledge/ideas.html", context)


@requires("knowledge.write")
@refusals_as_pages
@require_POST
def decide(request: HttpRequest, ref: str) -> HttpResponse:
    """Set the state of a suggestion and its outcome."""
    state, outcome = request.POST.get("state", ""), request.POST.get("outcome", "")
    actor = actor_of(request)
    if not ideas_for_desk("", brand=actor.brand).filter(ref=ref).exists():
        raise Http404
    decide_idea(ref, state=state, outcome=outcome, actor=actor, now=timezone.now())
    messages.success(request, _("Done."))
    return redirect("knowledge_ideas")
