"""Dispatch: which app gets an inbound message. Channels store, this decides, apps act."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from django.db import OperationalError, transaction
from django.utils.translation import gettext

from amends.cases.complaints.actions.answer_by_words import answer_by_words, is_answer
from amends.cases.complaints.actions.attach import NewFile, attach_received
from amends.cases.complaints.actions.intake import Submission, UnableToReceive
from amends.cases.complaints.actions.notify_joined import notify_joined
from amends.cases.complaints.actions.receive import receive
from amends.cases.complaints.actions.receive_post import reads_as_complaint, receive_post, send_code
from amends.causes.confirmations.actions.answer import answer_by_message
from amends.causes.confirmations.actions.withdraw_by_message import withdraw_by_message
from amends.causes.notices.actions.hold import release_by_reply
from amends.causes.privacy.actions.consent_by_message import consent_by_message
from amends.causes.protection.actions.report_by_message import report_by_message
from amends.channels.actions.claim_inbound import undispatched
from amends.channels.actions.mark_inbound import mark_dispatched, mark_failed, mark_refused
from amends.channels.queries import files_of, open_file
from amends.channels.queries.capabilities import proves_number
from amends.channels.queries.received import Waiting
from amends.channels.queries.social import complaints_of_author, post_of_message
from amends.entrances.selfservice.actions.answer_message import answer_message
from amends.people.subscribers.queries import identify
from amends.platform.kit.traces import span

log = logging.getLogger("amends.dispatch")


def dispatch(*, now: datetime, holder: str, limit: int = 50) -> int:
    """Hand waiting messages to their apps; returns how many were taken up.

    A message that an app refuses is marked with the reason; one that fails for a moment comes
    back later, and stops no other. Either way it stays stored.
    """
    waiting = undispatched(limit, holder=holder, now=now)
    for message in waiting:
        try:
            with (
                span("dispatch", message=message.id, channel=message.channel) as mark,
                transaction.atomic(),
            ):
                became = next(filter(None, (app(message, now) for app in HANDLERS)))
                mark_dispatched(message.id, holder=holder, became=became, now=now)
                kind, _, reference = became.partition(":")
                mark({"became": kind, "complaint": reference})
        except UnableToReceive as why:
            mark_refused(message.id, holder=holder, reason=why.in_words(gettext), now=now)
        except OperationalError:
            raise
        except Exception as error:
            log.exception("A message could not be dispatched.")
            mark_failed(message.id, holder=holder, reason=type(error).__name__, now=now)
    return len(waiting)


def _private_message(message: Waiting, now: datetime) -> str:
    """A private message on social media: a complaint where it reads as one, or continues one;
    anything else waits among the posts for a person."""
    post = post_of_message(message.id)
    if post is None:
        return ""
    earlier = next(iter(complaints_of_author(post)), "")
    if not earlier and not reads_as_complaint(message.text):
        return f"post:{post.id}"
    receipt = receive_post(post, answers=earlier, by="channels", now=now)
    if receipt.opened:
        send_code(post, receipt, now=now)
    return f"complaint:{receipt.complaint}"


def _answered(message: Waiting, now: datetime) -> str:
    """A short yes, no or code of a person we asked is that answer, and no complaint.

    A mail may forge its sender, and a call its number: a mail counts where it answers a message
    that went to its address, a call never.
    """
    if not (proves_number(message.channel) or message.sender_known):
        return ""
    message_answer = answer_by_message(
        channel=message.channel,
        sender=message.sender,
        text=message.text,
        message=message.id,
        now=now,
    )
    return f"order:{message_answer.order}" if message_answer else ""


def _complaint(message: Waiting, now: datetime) -> str:
    """What no other app takes is a complaint, or belongs to one."""
    submission = _submission(message)
    receipt = receive(submission, now=now)
    _take_files(message, receipt.contact, now)
    # Who answers a letter knows where it went; who writes of it anew does not know that it did.
    if not receipt.opened and not submission.answers and not submission.silent:
        notify_joined(receipt.complaint, now=now)
    # Known by another letter is not known to this complaint, whatever code the words quote.
    if message.sender_known and receipt.complaint == message.reference:
        answer_by_words(receipt.complaint, message.text, sender=message.sender, now=now)
    return f"complaint:{receipt.complaint}"


def _take_files(message: Waiting, contact: str, now: datetime) -> None:
    """What came along with the words belongs to the complaint like a file of the public form."""
    came = files_of([message.id])
    if not came:
        return
    opened_files = [open_file(stored_file.id) for stored_file in came if not stored_file.refused]
    attach_received(
        contact,
        [NewFile(name, content) for name, _type, content in opened_files],
        refused=[stored_file.refused for stored_file in came],
        now=now,
    )


def _names_of_files(message: Waiting) -> str:
    """The names of the files that came and were kept, one a line."""
    opened_files = [open_file(file.id) for file in files_of([message.id]) if not file.refused]
    return "\n".join(name for name, _type, _content in opened_files)


def _unread(message: Waiting) -> str:
    """Says in the complaint that its words are missing, and where the mail is."""
    return gettext(
        "The words of this mail could not be read. It is kept as it came; an administrator finds "
        "it by the id %(id)s."
    ) % {"id": message.id}


def _hold(message: Waiting, now: datetime) -> str:
    """A word that lets held use go on, from the telephone the notice went to; else nothing."""
    if not proves_number(message.channel):
        return ""
    person = identify(phone=message.sender)
    if person is None:
        return ""
    released = release_by_reply(
        message.text, subscriber=person.pseudonym, channel=message.channel, now=now
    )
    return f"hold:{released.key}" if released else ""


def _withdrawn(message: Waiting, now: datetime) -> str:
    """A word that stops a service, from the telephone it runs on; else nothing."""
    order = withdraw_by_message(
        channel=message.channel,
        sender=message.sender,
        text=message.text,
        message=message.id,
        now=now,
    )
    return f"order:{order}" if order else ""


# Asked in this order; the first that says what the message became has it, "" passes it on.
# The author of a private message is not on record, so it answers no challenge. An answer to a
# challenge is next: it is short, and no other app can understand.
HANDLERS: tuple[Callable[[Waiting, datetime], str], ...] = (
    _private_message,
    _answered,
    _hold,
    answer_message,
    consent_by_message,
    report_by_message,
    _withdrawn,
    _complaint,
)


def _submission(message: Waiting) -> Submission:
    """A first mail is its subject and its words; an answer is its new words.

    An answer belongs to the complaint whose letter it answers only if it comes from the address
    that letter went to; otherwise the tracking code it quotes decides. A text message names no
    letter: only the short words our letters ask for answer the last one, all else may be news.
    """
    is_mail = "@" in message.sender
    answered = message.reference if message.sender_known else ""
    if proves_number(message.channel) and not is_answer(message.text):
        answered = ""
    belongs = bool(answered or message.tracking_code)
    full_text = (message.text if belongs else f"{message.subject}\n{message.text}").strip()
    # A photo of a bill without a word is a complaint too; its name says nothing of its class.
    files = "" if full_text else _names_of_files(message)
    if message.unread:
        files = "\n".join(filter(None, (files, _unread(message))))
    return Submission(
        channel=message.channel,
        key=f"inbound:{message.id}",
        text=full_text[:20_000] or (files and "[…]"),
        noted=files,
        received_at=message.received_at,
        name=message.sender_name,
        email=message.sender if is_mail else "",
        phone="" if is_mail else message.sender,
        thread=message.tracking_code,
        answers=answered,
        language=message.language,
        brand=message.brand,
        by="channels",
        silent=not message.may_answer,
    )
