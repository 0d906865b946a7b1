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
    issue: HotIssue, cell_key: str, *, now: datetime, actor: Actor, sayers: Sequence[str] = ()
) -> None:
    """Ask about a place; few complaints are asked about quietly.

    said  complaints that say the phrase, for a place of words: those found later are added to a
          question that waits
    """
    open_one = question(issue, now=now)
    if open_one is not None and not open_one.quiet:
        _add(issue, sayers)
        return
    late = fitting(issue, cell_key, now=now, sayers=sayers)
    few = late is not None and late.persons < LEAST_LATE
    if few and open_one is not None:
        _add(issue, sayers)
    elif late is not None and (sayers or not few):
        # Of a place its page counts them itself; who says a phrase only the search knows.
        details: dict[str, object] = {"place": cell_key, "complaints": len(late.complaints)}
        if few:
            details["quiet"] = True
        if sayers:
            details["said"] = late.complaints
        note(issue, ASKS, actor=actor, now=now, details=details)


def _add(issue: HotIssue, sayers: Sequence[str]) -> None:
    asked_note = asking(issue)
    if asked_note is None or "said" not in asked_note.details:
        return
    known_sayers = list(asked_note.details["said"])
    if fresh := sorted(set(sayers).difference(known_sayers)):
        asked_note.details["said"] = [*known_sayers, *fresh]
        asked_note.save(update_fields=["details"])
