"""Write an entry of a chat; the caller has locked the chat's row."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext_noop as _

from amends.cases.complaints.actions.attach import NewFile, checked
from amends.channels.actions.mark_inbound import mark_taken
from amends.channels.actions.receive import Incoming, ReceivedFile, receive
from amends.entrances.chats.choices import ChatAuthor, ChatState
from amends.entrances.chats.models import Chat, ChatEntry
from amends.platform.kit.errors import BadInput, Refused
from amends.platform.kit.texts import clean

LONGEST = 2_000
MOST_ENTRIES = 400
MOST_FILES = 5


def locked(ref: str, *, open_only: bool = True) -> Chat:
    """The chat with its row locked; raises `Refused` for one that has ended."""
    chat = Chat.objects.select_for_update().filter(id=ref).first()
    if chat is None or (open_only and chat.state == ChatState.ENDED):
        raise Refused(
            _("This chat has ended."),
            meaning=_("Your message was not sent."),
            next_step=_("Start a new chat, or file a complaint."),
            code="chat_ended",
        )
    return chat


def check_text(text: str) -> str:
    """The text without what no text needs; raises `BadInput`."""
    cleaned = clean(text).strip()
    if not cleaned or len(cleaned) > LONGEST:
        raise BadInput(
            _("Write a message of at most %(most)s characters."),
            meaning=_("It was not sent."),
            next_step=_("Shorten it, or send it in parts."),
            values={"most": f"{LONGEST:,}"},
            code="chat_entry_invalid",
        )
    return cleaned


def add_visitor_entry(
    chat: Chat, text: str, *, key: str, files: Sequence[NewFile] = (), now: datetime
) -> ChatEntry:
    """Store what the visitor wrote as a received message, with its files, and as an entry.

    Raises `UnableToAttach` for a file that may not be stored, before anything is.
    """
    existing = ChatEntry.objects.filter(chat=chat, key=key).first()
    if existing is not None:
        return existing
    checked_text = "" if files and not text.strip() else check_text(text)
    _refuse_too_many(chat, len(files))
    for file in files:
        checked(file)
    message = receive(
        Incoming(
            channel="chat",
            external_id=f"{chat.id}:{key}",
            sender="",
            text=checked_text,
            received_at=now,
            language=chat.language,
            files=[ReceivedFile(file.name, file.content) for file in files],
        ),
        now=now,
    )
    mark_taken([message.id], became=f"chat:{chat.id}", now=now)
    chat.visitor_at = now
    return _add(chat, ChatAuthor.VISITOR, key=key, message=message.id, now=now)


def add_entry(
    chat: Chat,
    text: str,
    *,
    author: ChatAuthor = ChatAuthor.AMENDS,
    key: str,
    by: str = "",
    articles: Sequence[tuple[str, str]] = (),
    now: datetime,
) -> ChatEntry:
    """Store what we wrote; the same key again is the same entry."""
    existing = ChatEntry.objects.filter(chat=chat, key=key).first()
    if existing is not None:
        return existing
    return _add(chat, author, key=key, by=by, text=text, articles=articles, now=now)


def _add(
    chat: Chat,
    author: ChatAuthor,
    *,
    key: str,
    now: datetime,
    by: str = "",
    message: str = "",
    text: str = "",
    articles: Sequence[tuple[str, str]] = (),
) -> ChatEntry:
    chat.entries_count += 1
    entry = ChatEntry(
        chat=chat,
        number=chat.entries_count,
        key=key,
        author=author,
        by=by,
        at=now,
        message=message,
        articles=[list(article) for article in articles],
    )
    if text:
        entry.text = text
    entry.save(force_insert=True)
    chat.save()
    return entry


def _refuse_too_many(chat: Chat, files: int) -> None:
    if chat.entries_count >= MOST_ENTRIES or files > MOST_FILES:
        raise BadInput(
            _("This is more than a chat or a message can contain."),
            meaning=_("It was not sent."),
            next_step=_("End the chat, or file a complaint."),
            code="chat_entry_invalid",
        )
