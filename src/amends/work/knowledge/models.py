"""Articles with their versions, and what readers say: ratings, questions, ideas, votes."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from amends.platform.kit.ids import time_ordered_id
from amends.platform.vault.fields import SealedField
from amends.work.knowledge.choices import (
    ArticleCategory,
    ArticleLanguage,
    Audience,
    IdeaState,
    QuestionState,
    SearchGapState,
    VersionState,
)


class HelpArticle(models.Model):
    """The answer to one question, in each language it is written in.

    slug          the part of its address; never used for another article
    owner         reference of the user responsible for it
    imported      written elsewhere: figures in it are findings, not refused
    reread_since  a fact it names changed then and it was not reviewed since
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


class BuiltSearchIndex(models.Model):
    """The search index of published articles as a job built it; processes load it.

    change   the release that built it, and the change of what is published that it contains
    columns  its arrays, as a file of NumPy (npz)
    """

    change = models.CharField(max_length=64)
    columns = models.BinaryField()
    built_at = models.DateTimeField()

    class Meta:
        db_table = "knowledge_built_index"
        ordering = ["id"]


class ArticleRating(models.Model):
    """Whether an article helped a reader; anonymous."""

    article = models.ForeignKey(HelpArticle, on_delete=models.PROTECT, related_name="ratings")
    language = models.CharField(max_length=2, choices=ArticleLanguage)
    helped = models.BooleanField()
    at = models.DateTimeField()

    class Meta:
        db_table = "knowledge_rating"
        ordering = ["-at", "id"]


class SearchGap(models.Model):
    """A search without results: an article to write.

    `key` is the masked query without case, spaces and punctuation
    """

    key = models.CharField(max_length=120)
    language = models.CharField(max_length=2, choices=ArticleLanguage)
    words = models.CharField(_("words"), max_length=200)
    times = models.PositiveIntegerField(_("times"), default=1)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField(_("last"))
    state = models.CharField(
        _("state"), max_length=10, choices=SearchGapState, default=SearchGapState.OPEN
    )
    closed_by = models.CharField(max_length=64, blank=True)

    class Meta:
        db_table = "knowledge_search_gap"
        ordering = ["-times", "-last_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["key", "language"], name="knowledge_gap_once")
        ]


class ArticleReading(models.Model):
    """An article that a visitor of the help centre read; forgotten after a day.

    visit      random token of a cookie
    complaint  reference of the complaint the visitor filed afterwards, "" where none
    """

    visit = models.CharField(max_length=40)
    article = models.ForeignKey(HelpArticle, on_delete=models.PROTECT, related_name="readings")
    language = models.CharField(max_length=2, choices=ArticleLanguage)
    read_at = models.DateTimeField()
    complaint = models.CharField(max_length=40, blank=True)

    class Meta:
        db_table = "knowledge_reading"
        ordering = ["read_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["visit", "article"], name="knowledge_reading_once")
        ]
        indexes = [
            models.Index(fields=["complaint"], name="knowledge_reading_complaint"),
            models.Index(fields=["read_at"], name="knowledge_reading_at"),
        ]


