"""Write an article, publish a version of it, withdraw it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_noop as _

from amends.people.access.queries import may
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import BadInput, Refused
from amends.platform.kit.periods import to_ms
from amends.platform.kit.placeholders import placeholders_in
from amends.platform.registry import DecisionAct
from amends.work.approvals.actions.second_person import approve_or_request
from amends.work.approvals.actions.subject import Subject
from amends.work.approvals.queries import WaitingItem
from amends.work.knowledge.choices import (
    ArticleCategory,
    ArticleLanguage,
    Audience,
    VersionState,
)
from amends.work.knowledge.models import ArticleVersion, HelpArticle, KnowledgeChange
from amends.work.knowledge.queries.fact_values import fact_values, known_facts
from amends.work.knowledge.queries.index import READABLE
from amends.work.knowledge.rules.figures import hand_figures

_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")
LONGEST_TEXT = 20_000
PUBLISH = "knowledge.publish_article"


class UnableToActOnKnowledge(Refused):
    """The actor's role may not do this."""

    code = "unable_to_act_on_knowledge"


class UnableToSaveArticle(BadInput):
    """The article lacks something, or says what it must not say."""

    code = "unable_to_save_article"


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleDraft:
    """An article as it is written in one language; the terms apply to both."""

    slug: str
    language: str
    title: str
    text: str
    category: str
    audience: str = Audience.PUBLIC
    brand: str = ""
    owner: str = ""
    review_date: date
    imported: bool = False


def save_article(draft: ArticleDraft, *, actor: Actor, now: datetime) -> ArticleVersion:
    """Store a new draft of an article in one language; what is published stays until `publish`.

    Raises UnableToSaveArticle for an incomplete draft, an unknown placeholder, and for a figure
    written by hand in an article of our own.
    """
    require(actor, "knowledge.write", draft.brand)
    title, text = " ".join(draft.title.split())[:160], draft.text.strip()
    _check_terms(draft, title, text)
    _check_placeholders(draft.language, f"{title}\n{text}", now=now)
    if not draft.imported:
        _refuse_figures(draft.language, title, text, now=now)
    with transaction.atomic():
        article = HelpArticle.objects.select_for_update().filter(slug=draft.slug).first()
        if article is None:
            article = HelpArticle(slug=draft.slug, imported=draft.imported)
        else:
            require(actor, "knowledge.write", article.brand)
            _refuse_more_readers(article, draft)
        article.category, article.audience = draft.category, draft.audience
        article.brand, article.review_date = draft.brand, draft.review_date
        article.owner = draft.owner or article.owner or actor.ref
        article.save()
        earlier = article.versions.filter(language=draft.language)
        newest = earlier.order_by("-version").first()
        if newest is not None and newest.state in (VersionState.DRAFT, VersionState.REVIEW):
            newest.title, newest.text, newest.state = title, text, VersionState.DRAFT
            newest.written_by, newest.written_at = actor.ref, now
            newest.save()
            return newest
        return ArticleVersion.objects.create(
            article=article,
            language=draft.language,
            version=newest.version + 1 if newest else 1,
            title=title,
            text=text,
            written_by=actor.ref,
            written_at=now,
        )


def _refuse_more_readers(article: HelpArticle, draft: ArticleDraft) -> None:
    """Two people published its texts for these readers; one author does not open them to others."""
    fewer_or_same = _readers(draft.audience) <= _readers(article.audience)
    if fewer_or_same and article.brand in ("", draft.brand):
        return
    published = article.versions.filter(state=VersionState.PUBLISHED).exists()
    if published and article.retired_at is None:
        raise UnableToSaveArticle(
            _("This article is published for fewer readers."),
            meaning=_("Nothing was saved."),
            next_step=_(
                "Ask a manager to withdraw it; then change its audience and request publication."
            ),
        )


def _readers(audience: str) -> set[str]:
    return {reader for reader, readable in READABLE.items() if audience in readable}


