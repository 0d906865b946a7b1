"""Absences: whose work goes to the team from one day to another."""

from __future__ import annotations

from datetime import date, datetime

from amends.people.access.queries import may
from amends.people.access.queries.colleagues import active_among, brands_of_people
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import BadInput
from amends.platform.kit.errors import gettext_noop as _
from amends.work.casework.actions.teams import MANAGES
from amends.work.casework.models import Absence

LEADS = "casework.lead"


class UnableToSetAbsence(BadInput):
    """The days cannot be used, or the actor may not set them for that person."""

    code = "unable_to_set_absence"


def set_absence(
    person: str, *, first_day: date, last_day: date, actor: Actor, now: datetime
) -> Absence:
    """Let a person be away from the first to the last day; their work goes to the team then.

    Everybody sets their own; leads and managers set those of others.
    """
    _require_own_or_lead(person, actor)
    if last_day < first_day or (last_day - first_day).days > 400:
        raise UnableToSetAbsence(
            _("The last day is before the first, or more than a year after it."),
            meaning=_("Nothing was saved."),
            next_step=_("Correct one of the two days."),
        )
    if person not in active_among([person]):
        raise UnableToSetAbsence(
            _("There is no such person."),
            meaning=_("Nothing was saved."),
            next_step=_("Choose one from the list."),
        )
    return Absence.objects.create(
        person=person, first_day=first_day, last_day=last_day, set_by=actor.ref, set_at=now
    )


def remove_absence(absence: int, *, actor: Actor) -> bool:
    """Remove an absence: from now on the person is given work again; False if it is gone."""
    row = Absence.objects.filter(pk=absence).first()
    if row is None:
        return False
    _require_own_or_lead(row.person, actor)
    row.delete()
    return True


def _require_own_or_lead(person: str, actor: Actor) -> None:
    theirs = brands_of_people([person]).get(person, "")
    leads = may(actor.roles, LEADS) or may(actor.roles, MANAGES)
    if person == actor.ref or (leads and actor.brand in ("", theirs)):
        return
    raise UnableToSetAbsence(
        _("You set your own absence; those of others are set by leads and managers."),
        meaning=_("Nothing was changed."),
        next_step=_("Ask the lead of the team."),
    )
