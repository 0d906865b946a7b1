"""What the first page after sign-in shows of publicity."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext

from amends.causes.publicity.models import FindingSeverity, PublishedCopy
from amends.causes.publicity.queries import open_blocks, visible_copies
from amends.platform.kit.actors import Actor
from amends.platform.registry import HomeRow


def blocked(actor: Actor, now: datetime) -> Sequence[HomeRow]:
    """Adverts that are live with a finding that must be corrected, the oldest first."""
    today = timezone.localdate(now)
    copies = visible_copies(actor.brand).filter(
        state=PublishedCopy.State.LIVE, findings__severity=FindingSeverity.BLOCK
    )
    rows = []
    for copy in copies.order_by("approved_at", "ref").distinct():
        number = len(open_blocks(copy.ref, today))
        if number:
            note = ngettext("%(n)s finding to correct", "%(n)s findings to correct", number)
            address = reverse("publicity_copy", args=[copy.ref])
            rows.append(HomeRow(copy.text[:60], address, note % {"n": number}))
    return rows
