"""Data keys: one random key a subscriber, wrapped under a master key.

Everything personal about a subscriber is sealed under the subscriber's own key. To erase the person
is to destroy that key: no backup of the rows alone brings the values back.
"""

from __future__ import annotations

import base64
import os
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from amends.platform.database.prepared_queries import PreparedQueryForKeys
from amends.platform.kit.batches import slices
from amends.platform.vault.keys import KEY_BYTES, KEY_ID_BYTES
from amends.platform.vault.models import DataKey
from amends.platform.vault.sealing import (
    HEADER_BYTES,
    MAGIC,
    NONCE_BYTES,
    UNDER_DATA_KEY,
    open_many,
    open_under,
    seal_many,
)

_TABLE, _COLUMN = "vault_data_key", "wrapped"
_SLICE = 5_000
_KEYS = PreparedQueryForKeys(
    lambda wanted: DataKey.objects.filter(subscriber__in=wanted).values_list(
        "subscriber", "wrapped"
    )
)


@dataclass(frozen=True, slots=True)
class SubscriberKey:
    """A subscriber's data key, unwrapped, for as long as one action needs it."""

    subscriber: str
    secret: bytes = field(repr=False)

    @property
    def key_id(self) -> bytes:
        """Four bytes that name this key in a header."""
        return self.secret[:KEY_ID_BYTES]

    @property
    def key(self) -> bytes:
        """The key itself."""
        return self.secret[KEY_ID_BYTES:]

    def seal_row(self, table: str, row_id: object, values: Mapping[str, str]) -> dict[str, bytes]:
        """Seal several columns of one row; an empty value stays empty bytes."""
        header = MAGIC + bytes([UNDER_DATA_KEY]) + self.key_id
        encrypt = AESGCM(self.key).encrypt
        nonces = os.urandom(NONCE_BYTES * len(values))
        sealed = {}
        for at, (column, text) in enumerate(values.items()):
            if not text:
                sealed[column] = b""
                continue
            nonce = nonces[NONCE_BYTES * at : NONCE_BYTES * (at + 1)]
            associated_data = header + f"\x1f{table}\x1f{column}\x1f{row_id}".encode()
            sealed[column] = header + nonce + encrypt(nonce, text.encode(), associated_data)
        return sealed

    def open(self, table: str, column: str, row_id: object, sealed: bytes) -> str:
        """The text of one sealed value; empty bytes are an empty text."""
        if len(sealed) < HEADER_BYTES:
            return ""
        return open_under(self.key, table, column, row_id, sealed)


def make_keys(subscribers: Sequence[str]) -> list[SubscriberKey]:
    """Make and store one new data key each, inside the caller's transaction."""
    size = KEY_ID_BYTES + KEY_BYTES
    noise = secrets.token_bytes(size * len(subscribers))
    keys = [
        SubscriberKey(subscriber, noise[size * at : size * (at + 1)])
        for at, subscriber in enumerate(subscribers)
    ]
    texts = [base64.b64encode(key.secret).decode("ascii") for key in keys]
    wrapped = seal_many(_TABLE, _COLUMN, subscribers, texts)
    DataKey.objects.bulk_create(
        (
            DataKey(subscriber=name, wrapped=blob)
            for name, blob in zip(subscribers, wrapped, strict=True)
        ),
        batch_size=_SLICE,
    )
    return keys


def data_keys(subscribers: Iterable[str]) -> dict[str, SubscriberKey]:
    """The data keys of many subscribers; those without one are absent."""
    names = list(dict.fromkeys(subscribers))
    subscriber_keys: dict[str, SubscriberKey] = {}
    for part in slices(names, _SLICE):
        rows = _KEYS.rows(part)
        owners = [owner for owner, _ in rows]
        texts = open_many(_TABLE, _COLUMN, owners, [wrapped for _, wrapped in rows])
        for owner, text in zip(owners, texts, strict=True):
            subscriber_keys[owner] = SubscriberKey(owner, base64.b64decode(text))
    return subscriber_keys


def destroy_key(subscriber: str) -> bool:
    """Delete one data key, inside the caller's transaction; whether there was one."""
    count, _ = DataKey.objects.filter(subscriber=subscriber).delete()
    return bool(count)
