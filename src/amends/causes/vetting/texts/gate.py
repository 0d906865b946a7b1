"""The gate `vetting` of launches."""

from __future__ import annotations

from typing import Literal

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from amends.causes.vetting.choices import AppVerdict, CheckOutcome, CheckState
from amends.causes.vetting.models import LinkKind, RegisteredService, ServiceOrigin
from amends.causes.vetting.queries.checks import newest_of_service
from amends.causes.vetting.queries.conflicts import open_conflict_of

_SAID = ("CERTIFICATE_CHANGED", "PERMISSION_EXCESS", "PREMIUM_SMS")


def gate(subject: str, brand: str = "") -> tuple[Literal["open", "red", "green"], str]:
    """Green where the newest app of an offer passed or was accepted, or it has no app at all.

    An own service whose registered chain has neither app nor partner needs no check.
    """
    newest = newest_of_service(subject, brand=brand)
    if newest is None:
        if _is_own_without_app(subject):
            return "green", _("It has no app, and no partner takes part.")
        return "open", _("Its app has not been checked.")
    if newest.state == CheckState.WAITING:
        return "open", _("Its app is waiting to be checked.")
    if newest.state == CheckState.UNREADABLE:
        return "red", _("Its app could not be read.")
    if newest.outcome == CheckOutcome.REJECTED and newest.verdict == AppVerdict.PASS:
        return "red", _("Its app was rejected.")
    if open_conflict_of(newest) is not None:
        return "open", _("Another partner claims the package of its app.")
    if newest.outcome == CheckOutcome.ACCEPTED:
        return "green", _("Its app was accepted with a reason.")
    if newest.verdict == AppVerdict.PASS:
        return "green", _("Its app was checked and may reach users.")
    codes = list(newest.findings.exclude(severity="low").values_list("code", flat=True))
    message = ngettext(
        "The check of its app found %(n)s fault: %(codes)s.",
        "The check of its app found %(n)s faults: %(codes)s.",
        len(codes),
    )
    named = sorted(set(codes), key=lambda code: (code not in _SAID, code))
    return "red", message % {"n": len(codes), "codes": ", ".join(named[:4])}


def _is_own_without_app(subject: str) -> bool:
    rows = RegisteredService.objects.filter(Q(ref=subject) | Q(offer=subject))
    rows_found = list(rows.prefetch_related("links"))
    return bool(rows_found) and all(
        row.origin == ServiceOrigin.OWN
        and not row.provider
        and not any(link.kind == LinkKind.APP or link.partner for link in row.links.all())
        for row in rows_found
    )
