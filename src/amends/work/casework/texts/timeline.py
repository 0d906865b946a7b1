"""What colleagues did with a case, for its timeline: notes, assignments, watchers, follow-ups."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from amends.people.access.queries.colleagues import people
from amends.platform.kit.formats import format_date, is_chinese
from amends.work.casework.choices import ActivityVerb, FollowUpEnd
from amends.work.casework.models import CaseActivity, FollowUp, InternalNote, Team
from amends.work.casework.queries.work import WaitingFollowUp, waiting


class TimelineType(models.TextChoices):
    """What an entry is: a note has the words of a colleague, the others are one line."""

    NOTE = "note"
    ASSIGNMENT = "assignment"
    WATCHER = "watcher"
    FOLLOW_UP = "follow_up"


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One entry; all of them are for colleagues alone and never shown to a customer.

    actor  reference of who did it; a job of the platform has the name of the job
    words  one line in the reader's language, or the text of a note
    """

    id: str
    type: TimelineType
    at: datetime
    actor: str
    actor_name: str
    words: str
    reason: str = ""
    mentions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseHistory:
    """The rows of a case that its colleagues wrote, oldest first."""

    notes: list[InternalNote]
    activities: list[CaseActivity]
    follow_ups: list[FollowUp]

    @property
    def people(self) -> set[str]:
        """References of everybody whose name the timeline shows."""
        refs = {note.author for note in self.notes}
        refs |= {ref for note in self.notes for ref in note.mentions}
        refs |= {ref for activity in self.activities for ref in (activity.actor, activity.person)}
        refs |= {ref for row in self.follow_ups for ref in (row.set_by, row.ended_by)}
        return refs - {""}

    @property
    def size(self) -> int:
        """How many entries the timeline has of it."""
        ended = sum(row.ended_at is not None for row in self.follow_ups)
        return len(self.notes) + len(self.activities) + len(self.follow_ups) + ended

    @property
    def waiting_follow_up(self) -> WaitingFollowUp | None:
        """When the case comes back; None if no day is set."""
        row = next((row for row in self.follow_ups if row.ended_at is None), None)
        return waiting(row) if row else None

    def notes_without(self, author: str) -> int:
        """How many internal notes there are that this person did not write."""
        return sum(note.author != author for note in self.notes)


def case_history(kind: str, key: str) -> CaseHistory:
    """The notes, activities and follow-ups of a case."""
    return CaseHistory(
        notes=list(InternalNote.objects.filter(kind=kind, key=key)),
        activities=list(CaseActivity.objects.filter(kind=kind, key=key)),
        follow_ups=list(FollowUp.objects.filter(kind=kind, key=key)),
    )


def timeline(kind: str, key: str) -> list[TimelineEntry]:
    """Everything colleagues did with a case, oldest first."""
    history = case_history(kind, key)
    return timeline_entries(history, people(history.people))


def timeline_entries(history: CaseHistory, names: dict[str, str]) -> list[TimelineEntry]:
    """The entries of a history, oldest first; `names` has those of `history.people`."""
    teams = {activity.team for activity in history.activities} - {""}
    titles = dict(Team.objects.filter(slug__in=teams).values_list("slug", "title"))
    entries = [
        TimelineEntry(
            id=f"note-{note.id}",
            type=TimelineType.NOTE,
            at=note.at,
            actor=note.author,
            actor_name=name_with_client(names.get(note.author, ""), note.client),
            words=note.text,
            mentions=tuple(names.get(ref, ref) for ref in note.mentions),
        )
        for note in history.notes
    ]
    entries += [_activity(activity, names, titles) for activity in history.activities]
    for follow_up in history.follow_ups:
        entries += _follow_up(follow_up, names)
    return sorted(entries, key=lambda entry: (entry.at, entry.id))


def name_with_client(name: str, client: str) -> str:
    """The actor, for colleagues: a person, a client of the API, or a person through a client."""
    if not client:
        return name
    return _("%(name)s, through %(client)s") % {"name": name, "client": client} if name else client


def _activity(
    activity: CaseActivity, names: dict[str, str], titles: dict[str, str]
) -> TimelineEntry:
    is_watcher = activity.verb in (ActivityVerb.WATCHED, ActivityVerb.UNWATCHED)
    person = names.get(activity.person, activity.person)
    team = titles.get(activity.team, activity.team)
    receiver = " · ".join(filter(None, (person, team)))
    sentence = str(ActivityVerb(activity.verb).label)
    if receiver:
        sentence = _("%(what)s: %(who)s") % {"what": sentence, "who": receiver}
    return TimelineEntry(
        id=f"activity-{activity.pk}",
        type=TimelineType.WATCHER if is_watcher else TimelineType.ASSIGNMENT,
        at=activity.at,
        actor=activity.actor,
        actor_name=names.get(activity.actor, ""),
        words=sentence,
        reason=activity.reason,
    )


def _follow_up(follow_up: FollowUp, names: dict[str, str]) -> list[TimelineEntry]:
    language = "zh" if is_chinese(get_language() or "en") else "en"
    day = {"day": format_date(follow_up.due_on, language)}
    sentence = (
        _("Waits for the customer until %(day)s")
        if follow_up.waits_for_customer
        else _("Follow-up on %(day)s")
    )
    entries = [
        TimelineEntry(
            id=f"follow-up-{follow_up.pk}",
            type=TimelineType.FOLLOW_UP,
            at=follow_up.set_at,
            actor=follow_up.set_by,
            actor_name=names.get(follow_up.set_by, ""),
            words=sentence % day,
            reason=follow_up.reason,
        )
    ]
    if follow_up.ended_at:
        entries.append(
            TimelineEntry(
                id=f"follow-up-{follow_up.pk}-end",
                type=TimelineType.FOLLOW_UP,
                at=follow_up.ended_at,
                actor=follow_up.ended_by,
                actor_name=names.get(follow_up.ended_by, ""),
                words=_("Follow-up ended: %(why)s")
                % {"why": FollowUpEnd(follow_up.ended_because).label},
            )
        )
    return entries
