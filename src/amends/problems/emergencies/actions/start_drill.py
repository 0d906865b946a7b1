"""Start a drill: an invented issue through the whole chain, marked everywhere, sent nowhere."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from amends.platform.database.rows import create
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import BadInput
from amends.problems.emergencies.actions.declare import Declaration, declare
from amends.problems.emergencies.models import Affected
from amends.problems.emergencies.rules.drills import invented
from amends.problems.emergencies.rules.emergency import plan_on
from amends.problems.hotissues.actions.authority import demand
from amends.problems.hotissues.actions.note import note
from amends.problems.hotissues.actions.open_issue import open_issue
from amends.problems.hotissues.queries.reasons import INVENTED, SAYS_SO
from amends.problems.hotissues.queries.records import HotIssue, Membership

_MOST = 5000
_COMPLAIN = 10


class UnableToDrill(BadInput):
    """A drill has between twenty and a few thousand invented persons."""

    code = "unable_to_drill"


def start_drill(
    *,
    title: str,
    kind: str = "billing",
    persons: int = 0,
    by_hours: bool = False,
    actor: Actor,
    now: datetime,
) -> HotIssue:
    """Ask the detector whether it finds the drill; then open an invented issue, one in ten of whose
    persons complain, and declare its emergency.

    persons   how many are hit; 0 for what the plan says
    by_hours  they complain within hours: the scan by the hour is asked too
    """
    # The detector compiles: whoever serves pages loads it when a drill begins.
    from amends.problems.emergencies.actions.detect_drill import detect_drill
    from amends.problems.emergencies.actions.detect_drill_hours import HOURS, detect_drill_hours

    demand(actor, "hotissues.lead", now)
    hit = persons or plan_on(timezone.localdate(now)).drill_persons
    if not 20 <= hit <= _MOST:
        raise UnableToDrill(
            _("A drill has from 20 to %(most)s invented people.") % {"most": f"{_MOST:,}"},
            next_step=_("Choose another number."),
        )
    size = max(hit // _COMPLAIN, 2)
    # Before the issue, which takes a lock that real scans wait for.
    detect_options: dict[str, Any] = {"brand": actor.brand, "now": now}
    detection = detect_drill(invented(0, size), kind, **detect_options)
    hourly = detect_drill_hours(invented(0, size), kind, **detect_options) if by_hours else None
    with transaction.atomic():
        issue = open_issue(
            [""],
            started_at=now - timedelta(hours=HOURS),
            now=now,
            actor=actor,
            drill=True,
            brand=actor.brand,
            title=title.strip(),
        )
        people = invented(issue.number, size)
        create(
            Membership(
                issue=issue,
                complaint=person.complaint,
                person=person.person,
                joined_at=now,
                joined_by=actor.ref,
                joined_because=INVENTED,
            )
            for person in people
        )
        create(
            Affected(issue=issue, subscriber=f"drill-silent-{issue.number}-{at}", found_at=now)
            for at in range(1, hit - len(people) + 1)
        )
        issue.persons = issue.complaints = len(people)
        issue.save(update_fields=["persons", "complaints"])
        missed = detection.why and (hourly is None or hourly.why)
        note(
            issue,
            "drill_missed" if missed else "drill_found",
            actor=actor,
            now=now,
            details={
                "detection": detection.as_details(),
                **({"hourly": hourly.as_details()} if hourly else {}),
            },
        )
        level = _level_for(hit, now)
        declare(
            issue.id,
            Declaration(kind, level, reason=SAYS_SO),
            actor=actor,
            now=now,
        )
        issue.refresh_from_db()
    return issue


def _level_for(hit: int, now: datetime) -> str:
    """The level so many persons reach, the lowest for fewer."""
    levels = plan_on(timezone.localdate(now)).levels
    return next((level.id for level in levels if hit >= level.persons), levels[-1].id)
