"""Redact short texts and references from outside, so that they name nobody.

Free text goes through `recognisers.mask_text`. A reference (a ticket number, an idempotency key)
must stay one, or a repeated delivery would not be recognised; so where it is or holds a telephone
number, an identity card or a mailbox, its blind index takes its place.
"""

from __future__ import annotations

import re

from amends.platform.vault.indexes import blind_index
from amends.platform.vault.recognisers import mask_text

_TELLING = frozenset({"phone", "id_card", "email"})
_WORD = re.compile(r"[0-9A-Za-z]")
# Fewer than seven digits and no mailbox: nothing there can be one of them.
_PERHAPS = re.compile(r"(?:\d\D{0,3}){6}\d|@")


def redact_person(text: str) -> str:
    """A label or a typed reason with the personal values in it masked.

    >>> redact_person("回电13812348000后用户同意")
    '回电138****8000后用户同意'
    """
    return mask_text(text).text if text else text


def names_person(text: str) -> bool:
    """Whether a reference is, or holds, a telephone number, an identity card or a mailbox.

    >>> names_person("13812348000"), names_person("TT-2026-000171")
    (True, False)
    """
    if not _PERHAPS.search(text):
        return False
    # Within a hash or another word such digits are chance.
    return any(
        kind in _TELLING and not _WORD.search(text[max(start - 1, 0) : start] + text[end : end + 1])
        for kind, start, end in mask_text(text).found
    )


def opaque(column: str, reference: str) -> str:
    """The reference, or its blind index in `column` where it says who somebody is."""
    return f"x-{blind_index(column, reference)}" if names_person(reference) else reference


def redacted(column: str, text: str) -> str:
    """A value that may be either: a reference becomes opaque, anything longer is masked.

    >>> redacted("facts.reference", "svc-plan-1")
    'svc-plan-1'
    """
    if not names_person(text):
        return text
    is_reference = text.isascii() and not any(letter.isspace() for letter in text)
    return opaque(column, text) if is_reference else redact_person(text)
