"""What was written to and fro under the tickets of another desk, ready to be brought in.

Every message is counted: accepted, known already, left out by design, or set aside with its reason.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, tzinfo
from hashlib import sha256

from django.utils.translation import gettext as _

from amends.cases.complaints.actions.intake import MAX_CHARACTERS, Message
from amends.entrances.feeds.complaints.fields import CHANNELS, known
from amends.entrances.feeds.helpdesks.files import NO_FILES, DeskFiles
from amends.platform.kit.dates import local_day
from amends.platform.kit.quoted_replies import new_words
from amends.platform.tabular.tables import Reject

_EARLIEST_YEAR = 1990
_OPENS_WITHIN = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class ThreadMessage:
    """A message as the other desk tells it; `line` and `place` lead back to it."""

    ref: str
    at: str
    words: str
    ours: bool
    channel: str = ""
    subject: str = ""
    files: DeskFiles = NO_FILES
    line: int = 0
    place: str = ""


@dataclass(slots=True)
class Thread:
    """The messages of one ticket in order; `opening`: whose words the ticket begins with."""

    messages: dict[str, ThreadMessage] = field(default_factory=dict)
    opening: str = ""


@dataclass(slots=True)
class Threads:
    """Messages by the number of their ticket, and what becomes of each.

    left_out  inner notes, what the desk told itself, and messages of tickets that were set aside
    repeated  said twice by the export
    tickets   numbers of every ticket of the export, used or not
    """

    read: int = 0
    left_out: int = 0
    repeated: int = 0
    rejects: list[Reject] = field(default_factory=list)
    tickets: set[str] = field(default_factory=set)
    _of: dict[str, Thread] = field(default_factory=dict)

    def add(self, ticket: str, message: ThreadMessage) -> None:
        """One message of a ticket; the same again is counted and changes nothing."""
        self.read += 1
        messages = self._of.setdefault(ticket, Thread()).messages
        before = messages.get(message.ref)
        if before is None:
            messages[message.ref] = message
        elif (before.at, before.words, before.ours) == (message.at, message.words, message.ours):
            self.repeated += 1
        else:
            # A number given twice is no reason to lose what somebody said.
            print_ = sha256(
                f"{message.at}\x1f{message.words}\x1f{message.ours}".encode()
            ).hexdigest()[:16]
            variant = replace(message, ref=f"{message.ref}~{print_}")
            self.repeated += variant.ref in messages
            messages.setdefault(variant.ref, variant)

    def leave_out(self, number: int = 1) -> None:
        """Messages that are not carried over by design."""
        self.read += number
        self.left_out += number

    def refuse(self, ticket: str, message: ThreadMessage, reason: str) -> None:
        """A message nobody can use, read just now."""
        self.read += 1
        self.reject(ticket, message, reason)

    def reject(self, ticket: str, message: ThreadMessage, reason: str) -> None:
        """Set a message aside; its cells stand in the columns of the tickets."""
        text = _("message %(ref)s of the ticket %(reason)s") % {
            "ref": message.ref,
            "reason": reason,
        }
        if message.place:
            text = f"{message.place}: {text}"
        cells = (ticket, message.at, "", message.channel, "", "", "", "", message.words[:1000])
        self.rejects.append(Reject(message.line, text, cells))

    def opening(self, ticket: str, created: str, zone: tzinfo) -> str:
        """The words the complainant opened the ticket with, "" if somebody else did, or later.

        They become one contact with the title; the rest of the thread stands behind it.
        """
        thread = self._of.get(ticket)
        if thread is None:
            return ""
        if not thread.opening:
            first = next(
                iter(sorted(thread.messages.values(), key=lambda message: message.at)), None
            )
            if first is None or first.ours:
                return ""
            came, began = moment(first.at, zone), moment(created, zone)
            if came and began and abs(came - began) > _OPENS_WITHIN:
                return ""
            thread.opening = first.ref
        return shortened(thread.messages[thread.opening].words)

    def take(
        self, ticket: str, *, channel: str, received_at: datetime, zone: tzinfo, now: datetime
    ) -> tuple[Message, ...]:
        """The messages of a ticket that can be used; the others are set aside. Once for each.

        channel, received_at  of the ticket, where a message says none of its own
        """
        thread = self._of.pop(ticket, None)
        if thread is None:
            return ()
        usable_messages = []
        for thread_message in thread.messages.values():
            opens = received_at if thread_message.ref == thread.opening else None
            message = _message(thread_message, opens=opens, zone=zone, now=now)
            if isinstance(message, str):
                self.reject(ticket, thread_message, message)
            else:
                usable_messages.append(
                    message if message.channel else replace(message, channel=channel)
                )
        return tuple(sorted(usable_messages, key=lambda usable: usable.at))

    def end_of_reading(self, orphaned: str = "") -> None:
        """Every ticket was read: messages of none of them are set aside, for the reason given."""
        for ticket in [ticket_ref for ticket_ref in self._of if ticket_ref not in self.tickets]:
            for message in self._of.pop(ticket).messages.values():
                self.reject(ticket, message, orphaned)

    def end_of_tickets(self) -> None:
        """Every ticket was taken that can be: the messages of the others stay with them."""
        self.left_out += sum(len(thread.messages) for thread in self._of.values())
        self._of.clear()


def moment(text: str, zone: tzinfo) -> datetime | None:
    """A time as a desk's interface or database writes it, in UTC; None if it is none.

    >>> moment("2024-01-01 08:49:00", UTC), moment("yesterday", UTC)
    (datetime.datetime(2024, 1, 1, 8, 49, tzinfo=datetime.timezone.utc), None)
    """
    try:
        parsed = datetime.fromisoformat(text)
        return (parsed if parsed.tzinfo else parsed.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def shortened(text: str) -> str:
    """The words; of a mail too long to keep, those that were new in it."""
    return text if len(text) <= MAX_CHARACTERS else new_words(text).new


def _message(
    thread_message: ThreadMessage, *, opens: datetime | None, zone: tzinfo, now: datetime
) -> Message | str:
    """A message that can be kept, or why it cannot; `opens`: when the ticket came that it opens."""
    at = moment(thread_message.at, zone) or opens
    if at is None:
        cell = {"cell": thread_message.at[:60]}
        return (
            _("has no time")
            if not thread_message.at
            else _("has the unreadable time “%(cell)s”") % cell
        )
    if at > now + timedelta(days=1):
        return _("was written on %(day)s, which lies in the future") % {"day": local_day(zone, at)}
    if at.year < _EARLIEST_YEAR:
        parameters = {"year": at.year, "earliest": _EARLIEST_YEAR}
        return _("was written in %(year)s, before %(earliest)s") % parameters
    text = shortened(thread_message.words)
    if len(text) > MAX_CHARACTERS:
        return _("has more than 20,000 characters")
    noted = thread_message.files.noted(text)
    if not text and not noted and opens is None:
        return _("holds no words")
    return Message(
        ref=thread_message.ref,
        at=at,
        text=text,
        channel=known(thread_message.channel, CHANNELS),
        subject=thread_message.subject[:400],
        ours=thread_message.ours,
        opens=opens is not None,
        noted=noted,
        files=None if thread_message.ours else thread_message.files.read,
    )


def without_bytes(files: DeskFiles) -> DeskFiles:
    """Files of an answer: a complaint keeps those of its complainant, so they are named only."""
    if not files.stored:
        return files
    left = (*files.left, *((name, 0) for name in files.stored))
    return DeskFiles(left)
