"""Actions of visitor and staff while a chat is open."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, override

from amends.cases.complaints.actions.attach import NewFile
from amends.entrances.chats.actions.entries import (
    add_entry,
    add_visitor_entry,
    check_text,
    locked,
)
from amends.entrances.chats.choices import ChatAuthor, ChatState
from amends.entrances.chats.models import Chat, ChatEntry
from amends.entrances.selfservice.actions.answer_text import answer_text
from amends.entrances.selfservice.queries import identified_by, read_keyword
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import Refused
from amends.work.casework.actions.drafts import discard_draft
from amends.work.casework.queries.kinds import case_kind, require_visible

KIND = "chat"


def write(
    ref: str, text: str, *, key: str, files: Sequence[NewFile] = (), now: datetime
) -> ChatEntry:
    """The visitor writes; a keyword such as `usage` is carried out and answered at once."""
    with transaction.atomic():
        chat = locked(ref)
        entry = add_visitor_entry(chat, text, key=key, files=files, now=now)
    _answer_business(ref, text, key=f"did:{key}"[:64], now=now)
    return entry


def _answer_business(ref: str, text: str, *, key: str, now: datetime) -> None:
    """Carry out a keyword; an unidentified visitor is referred to the form below."""
    chat = Chat.objects.get(id=ref)
    if ChatEntry.objects.filter(chat=ref, key=key).exists():
        return
    user = identified_by(chat.presence, channel="chat", now=now, brand=chat.brand)
    with override("zh-hans" if chat.language == "zh" else "en"), transaction.atomic():
        reply = ""
        if user is not None:
            reply = answer_text(user, text, key=f"{ref}:{key}", now=now)
        elif read_keyword(text) is not None:
            reply = _("Show who you are first: press “Use my number” below.")
        if reply:
            add_entry(locked(ref), reply, key=key, now=now)


def ask_person(ref: str, *, now: datetime) -> None:
    """The articles did not help: the chat waits for a person."""
    with transaction.atomic():
        chat = locked(ref)
        if chat.state == ChatState.OFFERED:
            chat.state, chat.asked_at = ChatState.WAITING, now
            chat.save(update_fields=["state", "asked_at"])


def answer(ref: str, text: str, *, key: str, actor: Actor, now: datetime) -> ChatEntry:
    """Answer as staff; the first answer takes the chat."""
    checked_text = check_text(text)
    require_visible(KIND, [ref], actor)
    if not case_kind(KIND).workable([ref], actor):
        raise Refused(
            gettext_noop("Your role answers no chats."),
            meaning=gettext_noop("Nothing was sent."),
            next_step=gettext_noop("Ask somebody who handles complaints."),
            code="chat_not_yours",
        )
    with transaction.atomic():
        chat = locked(ref)
        take_locked(chat, actor)
        chat.state, chat.staff_at = ChatState.ACTIVE, now
        chat.asked_at = chat.asked_at or now
        chat.first_answer_at = chat.first_answer_at or now
        entry = add_entry(
            chat, checked_text, author=ChatAuthor.STAFF, key=key, by=actor.ref, now=now
        )
        discard_draft(KIND, ref, "reply", person=actor.ref)
    return entry


def take(ref: str, *, actor: Actor) -> None:
    """Take a chat without a handler."""
    require_visible(KIND, [ref], actor)
    with transaction.atomic():
        chat = locked(ref)
        take_locked(chat, actor)
        chat.save(update_fields=["handler"])


def take_locked(chat: Chat, actor: Actor) -> None:
    """Make the actor the handler; raises `Refused` where a colleague has the chat."""
    if chat.handler and chat.handler != actor.ref:
        raise Refused(
            gettext_noop("A colleague is answering this chat."),
            meaning=gettext_noop("Nothing was sent; what you typed is stored as a draft."),
            next_step=gettext_noop("Ask them to return it to the queue."),
            code="chat_not_yours",
        )
    chat.handler = actor.ref


def return_to_queue(ref: str, *, actor: Actor, now: datetime) -> None:
    """Give a chat back: it waits for another person, from now on."""
    require_visible(KIND, [ref], actor)
    with transaction.atomic():
        chat = locked(ref)
        take_locked(chat, actor)
        chat.handler, chat.state, chat.asked_at = "", ChatState.WAITING, now
        chat.save(update_fields=["handler", "state", "asked_at"])


def show_presence(ref: str, presence: str, *, now: datetime) -> str:
    """The visitor has answered the code: the subscriber, "" if it proves no identity."""
    user = identified_by(presence, channel="chat", now=now)
    if user is None:
        return ""
    with transaction.atomic():
        chat = locked(ref)
        if chat.brand and chat.brand != user.brand:
            raise Refused(
                gettext_noop("This number belongs to another brand."),
                next_step=gettext_noop("Start the chat on the site of that brand."),
                code="chat_ended",
            )
        chat.subscriber, chat.presence, chat.brand = user.subscriber, presence, user.brand
        with override("zh-hans" if chat.language == "zh" else "en"):
            notice = _(
                "Thank you, we know who you are. You can write: usage, services, offers, "
                "reminders or speed."
            )
        add_entry(chat, notice, key=f"shown:{presence}"[:64], now=now)
    return user.subscriber