class PublicQuestion(models.Model):
    """A question asked in public; checked before anybody else reads it.

    text     masked
    contact  email address to send the answer to, encrypted; empty once it was sent
    article  the article its answer was merged into
    """

    ref = models.CharField(primary_key=True, max_length=40)
    language = models.CharField(max_length=2, choices=ArticleLanguage)
    text = models.CharField(_("question"), max_length=1_000)
    contact = SealedField()
    brand = models.CharField(max_length=40, blank=True)
    asked_at = models.DateTimeField(_("asked"))
    state = models.CharField(
        _("state"), max_length=10, choices=QuestionState, default=QuestionState.WAITING
    )
    checked_by = models.CharField(max_length=64, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    article = models.ForeignKey(
        HelpArticle, null=True, blank=True, on_delete=models.PROTECT, related_name="questions"
    )

    class Meta:
        db_table = "knowledge_question"
        ordering = ["-asked_at", "ref"]


class PublicAnswer(models.Model):
    """An answer to a public question, by staff or by another user; text masked."""

    question = models.ForeignKey(PublicQuestion, on_delete=models.CASCADE, related_name="answers")
    text = models.CharField(_("answer"), max_length=4_000)
    staff = models.CharField(max_length=64, blank=True)
    is_published = models.BooleanField(default=False)
    is_refused = models.BooleanField(default=False)
    written_at = models.DateTimeField(_("written"))
    checked_by = models.CharField(max_length=64, blank=True)

    class Meta:
        db_table = "knowledge_answer"
        ordering = ["written_at", "id"]


class ImprovementIdea(models.Model):
    """A suggestion for improvement with its outcome; text and outcome masked."""

    ref = models.CharField(primary_key=True, max_length=40)
    language = models.CharField(max_length=2, choices=ArticleLanguage)
    text = models.CharField(_("suggestion"), max_length=400)
    contact = SealedField()
    brand = models.CharField(max_length=40, blank=True)
    suggested_at = models.DateTimeField(_("suggested"))
    state = models.CharField(
        _("state"), max_length=10, choices=IdeaState, default=IdeaState.WAITING
    )
    votes = models.PositiveIntegerField(_("votes"), default=0)
    outcome = models.CharField(_("what came of it"), max_length=600, blank=True)
    decided_by = models.CharField(max_length=64, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "knowledge_idea"
        ordering = ["-votes", "-suggested_at", "ref"]


class IdeaVote(models.Model):
    """One vote; `voter` is the blind index of a subscriber, or of the network it came from."""

    idea = models.ForeignKey(ImprovementIdea, on_delete=models.CASCADE, related_name="given_votes")
    voter = models.CharField(max_length=80)
    is_identified = models.BooleanField(default=False, db_default=False)
    at = models.DateTimeField()

    class Meta:
        db_table = "knowledge_vote"
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["idea", "voter"], name="knowledge_vote_once")
        ]


class ProblemSubscription(models.Model):
    """A request for notices of known problems of an area.

    address        email address or phone number, encrypted
    address_index  blind index of it
    """

    ref = models.CharField(primary_key=True, max_length=40)
    address = SealedField()
    address_index = models.CharField(max_length=80)
    channel = models.CharField(max_length=8)
    area = models.CharField(max_length=64, blank=True)
    language = models.CharField(max_length=2, choices=ArticleLanguage)
    asked_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "knowledge_subscription"
        ordering = ["asked_at", "ref"]
        constraints = [
            models.UniqueConstraint(
                fields=["address_index", "area"], name="knowledge_subscription_once"
            )
        ]


class SubscriptionRequest(models.Model):
    """One request for notices on the public page, whoever asked.

    ref       random, so that it says nothing of the address or an earlier request
    attempts  wrong codes
    """

    ref = models.CharField(primary_key=True, max_length=40)
    subscription = models.ForeignKey(
        ProblemSubscription, on_delete=models.CASCADE, related_name="requests"
    )
    asked_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    confirmed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "knowledge_subscription_request"
        ordering = ["asked_at", "ref"]

    def __str__(self) -> str:
        return self.ref


class KnowledgeFinding(models.Model):
    """Something to correct in an article, for its owner.

    code   `duplicate`, `contradiction`, `figure`, `divergence`, `overdue`
    other  the article, advert or letter it disagrees with
    """

    article = models.ForeignKey(HelpArticle, on_delete=models.CASCADE, related_name="findings")
    language = models.CharField(max_length=2, choices=ArticleLanguage)
    code = models.CharField(max_length=16)
    other = models.CharField(max_length=120, blank=True)
    said = models.CharField(max_length=300)
    recorded = models.CharField(max_length=120, blank=True)
    found_at = models.DateTimeField(_("found"))
    dismissed_by = models.CharField(max_length=64, blank=True)
    dismissed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "knowledge_finding"
        ordering = ["article", "code", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["article", "language", "code", "other", "said"],
                name="knowledge_finding_once",
            )
        ]
