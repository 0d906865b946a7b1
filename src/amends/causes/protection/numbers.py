"""Numbers as they are looked for: one spelling for each, and its blind index."""

from __future__ import annotations

import re
import unicodedata

import phonenumbers
from django.conf import settings

from amends.people.subscribers.queries import normal_form
from amends.platform.vault.indexes import blind_index
from amends.platform.vault.masks import mask_phone
from amends.platform.vault.normal_forms import phone_region

LONGEST = 40


def spelled(number: str) -> str:
    """A telephone number, short number or sender's name in the spelling it is compared by.

    >>> spelled("106 9-1234 567"), spelled("icbc")
    ('+8610691234567', 'ICBC')
    """
    text = unicodedata.normalize("NFKC", number).strip()[:LONGEST]
    digits = re.sub(r"[^\d+]", "", text)
    if len(digits) < 3 or len(digits) < len(re.sub(r"\s", "", text)) / 2:
        return re.sub(r"\s+", " ", text).upper()
    return normal_form("phone", digits) or digits


def entry_of(number: str) -> str:
    """The blind index a number is found by."""
    return blind_index("protection.number", spelled(number))


def pair_of(entry: str, subscriber: str) -> str:
    """The keyed hash under which it is recorded that a number (its blind index) contacted a
    subscriber."""
    return blind_index("protection.contact", f"{entry} {subscriber}")


def masked(number: str) -> str:
    """A number as it may be shown: short numbers and senders' names whole."""
    return number if len(number) <= 8 or not number.lstrip("+").isdigit() else mask_phone(number)


def is_foreign(number: str) -> bool:
    """Whether a number in the spelling of `spelled` belongs to another country."""
    return number.startswith("+") and not number.startswith(_home())


def national(number: str) -> str:
    """A number in the spelling of `spelled` without the code of the installation's country."""
    return number.removeprefix(_home())


def _home() -> str:
    return f"+{phonenumbers.country_code_for_region(phone_region(settings.JURISDICTION))}"
