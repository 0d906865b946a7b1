"""Pages of the desk: articles, one article in both languages, searches to write for, findings."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from amends.people.access.queries import may
from amends.people.access.queries.colleagues import people
from amends.people.access.web.permission import actor_of, requires
from amends.people.access.web.refusals import refusals_as_pages
from amends.platform.kit.errors import AmendsError
from amends.work.approvals.actions.second_person import is_approved
from amends.work.approvals.queries import approvals_on
from amends.work.approvals.texts.waiting import waiting_text
from amends.work.knowledge.actions.findings import dismiss_finding
from amends.work.knowledge.actions.readers import close_gap
from amends.work.knowledge.actions.write import (
    ArticleDraft,
    confirm_reread,
    publish_article,
    retire_article,
    save_article,
)
from amends.work.knowledge.choices import (
    ArticleCategory,
    ArticleLanguage,
    VersionState,
)
from amends.work.knowledge.models import HelpArticle
from amends.work.knowledge.queries.editorial import (
    article_counts,
    article_summaries,
    articles_by_state,
    gaps,
    newest_versions,
    open_findings,
    versions_of,
    visible_articles,
    with_summary,
)
from amends.work.knowledge.queries.fact_values import known_facts
from amends.work.knowledge.queries.preview import previewed
from amends.work.knowledge.rules.markdown import html_of
from amends.work.knowledge.web.forms import ArticleForm, PreviewForm, SearchGapForm

A_PAGE = 50
REVIEW_AFTER = timedelta(days=180)
_TERMS = ("slug", "category", "audience", "review_date")


def _language() -> str:
    return (get_language() or "zh")[:2]


@requires("knowledge.read")
@refusals_as_pages
@require_safe
def articles(request: HttpRequest) -> HttpResponse:
    """The articles by category, or those of one state."""
    state = request.GET.get("state", "")
    actor = actor_of(request)
    today = timezone.localdate()
    labels = {
        "draft": _("With a draft"),
        "reread": _("To read again"),
        "overdue": _("Review overdue"),
        "findings": _("With findings"),
        "retired": _("Withdrawn"),
    }
    if state and state not in labels:
        raise Http404
    counts = article_counts(actor.brand, today)
    wanted = articles_by_state(today)[state] if state else Q(retired_at=None)
    paginator = Paginator(with_summary(visible_articles(actor.brand).filter(wanted)), A_PAGE)
    paginator.count = counts[state] if state else counts[""] - counts["retired"]
    page = paginator.get_page(request.GET.get("page"))
    shown_rows = article_summaries(_language(), rows=page)
    context = {
        "rows": [
            (
                article_row,
                ArticleCategory(article_row.category).label,
                [ArticleLanguage(language).label for language in article_row.languages],
            )
            for article_row in shown_rows
        ],
        "state": state,
        "states": [(name, label, counts[name]) for name, label in labels.items()],
        "total": counts[""],
        "page": page,
        "names": people([article_row.owner for article_row in shown_rows]),
        "may_write": may(actor.roles, "knowledge.write"),
    }
    return render(request, "knowledge/articles.html", context)


@requires("knowledge.write")
@refusals_as_pages
@require_http_methods(["GET", "HEAD", "POST"])
def new_article(request: HttpRequest) -> HttpResponse:
    """Write an article."""
    initial = {
        "review_date": timezone.localdate() + REVIEW_AFTER,
        f"title_{_language()}": request.GET.get("title", "")[:160],
    }
    form = ArticleForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        slug = form.cleaned_data["slug"]
        if HelpArticle.objects.filter(slug=slug).exists():
            form.add_error("slug", _("There is an article with this address already."))
        elif _save(request, form):
            return redirect("knowledge_article", slug)
    return _form_page(request, form, None)


@requires("knowledge.write")
@refusals_as_pages
@require_http_methods(["GET", "HEAD", "POST"])
def edit_article(request: HttpRequest, slug: str) -> HttpResponse:
    """Change an article: a new version, which is read only once it is published."""
    row = _found(request, slug)
    initial: dict[str, Any] = {name: getattr(row, name) for name in _TERMS}
    for language, version in newest_versions(slug).items():
        initial |= {f"title_{language}": version.title, f"text_{language}": version.text}
    form = ArticleForm(request.POST or None, initial=initial)
    # A disabled field reads its initial value only.
    form.fields["slug"].disabled = True
    form.fields["slug"].widget = forms.HiddenInput()
    if request.method == "POST" and form.is_valid() and _save(request, form, row):
        return redirect("knowledge_article", slug)
    return _form_page(request, form, row)


def _save(request: HttpRequest, form: ArticleForm, row: HelpArticle | None = None) -> bool:
    """Save what changed in each language; a refusal becomes an error of its field."""
    cleaned, before = form.cleaned_data, newest_versions(given_slug(form))
    for language in ArticleLanguage.values:
        title, text = cleaned[f"title_{language}"], cleaned[f"text_{language}"]
        old = before.get(language)
        same_terms = row is not None and all(cleaned[name] == getattr(row, name) for name in _TERMS)
        if not text or (old and same_terms and (old.title, old.text) == (title, text.strip())):
            continue
        draft = ArticleDraft(
            slug=cleaned["slug"],
            language=language,
            title=title,
            text=text.replace("\r\n", "\n"),
            category=cleaned["category"],
            audience=cleaned["audience"],
            review_date=cleaned["review_date"],
            brand=row.brand if row else actor_of(request).brand,
        )
        try:
            save_article(draft, actor=actor_of(request), now=timezone.now())
        except AmendsError as refusal:
            form.add_error(f"text_{language}", str(refusal))
    return not form.errors


def given_slug(form: ArticleForm) -> str:
    """The address in a valid form."""
    return str(form.cleaned_data["slug"])


def _form_page(request: HttpRequest, form: ArticleForm, row: HelpArticle | None) -> HttpResponse:
    facts = known_facts(_language(), now=timezone.now())
    context = {"form": form, "row": row, "facts": sorted(facts.items())}
    status = 400 if form.errors else 200
    return render(request, "knowledge/write.html", context, status=status)


@requires("knowledge.write")
@refusals_as_pages
@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """Both languages as readers will see them; nothing is saved."""
    form = PreviewForm(request.POST)
    texts = form.cleaned_data if form.is_valid() else {}
    previews = [
        (language, mark_safe(html_of(previewed(text, language))))  # noqa: S308
        for language in ArticleLanguage.values
        if (text := texts.get(f"text_{language}", "")[:20_000])
    ]
    return render(request, "knowledge/preview.html", {"shown": previews})


@requires("knowledge.read")
@refusals_as_pages
@require_safe
def article(request: HttpRequest, slug: str) -> HttpResponse:
    """One article: both languages with the figures of today, its versions and findings."""
    row = _found(request, slug)
    actor = actor_of(request)
    newest = newest_versions(slug)
    context = {
        "row": row,
        "summary": article_summaries(_language(), rows=[row])[0],
        "newest": [
            (
                newest_version,
                VersionState(newest_version.state),
                mark_safe(html_of(previewed(newest_version.text, language))),  # noqa: S308
            )
            for language, newest_version in newest.items()
        ],
        "versions": [(version, VersionState(version.state)) for version in versions_of(slug)],
        "findings": [
            open_finding
            for open_finding in open_findings(actor.brand)
            if open_finding.article_id == slug
        ],
        "names": people([row.owner]),
        "waiting": any(
            newest_version.state == VersionState.DRAFT for newest_version in newest.values()
        ),
        "requested": approvals_on("article", slug),
        "publishes": may(actor.roles, "knowledge.publish")
        and all(version.written_by != actor.ref for version in newest.values()),
        "may_write": may(actor.roles, "knowledge.write"),
        "may_publish": may(actor.roles, "knowledge.publish"),
    }
    return render(request, "knowledge/article.html", context)


@requires("knowledge.write")
@refusals_as_pages
@require_POST
def publish(request: HttpRequest, slug: str) -> HttpResponse:
    """Publish the drafts of an article as the second person, or request that."""
    _found(request, slug)
    now = timezone.now()
    item = publish_article(slug, actor=actor_of(request), now=now)
    published = is_approved(item)
    message = _("The article is published.") if published else waiting_text(item, now=now)
    messages.success(request, message)
    return redirect("knowledge_article", slug)


@requires("knowledge.publish")
@refusals_as_pages
@require_POST
def retire(request: HttpRequest, slug: str) -> HttpResponse:
    """Withdraw an article."""
    _found(request, slug)
    retire_article(slug, actor=actor_of(request), now=timezone.now())
    messages.success(request, _("The article is withdrawn."))
    return redirect("knowledge")


@requires("knowledge.write")
@refusals_as_pages
@require_POST
def reread(request: HttpRequest, slug: str) -> HttpResponse:
    """Say that the article is still right after a fact in it changed."""
    _found(request, slug)
    confirm_reread(slug, actor=actor_of(request), now=timezone.now())
    messages.success(request, _("Marked as read."))
    return redirect("knowledge_article", slug)


@requires("knowledge.read")
@refusals_as_pages
@require_safe
def gaps_page(request: HttpRequest) -> HttpResponse:
    """Searches that found nothing: articles to write."""
    context = {
        "rows": gaps(),
        "may_write": may(actor_of(request).roles, "knowledge.write"),
    }
    return render(request, "knowledge/gaps.html", context)


@requires("knowledge.write")
@refusals_as_pages
@require_POST
def gap_done(request: HttpRequest, number: int) -> HttpResponse:
    """Close a search: an article answers it now, or none should."""
    form = SearchGapForm(request.POST)
    if not form.is_valid():
        raise Http404
    close_gap(number, state=form.cleaned_data["state"], actor=actor_of(request))
    return redirect("knowledge_gaps")


@requires("knowledge.read")
@refusals_as_pages
@require_safe
def findings_page(request: HttpRequest) -> HttpResponse:
    """Duplicates and contradictions for the owners of articles."""
    actor = actor_of(request)
    rows = open_findings(actor.brand)
    titles = {
        article_summary.article: article_summary.title
        for article_summary in article_summaries(_language(), brand=actor.brand)
    }
    context = {
        "rows": [(row, titles.get(row.article_id, row.article_id)) for row in rows],
        "names": people([row.article.owner for row in rows]),
        "may_write": may(actor.roles, "knowledge.write"),
    }
    return render(request, "knowledge/findings.html", context)


@requires("knowledge.write")
@refusals_as_pages
@require_POST
def finding_done(request: HttpRequest, number: int) -> HttpResponse:
    """Dismiss a finding."""
    actor = actor_of(request)
    if number not in {open_finding.pk for open_finding in open_findings(actor.brand)}:
        raise Http404
    dismiss_finding(number, actor=actor, now=timezone.now())
    return redirect("knowledge_findings")


def _found(request: HttpRequest, slug: str) -> HelpArticle:
    row = visible_articles(actor_of(request).brand).filter(slug=slug).first()
    if row is None:
        raise Http404
    return row
