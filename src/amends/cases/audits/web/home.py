"""What the first page after sign-in shows of notices due."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext

from amends.cases.audits.queries import DutyCoverage, audited_months, coverage_of_duties
from amends.platform.kit.actors import Actor
from amends.platform.kit.formats import is_chinese
from amends.platform.registry import HomeRow

MONTHS = 2


def not_in_time(actor: Actor, now: datetime) -> Sequence[HomeRow]:
    """Duties with notices that did not arrive in the newest audited months, the worst first."""
    return [
        _row(covered, covered.total.owed) for covered in _covered(actor, now) if covered.total.owed
    ]


def all_in_time(actor: Actor, now: datetime) -> Sequence[HomeRow]:
    """Duties of which every notice of the newest audited months arrived in time."""
    met = [
        duty_total
        for duty_total in _covered(actor, now)
        if duty_total.total.known == duty_total.total.in_time > 0
    ]
    return [_row(covered, 0) for covered in met]


def _covered(actor: Actor, now: datetime) -> list[DutyCoverage]:
    months = sorted(audited_months())[-MONTHS:]
    return coverage_of_duties(
        months, on=timezone.localdate(now), jurisdiction=settings.JURISDICTION, brand=actor.brand
    )


def _row(duty_coverage: DutyCoverage, owed: int) -> HomeRow:
    title = duty_coverage.title_zh if is_chinese(get_language() or "") else duty_coverage.title_en
    note = (
        ngettext("%(n)s notice did not arrive", "%(n)s notices did not arrive", owed) % {"n": owed}
        if owed
        else ngettext(
            "%(n)s notice, in time", "%(n)s notices, all in time", duty_coverage.total.in_time
        )
        % {"n": duty_coverage.total.in_time}
    )
    return HomeRow(
        title,
        reverse("owed_of_duty", args=[duty_coverage.duty]) if owed else reverse("coverage"),
        note,
    )
