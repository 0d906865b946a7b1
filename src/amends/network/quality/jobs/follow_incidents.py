"""Follow the incidents of the network: end them, join complaints, notify users, propose credits."""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import OperationalError

from amends.network.quality.actions.credit_affected import credit_ended
from amends.network.quality.actions.end_incidents import end_lapsed
from amends.network.quality.actions.join_complaints import join_complaints
from amends.network.quality.actions.notify_affected import notify_affected
from amends.network.quality.queries.counters import reported_until
from amends.platform.kit.errors import AmendsError

log = logging.getLogger("amends.network.quality")


def follow_incidents(*, now: datetime) -> None:
    """One pass; what fails of it does not keep the rest from being done."""
    for step in (_end, notify_affected, credit_ended):
        try:
            step(now=now)
        except OperationalError:
            raise
        except AmendsError:
            log.exception("Network incidents could not be followed.")


def _end(*, now: datetime) -> None:
    end_lapsed(now=now, reported_until=reported_until())


def join_newcomers(*, now: datetime) -> list[str]:
    """Join complaints that came in; asked every few seconds, and quick where no incident lasts."""
    return join_complaints(now=now)
