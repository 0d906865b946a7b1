"""Chats that wait too long, or fell silent."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from amends.entrances.chats.actions.finish import ask_address, end, hand_over
from amends.entrances.chats.choices import ChatState
from amends.entrances.chats.models import Chat
from amends.entrances.chats.settings import chat_settings


def watch_chats(*, now: datetime) -> int:
    """Hand over chats without an answer in time, and end silent ones; how many were changed.

    A visitor without an address gets one request for it and the same time again; then the chat
    becomes a complaint all the same, and the page shows its tracking code.
    """
    rules = chat_settings()
    open_chats = Chat.objects.exclude(state=ChatState.ENDED)
    unanswered = open_chats.filter(state=ChatState.WAITING, asked_at__lte=now - rules.wait)
    silent = open_chats.filter(visitor_at__lte=now - rules.idle).exclude(state=ChatState.WAITING)
    silent = silent.filter(Q(staff_at__isnull=True) | Q(staff_at__lte=now - rules.idle))
    count = 0
    for chat in unanswered.order_by("asked_at")[:100]:
        count += _unanswered(chat, now)
    for ref in silent.values_list("id", flat=True)[:100]:
        end(ref, now=now)
        count += 1
    return count


def _unanswered(chat: Chat, now: datetime) -> int:
    has_address = bool(chat.address or chat.subscriber)
    wait = chat_settings().wait
    if has_address or (chat.address_asked_at and chat.address_asked_at <= now - wait):
        hand_over(chat.id, by="chats", now=now)
        return 1
    if chat.address_asked_at is None:
        ask_address(chat.id, now=now)
        return 1
    return 0
