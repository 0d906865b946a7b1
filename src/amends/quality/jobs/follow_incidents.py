"""Follow the incidents of the network: end them, join complaints, notify users, propose credits."""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import OperationalError

from amends.kit.errors import AmendsError
from amends.quality.actions.credit_affected import credit_ended
from amends.quality.actions.end_incidents import end_lapsed
from amends.quality.actions.join_complaints import join_complaints
from amends.quality.actions.notify_affected import notify_affected
from amends.quality.queries.counters import reported_until

log = logging.getLogger("amends.quality")


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
