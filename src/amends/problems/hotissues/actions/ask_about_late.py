"""Ask, once, whether what came since somebody closed an issue belongs to it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from amends.platform.kit.actors import Actor
from amends.problems.hotissues.actions.note import note
from amends.problems.hotissues.models import HotIssue
from amends.problems.hotissues.queries.late_complaints import ASKS, asking, fitting, question

LEAST_LATE = 5
"""So many persons since its end are asked about on the board; fewer quietly, on its page."""


def ask(
    issue: HotIssue, place: str, *, now: datetime, actor: Actor, said: Sequence[str] = ()
) -> None:
    """Ask about a place; few complaints are asked about quietly.

    said  complaints that say the phrase, for a place of words: those found later are added to a
          question that waits
    """
    open_one = question(issue, now=now)
    if open_one is not None and not open_one.quiet:
        _add(issue, said)
        return
    late = fitting(issue, place, now=now, said=said)
    few = late is not None and late.persons < LEAST_LATE
    if few and open_one is not None:
        _add(issue, said)
    elif late is not None and (said or not few):
        # Of a place its page counts them itself; who says a phrase only the search knows.
        details: dict[str, object] = {"place": place, "complaints": len(late.complaints)}
        if few:
            details["quiet"] = True
        if said:
            details["said"] = late.complaints
        note(issue, ASKS, actor=actor, now=now, details=details)


def _add(issue: HotIssue, said: Sequence[str]) -> None:
    asked = asking(issue)
    if asked is None or "said" not in asked.details:
        return
    known = list(asked.details["said"])
    if fresh := sorted(set(said).difference(known)):
        asked.details["said"] = [*known, *fresh]
        asked.save(update_fields=["details"])
