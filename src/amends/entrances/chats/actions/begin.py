"""Begin a chat: the first message, and the articles that may answer it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from amends.cases.complaints.actions.attach import NewFile
from amends.entrances.chats.actions.entries import add_entry, add_visitor_entry, check_text
from amends.entrances.chats.choices import ChatState
from amends.entrances.chats.models import Chat
from amends.platform.kit.formats import is_chinese
from amends.work.knowledge.queries import search

OFFERED_ARTICLES = 3
LEAST_SCORE = 0.2
"""Below it an article hardly answers the question, and a person is asked at once."""


def begin(
    *,
    text: str,
    language: str,
    key: str,
    brand: str = "",
    files: Sequence[NewFile] = (),
    now: datetime,
) -> Chat:
    """Store a new chat with its first message; articles that fit are offered first.

    Where none fits, the chat waits for a person at once.
    """
    checked_text = check_text(text)
    chat = Chat(
        language="zh" if is_chinese(language) else "en", brand=brand, began_at=now, visitor_at=now
    )
    articles = [
        (hit.article, hit.language)
        for hit in search(checked_text, chat.language, brand=brand, limit=OFFERED_ARTICLES)
        if hit.score >= LEAST_SCORE
    ]
    with transaction.atomic():
        chat.save(force_insert=True)
        add_visitor_entry(chat, checked_text, key=key, files=files, now=now)
        if articles:
            chat.articles = [list(pair) for pair in articles]
            with override("zh-hans" if is_chinese(language) else "en"):
                notice = _("These answers may help. If they do not, ask for a person.")
            add_entry(chat, notice, key="articles", articles=articles, now=now)
        else:
            chat.state, chat.asked_at = ChatState.WAITING, now
            chat.save()
    return chat
