"""What the first page after sign-in shows of self-examination."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, time

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from amends.cases.examinations.queries import process_statuses, processes
from amends.platform.kit.actors import Actor
from amends.platform.kit.formats import is_chinese
from amends.platform.registry import HomeRow


def to_do(actor: Actor, now: datetime) -> Sequence[HomeRow]:
    """Processes that are not checked this quarter or have an open finding."""
    notes = {
        "unchecked": _("not checked this quarter"),
        "overdue": _("re-check overdue"),
        "found": _("open finding"),
    }
    chinese = is_chinese(get_language() or "")
    rows = []
    for process_status in process_statuses(timezone.localdate(now)):
        if process_status.check.word not in notes:
            continue
        days = [finding.recheck_on for finding in process_status.findings if finding.recheck_on]
        due_at = timezone.make_aware(datetime.combine(min(days), time(12))) if days else None
        title = process_status.process.zh if chinese else process_status.process.en
        rows.append(
            HomeRow(
                title=title,
                path=reverse("process", args=[process_status.process.id]),
                note=notes[process_status.check.word],
                due_at=due_at,
            )
        )
    return rows


def process_titles(keys: Collection[str]) -> dict[str, str]:
    """Id of a process → its title, for lists of what waits."""
    chinese = is_chinese(get_language() or "")
    registered = processes(timezone.localdate())
    return {row.id: row.zh if chinese else row.en for row in registered if row.id in keys}
