"""The people who have to approve a request, in the language of the reader."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext

from amends.work.approvals.models import WaitingItem
from amends.work.approvals.queries import deciders


def waiting_text(item: WaitingItem, *, now: datetime) -> str:
    """Who has to approve a request, in the reader's language, for a message after it was made."""
    able = deciders(item, now=now)
    if not able:
        return gettext(
            "It waits, and no one else may decide it. Add a second person under Settings → People."
        )
    names = ", ".join(sorted(able.values()))
    return gettext("It waits for the approval of %(names)s.") % {"names": names}