def publish_article(slug: str, *, actor: Actor, now: datetime) -> WaitingItem:
    """Publish the newest draft of each language as the second person; or request that.

    The writer of a draft never publishes it: then the returned request waits for a colleague.
    """
    with transaction.atomic():
        article = _locked(slug)
        require(actor, "knowledge.write", article.brand)
        drafts = _drafts(article)
        return approve_or_request(
            PUBLISH,
            subject=Subject(
                kind="article",
                key=slug,
                title=drafts[0].title,
                path=f"/desk/knowledge/articles/{slug}/",
            ),
            reason=", ".join(f"{draft.language} version {draft.version}" for draft in drafts),
            prepared_by=[draft.written_by for draft in drafts],
            actor=actor,
            now=now,
            payload=versions_of_drafts(drafts),
            brands=[article.brand] if article.brand else [],
        )


def perform_publication(act: DecisionAct) -> None:
    """Publish the drafts that were requested; those changed since are refused."""
    article = _locked(act.subject)
    drafts = _drafts(article)
    if versions_of_drafts(drafts) != act.payload:
        raise UnableToSaveArticle(
            _("The article was changed after this was requested."),
            meaning=_("Nothing was published."),
            next_step=_("Read the new draft, and publish it from its page."),
        )
    publish_versions(article, drafts, by=act.actor.ref, now=act.now)


def versions_of_drafts(drafts: Sequence[ArticleVersion]) -> dict[str, int]:
    """Language → version of the drafts, and when each was written: the arguments of a request."""
    return {draft.language: draft.version for draft in drafts} | {
        f"{draft.language}_at_ms": to_ms(draft.written_at) for draft in drafts
    }


def _drafts(article: HelpArticle) -> list[ArticleVersion]:
    states = (VersionState.DRAFT, VersionState.REVIEW)
    waiting = list(article.versions.filter(state__in=states).order_by("language"))
    if not waiting:
        raise UnableToSaveArticle(
            _("There is no draft of this article."),
            meaning=_("Nothing was published."),
            next_step=_("Change the article first."),
        )
    return waiting


def publish_shipped(slug: str, *, now: datetime) -> None:
    """Publish an article that ships with this release and was reviewed with it."""
    with transaction.atomic():
        article = _locked(slug)
        publish_versions(article, _drafts(article), by="starter", now=now)


def publish_versions(
    article: HelpArticle, drafts: Sequence[ArticleVersion], *, by: str, now: datetime
) -> None:
    """Publish drafts of a locked article; the versions before are replaced."""
    for version in drafts:
        article.versions.filter(language=version.language, state=VersionState.PUBLISHED).update(
            state=VersionState.REPLACED
        )
        names = placeholders_in(f"{version.title}\n{version.text}")
        version.state, version.published_by = VersionState.PUBLISHED, by
        version.published_at = now
        version.facts = fact_values(names, version.language, now=now)
        version.save()
    article.retired_at, article.reread_since, article.reread_facts = None, None, []
    article.save()
    KnowledgeChange.objects.create(at=now)


def retire_article(slug: str, *, actor: Actor, now: datetime) -> None:
    """Withdraw an article: it is not found any more; its versions stay."""
    with transaction.atomic():
        article = _locked(slug)
        require(actor, "knowledge.publish", article.brand)
        article.retired_at = now
        article.save(update_fields=["retired_at"])
        KnowledgeChange.objects.create(at=now)


def undo_publication(act: DecisionAct) -> None:
    """Withdraw an article whose publication is undone."""
    article = _locked(act.subject)
    article.retired_at = act.now
    article.save(update_fields=["retired_at"])
    KnowledgeChange.objects.create(at=act.now)


