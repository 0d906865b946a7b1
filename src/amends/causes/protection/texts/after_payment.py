"""Advice after a payment to a fraudster or a shared code."""

from __future__ import annotations

import re
from collections.abc import Mapping

from django.conf import settings
from django.utils.translation import gettext as _

from amends.people.operator.queries import operator

POLICE_NUMBERS: Mapping[str, str] = {"cn": "110", "in": "1930", "uk": "101"}
"""Where a fraud is reported by phone, by country; for others no number is given."""


def police_number() -> str:
    """The number of the police in the country of this installation; "" where none is known."""
    return POLICE_NUMBERS.get(settings.JURISDICTION.split("-")[0], "")


def after_payment() -> str:
    """The steps in one paragraph."""
    return _(
        "Call your bank now and have the payment stopped, then %(police)s. Change the "
        "passwords you shared, and have your SIM card checked by our hotline."
    ) % {"police": to_the_police()}


def to_the_police() -> str:
    """The step with the police as a part of a sentence: "call the police (110)"."""
    if number := police_number():
        return _("call the police (%(number)s)") % {"number": number}
    return _("report it to the police")


def numbers_to_call() -> dict[str, str]:
    """The numbers on the pages: `police`, `hotline` and `hotline_to_dial` (digits)."""
    hotline = operator().hotline
    return {
        "police": police_number(),
        "hotline": hotline,
        "hotline_to_dial": re.sub(r"[^0-9+*#]", "", hotline),
    }
