"""The canonical bytes of a fact (RFC 8785) and its leaf hash (RFC 9162, section 2.1.1).

Facts hold strings and integers only, so `orjson` writes the bytes RFC 8785 demands: the same
escapes, the same integers, and, where every key is ASCII, the same order of keys. A property test
compares both with the reference library.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from hashlib import sha256

import orjson

from amends.platform.kit.errors import gettext_noop as _
from amends.platform.kit.periods import to_ms
from amends.record.facts.fact import Fact, UnableToState

_LARGEST = 2**53 - 1
_ID = re.compile(r"[0-9a-f]{32}").fullmatch


def canonical_json(value: Mapping[str, object]) -> bytes:
    """RFC 8785 bytes of a mapping of strings, integers and further mappings of that form.

    Keys stand in the order of their UTF-16 code units, which differs from the order of code points
    for characters beyond the basic plane. Raises `UnableToState` for what JSON cannot carry safely.

    >>> canonical_json({"b": 1, "a": {"é": "x"}}).decode()
    '{"a":{"é":"x"},"b":1}'
    """
    try:
        return orjson.dumps(_ordered(value))
    except orjson.JSONEncodeError as error:
        raise UnableToState(
            _("A fact has text that is not Unicode (%(why)s)."), values={"why": str(error)}
        ) from error


def _ordered(value: Mapping[str, object]) -> dict[str, object]:
    ordered: dict[str, object] = {}
    for key in sorted(value, key=_utf16):
        member = value[key]
        if isinstance(member, Mapping):
            member = _ordered(member)
        elif isinstance(member, bool) or not isinstance(member, (str, int)):
            raise UnableToState(
                _("A fact holds strings and integers only, not “%(value)s”."),
                values={"value": member},
            )
        elif isinstance(member, int) and not -_LARGEST <= member <= _LARGEST:
            raise UnableToState(
                _("%(value)s is beyond the integers JSON can carry."), values={"value": member}
            )
        ordered[key] = member
    return ordered


def _utf16(key: str) -> bytes:
    # "surrogatepass" orders a lone surrogate too; the encoder then refuses it by name.
    return key.encode("utf-16-be", "surrogatepass")


def fact_bytes(fact: Fact, *, recorded_at_ms: int) -> bytes:
    """The canonical bytes of a fact, recorded at `recorded_at_ms` (milliseconds since 1970).

    The payload was checked when the fact was made: its keys are its kind's, hence ASCII, and its
    values strings and safe integers; so the fast encoder's order is the canonical one.

    >>> from datetime import UTC, datetime
    >>> stopped = Fact("ServiceStopped", "p1", "svc-1", datetime(1970, 1, 1, tzinfo=UTC), "crm",
    ...                {"initiator": "system"}, id="0" * 32)
    >>> fact_bytes(stopped, recorded_at_ms=7).decode()[:60]
    '{"happened_at_ms":0,"id":"00000000000000000000000000000000",'
    """
    try:
        return orjson.dumps(
            {
                "happened_at_ms": to_ms(fact.happened_at),
                "id": fact.id,
                "kind": fact.kind,
                "payload": dict(fact.payload),
                "recorded_at_ms": recorded_at_ms,
                "source": fact.source,
                "subject": fact.subject,
                "subscriber": fact.subscriber,
                "version": fact.version,
            },
            option=orjson.OPT_SORT_KEYS,
        )
    except orjson.JSONEncodeError as error:
        raise UnableToState(
            _("%(kind)s has text that is not Unicode (%(why)s)."),
            values={"kind": fact.kind, "why": str(error)},
        ) from error


def is_fact_id(text: str) -> bool:
    """Whether `text` has the form of a fact's id: 32 digits, 0-9 and a-f.

    >>> is_fact_id("0" * 32), is_fact_id("0" * 31 + "A")
    (True, False)
    """
    return _ID(text) is not None


def leaf_hash(canonical: bytes) -> bytes:
    """SHA-256 of a zero byte and the canonical bytes: 32 bytes, the fact's leaf in the tree.

    >>> leaf_hash(b"").hex()[:8]
    '6e340b9c'
    """
    return sha256(b"\x00" + canonical).digest()
