"""Remove files no message names, left behind by transactions that did not commit."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from django.utils import timezone

from amends.channels import stored_files
from amends.channels.models import Attachment

OLDER_THAN = timedelta(days=1)


def tidy(*, clock: Callable[[], datetime] = timezone.now) -> int:
    """How many stray files were removed. A file younger than a day may belong to work in hand."""
    candidates = stored_files.older_than(OLDER_THAN, now=clock())
    known = set(Attachment.objects.filter(path__in=candidates).values_list("path", flat=True))
    stray = [path for path in candidates if path not in known]
    for path in stray:
        stored_files.remove(path)
    return len(stray)
