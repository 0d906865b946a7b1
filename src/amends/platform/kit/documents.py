"""How a field of a result is written in its document."""

from __future__ import annotations

from types import MappingProxyType

OMIT_NONE = MappingProxyType({"omit_none": True})
"""Metadata of a field that a document of a command lacks where it is None."""
