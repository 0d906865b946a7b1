"""Who works on a case, who watches it, when it comes back, and what somebody has yet to read."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Exists, OuterRef

from amends.people.access.queries.colleagues import people
from amends.platform.kit.actors import Actor
from amends.work.casework.choices import NotificationKind
from amends.work.casework.models import (
    Assignment,
    CaseNotification,
    ComposerDraft,
    FollowUp,
    InternalNote,
    Watcher,
)
from amends.work.casework.queries.kinds import CaseSummary, case_kinds

MOST_NOTIFICATIONS = 100


@dataclass(frozen=True, slots=True)
class CaseOwner:
    """Who works on a case; references and names are "" where it waits for somebody.

    team  slug of the team in whose queue it is or was
    """

    person: str = ""
    person_name: str = ""
    team: str = ""
    team_title: str = ""
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class WaitingFollowUp:
    """A day on which a case comes back."""

    kind: str
    key: str
    due_on: date
    reason: str
    waits_for_customer: bool
    set_by: str
    set_at: datetime


@dataclass(frozen=True, slots=True)
class NotificationEntry:
    """An entry of the list of notifications; `case` is None for one the reader may not see now.

    times  how often it happened since the reader last looked
    """

    id: str
    what: NotificationKind
    at: datetime
    by: str
    by_name: str
    times: int
    seen: bool
    case: CaseSummary | None


@dataclass(frozen=True, slots=True)
class DraftOnCase:
    """Somebody has typed something at a case and not sent it; the words are theirs alone."""

    person: str
    person_name: str
    mode: str
    saved_at: datetime


def owners(kind: str, keys: Collection[str]) -> dict[str, CaseOwner]:
    """Who works on each case; one that was never assigned is absent."""
    rows = list(Assignment.objects.filter(kind=kind, key__in=keys).select_related("team"))
    names = people(row.person for row in rows if row.person)
    return {
        row.key: CaseOwner(
            person=row.person,
            person_name=names.get(row.person, ""),
            team=row.team.slug if row.team else "",
            team_title=row.team.title if row.team else "",
            since=row.since,
        )
        for row in rows
    }


def owner(kind: str, key: str) -> CaseOwner:
    """Who works on one case."""
    return owners(kind, [key]).get(key, CaseOwner())


def watchers(kind: str, key: str) -> dict[str, str]:
    """Reference and name of each person who watches a case."""
    refs = list(Watcher.objects.filter(kind=kind, key=key).values_list("person", flat=True))
    names = people(refs)
    return {ref: names.get(ref, ref) for ref in refs}


def waiting_follow_up(kind: str, key: str) -> WaitingFollowUp | None:
    """When a case comes back; None if no day is set."""
    row = FollowUp.objects.filter(kind=kind, key=key, ended_at__isnull=True).first()
    return waiting(row) if row else None


def waiting(row: FollowUp) -> WaitingFollowUp:
    """A follow-up that has not ended."""
    return WaitingFollowUp(
        kind=row.kind,
        key=row.key,
        due_on=row.due_on,
        reason=row.reason,
        waits_for_customer=row.waits_for_customer,
        set_by=row.set_by,
        set_at=row.set_at,
    )


def note_counts(kind: str, keys: Collection[str], *, without: str = "") -> dict[str, int]:
    """How many internal notes each case has, without those of one person."""
    counts: dict[str, int] = {}
    rows = InternalNote.objects.filter(kind=kind, key__in=keys).exclude(author=without)
    for key in rows.order_by().values_list("key", flat=True):
        counts[key] = counts.get(key, 0) + 1
    return counts


def drafts_of(person: str, kind: str, key: str) -> dict[str, ComposerDraft]:
    """What one person has typed at a case, by mode; `text` and `subject` open it."""
    rows = ComposerDraft.objects.filter(kind=kind, key=key, person=person)
    return {row.mode: row for row in rows}


def drafts_on(kind: str, keys: Iterable[str]) -> list[DraftOnCase]:
    """Who has typed something at the cases, without the words."""
    rows = list(ComposerDraft.objects.filter(kind=kind, key__in=list(keys)))
    names = people(row.person for row in rows)
    return [
        DraftOnCase(
            person=row.person,
            person_name=names.get(row.person, row.person),
            mode=row.mode,
            saved_at=row.saved_at,
        )
        for row in rows
    ]


def unseen_count(person: str) -> int:
    """How many notifications somebody has not seen."""
    return CaseNotification.objects.filter(person=person, seen_at__isnull=True).count()


def notifications(actor: Actor) -> list[NotificationEntry]:
    """The newest notifications of a person, at most `MOST_NOTIFICATIONS`."""
    rows = list(CaseNotification.objects.filter(person=actor.ref)[:MOST_NOTIFICATIONS])
    names = people(row.by for row in rows)
    summaries = visible_summaries([(row.kind, row.key) for row in rows], actor)
    return [
        NotificationEntry(
            id=row.id,
            what=NotificationKind(row.what),
            at=row.at,
            by=row.by,
            by_name=names.get(row.by, ""),
            times=row.times,
            seen=row.seen_at is not None,
            case=summaries.get((row.kind, row.key)),
        )
        for row in rows
    ]


def watched_cases(actor: Actor) -> list[CaseSummary]:
    """The cases somebody watches and may see, the newest watched first."""
    rows = Watcher.objects.filter(person=actor.ref).order_by("-since", "-id")
    pairs = list(rows.values_list("kind", "key"))
    summaries = visible_summaries(pairs, actor)
    return [summaries[pair] for pair in pairs if pair in summaries]


def visible_summaries(
    pairs: Iterable[tuple[str, str]], actor: Actor
) -> dict[tuple[str, str], CaseSummary]:
    """Summaries of those cases that the actor may see, by kind and key."""
    keys: dict[str, set[str]] = {}
    for kind, key in pairs:
        keys.setdefault(kind, set()).add(key)
    kinds_by_name = case_kinds()
    return {
        (kind, key): case
        for kind, kind_keys in keys.items()
        if kind in kinds_by_name
        for key, case in kinds_by_name[kind]
        .summaries(kinds_by_name[kind].visible(kind_keys, actor))
        .items()
    }


def ever_assigned(kind: str) -> Exists:
    """For a query about cases whose primary key is their key: whether they were ever assigned."""
    return Exists(Assignment.objects.filter(kind=kind, key=OuterRef("pk")))
