"""Chats that wait too long, or fell silent."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import override

from amends.channels.chat.settings import chat_settings
from amends.chats.actions.entries import add_entry
from amends.chats.actions.finish import end, hand_over
from amends.chats.choices import ChatState
from amends.chats.models import Chat


def watch_chats(*, now: datetime) -> int:
    """Hand over chats nobody answered in time, and end silent ones; how many were touched.

    A visitor who left no address is asked for one once, and has the same time to give it: then the
    chat becomes a complaint all the same, which its tracking code on the page follows.
    """
    rules = chat_settings()
    open_chats = Chat.objects.exclude(state=ChatState.ENDED)
    unanswered = open_chats.filter(state=ChatState.WAITING, asked_at__lte=now - rules.wait)
    silent = open_chats.filter(visitor_at__lte=now - rules.idle).exclude(state=ChatState.WAITING)
    silent = silent.filter(Q(staff_at__isnull=True) | Q(staff_at__lte=now - rules.idle))
    done = 0
    for chat in unanswered.order_by("asked_at")[:100]:
        done += _unanswered(chat, now)
    for ref in silent.values_list("id", flat=True)[:100]:
        end(ref, now=now)
        done += 1
    return done


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


def ask_address(ref: str, *, now: datetime) -> None:
    """Ask once where the visitor wants the answer."""
    with transaction.atomic():
        chat = Chat.objects.select_for_update().get(id=ref)
        if chat.address_asked_at is not None or not chat.is_open:
            return
        chat.address_asked_at = now
        with override("zh-hans" if chat.language == "zh" else "en"):
            said = _(
                "Nobody is free just now. Leave an e-mail address or a phone number below, and "
                "your message becomes a complaint that we answer in writing."
            )
        add_entry(chat, said, key="address-asked", now=now)
