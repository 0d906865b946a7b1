"""Remind users of the tests their campaign asks for today."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from amends.channels.actions.post import post
from amends.network.quality.actions.start_campaign import (
    campaign_address,
    letter,
    reminders_address,
    set_reminders,
)
from amends.network.quality.models import Campaign
from amends.network.quality.queries.verdicts import campaign_progress, rule, zone

_HOURS = range(9, 21)
_GIVE_UP = timedelta(days=30)


def remind(*, now: datetime, limit: int = 500) -> int:
    """One message a day and campaign that has a test due today; how many were posted.

    Where the series is whole, or a month old, reminders end and the address is forgotten.
    """
    posted = 0
    for code in Campaign.objects.exclude(confirmed_at=None).values_list("code", flat=True)[:limit]:
        with transaction.atomic():
            row = Campaign.objects.select_for_update(skip_locked=True).filter(code=code).first()
            posted += _remind(row, now) if row is not None else False
    return posted


def _remind(row: Campaign, now: datetime) -> bool:
    here = now.astimezone(zone(rule(row.rule)))
    campaign_status = campaign_progress(row, now)
    if campaign_status.next_at is None or now - row.started_at > _GIVE_UP:
        set_reminders(row, wanted=False, now=now)
        return False
    today = here.date()
    if here.hour not in _HOURS or row.reminded_on == today or campaign_status.next_at > now:
        return False
    with translation.override(row.language):
        text = _(
            "%(done)s of %(of)s speed tests are done. The next may run now: %(url)s "
            "To stop these reminders: %(stop)s"
        ) % {
            "done": campaign_status.done,
            "of": campaign_status.of,
            "url": campaign_address(row),
            "stop": reminders_address(row),
        }
        post(now=now, **letter(row, today.isoformat(), text))
    row.reminded_on = today
    row.save(update_fields=["reminded_on"])
    return True
