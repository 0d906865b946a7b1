"""End what was open at the moment of a backup: since then it may have been ended or used."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import transaction

from amends.cases.complaints.actions.identify import expire_codes
from amends.people.access.actions.end_sessions import end_every_session

_RECOVERED = "restored-server"


def end_what_was_open(*, now: datetime) -> None:
    """End all sessions and expire the codes that wait for an answer, after a restore.

    A session that was ended since would be open again, and a code answered since would be taken
    a second time.
    """
    with transaction.atomic():
        end_every_session()
        expire_codes(now=now)


def end_after_recovery() -> None:
    """Have `end_if_recovered` end it: the restored server cannot be reached before it recovered."""
    (settings.DATA_DIR / _RECOVERED).touch()


def end_if_recovered(*, now: datetime) -> None:
    """After the recovery of a restored server, once."""
    note = settings.DATA_DIR / _RECOVERED
    if note.exists():
        end_what_was_open(now=now)
        note.unlink()
