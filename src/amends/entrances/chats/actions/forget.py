"""Erase our messages in chats whose visitors' messages are gone, and a person's chats."""

from __future__ import annotations

from datetime import datetime

from amends.channels.actions.forget import forget
from amends.channels.queries.received import texts_of
from amends.entrances.chats.choices import ChatAuthor
from amends.entrances.chats.models import Chat, ChatEntry
from amends.platform.registry import Erasure


def erase(erasure: Erasure) -> int:
    """Erase the messages of a person's chats; how many chats."""
    chats = Chat.objects.filter(subscriber=erasure.pseudonym)
    chats |= Chat.objects.filter(complaint__in=list(erasure.complaints))
    chat_ids = list(chats.values_list("id", flat=True))
    forget(became=[f"chat:{ref}" for ref in chat_ids], now=erasure.now)
    _empty(chat_ids)
    return len(chat_ids)


def forget_old(*, now: datetime, limit: int = 200) -> int:
    """Erase our messages in ended chats whose visitors' messages are erased; how many chats."""
    with_words = ChatEntry.objects.exclude(text_sealed=b"").values("chat")
    chat_ids = []
    for chat in Chat.objects.filter(ended_at__lt=now, id__in=with_words).order_by("began_at")[
        :limit
    ]:
        messages = chat.entries.filter(author=ChatAuthor.VISITOR).values_list("message", flat=True)
        if not any(texts_of(list(messages)).values()):
            chat_ids.append(chat.id)
    _empty(chat_ids)
    return len(chat_ids)


def _empty(chats: list[str]) -> None:
    ChatEntry.objects.filter(chat__in=chats).update(text_sealed=b"")
    Chat.objects.filter(id__in=chats).update(contact=b"", subscriber="", presence="")
