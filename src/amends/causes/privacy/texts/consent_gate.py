"""The gate `consent` of messages."""

from __future__ import annotations

from typing import Literal

from django.utils import timezone
from django.utils.translation import gettext as _

from amends.causes.privacy.queries.consents import consenting
from amends.causes.privacy.rules.consent import purposes


def gate(subject: str) -> tuple[Literal["open", "red", "green"], str]:
    """The gate `consent` of `PURPOSE:SUBSCRIBER`: green only while the consent stands."""
    purpose, _colon, subscriber = subject.partition(":")
    if purpose not in purposes(timezone.localdate()):
        return "red", _("There is no such purpose, so nobody has agreed to it.")
    if consenting([subscriber], purpose):
        return "green", _("The person has agreed to it.")
    return "red", _("The person has not agreed to it.")
