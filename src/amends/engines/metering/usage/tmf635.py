"""A usage record as the TM Forum's Usage Management API (TMF635) writes it, as a flat record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

FLAT = ("record", "service", "line", "at", "at_ms", "kind", "amount", "charge_minor", "country")
_KINDS = {
    "data": "data",
    "gprs": "data",
    "internet": "data",
    "voice": "voice",
    "call": "voice",
    "sms": "sms",
    "message": "sms",
    "charge": "charge",
}


def flat(given: Mapping[str, Any]) -> dict[str, str]:
    """A record of either shape as texts by our names; what is absent stays absent.

    >>> flat({"id": "u1", "usageDate": "2026-11-01T10:00:00Z", "usageType": "DATA",
    ...       "usageCharacteristic": [{"name": "service", "value": "svc-1"},
    ...                               {"name": "amount", "value": 1024}],
    ...       "ratedProductUsage": [{"taxIncludedRatingAmount": {"unit": "minor", "value": 12}}]})
    {'record': 'u1', 'service': 'svc-1', 'at': '2026-11-01T10:00:00Z', 'kind': 'data', \
'amount': '1024', 'charge_minor': '12'}
    """
    found: dict[str, Any] = {name: given.get(name) for name in FLAT}
    if "usageType" in given or "usageDate" in given:
        found["record"] = given.get("id")
        found["at"] = given.get("usageDate")
        said = str(given.get("usageType", "")).lower()
        found["kind"] = _KINDS.get(said, said)
        for one in _listed(given, "usageCharacteristic"):
            if one.get("name") in FLAT and one.get("value") is not None:
                found[str(one["name"])] = one["value"]
        for rated in _listed(given, "ratedProductUsage"):
            amount = rated.get("taxIncludedRatingAmount")
            if isinstance(amount, Mapping) and amount.get("unit") == "minor":
                found["charge_minor"] = amount.get("value")
    return {
        name: str(value)
        for name, value in found.items()
        if value is not None and not isinstance(value, (bool, list, dict))
    }


def _listed(given: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    listed = given.get(name)
    return [one for one in listed if isinstance(one, Mapping)] if isinstance(listed, list) else []
