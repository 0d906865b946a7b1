"""The timeline of a complaint: their words, our letters, calls, internal notes and events."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import TextChoices
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from amends.cases.complaints.actions.recount import MOVED
from amends.cases.complaints.queries.attachments import AttachmentView
from amends.cases.complaints.queries.casefile import BROUGHT_IN, CaseFile, Event, Reply
from amends.cases.complaints.web.words import JOINED, OUTCOMES, event_words, reason_words
from amends.channels.queries import why_refused
from amends.channels.queries.capabilities import channel_sign
from amends.people.access.web.words import chinese
from amends.platform.kit.actors import is_user
from amends.platform.kit.formats import join_words
from amends.work.casework.texts.timeline import (
    CaseHistory,
    TimelineType,
    name_with_client,
    timeline_entries,
)


class ConversationKind(TextChoices):
    """What an entry of the timeline is; each has its own look."""

    WORDS = "words", gettext_lazy("from the customer")
    CALL = "call", gettext_lazy("call")
    LETTER = "letter", gettext_lazy("to the customer")
    NOTE = "note", gettext_lazy("internal")
    EVENT = "event", gettext_lazy("event")


@dataclass(frozen=True, slots=True)
class ConversationEntry:
    """One entry.

    title   subject of a letter, or what happened
    text    their words, the letter, the note; "" where the title says it all
    letter  the reply behind it, which prints
    folded  it may be hidden among its neighbours
    """

    kind: ConversationKind
    at: datetime
    title: str = ""
    text: str | SafeString = ""
    who: str = ""
    language: str = ""
    files: Sequence[AttachmentView] = ()
    letter: Reply | None = None
    bad: bool = False
    folded: bool = False


@dataclass(frozen=True, slots=True)
class FoldedEvents:
    """Events in a row, shown as one line."""

    entries: Sequence[ConversationEntry]

    @property
    def at(self) -> datetime:
        """When the last of them happened."""
        return self.entries[-1].at


_BAD_NEWS = frozenset(
    ("breach", "escalation", "deadlock", "reopen", "letter_failed", "approval_failed")
)
# The contact itself and the letter itself are entries.
_SHOWN_OTHERWISE = frozenset(("reply_sent", "question_asked", "files_attached"))
_SPOKEN = frozenset(("phone",))


NEWEST = 100
"""Entries of a long case that are shown besides the first one."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """The entries of a case; of a long one the first, how many are left out, and the newest."""

    entries: list[ConversationEntry | FoldedEvents]
    left_out: int
    newest: list[ConversationEntry | FoldedEvents]

    def __iter__(self) -> Iterator[ConversationEntry | FoldedEvents]:
        return iter([*self.entries, *self.newest])


def timeline_of(
    file: CaseFile,
    history: CaseHistory,
    names: dict[str, str],
    *,
    first: SafeString,
    closed: bool,
    complete: bool = False,
) -> Timeline:
    """Everything that was said and done, oldest first, events in a row folded.

    names     of everybody in it, by reference
    first     the first words, with those set off that decided the class
    closed    letters quote records that are not for this reader
    complete  with all entries, however long the case is; else the first and the newest ones
    """
    entries = [*_contacts(file, first), *_events(file, names), *_casework(history, names)]
    if not closed:
        entries += _letters(file, names)
    entries.sort(key=lambda entry: entry.at)
    left_out = 0 if complete else max(0, len(entries) - NEWEST - 1)
    if left_out:
        return Timeline(folded(entries[:1]), left_out, folded(entries[-NEWEST:]))
    return Timeline(folded(entries), 0, [])


def folded(entries: Iterable[ConversationEntry]) -> list[ConversationEntry | FoldedEvents]:
    """The entries with each run of events as one."""
    folded_entries: list[ConversationEntry | FoldedEvents] = []
    run: list[ConversationEntry] = []
    for entry in entries:
        if entry.folded:
            run.append(entry)
            continue
        if run:
            folded_entries.append(FoldedEvents(tuple(run)))
        run = []
        folded_entries.append(entry)
    return [*folded_entries, FoldedEvents(tuple(run))] if run else folded_entries


def _contacts(file: CaseFile, first: SafeString) -> list[ConversationEntry]:
    files: dict[str, list[AttachmentView]] = {}
    for attachment in file.files:
        files.setdefault(attachment.contact, []).append(attachment)
    return [
        ConversationEntry(
            kind=ConversationKind.CALL if contact.channel in _SPOKEN else ConversationKind.WORDS,
            at=contact.received_at,
            who=str(channel_sign(contact.channel).word),
            title=str(JOINED.get(contact.joined_because, "")),
            text=contact.text if index else first,
            language=contact.language or file.complaint.language,
            files=files.get(contact.id, ()),
        )
        for index, contact in enumerate(file.contacts)
    ]


def _letters(file: CaseFile, names: Mapping[str, str]) -> list[ConversationEntry]:
    return [
        ConversationEntry(
            kind=ConversationKind.LETTER,
            at=reply.posted_at,
            who=_("Answer of the former desk")
            if reply.kind == BROUGHT_IN
            else names.get(reply.reviewed_by, _("Amends")),
            title=reply.subject,
            text=reply.body,
            language=reply.language,
            letter=reply,
            bad=reply.failed_at is not None,
        )
        for reply in file.replies
        if reply.posted_at
    ]


def _events(file: CaseFile, names: Mapping[str, str]) -> list[ConversationEntry]:
    return [_event(event, names) for event in file.events if event.verb not in _SHOWN_OTHERWISE]


def _casework(history: CaseHistory, names: dict[str, str]) -> list[ConversationEntry]:
    """Notes, watchers and follow-ups of colleagues."""
    return [
        ConversationEntry(
            kind=ConversationKind.NOTE if is_note else ConversationKind.EVENT,
            at=work_entry.at,
            who=work_entry.actor_name or _("Amends"),
            title="" if is_note else work_entry.words,
            text=work_entry.words if is_note else work_entry.reason,
            folded=not is_note and work_entry.type != TimelineType.FOLLOW_UP,
        )
        for work_entry in timeline_entries(history, names)
        for is_note in [work_entry.type == TimelineType.NOTE]
    ]


def _event(event: Event, names: Mapping[str, str]) -> ConversationEntry:
    """An event; with words of a colleague it is a note."""
    reason_text = reason_words(event.reason)
    by_person = is_user(event.actor)
    is_bad = event.verb in _BAD_NEWS
    noted = bool(reason_text) and by_person
    return ConversationEntry(
        kind=ConversationKind.NOTE if noted else ConversationKind.EVENT,
        at=event.at,
        title=f"{event_words(event.verb, event.to_state)}{_details(event)}",
        text=reason_text,
        who=name_with_client(names.get(event.actor, ""), event.details.get("client", ""))
        or _("Amends"),
        bad=is_bad,
        folded=not (noted or is_bad or (reason_text and event.verb in _SAID_BY_CUSTOMERS)),
    )


# What the customer writes with an answer is no detail of the system.
_SAID_BY_CUSTOMERS = frozenset(("refuse", "reopen", "outcome_answered"))


_NAMES_ANOTHER = frozenset(
    ("merged", "merged_in", "unmerged", "unmerged_from", "split_off", "split_from")
)


def _details(event: Event) -> str:
    """What is added to the words for an event."""
    if event.verb == "files_left_out":
        why = join_words([why_refused(refusal) for refusal in event.details["why"]], _language())
        return f" · {event.details['files']} ({why})"
    if event.verb in _NAMES_ANOTHER:
        return f" · {event.details['code']}"
    return _more_days(event) + _outcome(event)


def _language() -> str:
    return "zh" if chinese() else "en"


def _more_days(event: Event) -> str:
    """By how much a deadline was moved."""
    days = event.details.get("days", 0) if event.verb in MOVED else 0
    if not days:
        return ""
    return " · " + ngettext("%(n)s day more", "%(n)s days more", days) % {"n": days}


def _outcome(event: Event) -> str:
    """What the customer said when asked whether it is solved."""
    if event.verb != "outcome_answered":
        return ""
    outcome_text = f" · {OUTCOMES.get(event.details['answer'], event.details['answer'])}"
    content = event.details.get("satisfaction", 0)
    return outcome_text + (f" · {_('content: %(n)s of 5') % {'n': content}}" if content else "")
