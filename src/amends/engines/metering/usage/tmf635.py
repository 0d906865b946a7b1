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


def flat(usage: Mapping[str, Any]) -> dict[str, str]:
    """A record of either shape as texts by our names; what is absent stays absent.

    >>> flat({"id": "u1", "usageDate": "2026-11-01T10:00:00Z", "usageType": "DATA",
    ...       "usageCharacteristic": [{"name": "service", "value": "svc-1"},
    ...                               {"name": "amount", "value": 1024}],
    ...       "ratedProductUsage": [{"taxIncludedRatingAmount": {"unit": "minor", "value": 12}}]})
    {'record': 'u1', 'service': 'svc-1', 'at': '2026-11-01T10:00:00Z', 'kind': 'data', \
'amount': '1024', 'charge_minor': '12'}
    """
    fields: dict[str, Any] = {name: usage.get(name) for name in FLAT}
    if "usageType" in usage or "usageDate" in usage:
        fields["record"] = usage.get("id")
        fields["at"] = usage.get("usageDate")
        usage_type = str(usage.get("usageType", "")).lower()
        fields["kind"] = _KINDS.get(usage_type, usage_type)
        for characteristic in _listed(usage, "usageCharacteristic"):
            if characteristic.get("name") in FLAT and characteristic.get("value") is not None:
                fields[str(characteristic["name"])] = characteristic["value"]
        for rated in _listed(usage, "ratedProductUsage"):
            amount = rated.get("taxIncludedRatingAmount")
            if isinstance(amount, Mapping) and amount.get("unit") == "minor":
                fields["charge_minor"] = amount.get("value")
    return {
        name: str(value)
        for name, value in fields.items()
        if value is not None and not isinstance(value, (bool, list, dict))
    }


def _listed(usage: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    listed = usage.get(name)
    return (
        [element for element in listed if isinstance(element, Mapping)]
        if isinstance(listed, list)
        else []
    )
