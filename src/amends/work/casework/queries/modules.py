"""Text modules that fit a case, and their words with placeholders filled."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from amends.platform.kit.actors import Actor
from amends.platform.kit.placeholders import fill_placeholders
from amends.platform.registry import PublishedText
from amends.record.catalogue.queries import offer_names
from amends.work.casework import refusals
from amends.work.casework.choices import ComposerMode
from amends.work.casework.models import TextModule
from amends.work.casework.queries.kinds import CaseSummary, case_kind, require_visible
from amends.work.casework.rules.assigning import WorkScope
from amends.work.knowledge.queries import ArticleAnswer, articles_answering

ARTICLE = "article:"
"""Prefix of the short name of an article offered as a text module."""


@dataclass(frozen=True, slots=True)
class TextModuleChoice:
    """A text module in the list of the composer."""

    slug: str
    title: str


@dataclass(frozen=True, slots=True)
class FilledText:
    """The words of a text module, ready to be read over."""

    subject: str
    text: str


def text_modules_for(case: CaseSummary, mode: str) -> list[TextModuleChoice]:
    """The modules for a mode of the composer in the customer's language and for its class.

    A reply may also start from an article of the help centre that is about the case.
    """
    modules = [
        TextModuleChoice(text_module.slug, text_module.title)
        for text_module in _fitting(case).filter(mode=mode)
        if WorkScope(classes=tuple(text_module.classes)).covers(case.traits)
    ]
    if mode == ComposerMode.REPLY:
        modules += [
            TextModuleChoice(f"{ARTICLE}{article.article}", article.title)
            for article in _articles(case)
        ]
    return modules


def filled_text_module(kind: str, key: str, slug: str, *, actor: Actor) -> FilledText:
    """The words of a module for one case.

    Raises UnableToFillPlaceholder with the names of values that are missing, and UnableToFindCase
    for a module or case there is none of.
    """
    require_visible(kind, [key], actor)
    about = case_kind(kind)
    case = about.summaries([key])[key]
    if slug.startswith(ARTICLE):
        for article in _articles(case):
            if slug == f"{ARTICLE}{article.article}":
                return FilledText("", article.text)
    # A module of the brand comes before the one of every brand.
    module = _fitting(case).filter(slug=slug).order_by("-brand").first()
    if module is None:
        raise refusals.unknown_module()
    values = about.placeholders(key, actor)
    return FilledText(
        fill_placeholders(module.subject, values), fill_placeholders(module.text, values)
    )


def published_texts() -> list[PublishedText]:
    """Text modules that name one offer, as letters, for the matrix of offers and channels."""
    names = offer_names()
    published = []
    for module in TextModule.objects.filter(is_active=True):
        module_text = f"{module.subject}\n{module.text}"
        named = {
            name: ref
            for ref, both in names.items()
            for name in both
            if name and name in module_text
        }
        # A name within a longer one is not meant: 畅享5 in 畅享59.
        offers = {
            ref
            for name, ref in named.items()
            if not any(name != other_name and name in other_name for other_name in named)
        }
        if len(offers) == 1:
            key = f"letter/{module.slug}/{module.language}"
            published.append(
                PublishedText(
                    key=key,
                    channel="letter",
                    language=module.language,
                    text=module_text,
                    offer=offers.pop(),
                )
            )
    return published


def _articles(case: CaseSummary) -> list[ArticleAnswer]:
    return articles_answering(case.title, case.language, brand=case.brand)


def _fitting(case: CaseSummary) -> QuerySet[TextModule]:
    language = "zh" if case.language.startswith("zh") else "en"
    brands = Q(brand="") | Q(brand=case.brand)
    return TextModule.objects.filter(brands, language=language, is_active=True)
