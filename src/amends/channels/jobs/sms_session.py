"""Hold the line to the message centre for as long as the worker runs."""

from __future__ import annotations

import logging
import os
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import close_old_connections, connections
from django.utils import timezone

from amends.channels.models import SmsLine
from amends.channels.senders import UnableToReachProvider
from amends.channels.sms.session import SessionLost
from amends.channels.sms.settings import line_name, sms_settings
from amends.channels.sms.worker import SmsWorker
from amends.platform.kit.outage_log import OutageLog

log = logging.getLogger(__name__)
_outages = OutageLog(log)
_WAITS_S = (1, 2, 5, 10, 30, 60)
_IDLE_S = 0.25
TOLD_EVERY = timedelta(seconds=10)
"""How often a line that stands tells it."""


@dataclass(slots=True)
class _LineReport:
    """Tells on record that the line is awaited, and while it stands that it does."""

    name: str
    clock: Callable[[], datetime]
    at: datetime | None = None

    def awaited(self) -> None:
        """From now on a line is awaited, if none was before."""
        SmsLine.objects.get_or_create(pk=self.name, defaults={"awaited_at": self.clock()})

    def connected(self) -> None:
        """The line went round once more."""
        now = self.clock()
        # A clock that was set back must not keep it from being told.
        if self.at is None or abs(now - self.at) >= TOLD_EVERY:
            SmsLine.objects.filter(pk=self.name).update(stood_at=now)
            self.at = now


def hold_line(
    stopping: threading.Event, *, clock: Callable[[], datetime] = timezone.now, holder: str = ""
) -> None:
    """Send and receive text messages until `stopping` is set; nothing if no centre is set.

    A line that breaks is opened again, at first after a second, at last once a minute. Several
    workers may each hold one, if the centre allows it: every message goes to one of them.
    """
    settings = sms_settings()
    if settings.centre is None:
        return
    holder = holder or f"{os.getpid()}-{secrets.token_hex(6)}"
    failures = 0
    line_report = _LineReport(line_name(settings.centre), clock)
    while not stopping.is_set():
        close_old_connections()
        try:
            line_report.awaited()
            with SmsWorker(settings, holder=holder, clock=clock) as line:
                while not stopping.is_set():
                    line.turn(wait_s=_IDLE_S)
                    line_report.connected()
                    _outages.works("text messages")
                    failures = 0
        except UnableToReachProvider as error:
            _outages.failed("text messages", error.what)
        except SessionLost as error:
            _outages.failed("text messages", f"the line broke ({error})")
        except Exception:
            _outages.failed("text messages", "the line was given up", traceback=True)
        stopping.wait(_WAITS_S[min(failures, len(_WAITS_S) - 1)])
        failures += 1
    connections.close_all()  # those of this thread
