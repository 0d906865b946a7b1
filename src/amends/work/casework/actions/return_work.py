"""Return the cases of people who left or are away to the queue of their team."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from amends.people.access.queries.colleagues import inactive_people
from amends.platform.kit.actors import system
from amends.platform.kit.errors import gettext_noop as _
from amends.work.casework.actions.assign import place, put_back
from amends.work.casework.models import Absence, Assignment
from amends.work.casework.queries.kinds import case_kinds
from amends.work.casework.queries.staff import teams_of

ABSENCES = system("absences")
LEFT = _("The person who handled it does not work here any more.")
AWAY = _("The person who handled it is away.")


def return_work(*, now: datetime) -> int:
    """Return open cases; how many.

    A case that somebody was given or took after their absence had begun and was known stays.
    """
    today, returned = timezone.localdate(now), 0
    for person in inactive_people():
        returned += _return(person, LEFT, None, now)
    for row in Absence.objects.filter(first_day__lte=today, last_day__gte=today):
        begins = timezone.make_aware(datetime.combine(row.first_day, datetime.min.time()))
        returned += _return(row.person, AWAY, max(begins, row.set_at), now)
    return returned


def _return(person: str, why: str, given_before: datetime | None, now: datetime) -> int:
    returned = 0
    for kind in case_kinds().values():
        keys = kind.open_keys_of(person)
        if not keys:
            continue
        with transaction.atomic():
            rows = Assignment.objects.select_for_update().filter(
                kind=kind.name, key__in=keys, person=person
            )
            if given_before is not None:
                rows = rows.filter(since__lt=given_before)
            with_team = {row.key: row.team_id is not None for row in rows}
            lone = [key for key, has in with_team.items() if not has]
            home = next(iter(teams_of(person)), None) if lone else None
            if home is not None:
                returned += len(
                    place(
                        kind.name, lone, person="", team=home, reason=why, actor=ABSENCES, now=now
                    )
                )
            remaining_keys = [key for key, has in with_team.items() if has or home is None]
            returned += len(
                put_back(kind.name, remaining_keys, reason=why, actor=ABSENCES, now=now)
            )
    return returned