def confirm_reread(slug: str, *, actor: Actor, now: datetime) -> None:
    """Say that an article is right after facts in it changed: those of today are recorded."""
    with transaction.atomic():
        article = _locked(slug)
        require(actor, "knowledge.write", article.brand)
        for version in article.versions.filter(state=VersionState.PUBLISHED):
            names = placeholders_in(f"{version.title}\n{version.text}")
            version.facts = fact_values(names, version.language, now=now)
            version.save(update_fields=["facts"])
        article.reread_since, article.reread_facts = None, []
        article.save(update_fields=["reread_since", "reread_facts"])


def _locked(slug: str) -> HelpArticle:
    article = HelpArticle.objects.select_for_update().filter(slug=slug).first()
    if article is None:
        raise UnableToSaveArticle(
            _("There is no article “%(slug)s”."),
            meaning=_("Nothing was changed."),
            next_step=_("Choose one from the list."),
            values={"slug": slug},
        )
    return article


def require(actor: Actor, permission: str, brand: str) -> None:
    """Refuse an actor without a permission, or of another brand than the article's."""
    if actor.kind == "system":
        return
    if not may(actor.roles, permission) or (actor.brand and brand != actor.brand):
        raise UnableToActOnKnowledge(
            _("Your role may not change this article."),
            meaning=_("Nothing was changed."),
            next_step=_("Ask its owner or a service-quality manager."),
        )


def _check_terms(draft: ArticleDraft, title: str, text: str) -> None:
    if not _SLUG.fullmatch(draft.slug):
        raise UnableToSaveArticle(
            _("“%(slug)s” is no address of an article."),
            meaning=_("Nothing was saved."),
            next_step=_("Use lower-case letters, digits and dashes."),
            values={"slug": draft.slug[:80]},
        )
    if not title or not text or len(text) > LONGEST_TEXT:
        raise UnableToSaveArticle(
            _("An article needs a title and a text of at most %(most)s characters."),
            meaning=_("Nothing was saved."),
            next_step=_("Complete it, or divide it into two articles."),
            values={"most": f"{LONGEST_TEXT:,}"},
        )
    for value, choices in (
        (draft.language, ArticleLanguage),
        (draft.category, ArticleCategory),
        (draft.audience, Audience),
    ):
        if value not in choices.values:
            raise UnableToSaveArticle(
                _("“%(value)s” is not one of: %(known)s."),
                meaning=_("Nothing was saved."),
                next_step=_("Choose one of them."),
                values={"value": value[:40], "known": ", ".join(choices.values)},
            )


def _check_placeholders(language: str, text: str, *, now: datetime) -> None:
    names = placeholders_in(text)
    values_by_name = fact_values(names, language, now=now)
    if missing := [name for name in names if name not in values_by_name]:
        raise UnableToSaveArticle(
            _("There is no value for %(names)s."),
            meaning=_("Nothing was saved."),
            next_step=_("Choose a placeholder from the list beside the text."),
            values={"names": ", ".join(f"{{{name}}}" for name in missing)},
        )


def _refuse_figures(language: str, title: str, text: str, *, now: datetime) -> None:
    """Raise for the first figure written by hand: it would stay when the fact changes."""
    if not hand_figures(text, {}) and not hand_figures(title, {}):
        return
    facts = known_facts(language, now=now)
    typed_figures = hand_figures(text, facts) or hand_figures(title, facts)
    first = typed_figures[0]
    in_text = bool(hand_figures(text, facts))
    use = ", ".join(f"{{{name}}}" for name in first.placeholders)
    raise UnableToSaveArticle(
        _("“%(said)s” in line %(line)s, column %(column)s is a figure written by hand.")
        if in_text
        else _("“%(said)s” in the title is a figure written by hand."),
        meaning=_("Nothing was saved: it would stay as it is when the fact changes."),
        next_step=_("Write %(use)s instead.")
        if use
        else _("Use a placeholder from the list, or say it without the figure."),
        values={"said": first.said, "line": first.line, "column": first.column, "use": use},
    )
