"""The gate `privacy` of launches."""

from __future__ import annotations

from typing import Literal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from amends.causes.privacy.queries import findings, review_in_force


def gate(subject: str, brand: str = "") -> tuple[Literal["open", "red", "green"], str]:
    """Red where the review in force blocks the offer or has open conditions, open without one."""
    newest = review_in_force(subject, brand=brand)
    if newest is None:
        return "open", _("Its data flows have not been reviewed.")
    if newest.verdict == "pass":
        return "green", _("Its data flows may start.")
    broken = [finding for finding in findings(newest) if finding.verdict != "pass"]
    if newest.verdict == "block":
        return "red", next(
            broken_rule.why for broken_rule in broken if broken_rule.verdict == "block"
        )
    message = ngettext(
        "%(n)s condition of the privacy review is not met.",
        "%(n)s conditions of the privacy review are not met.",
        len(broken),
    )
    return "red", message % {"n": len(broken)}
