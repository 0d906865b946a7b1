"""Record what billing or the network measured of a live launch."""

from __future__ import annotations

import math
from datetime import datetime

from django.utils.translation import gettext as _

from amends.causes.launches.models import Launch, StopLoss
from amends.platform.kit.errors import BadInput

FED = ("cost_per_user", "busy_hour_load")
"""What facts do not tell, so that somebody has to say it."""


class UnableToRecordReading(BadInput):
    """No launch of that offer has such a limit, or the value is none."""

    code = "reading_refused"


def record_reading(offer: str, trigger: str, value: float, *, now: datetime) -> None:
    """Set the last value of a limit; the next pass of the stop-loss job compares it."""
    if trigger not in FED or not math.isfinite(value) or value < 0:
        raise UnableToRecordReading(
            _("“%(trigger)s” with that value cannot be recorded.") % {"trigger": trigger[:40]},
            meaning=_("Nothing was recorded."),
            next_step=_("Give one of %(known)s and a number from 0.") % {"known": ", ".join(FED)},
        )
    readings = StopLoss.objects.filter(
        launch__offer=offer, launch__state=Launch.State.LIVE, trigger=trigger
    )
    if not readings.update(value=value, measured_at=now):
        raise UnableToRecordReading(
            _("No live launch of %(offer)s has a limit for it.") % {"offer": offer[:64]},
            meaning=_("Nothing was recorded."),
            next_step=_("Choose an offer from the list of launches."),
        )
