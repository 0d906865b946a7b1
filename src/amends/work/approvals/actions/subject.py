"""The subject of a request."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The subject of a request, as lists show it.

    kind   word of the app, such as "copy"; key, the app's own reference
    title  for colleagues to recognise it; personal values masked
    path   address of its page
    part   what of it, where several things may wait on one subject: the code of a finding
    """

    kind: str
    key: str
    title: str
    path: str = ""
    part: str = ""
