"""Sealing: AES-256-GCM, bound to the table, column and row a value belongs to.

A sealed value is `magic (2) | version (1) | key id (4) | nonce (12) | ciphertext and tag`. The
place is authenticated with the header, so a sealed value moved to another row or column, or with
another key id written over its own, does not open.

Version 1 is sealed under a master key of the keyring, version 2 under a subscriber's data key.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from amends.platform.kit.errors import Refused
from amends.platform.kit.errors import gettext_noop as _
from amends.platform.vault.keys import KEY_ID_BYTES, Keyring, keyring

MAGIC = b"AV"
UNDER_MASTER_KEY = 1
UNDER_DATA_KEY = 2
HEADER_BYTES = len(MAGIC) + 1 + KEY_ID_BYTES
NONCE_BYTES = 12
OVERHEAD_BYTES = HEADER_BYTES + NONCE_BYTES + 16


class UnableToUnseal(Refused):
    """The bytes were not sealed for this place, or were changed since."""

    code = "seal_broken"


def seal(
    table: str, column: str, row_id: object, text: str, *, ring: Keyring | None = None
) -> bytes:
    """Seal `text` for one place under the current master key."""
    return seal_many(table, column, [row_id], [text], ring=ring)[0]


def seal_many(
    table: str,
    column: str,
    row_ids: Iterable[object],
    texts: Sequence[str],
    *,
    ring: Keyring | None = None,
) -> list[bytes]:
    """Seal one text a row of one column, in the order given."""
    ring = ring or keyring()
    header = MAGIC + bytes([UNDER_MASTER_KEY]) + ring.current
    encrypt = ring.cipher(ring.current, _purpose(table, column)).encrypt
    associated_prefix = header + _place(table, column)
    nonces = os.urandom(NONCE_BYTES * len(texts))
    sealed = []
    for at, (row_id, text) in enumerate(zip(row_ids, texts, strict=True)):
        nonce = nonces[NONCE_BYTES * at : NONCE_BYTES * at + NONCE_BYTES]
        body = encrypt(nonce, text.encode(), associated_prefix + str(row_id).encode())
        sealed.append(header + nonce + body)
    return sealed


def open_sealed(
    table: str, column: str, row_id: object, sealed: bytes, *, ring: Keyring | None = None
) -> str:
    """The text sealed for this place under any master key the keyring still holds."""
    return open_many(table, column, [row_id], [sealed], ring=ring)[0]


def open_many(
    table: str,
    column: str,
    row_ids: Iterable[object],
    values: Sequence[bytes],
    *,
    ring: Keyring | None = None,
) -> list[str]:
    """The texts of one column's sealed values, in the order given."""
    ring = ring or keyring()
    purpose, associated_prefix = _purpose(table, column), _place(table, column)
    texts = []
    for row_id, value in zip(row_ids, values, strict=True):
        value = bytes(value)
        header = _checked_header(value, UNDER_MASTER_KEY)
        cipher = ring.cipher(header[-KEY_ID_BYTES:], purpose)
        texts.append(
            _opened(cipher, value, header + associated_prefix + str(row_id).encode()).decode()
        )
    return texts


def open_under(key: bytes, table: str, column: str, row_id: object, sealed: bytes) -> str:
    """The text sealed for this place under a data key."""
    sealed = bytes(sealed)
    header = _checked_header(sealed, UNDER_DATA_KEY)
    associated_data = header + _place(table, column) + str(row_id).encode()
    return _opened(AESGCM(key), sealed, associated_data).decode()


def needs_rotation(sealed: bytes, *, ring: Keyring | None = None) -> bool:
    """Whether the value lies under a master key that is no longer the current one."""
    ring = ring or keyring()
    sealed = bytes(sealed)
    return sealed[len(MAGIC)] == UNDER_MASTER_KEY and key_id_of(sealed) != ring.current


def key_id_of(sealed: bytes) -> bytes:
    """The identifier of the key a value lies under."""
    return bytes(sealed[HEADER_BYTES - KEY_ID_BYTES : HEADER_BYTES])


def _purpose(table: str, column: str) -> str:
    return f"seal:{table}.{column}"


def _place(table: str, column: str) -> bytes:
    return f"\x1f{table}\x1f{column}\x1f".encode()


def _checked_header(sealed: bytes, version: int) -> bytes:
    header = sealed[:HEADER_BYTES]
    if len(sealed) < OVERHEAD_BYTES or header[:3] != MAGIC + bytes([version]):
        raise UnableToUnseal(
            _("These bytes are not a sealed value of this kind."),
            meaning=_("Nothing was shown."),
            next_step=_("Restore the row from a backup."),
        )
    return header


def _opened(cipher: AESGCM, sealed: bytes, associated_data: bytes) -> bytes:
    nonce = sealed[HEADER_BYTES : HEADER_BYTES + NONCE_BYTES]
    try:
        return cipher.decrypt(nonce, sealed[HEADER_BYTES + NONCE_BYTES :], associated_data)
    except InvalidTag:
        raise UnableToUnseal(
            _("A sealed value does not belong to this row and column, or was changed."),
            meaning=_("Nothing was shown."),
            next_step=_("Restore the row from a backup and find out who wrote to the database."),
        ) from None
