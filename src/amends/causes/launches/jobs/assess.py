"""Every two seconds: the case that was handed in first is calculated."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext, gettext_noop

from amends.causes.launches.actions.assess import WITHIN_S, assess
from amends.causes.launches.models import LaunchAssessment
from amends.people.access.queries import actor_with_ref
from amends.platform.kit.errors import AmendsError, BadInput

State = LaunchAssessment.State
LOST_AFTER = timedelta(seconds=5 * WITHIN_S)
log = logging.getLogger("amends.causes.launches")


class UnableToEndAssessment(BadInput):
    """The calculation broke off."""

    code = "assessment_broken_off"


def assess_next(*, now: datetime) -> int:
    """Calculate the oldest case that waits; how many were calculated."""
    lost = LaunchAssessment.objects.filter(state=State.RUNNING, started_at__lt=now - LOST_AFTER)
    for lost_assessment in lost:
        _refuse(lost_assessment, _broken_off())
    row = _take(now)
    if row is None:
        return 0
    try:
        row.launch = assess(row.case, actor=actor_with_ref(row.by), now=now)
    except AmendsError as error:
        _refuse(row, error)
        return 0
    except Exception:
        log.exception("The assessment %s failed.", row.id)
        _refuse(row, _broken_off())
        return 0
    row.state = State.DONE
    row.save(update_fields=["state", "launch"])
    return 1


@transaction.atomic
def _take(now: datetime) -> LaunchAssessment | None:
    row = LaunchAssessment.objects.select_for_update().filter(state=State.WAITING).first()
    if row is not None:
        row.state, row.started_at = State.RUNNING, now
        row.save(update_fields=["state", "started_at"])
    return row


def _refuse(row: LaunchAssessment, error: AmendsError) -> None:
    """Store why a case is not calculated, in both languages: whoever reads it chooses later."""
    row.state = State.FAILED
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            row.refusal[language] = error.in_words(gettext)
    row.save(update_fields=["state", "refusal"])


def _broken_off() -> UnableToEndAssessment:
    return UnableToEndAssessment(
        gettext_noop("The calculation broke off."),
        meaning=gettext_noop("Nothing was stored, and the launch is as before."),
        next_step=gettext_noop("Send the file again; if it breaks off again, tell the operator."),
    )
