"""Forget who complained: that complaints belong to an issue stays, whose they are does not."""

from __future__ import annotations

from collections.abc import Sequence

from amends.platform.registry import Erasure
from amends.problems.hotissues.models import Membership


def erase(erasure: Erasure) -> int:
    """Empty the person in the issues their complaints belong to; how many memberships."""
    return forget(erasure.complaints)


def forget(complaints: Sequence[str]) -> int:
    """Empty the person in the memberships of these complaints; how many were emptied.

    The cube empties its own rows when it next sees that the complaints were forgotten.
    """
    return Membership.objects.filter(complaint__in=complaints).exclude(person="").update(person="")
