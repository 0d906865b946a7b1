"""Escalate a case to a person or team, with a note that hands it over."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import BadInput
from amends.platform.kit.errors import gettext_noop as _
from amends.platform.kit.texts import says_why
from amends.work.casework.actions.add_note import add_note
from amends.work.casework.actions.assign import assign_to_person, assign_to_team
from amends.work.casework.actions.watch import watch
from amends.work.casework.choices import ActivityVerb


class UnableToEscalate(BadInput):
    """Nobody is named, or the hand-over note says nothing."""

    code = "unable_to_escalate"


def escalate_case(
    kind: str,
    key: str,
    *,
    note: str,
    person: str = "",
    team: str = "",
    actor: Actor,
    now: datetime,
) -> list[str]:
    """Give a case to a person or the queue of a team; the actor goes on watching it.

    note  what was done, what is open and what is asked for: becomes an internal note
    """
    if bool(person) == bool(team):
        raise UnableToEscalate(
            _("Select one person or one team."),
            meaning=_("Nothing was changed."),
            next_step=_("Select who receives the case."),
        )
    if not says_why(note):
        raise UnableToEscalate(
            _("The hand-over note is too short."),
            meaning=_("Nothing was changed."),
            next_step=_("Write what was done, what is open and what you ask for."),
        )
    with transaction.atomic():
        written = add_note(kind, key, text=note, actor=actor, now=now)
        terms = {"reason": written.text, "verb": ActivityVerb.ESCALATED, "actor": actor, "now": now}
        if person:
            changed = assign_to_person(kind, [key], person, **terms)
        else:
            changed = assign_to_team(kind, [key], team, **terms)
        watch(kind, key, actor=actor, now=now)
    return changed
