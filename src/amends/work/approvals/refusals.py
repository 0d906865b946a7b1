"""Refusals of `approvals`."""

from __future__ import annotations

from amends.platform.kit.errors import BadInput
from amends.platform.kit.errors import gettext_noop as _


class UnableToFindItem(BadInput):
    """There is no such item, or it is not for this reader."""

    code = "approval_unknown"


def unknown_item() -> UnableToFindItem:
    return UnableToFindItem(
        _("There is no such request."),
        next_step=_("Check its reference, or open the list of approvals."),
    )
