"""Queries of pages and other apps about posts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, Q, QuerySet, Sum
from django.utils import timezone

from amends.channels.queries.contacts import opened_column, opened_columns
from amends.channels.social.connectors import connector_of
from amends.channels.social.models import (
    CallbackRefusal,
    PostKind,
    PostState,
    SocialAnswer,
    SocialPosition,
    SocialPost,
    SocialPostVersion,
)
from amends.channels.social.settings import social_settings
from amends.platform.vault.masks import mask_name
from amends.platform.vault.recognisers import mask_text

__all__ = [
    "AccountStatus",
    "AnswerView",
    "PostFigures",
    "PostFilter",
    "PostKind",
    "PostList",
    "PostState",
    "PostView",
    "SocialAnswer",
    "SocialPost",
    "ThreadEntry",
    "account_statuses",
    "complaints_of_author",
    "counts_by_state",
    "deleted_posts",
    "most_characters",
    "needs_second_person",
    "other_complaints",
    "post_figures",
    "post_of_message",
    "posts",
    "posts_behind",
    "posts_of_complaint",
    "posts_to_attach",
    "public_posts_after",
    "thread_entries",
    "thread_of",
    "thread_text",
]

PAGE_SIZE = 50
_SEARCHED_CHARACTERS = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class PostFilter:
    """Which posts a list shows; "" for any. `text` is looked for in the masked text."""

    state: str = PostState.OPEN.value
    account: str = ""
    kind: str = ""
    text: str = ""
    lookalikes: bool = False
    brand: str = ""


@dataclass(frozen=True, slots=True)
class PostView:
    """A post as a list shows it: personal data masked, the author by the masked display name.

    text  "" once its author deleted it
    """

    id: str
    platform: str
    account: str
    kind: PostKind
    state: PostState
    author: str
    text: str
    posted_at: datetime
    is_lookalike: bool
    edited_at: datetime | None
    deleted_at: datetime | None
    complaint: str
    brand: str


@dataclass(frozen=True, slots=True)
class PostList:
    """A page of posts, and the cursor of the next page ("" for none)."""

    posts: list[PostView]
    after: str


@dataclass(frozen=True, slots=True)
class AnswerView:
    """An answer with its text; `delivery` is the state of its message, "" before approval."""

    id: str
    text: str
    is_public: bool
    state: SocialAnswer.State
    proposed_by: str
    proposed_at: datetime
    decided_by: str
    decided_at: datetime | None
    reason: str
    article: str
    delivery: str
    delivery_word: str


@dataclass(frozen=True, slots=True)
class ThreadEntry:
    """A post of a thread, its answers, and its earlier texts (when replaced, masked)."""

    post: PostView
    answers: list[AnswerView]
    versions: list[tuple[datetime, str]]
    files: list[str]


def posts(wanted: PostFilter, *, after: str = "", size: int = PAGE_SIZE) -> PostList:
    """Posts of a filter: those to answer oldest first, others newest first."""
    rows = _filtered(wanted)
    oldest_first = wanted.state == PostState.OPEN
    if at := _cursor(after):
        moment, ref = at
        rows = rows.filter(
            Q(posted_at__gt=moment) | Q(posted_at=moment, id__gt=ref)
            if oldest_first
            else Q(posted_at__lt=moment) | Q(posted_at=moment, id__lt=ref)
        )
    order = ("posted_at", "id") if oldest_first else ("-posted_at", "-id")
    found_posts = list(rows.select_related("message").order_by(*order)[: size + 1])
    shown_posts, more = found_posts[:size], len(found_posts) > size
    last = f"{shown_posts[-1].posted_at.isoformat()}|{shown_posts[-1].pk}" if more else ""
    return PostList(post_views(shown_posts), last)


def counts_by_state(wanted: PostFilter) -> dict[str, int]:
    """How many posts are in each state, under the other parts of a filter."""
    rows = _filtered(wanted, any_state=True).order_by()
    counts = dict(rows.values_list("state").annotate(Count("id")))
    return {state: counts.get(state, 0) for state in PostState.values}


def thread_of(post: SocialPost) -> list[ThreadEntry]:
    """The conversation of a post, oldest first; private messages only with their own author."""
    rows = SocialPost.objects.select_related("message")
    if not post.thread:
        rows = rows.filter(pk=post.pk)
    elif post.kind == PostKind.PRIVATE:
        rows = rows.filter(author=post.author)
    else:
        rows = rows.filter(thread=post.thread)
        rows = rows.exclude(~Q(author=post.author), kind=PostKind.PRIVATE)
    thread_posts = list(rows.order_by("posted_at", "id")[:200])
    return thread_entries(thread_posts)


def thread_entries(rows: Sequence[SocialPost]) -> list[ThreadEntry]:
    """Posts with their answers and earlier texts."""
    refs = [row.pk for row in rows]
    answers: dict[str, list[AnswerView]] = {ref: [] for ref in refs}
    for answer in SocialAnswer.objects.filter(post__in=refs).select_related("message"):
        answers[answer.post_id].append(_answer_view(answer))
    versions: dict[str, list[tuple[datetime, str]]] = {ref: [] for ref in refs}
    gone = {row.pk for row in rows if row.deleted_at}
    for version in SocialPostVersion.objects.filter(post__in=refs).exclude(post__in=gone):
        text = mask_text(opened_column(version, "text_sealed")).text
        versions[version.post_id].append((version.replaced_at, text))
    files = _files([row.message_id for row in rows if row.pk not in gone])
    return [
        ThreadEntry(
            post=view,
            answers=answers[view.id],
            versions=versions[view.id],
            files=files.get(row.message_id, []),
        )
        for row, view in zip(rows, post_views(rows), strict=True)
    ]


def _files(messages: Iterable[str]) -> dict[str, list[str]]:
    """Message → its files, as text: its type, or why it was not stored."""
    from amends.channels.queries import files_of

    texts_by_message: dict[str, list[str]] = {}
    for file in files_of(messages):
        file_text = f"{file.media_type}: {file.refused_reason}" if file.refused else file.media_type
        texts_by_message.setdefault(file.message, []).append(file_text)
    return texts_by_message


def _answer_view(answer: SocialAnswer) -> AnswerView:
    message = answer.message
    return AnswerView(
        id=answer.pk,
        text=opened_column(answer, "text_sealed"),
        is_public=answer.is_public,
        state=SocialAnswer.State(answer.state),
        proposed_by=answer.proposed_by,
        proposed_at=answer.proposed_at,
        decided_by=answer.decided_by,
        decided_at=answer.decided_at,
        reason=answer.reason,
        article=answer.article,
        delivery=message.state if message else "",
        delivery_word=message.get_state_display() if message else "",
    )


def post_views(rows: Sequence[SocialPost]) -> list[PostView]:
    """Rows as lists show them."""
    names = opened_columns([row.message for row in rows], "name_sealed")
    return [
        PostView(
            id=row.pk,
            platform=row.platform,
            account=row.account,
            kind=PostKind(row.kind),
            state=PostState(row.state),
            author=mask_name(name) if name else "",
            text=row.text,
            posted_at=row.posted_at,
            is_lookalike=row.is_lookalike,
            edited_at=row.edited_at,
            deleted_at=row.deleted_at,
            complaint=row.complaint,
            brand=row.brand,
        )
        for row, name in zip(rows, names, strict=True)
    ]


def thread_text(rows: Sequence[SocialPost]) -> str:
    """The text of a thread for a complaint: the author's own texts, oldest first, not repeated."""
    texts = [row.text for row in rows if row.text]
    return "\n\n".join(dict.fromkeys(texts))


