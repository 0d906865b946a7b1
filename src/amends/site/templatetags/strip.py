"""The time strip: lanes on one time axis, drawn on the server; a gap is drawn as a gap.

`{% strip model %}` takes anything with these attributes, so that no app imports this one:

model  start, end (moments), period (a pair of moments or None), lanes
lane   key (services, charges, notices, confirmations, published, quality, looks), label,
       spans   (start, end or None, label)
       points  (at, label, hollow)         hollow: asked or failed, not done
       gaps    (start, end, label, kind)   kind: "missing" (covered, nothing found) or "uncovered"
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django import template
from django.utils import timezone

from amends.site.templatetags.figures import day_text

register = template.Library()

WIDTH, LEFT, RIGHT = 520, 88, 512
TOP, LANE = 22, 32
POINT = 6
_STEPS = (1, 2, 7, 14, 30, 61, 91, 182, 365)


@dataclass(slots=True)
class Box:
    """A drawn piece: where it is, how wide, what it says, and whether the words fit inside."""

    x: float
    width: float
    label: str
    kind: str = ""
    fits: bool = True
    anchor: str = "start"
    text_x: float = 0
    named: bool = True


@dataclass(slots=True)
class DrawnLane:
    """One lane, ready for the template."""

    key: str
    label: str
    top: int
    spans: list[Box] = field(default_factory=list)
    points: list[Box] = field(default_factory=list)
    gaps: list[Box] = field(default_factory=list)


def text_width(text: str) -> float:
    """About how many units of the drawing a label takes at 11 px."""
    return sum(11 if ord(letter) > 0x2E80 else 6.1 for letter in text)


@dataclass(frozen=True, slots=True)
class Axis:
    """Moments to positions, held inside the drawing."""

    start: datetime
    end: datetime

    def x(self, at: datetime) -> float:
        """Position of a moment."""
        total_seconds = max((self.end - self.start).total_seconds(), 1)
        part = min(max((at - self.start).total_seconds() / total_seconds, 0), 1)
        return round(LEFT + part * (RIGHT - LEFT), 1)

    def ticks(self) -> list[Box]:
        """At most six days to name on the axis, whole steps apart."""
        days = max((self.end - self.start).days, 1)
        step = next((size for size in _STEPS if days / size <= 5.5), _STEPS[-1])
        first = timezone.localtime(self.start).replace(hour=0, minute=0, second=0, microsecond=0)
        at, drawn = first + timedelta(days=1), []
        while at <= self.end:
            x = self.x(at)
            label = day_text(at.date(), year=False)
            if x + text_width(label) / 2 <= WIDTH:
                drawn.append(Box(x, 0, label))
            at += timedelta(days=step)
        return drawn


def _box(axis: Axis, start: datetime, end: datetime | None, label: str, kind: str = "") -> Box:
    left, right = axis.x(start), axis.x(end or axis.end)
    width = max(right - left, 6)
    left = min(left, RIGHT - width)
    return Box(
        x=left, width=round(width, 1), label=label, kind=kind, fits=text_width(label) + 10 <= width
    )


def _label_points(points: list[Box], occupied: list[tuple[float, float]]) -> None:
    """Give each point its words where they collide with nothing; the table names the rest."""
    for point in points:
        need = text_width(point.label)
        for anchor, left in (("start", point.x + 8), ("end", point.x - 8 - need)):
            right = left + need
            free = left >= LEFT and right <= WIDTH
            if free and all(right <= a or b <= left for a, b in occupied):
                point.anchor, point.fits = anchor, True
                point.text_x = round(point.x + (8 if anchor == "start" else -8), 1)
                occupied.append((left, right))
                break
        else:
            point.fits = False


def _label_gaps(lane: DrawnLane) -> None:
    """Words that do not fit into a gap stand beside it, or beyond the points in the way.

    Never beyond another gap, whose words they would seem to be: then the table alone says them, but
    for what is missing, which goes first.
    """
    points = [(point.x - POINT, point.x + POINT) for point in lane.points]
    for gap in sorted(lane.gaps, key=lambda each: each.kind != "missing"):
        if gap.fits:
            continue
        need = text_width(gap.label) + 6
        other_gaps = [other_gap for other_gap in lane.gaps if other_gap is not gap]
        occupied = points + [_reach(other_gap) for other_gap in other_gaps]
        end = min([WIDTH, *(other_gap.x for other_gap in other_gaps if other_gap.x > gap.x)])
        label_spots = [("start", gap.x + gap.width), ("end", gap.x - need)]
        label_spots += [("start", right) for _, right in sorted(points) if gap.x < right < end]
        free = [
            label_spot
            for label_spot in label_spots
            if label_spot[1] >= LEFT
            and label_spot[1] + need <= (end if label_spot[0] == "start" else WIDTH)
            and all(
                label_spot[1] + need <= left or right <= label_spot[1] for left, right in occupied
            )
        ]
        gap.named = bool(free) or gap.kind == "missing"
        gap.anchor, start = (free or label_spots)[0]
        gap.text_x = round(start + (5 if gap.anchor == "start" else need - 5), 1)


def _reach(gap: Box) -> tuple[float, float]:
    """From where to where a gap and its words lie."""
    if gap.fits or not gap.text_x or not gap.named:
        return gap.x, gap.x + gap.width
    need = text_width(gap.label) + 6
    start = gap.text_x - 5 if gap.anchor == "start" else gap.text_x + 5 - need
    return min(gap.x, start), max(gap.x + gap.width, start + need)


def _clustered(axis: Axis, points: Any) -> list[Box]:
    """Points that would touch become one, named by the last of them and how many more there are."""
    drawn: list[Box] = []
    more = 0
    for at, label, hollow in sorted(points, key=lambda point: point[0]):
        box = Box(x=axis.x(at), width=0, label=str(label), kind="hollow" if hollow else "")
        if drawn and box.x - drawn[-1].x < 9:
            more += 1
            box.label = f"{label} +{more}"
            drawn[-1] = box
        else:
            more = 0
            drawn.append(box)
    return drawn


def draw(model: Any) -> dict[str, Any]:
    """Turn moments into positions."""
    axis = Axis(model.start, model.end)
    lanes = []
    for index, lane in enumerate(model.lanes):
        drawn = DrawnLane(lane.key, str(lane.label), TOP + index * LANE)
        drawn.spans = [_box(axis, *span) for span in lane.spans]
        drawn.gaps = [_box(axis, *gap) for gap in lane.gaps]
        drawn.points = _clustered(axis, lane.points)
        _label_gaps(drawn)
        occupied = [_reach(box) for box in drawn.gaps]
        occupied += [(box.x, box.x + box.width) for box in drawn.spans]
        occupied += [(point.x - POINT, point.x + POINT) for point in drawn.points]
        _label_points(drawn.points, occupied)
        lanes.append(drawn)
    period = None
    if model.period:
        start, end = model.period
        period = _box(axis, start, end, "")
    height = TOP + len(lanes) * LANE + 6
    return {
        "model": model,
        "lanes": lanes,
        "ticks": axis.ticks(),
        "period": period,
        "height": height,
        "bottom": height - 6,
        "uncovered": any(gap.kind == "uncovered" for lane in lanes for gap in lane.gaps),
    }


@register.inclusion_tag("amends/strip.html")
def strip(model: Any) -> dict[str, Any]:
    """Draw the strip with its table."""
    return draw(model)
