"""Blind indexes: find a row by a personal value without storing the value.

An index entry is HMAC-SHA256 of the value's normal form under a key of its own column, cut to 128
bits. Without the key it says nothing; with two columns' entries one cannot tell they hold the same
value. Destroying the entry (and the data key) is what erasure does.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable

from amends.platform.vault.keys import Keyring, keyring

ENTRY_HEX_DIGITS = 32


def blind_index(column: str, value: str, *, ring: Keyring | None = None) -> str:
    """The entry of `value`, already in its normal form, in the index of `column`.

    column  a name such as "phone": entries of different columns never match
    value   see `amends.platform.vault.normal_forms`: two spellings of one number must arrive alike
    """
    return blind_index_many(column, [value], ring=ring)[0]


def blind_index_many(
    column: str, values: Iterable[str], *, ring: Keyring | None = None
) -> list[str]:
    """The entries of many values of one column, in the order given."""
    texts = list(values)
    if not texts:
        return []
    key = (ring or keyring()).index_key_of(column)
    return [hmac.digest(key, value.encode(), "sha256").hex()[:ENTRY_HEX_DIGITS] for value in texts]