def posts_behind(code: str) -> list[SocialPost]:
    """The posts that a link to the private form carries along; [] for an unknown code.

    A link in public carries what is public: anybody can open it.
    """
    answer = SocialAnswer.objects.filter(invitation=code).exclude(invitation="").first()
    if answer is None or answer.state != SocialAnswer.State.APPROVED:
        return []
    post = answer.post
    rows = SocialPost.objects.filter(thread=post.thread, author=post.author, deleted_at=None)
    if answer.is_public:
        rows = rows.exclude(kind=PostKind.PRIVATE)
    return list(rows.order_by("posted_at", "id")[:20])


def posts_to_attach(post: SocialPost) -> list[SocialPost]:
    """The author's own posts of the thread that belong to no complaint yet, oldest first."""
    rows = SocialPost.objects.filter(author=post.author, complaint="", deleted_at=None)
    if post.kind == PostKind.PRIVATE:
        rows = rows.filter(kind=PostKind.PRIVATE)
    else:
        rows = rows.filter(thread=post.thread)
    return list(rows.exclude(author="").select_related("message").order_by("posted_at", "id")[:20])


def posts_of_complaint(complaint: str) -> list[SocialPost]:
    """The posts that led to a complaint, oldest first."""
    rows = SocialPost.objects.filter(
        Q(complaint=complaint) | Q(answers__invited_complaint=complaint)
    )
    return list(rows.select_related("message").order_by("posted_at", "id").distinct())


def complaints_of_author(post: SocialPost) -> list[str]:
    """Complaints that posts of the same author led to, the newest first, none twice."""
    rows = SocialPost.objects.filter(author=post.author).exclude(complaint="").exclude(author="")
    complaint_refs = rows.order_by("-posted_at").values_list("complaint", flat=True)
    return list(dict.fromkeys(complaint_refs))


