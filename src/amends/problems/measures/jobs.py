"""Every hour: an interim judgement of each measure once a week, its verdict on the day fixed."""

from __future__ import annotations

import logging
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from amends.platform.kit.errors import AmendsError
from amends.problems.hotissues.actions.fill_cube import update_cube
from amends.problems.measures.actions.judge_measure import judge_measure
from amends.problems.measures.choices import MeasureState
from amends.problems.measures.models import Judgement, Measure

_LOOK_EVERY = timedelta(days=7)
log = logging.getLogger("amends.problems.hotissues")


def judge_due(*, now: datetime) -> list[Judgement]:
    """Judge what is due; a second call on the same day finds nothing."""
    today = now.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
    under_way = Measure.objects.filter(state=MeasureState.STARTED, starts_on__lt=today)
    due_measures = [
        open_measure
        for open_measure in under_way.order_by("number")
        if _is_due(open_measure, today)
    ]
    if not due_measures:
        return []
    update_cube()
    judgements = []
    for measure in due_measures:
        try:
            judgements.append(judge_measure(measure.id, now=now))
        except AmendsError:
            log.exception("A measure could not be judged.")
    return judgements


def _is_due(measure: Measure, today: date) -> bool:
    if today >= measure.judge_on:
        return True
    last = measure.judgements.order_by("-on").values_list("on", flat=True).first()
    return today >= (last or measure.starts_on) + _LOOK_EVERY
