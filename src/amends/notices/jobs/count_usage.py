"""Count the usage files that have arrived. May run twice at once: one of the two commits."""

from __future__ import annotations

import logging
from datetime import datetime

from django.conf import settings

from amends.notices.actions.engine_memory import UnableToAdvance
from amends.notices.actions.run import Report, UnitsJumped, run
from amends.notices.engine_models import EngineState, LineChange, UsageFile
from amends.notices.usage_files.reading import files_in

log = logging.getLogger("amends.notices")


def count_usage(*, now: datetime) -> Report | None:
    """Count what is new in the directory of usage files; None where there is nothing to do.

    A file whose name and size are counted already is not opened again.
    """
    place = settings.USAGE_DIR
    if not place.is_dir() or not EngineState.objects.exists():
        return None
    counted = UsageFile.objects.filter(state=UsageFile.State.DONE)
    done = set(counted.values_list("name", "size_bytes"))
    waiting = [path for path in files_in(place) if (path.name, path.stat().st_size) not in done]
    if not waiting and not LineChange.objects.filter(taken=False).exists():
        return None
    try:
        return run(place, jurisdiction=settings.JURISDICTION, now=now, only=waiting)
    except (UnableToAdvance, UnitsJumped) as why:
        log.warning("%s", why)
        return None
