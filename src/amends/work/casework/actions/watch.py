"""Watchers: who is notified when the customer writes or the case changes hands."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from amends.people.access.queries import actor_with_ref
from amends.platform.kit.actors import Actor
from amends.work.casework.choices import ActivityVerb
from amends.work.casework.models import CaseActivity, Watcher
from amends.work.casework.queries.kinds import require_visible


def watch(kind: str, key: str, *, actor: Actor, now: datetime, person: str = "") -> bool:
    """Let a person watch a case, the actor if nobody is named; False if they did already.

    Both must be able to see it.
    """
    require_visible(kind, [key], actor)
    watcher = person or actor.ref
    if watcher != actor.ref:
        require_visible(kind, [key], actor_with_ref(watcher))
    with transaction.atomic():
        _row, is_new = Watcher.objects.get_or_create(
            kind=kind, key=key, person=watcher, defaults={"since": now, "added_by": actor.ref}
        )
        if is_new and watcher != actor.ref:
            _log(ActivityVerb.WATCHED, kind, key, watcher, actor, now)
    return is_new


def unwatch(kind: str, key: str, *, actor: Actor, now: datetime, person: str = "") -> bool:
    """Let a person, the actor if nobody is named, watch a case no more; False if they did not."""
    require_visible(kind, [key], actor)
    watcher = person or actor.ref
    with transaction.atomic():
        removed, _rows = Watcher.objects.filter(kind=kind, key=key, person=watcher).delete()
        if removed and watcher != actor.ref:
            _log(ActivityVerb.UNWATCHED, kind, key, watcher, actor, now)
    return bool(removed)


def _log(verb: ActivityVerb, kind: str, key: str, person: str, actor: Actor, now: datetime) -> None:
    CaseActivity.objects.create(
        kind=kind, key=key, at=now, verb=verb, actor=actor.ref, person=person
    )
