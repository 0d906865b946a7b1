"""Articles and their versions in each language."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from amends.kit.ids import time_ordered_id
from amends.knowledge.choices import (
    ArticleCategory,
    ArticleLanguage,
    Audience,
    VersionState,
)


class HelpArticle(models.Model):
    """What answers one question, in each language it is written in.

    slug          the part of its address; never used for another article
    owner         who must keep it correct: reference of a user
    imported      written elsewhere: figures in it are findings, not refused
    reread_since  a fact it names changed then and nobody has read it again
    """

    slug = models.SlugField(_("address"), primary_key=True, max_length=80)
    category = models.CharField(_("category"), max_length=12, choices=ArticleCategory)
    audience = models.CharField(
        _("audience"), max_length=8, choices=Audience, default=Audience.PUBLIC
    )
    brand = models.CharField(max_length=40, blank=True)
    owner = models.CharField(_("owner"), max_length=64, blank=True)
    review_date = models.DateField(_("review by"))
    imported = models.BooleanField(default=False)
    reread_since = models.DateTimeField(null=True, blank=True)
    reread_facts = models.JSONField(default=list)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "knowledge_article"
        ordering = ["category", "slug"]
        verbose_name = _("article")
        verbose_name_plural = _("articles")

    def __str__(self) -> str:
        return self.slug


class ArticleVersion(models.Model):
    """One version of an article in one language.

    text   Markdown with placeholders such as `{offer.LIME128.price}`
    facts  value of each placeholder when it was published
    """

    article = models.ForeignKey(HelpArticle, on_delete=models.PROTECT, related_name="versions")
    language = models.CharField(max_length=2, choices=ArticleLanguage)
    version = models.PositiveIntegerField()
    title = models.CharField(_("title"), max_length=160)
    text = models.TextField(_("text"))
    state = models.CharField(
        _("state"), max_length=10, choices=VersionState, default=VersionState.DRAFT
    )
    facts = models.JSONField(default=dict)
    written_by = models.CharField(max_length=64)
    written_at = models.DateTimeField()
    published_by = models.CharField(max_length=64, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "knowledge_version"
        ordering = ["article", "language", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["article", "language", "version"], name="knowledge_version_once"
            ),
            models.UniqueConstraint(
                fields=["article", "language"],
                condition=models.Q(state="published"),
                name="knowledge_one_published",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.article_id} {self.language} {self.version}"


class KnowledgeChange(models.Model):
    """A change of what is published: processes renew their index when there is a newer one."""

    id = models.CharField(primary_key=True, max_length=32, default=time_ordered_id)
    at = models.DateTimeField()

    class Meta:
        db_table = "knowledge_change"
        ordering = ["id"]
