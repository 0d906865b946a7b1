"""The packs of provinces whose rules overlay the national ones."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from amends.platform.kit.packs import jurisdictions


@lru_cache(maxsize=64)
def overlays(jurisdiction: str) -> Mapping[str, str]:
    """Province → the pack that overlays the national one there, where it is not `jurisdiction`
    itself.

    >>> overlays("cn")["41"], "41" in overlays("cn-41"), dict(overlays("uk"))
    ('cn-41', False, {})
    """
    head = jurisdiction.partition("-")[0]
    split = (
        jurisdiction_name.partition("-")
        for jurisdiction_name in jurisdictions()
        if jurisdiction_name != jurisdiction
    )
    return MappingProxyType(
        {province: f"{head}-{province}" for name, _, province in split if name == head and province}
    )
