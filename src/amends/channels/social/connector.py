"""One interface to every platform; errors are values, not exceptions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol

from amends.channels.actions.receive import ReceivedFile


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPost:
    """A post as a platform gives it; ids are texts, since some exceed what JavaScript counts.

    thread_id  id of the post that began the conversation; "" for its own
    text       plain text, markup removed
    files      images and others; bounded when they are stored
    """

    id: str
    author_id: str
    author_name: str
    text: str
    posted_at: datetime
    kind: Literal["mention", "comment", "private"] = "mention"
    thread_id: str = ""
    edited_at: datetime | None = None
    files: Sequence[ReceivedFile] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PostChange:
    """A post that its author edited (with the new text) or deleted."""

    id: str
    deleted: bool = False
    text: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PlatformProblem:
    """Why a platform did not do what it was asked.

    kind         `permanent`: asking again will not help; `rate_limited`; `retry`
    said         what the platform said
    retry_after  how long to wait, where the platform says so
    """

    kind: Literal["permanent", "rate_limited", "retry"]
    said: str
    retry_after: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """Posts and changes since a marker, and the marker to continue from."""

    posts: Sequence[FoundPost] = ()
    changes: Sequence[PostChange] = ()
    marker: dict[str, Any] = field(default_factory=dict)
    problem: PlatformProblem | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingReply:
    """An answer to send.

    key        idempotency key
    to_post    id of the post it answers; to_author, of its author
    posted_at  when that post was written: some platforms allow answers for 48 hours only
    """

    key: str
    to_post: str
    to_author: str
    to_thread: str
    kind: str
    public: bool
    text: str
    posted_at: datetime


@dataclass(frozen=True, slots=True)
class ReplySent:
    """Result of an answer: its id at the platform, a problem, or `lost`: it may be there."""

    id: str = ""
    problem: PlatformProblem | None = None
    lost: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyLimits:
    """Limits of a platform for an answer.

    most_characters  of its text; `wide` counts two Latin letters as one character
    within           how long after the post it may be sent; None for always
    most_answers     to one person within that time; 0 for any number
    """

    most_characters: int
    wide: bool = False
    within: timedelta | None = None
    most_answers: int = 0


class Connector(Protocol):
    """One platform, for one account.

    poll_every  how often it is read; None where it calls us
    """

    poll_every: timedelta | None

    def limits(self, *, public: bool) -> ReplyLimits | None:
        """Limits of an answer; None where this platform takes no such answer."""

    def fetch(self, marker: dict[str, Any], *, now: datetime) -> Fetched:
        """New posts since a marker."""

    def look_again(self, ids: Sequence[str], *, now: datetime) -> Fetched:
        """Edits and deletions of known posts."""

    def reply(self, reply: OutgoingReply, *, begin: Callable[[], bool]) -> ReplySent | None:
        """Send an answer; None if `begin` says that another sender has it."""

    def find_sent(self, reply: OutgoingReply) -> str:
        """The id of an answer whose fate is unknown, "" if it is not found."""
