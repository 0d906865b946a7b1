"""The help centre: search, articles, whether they helped, suggestions while a user writes."""

from __future__ import annotations

from datetime import timedelta

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import get_language
from django.views.decorators.http import require_POST, require_safe

from amends.people.access.web.limits import Limit, too_much
from amends.people.access.web.permission import public
from amends.people.access.web.refusals import refusals_as_pages
from amends.people.operator.queries import parts_in_use
from amends.work.knowledge.actions.readers import rate, record_gap, record_reading
from amends.work.knowledge.choices import ArticleCategory
from amends.work.knowledge.queries import FoundArticle, filled, search
from amends.work.knowledge.queries.help_centre import categories, category_page
from amends.work.knowledge.rules.markdown import html_of
from amends.work.knowledge.web.forms import HelpedForm, SuggestForm
from amends.work.knowledge.web.visits import remember, visit_for

SEARCHING = Limit("help-search", 120, timedelta(hours=1))
SUGGESTING = Limit("help-suggest", 400, timedelta(hours=1))
RATING = Limit("help-rating", 30, timedelta(hours=1))

CLOSE_ENOUGH = 0.2
"""An article with a lower score is not suggested to a user who is writing."""

RELEVANT = 0.35
"""An article with a lower score is not shown as an answer: of questions about other subjects the
best article has at most .28 (eight invented ones in the starter articles), of ours at least .98."""

RELEVANT_SHARE = 0.4
"""An article with less than this share of the best score is not shown next to it."""

LEAST_LETTERS = 6


def _language() -> str:
    return (get_language() or "zh")[:2]


def _relevant(hits: list[FoundArticle]) -> list[FoundArticle]:
    """Those whose score is near the best one; none where even the best one is low."""
    least = max(RELEVANT, RELEVANT_SHARE * hits[0].score) if hits else RELEVANT
    return [hit for hit in hits if hit.score >= least]


@public
@refusals_as_pages
@require_safe
def help_centre(request: HttpRequest) -> HttpResponse:
    """Search, or the articles by category."""
    query = " ".join(request.GET.get("q", "").split())[:500]
    context: dict[str, object] = {"words": query, "has_chat": "chat" in parts_in_use()}
    if query:
        now = timezone.now()
        if wait := SEARCHING.take(request, now=now):
            return _wait(wait)
        hits = _relevant(search(query, _language(), limit=10))
        if not hits:
            record_gap(query, _language(), now=now)
        context["found"] = hits
    elif "category" in request.GET:
        return _category(request)
    context["categories"] = categories(_language())
    return render(request, "help/help.html", context)


def _category(request: HttpRequest) -> HttpResponse:
    """All articles of a category, some on each page."""
    if request.GET["category"] not in ArticleCategory.values:
        raise Http404
    category = ArticleCategory(request.GET["category"])
    page, articles = category_page(category, _language(), request.GET.get("page", ""))
    context = {"category": category, "page": page, "articles": articles}
    return render(request, "help/category.html", context)


@public
@refusals_as_pages
@require_safe
def article(request: HttpRequest, slug: str) -> HttpResponse:
    """One article, with the figures of today; that it was read is remembered for a day."""
    filled_article = filled(slug, _language())
    if filled_article is None:
        raise Http404
    visit = visit_for(request)
    if request.method == "GET":
        record_reading(slug, filled_article.language, visit=visit, now=timezone.now())
    context = {
        "article": filled_article,
        "html": mark_safe(html_of(filled_article.text)),  # noqa: S308 (rendered without HTML of writers)
        "rated": request.GET.get("rated", ""),
    }
    response = render(request, "help/article.html", context)
    remember(response, visit)
    return response


@public
@refusals_as_pages
@require_POST
def helped(request: HttpRequest, slug: str) -> HttpResponse:
    """Count whether the article helped."""
    form = HelpedForm(request.POST)
    if not form.is_valid():
        raise Http404
    answer = form.cleaned_data["helped"]
    now = timezone.now()
    if wait := RATING.take(request, now=now):
        return _wait(wait)
    rate(slug, _language(), helped=answer == "yes", now=now)
    response = redirect("help:article", slug)
    response["Location"] += f"?rated={answer}"
    return response


@public
@refusals_as_pages
@require_POST
def suggest(request: HttpRequest) -> HttpResponse:
    """At most three articles for a text being written; nothing of it is stored."""
    form = SuggestForm(request.POST)
    query = form.cleaned_data["text"][:500].strip() if form.is_valid() else ""
    if len(query) < LEAST_LETTERS or SUGGESTING.take(request, now=timezone.now()):
        return HttpResponse("")
    hits = [hit for hit in search(query, _language(), limit=3) if hit.score >= CLOSE_ENOUGH]
    return render(request, "help/suggestions.html", {"found": hits})


def _wait(minutes: int) -> HttpResponse:
    return HttpResponse(too_much(minutes), status=429, content_type="text/plain; charset=utf-8")
