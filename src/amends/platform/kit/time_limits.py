"""A calculation that ends in time: what takes longer is refused in words."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from amends.platform.kit.errors import BadInput
from amends.platform.kit.errors import gettext_noop as _


def seconds_for_size(path: Path, *, least_s: float, per_mb_s: float) -> float:
    """How long what a file holds may be calculated: a large file longer than a small one."""
    size = path.stat().st_size if path.is_file() else 0
    return least_s + per_mb_s * size / 1_000_000


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise BadInput in the code within after so many seconds.

    It interrupts between two instructions of Python, never a running call of a library. Outside
    the main thread, where no signal arrives, nothing is limited.

    >>> with time_limit(0.01):
    ...     while True:
    ...         pass
    Traceback (most recent call last):
    ...
    amends.platform.kit.errors.BadInput: It took longer than 0.01 s. ...
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def too_late(_number: int, _frame: FrameType | None) -> None:
        raise BadInput(
            _("It took longer than %(seconds)s s."),
            meaning=_("Nothing was calculated, and nothing is lost."),
            next_step=_("Send fewer rows, or smaller figures."),
            values={"seconds": f"{seconds:.2g}" if seconds < 10 else f"{seconds:.0f}"},
            code="time_limit",
        )

    before = signal.signal(signal.SIGALRM, too_late)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
