"""End a chat: solved, left, ended by one side, or handed over as a complaint."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, override

from amends.cases.complaints.actions.attach import NewFile, attach_received
from amends.cases.complaints.actions.intake import Receipt, Submission
from amends.cases.complaints.actions.receive import receive
from amends.channels.actions.mark_inbound import mark_taken
from amends.channels.actions.post import Outgoing
from amends.channels.actions.send_on_request import UnableToSendOnRequest, send_on_request
from amends.channels.queries import files_of, open_file
from amends.channels.queries.capabilities import reached_by
from amends.engines.classification.subjects import PickedSubject
from amends.entrances.chats.actions.entries import add_entry, locked
from amends.entrances.chats.choices import ChatAuthor, ChatOutcome, ChatState
from amends.entrances.chats.models import Chat
from amends.entrances.chats.queries import visitor_words
from amends.entrances.chats.texts.transcripts import transcript_text
from amends.people.subscribers.queries import normal_form
from amends.platform.kit.errors import BadInput

TRANSCRIPT = "chat.txt"


def solved_alone(ref: str, *, now: datetime) -> None:
    """An article helped: the chat ends without a person."""
    with transaction.atomic():
        chat = locked(ref)
        _end(chat, ChatOutcome.SOLVED_ALONE, now)


def end(ref: str, *, now: datetime) -> None:
    """Visitor or handler end the chat; it was answered if a person wrote."""
    with transaction.atomic():
        chat = locked(ref)
        _end(chat, ChatOutcome.ANSWERED if chat.first_answer_at else ChatOutcome.LEFT, now)


def _end(chat: Chat, outcome: ChatOutcome, now: datetime) -> None:
    chat.state, chat.outcome, chat.ended_at = ChatState.ENDED, outcome, now
    chat.presence = ""
    chat.save()
    _send_transcript(chat, now)


def give_address(ref: str, address: str, *, now: datetime) -> str:
    """Where the visitor wants the answer; an email address or a phone number, in one form."""
    stripped = address.strip()
    if "@" in stripped:
        form = normal_form("email", stripped)
    else:
        form = normal_form("phone", stripped)
        form = form if form.lstrip("+").isdigit() and len(form) >= 7 else ""
    if not form:
        raise BadInput(
            gettext_noop("This is neither an email address nor a phone number."),
            meaning=gettext_noop("Nothing was stored."),
            next_step=gettext_noop("Write it like name@example.com or 13800000000."),
            code="chat_address_invalid",
        )
    with transaction.atomic():
        chat = locked(ref, open_only=False)
        chat.address = form
        chat.save(update_fields=["contact"])
    return form


def ask_address(ref: str, *, now: datetime) -> None:
    """Ask once where the visitor wants the answer."""
    with transaction.atomic():
        chat = Chat.objects.select_for_update().get(id=ref)
        if chat.address_asked_at is not None or not chat.is_open:
            return
        chat.address_asked_at = now
        with override("zh-hans" if chat.language == "zh" else "en"):
            notice = _(
                "No one is free just now. Leave an email address or a phone number below, and "
                "your message becomes a complaint that we answer in writing."
            )
        add_entry(chat, notice, key="address-asked", now=now)


def hand_over(
    ref: str,
    *,
    by: str,
    now: datetime,
    subjects: Sequence[PickedSubject] = (),
    not_meant: Sequence[str] = (),
) -> Receipt:
    """Make the chat a complaint with transcript and files; the visitor gets its tracking code.

    by         who hands over: a colleague's reference, `visitor` or `chats` (no answer in time)
    subjects   what the visitor confirmed that it is about
    not_meant  keys of subjects in the text that the visitor removed

    Done twice it is the same complaint. A contact of the channel `chat`, received when it began.
    """
    with transaction.atomic():
        chat = locked(ref)
        by_mail = "@" in chat.address
        receipt = receive(
            Submission(
                channel="chat",
                key=f"chat:{chat.id}",
                text=visitor_words(chat),
                received_at=chat.began_at,
                phone="" if by_mail else chat.address,
                email=chat.address if by_mail else "",
                subscriber=chat.subscriber,
                identity="challenge" if chat.subscriber else "",
                language=chat.language,
                brand=chat.brand,
                by=by,
                subjects=tuple(subjects),
                not_meant=tuple(not_meant),
            ),
            now=now,
        )
        _attach(chat, receipt.contact, now)
        chat.complaint = receipt.complaint
        with override("zh-hans" if chat.language == "zh" else "en"):
            notice = _words_of(receipt, is_known=bool(chat.subscriber))
        add_entry(chat, notice, key="handed-over", now=now)
        messages = chat.entries.filter(author=ChatAuthor.VISITOR).values_list("message", flat=True)
        mark_taken(list(messages), became=f"complaint:{receipt.complaint}", now=now)
        _end(chat, ChatOutcome.TRANSFERRED, now)
    return receipt


def _words_of(receipt: Receipt, *, is_known: bool) -> str:
    # What joined an open complaint may come from anybody: its code goes to its person alone.
    if receipt.opened or is_known:
        return _(
            "Your message is now complaint %(code)s. We answer within the time the rules allow. "
            "Keep this code to follow it."
        ) % {"code": receipt.tracking_code}
    return _(
        "Your message was added to an open complaint. Its code was sent to the person who filed it."
    )


def _attach(chat: Chat, contact: str, now: datetime) -> None:
    """The transcript, then the files of the visitor; what does not fit is an event there."""
    messages = list(
        chat.entries.filter(author=ChatAuthor.VISITOR).values_list("message", flat=True)
    )
    # A text with tags would be taken for a web page, which no file may be.
    transcript = transcript_text(chat).replace("<", "＜")
    files = [NewFile(TRANSCRIPT, transcript.encode("utf-8"))]
    listed = files_of(messages)
    for stored_file in listed:
        if not stored_file.refused:
            name, _type, content = open_file(stored_file.id)
            files.append(NewFile(name, content))
    attach_received(
        contact, files, refused=[stored_file.refused for stored_file in listed], now=now
    )


def _send_transcript(chat: Chat, now: datetime) -> None:
    """The visitor who left an email address gets the conversation; colleagues have it here."""
    if "@" not in chat.address or not chat.first_answer_at:
        return
    with override("zh-hans" if chat.language == "zh" else "en"):
        subject = _("Your chat of %(day)s") % {"day": f"{chat.began_at:%Y-%m-%d}"}
    letter = Outgoing(
        key=f"chat-transcript:{chat.id}",
        channel=reached_by("email"),
        recipient=chat.address,
        subject=subject,
        body=transcript_text(chat),
        language=chat.language,
        reference=f"chat:{chat.id}",
    )
    # Over a limit the page of the chat shows it all the same.
    with suppress(UnableToSendOnRequest):
        send_on_request(letter, asked_by=f"chat:{chat.id}", now=now)


def rate(ref: str, rating: int, *, now: datetime) -> None:
    """The visitor rates a chat that has ended, once or again; 1 is worst, 5 best."""
    with transaction.atomic():
        chat = locked(ref, open_only=False)
        if chat.is_open or rating not in range(1, 6):
            raise BadInput(
                gettext_noop("A chat is rated from 1 to 5 once it has ended."),
                next_step=gettext_noop("End the chat first."),
                code="chat_rating_invalid",
            )
        chat.rating = rating
        chat.save(update_fields=["rating"])
