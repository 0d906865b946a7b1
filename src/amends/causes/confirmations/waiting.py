"""The rows of this app that wait for a person, as `approvals` lists them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from amends.platform import registry

SOURCES = (
    registry.WaitingSource(
        name="confirmations.order",
        title=_("Order to confirm"),
        action=_("Confirm or refuse the order"),
        model="confirmations.Order",
        where={"state": "waiting"},
        addressee="customer",
        decides="confirmations.read",
        subject="order",
        key="id",
        page="order",
        label=("name_zh", "name_en"),
        asked_by="placed_by",
        since="placed_at",
        due_at="lapses_at",
    ),
    registry.WaitingSource(
        name="confirmations.audit",
        title=_("Audit with charges to refund"),
        action=_("Open the refunds"),
        model="confirmations.Audit",
        where={"opened_at": None},
        decides="confirmations.audit",
        subject="audit",
        key="id",
        page="audit",
        asked_by="made_by",
        since="made_at",
        brand="brand",
    ),
)
