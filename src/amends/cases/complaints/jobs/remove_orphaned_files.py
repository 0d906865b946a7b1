"""Remove files of complaints that no row names: their transaction did not commit."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import PurePosixPath

from amends.cases.complaints.models import Attachment, Handover
from amends.cases.complaints.queries.attachments import FILES
from amends.platform.vault import stored_files

OLDER_THAN = timedelta(days=1)


def tidy_files(*, now: datetime) -> int:
    """How many were removed. A file younger than a day may belong to work in hand."""
    paths_by_name = {
        PurePosixPath(path).name: path
        for path in stored_files.older_than(OLDER_THAN, now=now, store=FILES)
    }
    known_names: set[str] = set()
    for model in (Attachment, Handover):
        known_names.update(
            model.objects.filter(id__in=list(paths_by_name)).values_list("id", flat=True)
        )
    stray = [path for name, path in paths_by_name.items() if name not in known_names]
    for path in stray:
        stored_files.remove(path)
    return len(stray)
