"""Idempotency keys of clients: one key, one content; another content under a key is refused."""

from __future__ import annotations

from datetime import datetime

from amends.entrances.portals.models import IdempotencyKey
from amends.platform.database.rows import insert_new
from amends.platform.kit.errors import UnableToReuseKey
from amends.platform.kit.errors import gettext_noop as _
from amends.platform.vault.indexes import blind_index
from amends.platform.vault.redaction import opaque


def hand_over(client: int, key: str, body: str, *, now: datetime) -> IdempotencyKey:
    """Note the request, or find the one that came first; the caller holds the transaction.

    Two at once with one key: the database lets one in and the other waits for it.

    Raises `UnableToReuseKey` if the key came before with another body.
    """
    body_print = blind_index("portals.body", body)
    # Some systems take a customer's number for a key.
    key = opaque("portals.key", key)
    mine = IdempotencyKey(client_id=client, key=key, body_print=body_print, at=now)
    if insert_new(mine):
        return mine
    first = IdempotencyKey.objects.get(client=client, key=key)
    if first.body_print != body_print:
        raise UnableToReuseKey(
            _("This idempotency key was used before with another body."),
            meaning=_("Nothing was stored; the first one applies."),
            next_step=_("Send new content under a new key, and repeat a request byte for byte."),
        )
    return first


def finish(first: IdempotencyKey, result: str) -> None:
    """Note what came of the request, to answer its repetition with."""
    IdempotencyKey.objects.filter(client=first.client_id, key=first.key).update(result=result)
