"""Queries about chats for pages and other apps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from amends.channels.queries import files_of, open_file
from amends.channels.queries.received import texts_of
from amends.entrances.chats.choices import ChatAuthor, ChatState
from amends.entrances.chats.models import Chat, ChatEntry
from amends.entrances.chats.settings import chat_settings
from amends.people.access.queries.colleagues import people
from amends.platform.kit.actors import Actor
from amends.platform.vault.recognisers import mask_text
from amends.work.knowledge.queries import answer, filled

__all__ = [
    "PERMISSION",
    "Chat",
    "ChatFile",
    "ChatLine",
    "OfferedArticle",
    "chat_of",
    "chat_settings",
    "chats_for",
    "file_of",
    "first_words",
    "lines_of",
    "transcript_text",
    "visible_chats",
    "visitor_words",
]

PERMISSION = "complaints.handle"
"""The permission to see and answer chats."""
LONGEST_COMPLAINT = 20_000
"""Characters that a complaint receives; the transcript has the rest."""
LONGEST_ANSWER = 900
"""Characters of an article that a chat shows."""


@dataclass(frozen=True, slots=True)
class ChatFile:
    """A file of the visitor."""

    id: str
    name: str
    media_type: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class OfferedArticle:
    """An article offered as an answer; `text` has no markup."""

    slug: str
    language: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class ChatLine:
    """An entry as it is shown; `name` of the colleague who wrote it, "" for others."""

    number: int
    author: str
    name: str
    at: datetime
    text: str
    files: tuple[ChatFile, ...]
    articles: tuple[OfferedArticle, ...]

    @property
    def is_ours(self) -> bool:
        """Whether a person or Amends wrote it."""
        return self.author != ChatAuthor.VISITOR


def chat_of(ref: str) -> Chat | None:
    """A chat by its id."""
    return Chat.objects.filter(id=ref).first()


def visible_chats(actor: Actor) -> QuerySet[Chat]:
    """The chats of the actor's brand; all of them for an actor of every brand."""
    rows = Chat.objects.all()
    return rows.filter(brand=actor.brand) if actor.brand else rows


def chats_for(actor: Actor, which: str, *, limit: int = 100) -> list[Chat]:
    """The queue: `waiting` (oldest first), `mine`, `open` (every one), `ended` (newest first)."""
    rows = visible_chats(actor)
    if which == "mine":
        return list(
            rows.filter(handler=actor.ref).exclude(state=ChatState.ENDED).order_by("asked_at")
        )
    if which == "ended":
        return list(rows.filter(state=ChatState.ENDED).order_by("-ended_at", "id")[:limit])
    if which == "open":
        return list(rows.exclude(state=ChatState.ENDED).order_by("began_at", "id")[:limit])
    return list(rows.filter(state=ChatState.WAITING).order_by("asked_at", "id")[:limit])


def lines_of(chat: Chat, *, after: int = 0) -> list[ChatLine]:
    """The entries after a number, in order, with files and articles."""
    entries = list(chat.entries.filter(number__gt=after).order_by("number"))
    messages = [entry.message for entry in entries if entry.message]
    texts = texts_of(messages) if messages else {}
    files: dict[str, list[ChatFile]] = {}
    for file in files_of(messages) if messages else ():
        if not file.refused:
            name, _type, _content = open_file(file.id)
            chat_file = ChatFile(
                id=file.id, name=name, media_type=file.media_type, size_bytes=file.size_bytes
            )
            files.setdefault(file.message, []).append(chat_file)
    names = people({entry.by for entry in entries if entry.by})
    return [
        ChatLine(
            number=entry.number,
            author=entry.author,
            name=names.get(entry.by, "") if entry.by else "",
            at=entry.at,
            text=texts.get(entry.message, "") if entry.message else entry.text,
            files=tuple(files.get(entry.message, ())),
            articles=tuple(_articles(entry, chat.brand)),
        )
        for entry in entries
    ]


def _articles(entry: ChatEntry, brand: str) -> list[OfferedArticle]:
    """Articles offered, as they read today; retired ones are left out."""
    offered_articles = []
    for slug, language in entry.articles:
        article = filled(slug, language, brand=brand)
        if article is not None:
            text = answer(slug, language, brand=brand, longest=LONGEST_ANSWER)
            offered_articles.append(
                OfferedArticle(slug=slug, language=article.language, title=article.title, text=text)
            )
    return offered_articles


def file_of(chat: Chat, file: str) -> tuple[str, str, bytes] | None:
    """Name, type and bytes of a file of the chat; None where it has none of that id."""
    messages = [ref for ref in chat.entries.values_list("message", flat=True) if ref]
    file_ids = {attachment.id for attachment in files_of(messages) if not attachment.refused}
    return open_file(file) if file in file_ids else None


def first_words(chats: Sequence[Chat], *, max_length: int = 90) -> dict[str, str]:
    """Chat → the beginning of its first message, masked."""
    firsts = ChatEntry.objects.filter(chat__in=[chat.id for chat in chats], number=1)
    messages = dict(firsts.values_list("chat_id", "message"))
    texts = texts_of(messages.values())
    return {
        chat: mask_text(texts.get(message, "")).text[:max_length]
        for chat, message in messages.items()
    }


def visitor_words(chat: Chat) -> str:
    """The visitor's messages as paragraphs, as a complaint receives them."""
    lines = [
        line.text for line in lines_of(chat) if line.author == ChatAuthor.VISITOR and line.text
    ]
    return "\n\n".join(lines)[:LONGEST_COMPLAINT]
