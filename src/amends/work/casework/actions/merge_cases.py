"""Move what colleagues wrote and set from one case to another, and back."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from amends.platform.kit.actors import Actor
from amends.work.casework.choices import FollowUpEnd
from amends.work.casework.models import (
    Assignment,
    CaseActivity,
    CaseNotification,
    CaseRow,
    ComposerDraft,
    FollowUp,
    InternalNote,
    Watcher,
)

Moved = dict[str, list[str]]
"""Table → keys of the rows that went over."""


def move_case_work(kind: str, merged: str, survivor: str, *, actor: Actor, now: datetime) -> Moved:
    """Notes, watchers, drafts, a follow-up and, where the survivor has none, the owner go over.

    Where a colleague has typed at both cases, the words typed at `merged` follow those typed at
    `survivor`. Of two follow-ups the earlier one waits. Within the caller's transaction.
    """
    with transaction.atomic():
        moved: Moved = {
            "notes": _move(InternalNote, kind, merged, survivor),
            "activities": _move(CaseActivity, kind, merged, survivor),
            "watchers": _move_watchers(kind, merged, survivor),
            "drafts": _move_drafts(kind, merged, survivor, now),
            "follow_ups": _move_follow_up(kind, merged, survivor, actor, now),
        }
        _move_notifications(kind, merged, survivor)
        owner = Assignment.objects.filter(kind=kind, key=merged).first()
        moved["owner"] = [owner.person, owner.team.slug if owner.team else ""] if owner else []
        return moved


def move_case_work_back(kind: str, survivor: str, merged: str, moved: Moved) -> None:
    """Undo `move_case_work`; what was written since then stays with the survivor."""
    for model, name in (
        (InternalNote, "notes"),
        (CaseActivity, "activities"),
        (Watcher, "watchers"),
        (ComposerDraft, "drafts"),
        (FollowUp, "follow_ups"),
    ):
        rows = model.objects.filter(kind=kind, key=survivor, pk__in=moved.get(name, []))
        rows.update(key=merged)


def _move(model: type[CaseRow], kind: str, merged: str, survivor: str) -> list[str]:
    rows = model.objects.filter(kind=kind, key=merged)
    ids = [str(pk) for pk in rows.values_list("pk", flat=True)]
    rows.update(key=survivor)
    return ids


def _move_watchers(kind: str, merged: str, survivor: str) -> list[str]:
    watching = Watcher.objects.filter(kind=kind, key=survivor).values_list("person", flat=True)
    rows = Watcher.objects.filter(kind=kind, key=merged).exclude(person__in=list(watching))
    ids = [str(pk) for pk in rows.values_list("pk", flat=True)]
    Watcher.objects.filter(pk__in=ids).update(key=survivor)
    return ids


def _move_notifications(kind: str, merged: str, survivor: str) -> None:
    """They lead to the case that goes on; what is unseen there already is not listed twice."""
    rows = CaseNotification.objects.filter(kind=kind)
    unseen = rows.filter(key=survivor, seen_at__isnull=True).values_list("person", "what")
    unseen_pairs = set(unseen)
    for row in rows.filter(key=merged):
        if row.seen_at is None and (row.person, row.what) in unseen_pairs:
            row.delete()
        else:
            row.key = survivor
            row.save(update_fields=["key"])


def _move_drafts(kind: str, merged: str, survivor: str, now: datetime) -> list[str]:
    drafts_by_person = {
        (row.person, row.mode): row
        for row in ComposerDraft.objects.select_for_update().filter(kind=kind, key=survivor)
    }
    moved = []
    for row in ComposerDraft.objects.select_for_update().filter(kind=kind, key=merged):
        other_draft = drafts_by_person.get((row.person, row.mode))
        if other_draft is None:
            row.key = survivor
            row.save(update_fields=["key"])
            moved.append(row.pk)
            continue
        other_draft.text = f"{other_draft.text}\n\n{row.text}"
        other_draft.version += 1
        other_draft.saved_at = now
        other_draft.save()
        row.delete()
    return moved


def _move_follow_up(
    kind: str, merged: str, survivor: str, actor: Actor, now: datetime
) -> list[str]:
    rows = FollowUp.objects.select_for_update().filter(kind=kind, ended_at__isnull=True)
    going, waiting = rows.filter(key=merged).first(), rows.filter(key=survivor).first()
    if going is not None and waiting is not None:
        later = going if going.due_on >= waiting.due_on else waiting
        later.ended_at, later.ended_by = now, actor.ref
        later.ended_because = FollowUpEnd.REPLACED
        later.save(update_fields=["ended_at", "ended_by", "ended_because"])
    return _move(FollowUp, kind, merged, survivor)
