"""Whether ids were drawn below those already taken in, as by a clock that was set back.

Ids sort by the time they were made, so whoever takes in what came since the newest id it has seen
misses what is made after a clock was set back. Whoever does so keeps with its mark how many ids
stood in the two days before it; when more stand there later, it looks through these days again.
"""

from __future__ import annotations

from collections.abc import Mapping

from amends.cases.complaints.models import Complaint, Event

LOOKED_AT_MS = 2 * 86_400_000
LATE_MS = 30_000
"""A writer may commit so much after it drew its id; whoever takes in looks so far back anyway."""
MODELS: Mapping[str, type[Complaint] | type[Event]] = {"complaints": Complaint, "events": Event}


def held(marks: Mapping[str, str]) -> dict[str, str]:
    """How many ids stand before the mark of each stream, written to be kept: `upto:count`."""
    marks_by_stream = {}
    for stream in MODELS:
        upto = f"{max(_moment(marks[stream]) - LATE_MS, 0):012x}"
        marks_by_stream[stream] = f"{upto}:{_count(stream, upto)}"
    return marks_by_stream


def overtaken(stored_counts: Mapping[str, str]) -> dict[str, str]:
    """Stream → the id to look from again, for those in which more ids stand now than were held."""
    first_marks = {}
    for stream in MODELS:
        upto, _colon, count = stored_counts.get(stream, "").partition(":")
        if count and _count(stream, upto) > int(count):
            first_marks[stream] = _first(upto)
    return first_marks


def _count(stream: str, upto: str) -> int:
    return MODELS[stream].objects.filter(id__gte=_first(upto), id__lt=upto).count()


def _first(upto: str) -> str:
    return f"{max(_moment(upto) - LOOKED_AT_MS, 0):012x}"


def _moment(mark: str) -> int:
    return int(mark[:12], 16) if mark else 0
