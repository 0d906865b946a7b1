"""Remove files no attachment names, left behind by transactions that did not commit."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import PurePosixPath

from amends.channels import stored_files
from amends.complaints.actions.attach import SHELF
from amends.complaints.models import Attachment

OLDER_THAN = timedelta(days=1)


def tidy_files(*, now: datetime) -> int:
    """How many stray files were removed. A file younger than a day may belong to work in hand."""
    paths = {
        PurePosixPath(path).name: path
        for path in stored_files.older_than(OLDER_THAN, now=now, shelf=SHELF)
    }
    known = set(Attachment.objects.filter(id__in=list(paths)).values_list("id", flat=True))
    stray = [path for file_id, path in paths.items() if file_id not in known]
    for path in stray:
        stored_files.remove(path)
    return len(stray)
