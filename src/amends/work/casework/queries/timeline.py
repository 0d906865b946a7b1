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


def timeline(kind: str, key: str) -> list[TimelineEntry]:
    """Everything colleagues did with a case, oldest first."""
    notes = list(InternalNote.objects.filter(kind=kind, key=key))
    done = list(CaseActivity.objects.filter(kind=kind, key=key))
    dated = list(FollowUp.objects.filter(kind=kind, key=key))
    refs = {note.author for note in notes} | {ref for note in notes for ref in note.mentions}
    refs |= {ref for one in done for ref in (one.actor, one.person)}
    refs |= {ref for one in dated for ref in (one.set_by, one.ended_by)}
    names = people(refs - {""})
    titles = dict(
        Team.objects.filter(slug__in={one.team for one in done}).values_list("slug", "title")
    )
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
        for note in notes
    ]
    entries += [_activity(one, names, titles) for one in done]
    for one in dated:
        entries += _follow_up(one, names)
    return sorted(entries, key=lambda entry: (entry.at, entry.id))


def name_with_client(name: str, client: str) -> str:
    """The actor, for colleagues: a person, a client of the API, or a person through a client."""
    if not client:
        return name
    return _("%(name)s, through %(client)s") % {"name": name, "client": client} if name else client


def _activity(one: CaseActivity, names: dict[str, str], titles: dict[str, str]) -> TimelineEntry:
    is_watcher = one.verb in (ActivityVerb.WATCHED, ActivityVerb.UNWATCHED)
    person = names.get(one.person, one.person)
    team = titles.get(one.team, one.team)
    receiver = " · ".join(filter(None, (person, team)))
    words = str(ActivityVerb(one.verb).label)
    if receiver:
        words = _("%(what)s: %(who)s") % {"what": words, "who": receiver}
    return TimelineEntry(
        id=f"activity-{one.pk}",
        type=TimelineType.WATCHER if is_watcher else TimelineType.ASSIGNMENT,
        at=one.at,
        actor=one.actor,
        actor_name=names.get(one.actor, ""),
        words=words,
        reason=one.reason,
    )


def _follow_up(one: FollowUp, names: dict[str, str]) -> list[TimelineEntry]:
    language = "zh" if is_chinese(get_language() or "en") else "en"
    day = {"day": format_date(one.due_on, language)}
    words = (
        _("Waits for the customer until %(day)s")
        if one.waits_for_customer
        else _("Follow-up on %(day)s")
    )
    entries = [
        TimelineEntry(
            id=f"follow-up-{one.pk}",
            type=TimelineType.FOLLOW_UP,
            at=one.set_at,
            actor=one.set_by,
            actor_name=names.get(one.set_by, ""),
            words=words % day,
            reason=one.reason,
        )
    ]
    if one.ended_at:
        entries.append(
            TimelineEntry(
                id=f"follow-up-{one.pk}-end",
                type=TimelineType.FOLLOW_UP,
                at=one.ended_at,
                actor=one.ended_by,
                actor_name=names.get(one.ended_by, ""),
                words=_("Follow-up ended: %(why)s") % {"why": FollowUpEnd(one.ended_because).label},
            )
        )
    return entries
