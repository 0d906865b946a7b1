"""The dossier's strip as the page draws it: lanes, spans, points, and both kinds of gap."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from amends.engines.decisions.dossier import Dossier, Lane, StripMark
from amends.engines.decisions.dossier import Strip as Facts
from amends.people.access.web.signs import in_words
from amends.people.access.web.words import chinese
from amends.platform.kit.periods import from_ms

# Which lane shows the emptiness a question found.
_LANE_OF_QUESTION = {
    "service_confirmed": "confirmations",
    "change_confirmed": "confirmations",
    "cap_notice": "notices",
    "limit_notice": "notices",
    "renewal_notice": "notices",
}
_HOLLOW = {"ConfirmationAsked", "ConfirmationRefused", "NoticeDue", "NoticeFailed"}
_QUOTED = re.compile(r"“(.+?)”")
_MARGIN = timedelta(days=6)
_USUAL = timedelta(days=150)


@dataclass(slots=True)
class StripLane:
    """A lane of the strip; see `amends.site.templatetags.strip`."""

    key: str
    label: str
    spans: list[tuple[datetime, datetime | None, str]] = field(default_factory=list)
    points: list[tuple[datetime, str, bool]] = field(default_factory=list)
    gaps: list[tuple[datetime, datetime, str, str]] = field(default_factory=list)


@dataclass(slots=True)
class DrawnStrip:
    """The strip of one complaint."""

    start: datetime
    end: datetime
    period: tuple[datetime, datetime] | None
    lanes: list[StripLane]


def drawn(
    dossier: Dossier, *, turning: frozenset[str], missing: str, uncovered: str
) -> DrawnStrip | None:
    """The strip of a dossier; None where it has none.

    turning              the questions the decision turns on: what they rest on is in the picture
    missing, uncovered   the words written into the two kinds of gap
    """
    if dossier.strip is None:
        return None
    cited = {fact for row in dossier.rows if row.question in turning for fact in row.facts}
    start, end = _window(dossier.strip, cited)
    lanes = [_lane(lane, start, end, uncovered) for lane in dossier.strip.lanes]
    by_key = {lane.key: lane for lane in lanes}
    for row in dossier.rows:
        lane = by_key.get(_LANE_OF_QUESTION.get(row.question, ""))
        if lane is None or row.answer != "nothing_found" or not row.end_ms:
            continue
        first, last = max(from_ms(row.start_ms), start), min(from_ms(row.end_ms), end)
        if first < last:
            lane.gaps.append((first, last, missing, "missing"))
    return DrawnStrip(start=start, end=end, period=None, lanes=lanes)


def _window(strip: Facts, cited: set[str]) -> tuple[datetime, datetime]:
    """The time to draw: the last months, and earlier as far as cited facts reach."""
    first, end = from_ms(strip.start_ms), from_ms(strip.end_ms)
    events = [
        (from_ms(mark.at_ms), mark.fact in cited)
        for lane in strip.lanes
        if lane.lane not in ("services", "looks")
        for mark in lane.marks
    ]
    shown_moments = [at for at, is_cited in events if is_cited or at >= end - _USUAL]
    earliest = min(shown_moments, default=end - _USUAL)
    return max(first, earliest - _MARGIN), end


def _lane(lane: Lane, start: datetime, end: datetime, uncovered: str) -> StripLane:
    drawn_lane = StripLane(lane.lane, in_words(lane))
    for first_ms, last_ms in lane.gaps:
        first, last = max(from_ms(first_ms), start), min(from_ms(last_ms), end)
        if first < last:
            drawn_lane.gaps.append((first, last, uncovered, "uncovered"))
    if lane.lane == "services":
        drawn_lane.spans = _running(lane.marks, start)
        named = {label for _, _, label in drawn_lane.spans}
        marks = [m for m in lane.marks if m.kind != "ServiceActivated" or _name(m) not in named]
        marks = [mark for mark in marks if mark.kind != "ServiceOrdered"]
    else:
        marks = list(lane.marks)
        drawn_lane.spans = [
            (max(from_ms(mark.at_ms), start), from_ms(mark.end_ms), in_words(mark))
            for mark in marks
            if mark.end_ms > mark.at_ms
        ]
        marks = [mark for mark in marks if mark.end_ms <= mark.at_ms]
    drawn_lane.points = [
        (from_ms(mark.at_ms), in_words(mark), mark.kind in _HOLLOW)
        for mark in marks
        if from_ms(mark.at_ms) >= start
    ]
    return drawn_lane


def _running(
    marks: tuple[StripMark, ...], start: datetime
) -> list[tuple[datetime, datetime | None, str]]:
    """The newest service that was activated, as a span to its stop or to the end of the strip."""
    activated = [mark for mark in marks if mark.kind == "ServiceActivated"]
    if not activated:
        return []
    newest = activated[-1]
    stops = [m for m in marks if m.kind == "ServiceStopped" and m.at_ms > newest.at_ms]
    end = from_ms(stops[0].at_ms) if stops and len(activated) == 1 else None
    return [(max(from_ms(newest.at_ms), start), end, _name(newest))]


def _name(mark: StripMark) -> str:
    text = mark.zh if chinese() else mark.en
    quoted = _QUOTED.search(text)
    return quoted.group(1) if quoted else text
