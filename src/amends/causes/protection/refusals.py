"""Refusals of `protection`."""

from __future__ import annotations

from django.utils.translation import gettext as _


def purchases_off() -> str:
    return _("The guardian of this line has switched purchases off.")


def premium_off() -> str:
    return _("The guardian of this line has switched premium services off.")