def other_complaints(complaint: str) -> list[str]:
    """Other complaints of the same account, or by the link of an answer to it; none twice."""
    own = SocialPost.objects.filter(complaint=complaint)
    invited = SocialPost.objects.filter(answers__invited_complaint=complaint)
    authors = {author for author in own.values_list("author", flat=True) if author}
    authors |= {author for author in invited.values_list("author", flat=True) if author}
    posted = SocialPost.objects.filter(author__in=authors).exclude(complaint="")
    by_link = SocialAnswer.objects.filter(post__author__in=authors).exclude(invited_complaint="")
    complaint_refs = [
        *posted.order_by("-posted_at").values_list("complaint", flat=True),
        *by_link.order_by("-id").values_list("invited_complaint", flat=True),
    ]
    return [fromkey for fromkey in dict.fromkeys(complaint_refs) if fromkey != complaint]


def post_of_message(message_id: str) -> SocialPost | None:
    """The post that a received message is; None for messages of other channels."""
    return SocialPost.objects.filter(message=message_id).select_related("message").first()


def public_posts_after(cursor: str, *, limit: int = 500) -> list[SocialPost]:
    """Public posts stored after the one with this id ("" for the first), in that order."""
    rows = SocialPost.objects.filter(id__gt=cursor).exclude(kind=PostKind.PRIVATE)
    return list(rows.select_related("message").order_by("id")[:limit])


@dataclass(frozen=True, slots=True)
class PostFigures:
    """Posts received in a period that were answered or became a complaint.

    first_answer_s  seconds from receipt to the approved answer, of those answered
    """

    answered: int
    transferred: int
    first_answer_s: list[float]


def post_figures(*, start: datetime, end: datetime, brand: str = "") -> PostFigures:
    """Outcomes of the posts received from `start` to before `end`."""
    rows = SocialPost.objects.filter(recorded_at__gte=start, recorded_at__lt=end)
    rows = rows.filter(brand=brand) if brand else rows
    transferred = rows.filter(state=PostState.COMPLAINT).count()
    first = (
        rows.filter(state=PostState.ANSWERED, answers__state=SocialAnswer.State.APPROVED)
        .annotate(first=Min("answers__decided_at"))
        .order_by()
        .values_list("recorded_at", "first")
    )
    seconds = [(decided - received).total_seconds() for received, decided in first]
    return PostFigures(len(seconds), transferred, seconds)


def deleted_posts(*, since: datetime) -> list[str]:
    """Posts that their authors deleted since a time."""
    rows = SocialPost.objects.filter(deleted_at__gte=since)
    return list(rows.values_list("id", flat=True))


@dataclass(frozen=True, slots=True)
class AccountStatus:
    """An account: how far it is read, what is wrong, and callbacks refused in seven days."""

    name: str
    platform: str
    handle: str
    brand: str
    second_person: bool
    read_at: datetime | None
    error: str
    refused: int


@dataclass(frozen=True, slots=True)
class AccountList:
    """The accounts of the settings."""

    accounts: list[AccountStatus]


def needs_second_person(post: SocialPost) -> bool | None:
    """Whether a public answer to a post needs a second person; None for an account that is gone."""
    account = social_settings().accounts.get(post.account)
    return account.second_person if account else None


def most_characters(post: SocialPost) -> int:
    """How long an answer to a post may be; 0 where its platform takes none."""
    account = social_settings().accounts.get(post.account)
    public = post.kind != PostKind.PRIVATE
    limits = connector_of(account).limits(public=public) if account else None
    return limits.most_characters if limits else 0


def account_statuses(*, now: datetime, brand: str = "") -> list[AccountStatus]:
    """Every account of the settings."""
    positions = SocialPosition.objects.in_bulk()
    since = timezone.localdate(now - timedelta(days=7))
    rows = CallbackRefusal.objects.filter(day__gte=since).order_by()
    refused = dict(rows.values_list("account").annotate(Sum("count")))
    statuses = []
    for account in social_settings().accounts.values():
        if brand and account.brand not in ("", brand):
            continue
        position = positions.get(account.name)
        statuses.append(
            AccountStatus(
                name=account.name,
                platform=account.platform,
                handle=account.handle,
                brand=account.brand,
                second_person=account.second_person,
                read_at=position.read_at if position else None,
                error=position.error if position else "",
                refused=refused.get(account.name, 0),
            )
        )
    return statuses


def _filtered(wanted: PostFilter, *, any_state: bool = False) -> QuerySet[SocialPost]:
    rows = SocialPost.objects.all()
    if wanted.state and not any_state:
        rows = rows.filter(state=wanted.state)
    if wanted.account:
        rows = rows.filter(account=wanted.account)
    if wanted.kind:
        rows = rows.filter(kind=wanted.kind)
    if wanted.lookalikes:
        rows = rows.filter(is_lookalike=True)
    if wanted.text.strip():
        rows = rows.filter(text__icontains=wanted.text.strip()[:_SEARCHED_CHARACTERS])
    if wanted.brand:
        rows = rows.filter(brand__in=("", wanted.brand))
    return rows


def _cursor(text: str) -> tuple[datetime, str] | None:
    at, _, ref = text.partition("|")
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        return None
    return (moment, ref) if moment.tzinfo and ref else None
