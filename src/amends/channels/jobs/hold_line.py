"""Hold the line to the message centre for as long as the worker runs."""

from __future__ import annotations

import logging
import os
import secrets
import threading
from collections.abc import Callable
from datetime import datetime

from django.db import close_old_connections, connections
from django.utils import timezone

from amends.channels.sms.line import Line
from amends.channels.sms.session import SessionLost
from amends.channels.sms.settings import sms_settings
from amends.channels.switches import UnableToReachProvider

log = logging.getLogger(__name__)
_WAITS_S = (1, 2, 5, 10, 30, 60)
_IDLE_S = 0.25


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
    while not stopping.is_set():
        close_old_connections()
        try:
            with Line(settings, holder=holder, clock=clock) as line:
                while not stopping.is_set():
                    line.turn(wait_s=_IDLE_S)
                    failures = 0
        except UnableToReachProvider as error:
            log.error("text messages: %s", error.what)
        except SessionLost as error:
            log.warning("text messages: the line broke (%s)", error)
        except Exception:
            log.exception("text messages: the line was given up")
        stopping.wait(_WAITS_S[min(failures, len(_WAITS_S) - 1)])
        failures += 1
    connections.close_all()  # those of this thread
