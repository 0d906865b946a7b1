"""Refusals of `confirmations`."""

from __future__ import annotations

from amends.platform.kit.errors import BadInput
from amends.platform.kit.errors import gettext_noop as _


class UnableToReceipt(BadInput):
    """There is no such order, or nothing was said about it yet."""

    code = "no_receipt"


def unknown_order() -> UnableToReceipt:
    return UnableToReceipt(
        _("There is no order of this reference."), next_step=_("Look it up in the list of orders.")
    )
