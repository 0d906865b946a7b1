"""Texts of access that several apps show."""

from __future__ import annotations

from django.utils.translation import gettext

from amends.people.access.queries import LookView


def reason_of(look: LookView) -> str:
    """The reason in the reader's language where the platform wrote it, else as typed."""
    return gettext(look.reason) if look.reason else ""
