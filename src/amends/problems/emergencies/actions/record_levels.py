"""Notice that an issue reaches a level nobody has given it, and tell those who may give it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from amends.people.access.queries import roles_that_may
from amends.platform.kit.actors import Actor, system
from amends.problems.emergencies.actions.notify_roles import post_to, reached_words
from amends.problems.emergencies.queries.levels import Reached, reached
from amends.problems.emergencies.rules.emergency import plan_on
from amends.problems.hotissues.actions.note import note
from amends.problems.hotissues.queries.records import Happening, HotIssue
from amends.record.facts.fact import Fact
from amends.record.ledger.actions.append import append

NOTED = "level_reached"
TIMER = system("hotissues")


def note_levels(*, now: datetime, actor: Actor = TIMER) -> int:
    """One pass over the open issues; how many reached a level not reported yet."""
    opened = HotIssue.objects.filter(state="open", drill=False, merged_into__isnull=True)
    return sum(_note(ref, actor, now) for ref in opened.order_by("id").values_list("id", flat=True))


def _note(ref: str, actor: Actor, now: datetime) -> bool:
    with transaction.atomic():
        issue = HotIssue.objects.select_for_update().get(id=ref)
        if issue.state != "open":
            return False
        reached_level = reached(issue, now=now)
        before = _already_recorded(issue, reached_level.level.id) if reached_level else None
        if reached_level is None or (before and before.details.get("people")):
            return False
        about = f"reached:{reached_level.level.id}:{issue.reopened_count}"
        people = post_to(
            issue,
            roles_that_may("hotissues.lead", at=now),
            about,
            reached_words(issue, reached_level.level, reached_level.persons, now),
            now,
        )
        if before and not people:
            return False
        details: dict[str, object] = {
            "level": reached_level.level.id,
            "persons": reached_level.persons,
            "people": people,
            "because": list(reached_level.reasons),
        }
        note(issue, NOTED, actor=actor, now=now, details=details)
        if before is None:
            _state(issue, reached_level, now)
        if not people:
            note(issue, "nobody_to_tell", actor=actor, now=now)
    return True


def _already_recorded(issue: HotIssue, level: str) -> Happening | None:
    """When it was noticed since the issue was opened last: who let it be is not asked again."""
    happened = issue.happenings.order_by("-at", "-id")
    opened = happened.filter(verb__in=("opened", "reopened")).first()
    notes = happened.filter(verb=NOTED, details__level=level)
    return (notes.filter(id__gt=opened.id) if opened else notes).first()


def _state(issue: HotIssue, reached_level: Reached, now: datetime) -> None:
    payload: dict[str, str | int] = {
        "issue": issue.id,
        "level": reached_level.level.id,
        "persons": reached_level.persons,
        "plan": plan_on(timezone.localdate(now)).version,
        **({"before": issue.level} if issue.level else {}),
    }
    append(
        [
            Fact(
                kind="EmergencyLevelReached",
                subscriber="",
                subject=issue.id,
                happened_at=now,
                source="hotissues",
                payload=payload,
            )
        ],
        now=now,
    )
