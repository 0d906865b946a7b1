"""Whether the wide name of an issue holds two causes: two parts of it that are hot among different
people, and little else."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from amends.detection.clusters import Candidate
from amends.detection.cube import values_of, within
from amends.hotissues.models import HotIssue

INSIDE = 0.8
"""A part has so many of its persons in the whole."""
COVERED = 0.7
"""Two parts are two causes where they explain so much of the whole's excess; where more parts do,
it is one cause that is spread over them."""


def is_second(
    one: Candidate, issue: HotIssue, whole: str, others: Sequence[Candidate], rows: pl.DataFrame
) -> bool:
    """Whether `one` is a second cause in the place the issue is named after, which goes on with one
    of the `others`: the one that holds more of those who came first. What people have taken up
    stays as they took it up.
    """
    if not others or issue.owner or issue.level or _is_no_whole(whole):
        return False
    own = within(rows.filter(pl.col("received_at") >= issue.started_at), whole)
    came = own.sort("received_at", "id")["who"].cast(pl.String).unique(maintain_order=True)
    there, first = frozenset(came), frozenset(came.head(max(came.len() // 2, 1)))
    excess = len(there) - issue.expected

    def parted(other: Candidate) -> bool:
        both = [one, other]
        if any(len(part.persons & there) < INSIDE * len(part.persons) for part in both):
            return False
        # A channel is a way to complain, and no cause.
        if any(_is_by_channel(part.place, whole) for part in both):
            return False
        told = len((one.persons | other.persons) & there) - one.expected - other.expected
        return told >= COVERED * excess and len(other.persons & first) > len(one.persons & first)

    return any(parted(other) for other in others)


def _is_no_whole(place: str) -> bool:
    return not place or bool(values_of(place).keys() & {"cause", "words"})


def _is_by_channel(place: str, whole: str) -> bool:
    return (values_of(place).keys() - values_of(whole).keys()) == {"channel"} and {
        name: value for name, value in values_of(place).items() if name != "channel"
    } == values_of(whole)
