"""Record that somebody found a person's complaints by number or mailbox."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_noop

from amends.cases.complaints.queries.inbox import Page
from amends.people.access.actions.record_look import note_look
from amends.platform.kit.actors import Actor


def note_search(page: Page, *, actor: Actor, now: datetime) -> None:
    """A look at each subscriber found; call it before the page is shown."""
    note_look(
        actor,
        page.people,
        ("ComplaintReceived",),
        page="complaints.read",
        reason=gettext_noop("complaints searched by number or mailbox"),
        now=now,
    )
