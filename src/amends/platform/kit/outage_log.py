"""Log an outage once when it begins, then as a count now and then, and once when it ends.

A server that is down fails every two seconds; the same line each time hides everything else.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(slots=True)
class _Outage:
    began_at: float
    logged_at: float
    failures: int = 1


@dataclass(slots=True)
class OutageLog:
    """Outages by name, of one process; its threads may share it.

    every_s  seconds between two counts
    """

    log: logging.Logger
    every_s: float = 600.0
    clock: Callable[[], float] = time.monotonic
    _outages: dict[str, _Outage] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def failed(self, name: str, what: str, *, traceback: bool = False) -> None:
        """It failed once more; `traceback` logs that of the error in hand when it begins."""
        now = self.clock()
        with self._lock:
            outage = self._outages.get(name)
            if outage is None:
                self._outages[name] = _Outage(now, now)
            else:
                outage.failures += 1
                if now - outage.logged_at < self.every_s:
                    return
                outage.logged_at = now
        if outage is None:
            self.log.error("%s: %s", name, what, exc_info=traceback)
        else:
            self.log.error(
                "%s: still failing, %s times in %.0f s: %s",
                name,
                f"{outage.failures:,}",
                now - outage.began_at,
                what,
            )

    def works(self, name: str) -> None:
        """It worked; nothing is logged unless it had failed."""
        if name not in self._outages:
            return
        with self._lock:
            outage = self._outages.pop(name, None)
        if outage is not None:
            self.log.warning(
                "%s: works again after %.0f s and %s failures",
                name,
                self.clock() - outage.began_at,
                f"{outage.failures:,}",
            )
