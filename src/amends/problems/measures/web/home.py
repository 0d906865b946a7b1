"""What the first page after sign-in shows of measures."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from amends.platform.kit.actors import Actor
from amends.platform.registry import HomeRow
from amends.problems.measures.choices import MeasureState, MeasureVerdict
from amends.problems.measures.queries import visible_measures

AHEAD = timedelta(days=14)
"""Measures that are judged within this time are due."""
BACK = timedelta(days=182)
"""Verdicts are shown for this long."""


def soon_judged(actor: Actor, now: datetime) -> Sequence[HomeRow]:
    """Measures under way that are judged in the next two weeks."""
    last = timezone.localdate(now + AHEAD)
    rows = visible_measures(brand=actor.brand, state=MeasureState.STARTED)
    return [
        HomeRow(
            title=row.title,
            path=reverse("measure", args=[row.id]),
            note=_("measure %(n)s") % {"n": row.number},
            due_at=timezone.make_aware(datetime.combine(row.judge_on, time(12))),
        )
        for row in rows.filter(judge_on__lte=last).order_by("judge_on", "number")
    ]


def that_worked(actor: Actor, now: datetime) -> Sequence[HomeRow]:
    """Measures of the last half year after which fewer people complained."""
    since = timezone.localdate(now - BACK)
    rows = visible_measures(brand=actor.brand, state=MeasureState.JUDGED)
    rows = rows.filter(verdict=MeasureVerdict.WORKS, judge_on__gte=since)
    return [
        HomeRow(row.title, reverse("measure", args=[row.id]), MeasureVerdict.WORKS.label)
        for row in rows.order_by("-judge_on", "-number")
    ]
