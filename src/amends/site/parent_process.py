"""A process that serves for another ends with it, also where that one was killed."""

from __future__ import annotations

import os
import signal
import threading
import time

_LOOKED_AT_S = 0.5
_TO_END_S = 15.0


def end_with(parent: int) -> None:
    """End this process soon after `parent` is gone; asked first, as its parent would have."""
    threading.Thread(target=_watch, args=(parent,), name="parent", daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_LOOKED_AT_S)
    os.kill(os.getpid(), signal.SIGTERM)
    # What does not end when asked would keep the port from whoever is started next.
    time.sleep(_TO_END_S)
    os._exit(1)
