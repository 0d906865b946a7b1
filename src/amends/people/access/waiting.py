"""The rows of this app that wait for a person, as `approvals` lists them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from amends.platform import registry

SOURCES = (
    registry.WaitingSource(
        name="access.break_glass",
        title=_("Emergency access to agree to"),
        action=_("Agree, or let it lapse"),
        model="access.BreakGlass",
        where={"approved_at": None},
        rows="amends.people.access.queries.waiting.requests_to_agree",
        decides="access.break_glass",
        subject="break_glass",
        key="ref",
        page_key=None,
        page="emergency",
        label="reason",
        asked_by="asked_by",
        since="asked_at",
        second=True,
    ),
    registry.WaitingSource(
        name="access.look",
        title=_("Agreed emergency access"),
        action=_("Look within the time"),
        model="access.BreakGlass",
        where={"approved_at__isnull": False, "used_at": None},
        rows="amends.people.access.queries.waiting.agreed_requests",
        decides="access.break_glass",
        subject="break_glass",
        key="ref",
        page_key=None,
        page="emergency",
        label="reason",
        person="asked_by",
        since="approved_at",
    ),
)
