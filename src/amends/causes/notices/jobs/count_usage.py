"""Count the usage files that have arrived. May run twice at once: one of the two commits."""

from __future__ import annotations

import logging
from datetime import datetime
from pathlib import Path

from django.conf import settings

from amends.causes.notices.actions.apply_line_changes import waiting_changes
from amends.causes.notices.actions.cached_engine import CachedEngine
from amends.causes.notices.actions.engine_memory import UnableToAdvance
from amends.causes.notices.actions.run import UnitsJumped, run
from amends.causes.notices.actions.usage_report import UsageReport
from amends.causes.notices.engine_models import EngineState, UsageFile
from amends.engines.metering.usage.files import files_in

_CACHED_ENGINE = CachedEngine()
log = logging.getLogger("amends.causes.notices")


def count_usage(*, now: datetime) -> UsageReport | None:
    """Count what is new of usage, and of registrations; None where there is nothing to do.

    Where the network registered a line comes first: who arrives abroad is notified before the first
    use. A file that is counted, or stopped until a person has checked, is not opened again before
    it
    changes.
    """
    folders = [folder for folder in (settings.NETWORK_DIR, settings.USAGE_DIR) if folder.is_dir()]
    if not folders or not EngineState.objects.exists():
        return None
    waiting = [path for folder in dict.fromkeys(folders) for path in _waiting(folder)]
    if not waiting and not waiting_changes(now).exists():
        return None
    try:
        return run(
            folders[0],
            jurisdiction=settings.JURISDICTION,
            now=now,
            only=waiting,
            cached_engine=_CACHED_ENGINE,
        )
    except (UnableToAdvance, UnitsJumped) as why:
        log.warning("%s", why)
        return None


def _waiting(folder: Path) -> list[Path]:
    """The files that are new, or changed since their name was last met."""
    met = {
        (name, size): received_ms
        for name, size, received_ms in UsageFile.objects.exclude(state=UsageFile.State.OPEN)
        .order_by("received_ms")
        .values_list("name", "size_bytes", "received_ms")
    }
    paths = []
    for path in files_in(folder):
        stat = path.stat()
        received_ms = met.get((path.name, stat.st_size), -1)
        if received_ms < int(stat.st_mtime * 1000):
            paths.append(path)
    return paths
