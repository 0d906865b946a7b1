"""What the page of an issue tells: why together, the curve, whom it hits, typical complaints."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import scipy
from django.conf import settings
from django.db.models import Max

from amends.cases.complaints.queries.analytics import first_words, masked_texts
from amends.engines.detection.attribution import Carrier, carriers
from amends.engines.detection.common_terms import Shared, shared, telling
from amends.engines.detection.cube import values_of, within
from amends.people.access.queries import people_with
from amends.platform import registry
from amends.platform.database.once_per_request import once_per_request
from amends.problems.hotissues.models import CubeDay, HotIssue
from amends.problems.hotissues.queries.causes import hit_place, likeliest
from amends.problems.hotissues.queries.cube import rows_between, trees
from amends.problems.hotissues.queries.duplicate_senders import one_sender
from amends.problems.hotissues.queries.membership import complaints_in, main_place
from amends.record.catalogue.queries import offer_kinds, offer_versions

BEFORE = timedelta(days=42)
AFTER = timedelta(days=14)
MOST_TEXTS = 2_000
SPEAKS_OF = 4
"""Days an alarm looks at together: the window of `evidence.ALTERNATIVES` by the day."""
_DIMENSIONS = ("code", "area", "product", "channel", "brand")


@dataclass(frozen=True, slots=True)
class IssueSummary:
    """Why its complaints belong together, and five of them.

    suspected  complaints that look like one sender's; they are counted, and said
    quoted     (reference, tracking code, first words), masked
    """

    shared: list[Shared]
    words: list[tuple[str, int]]
    quoted: list[tuple[str, str, str]]
    suspected: int


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the curve; `low` and `high` bound what chance allows in 95 of 100 days.

    alarm  persons of the four days an alarm drawn here spoke of, 0 where none is drawn
    """

    day: date
    persons: int
    low: float
    high: float
    alarm: int


DECLARED = "declared"
"""What says whom an issue hits once its emergency is declared."""


@dataclass(frozen=True, slots=True)
class PersonsHit:
    """Whom an issue hits. `by` says by what: the kind of its likeliest cause, "place", `DECLARED`,
    or "" where nothing says it."""

    complained: int
    hit: int | None
    silent: int | None
    by: str


def issue_summary(issue: HotIssue, *, brand: str = "") -> IssueSummary:
    """What the members share and say, against others of the same days."""
    first, last = _span(issue)
    rows = rows_between(first, last, brand=brand)
    refs = set(complaints_in(issue))
    inside = rows.filter(pl.col("id").is_in(list(refs)))
    outside = rows.filter(~pl.col("id").is_in(list(refs)))
    shared_values = shared(
        *({name: part[name].to_list() for name in _DIMENSIONS} for part in (inside, outside))
    )
    own = inside["id"].to_list()[:MOST_TEXTS]
    texts = masked_texts([*own, *outside["id"].to_list()[-MOST_TEXTS:]])
    mine = [ref for ref in own if ref in texts]
    terms, typical = telling(
        [texts[ref] for ref in mine], [texts[ref] for ref in texts if ref not in refs]
    )
    quoted = [mine[at] for at in typical]
    texts_by_ref = first_words(quoted)
    return IssueSummary(
        shared=shared_values,
        words=terms,
        quoted=[(ref, *texts_by_ref[ref]) for ref in quoted if ref in texts_by_ref],
        suspected=len(one_sender(inside)),
    )


def carriers_of_issue(issue: HotIssue) -> list[Carrier]:
    """Which areas, products, channels, partners and versions carry the issue, its persons held
    against what the detector expected of everybody; of an issue it has not looked at yet, against
    what came in the six weeks before."""
    first, last = _span(issue)
    rows = rows_between(first, last, brand=issue.brand)
    refs = list(complaints_in(issue))
    inside = rows.filter(pl.col("id").is_in(refs)).unique("who", maintain_order=True)
    before = rows.filter(pl.col("received_at") < issue.started_at)
    newest = inside["received_at"].max()
    if not inside.height or not before.height or not isinstance(newest, datetime):
        return []
    lasted = (newest - issue.started_at) / timedelta(days=1) + 1.0
    history_days = (issue.started_at - before["received_at"].min()) / timedelta(days=1) + 1.0  # type: ignore[operator]
    sides, usual = (_sides(inside), _sides(before)), _margins(issue, lasted)
    return carriers(*sides, views=VIEWS, scale=lasted / history_days, usual=usual)


def _margins(issue: HotIssue, days: float) -> dict[str, dict[str, float]]:
    """Column of the views → value → persons the detector expected of it in so many days.

    A value that has parts is no value of a finest column: there only what says no more is meant.
    """
    margins: dict[str, dict[str, float]] = {}
    tree, kinds = trees(), offer_kinds()
    parts = {cell_key.partition(".")[0] for cell_key in issue.usual if "." in cell_key}
    parent_keys = {f"area={parent}" for parent in tree.areas.values() if parent}
    for cell_key, mean in issue.usual.items():
        dimension, _is, value = cell_key.partition("=")
        persons = mean * days
        if "|" in cell_key:
            continue
        if not cell_key or dimension == "channel":
            margins.setdefault(dimension, {})[value] = persons
        elif dimension == "area":
            if cell_key not in parent_keys:
                margins.setdefault("area", {})[value] = persons
            if not tree.areas.get(value):
                margins.setdefault("province", {})[value] = persons
        elif dimension == "code":
            if "." not in value:
                margins.setdefault("root", {})[value] = persons
            if cell_key not in parts:
                margins.setdefault("code", {})[value] = persons
        elif value.startswith("kind:"):
            margins.setdefault("kind", {})[value] = persons
        elif dimension == "product":
            margins.setdefault("product", {})[value] = persons
            partner, by = kinds.get(value, ("", ""))[1], margins.setdefault("partner", {})
            by[partner] = by.get(partner, 0.0) + (persons if partner else 0.0)
    margins.get("partner", {}).pop("", None)
    return margins


VIEWS = (
    ("province", "partner", "channel", "root"),
    ("area", "partner", "channel", "root"),
    ("province", "partner", "channel", "code"),
    ("province", "kind", "channel", "code"),
    ("area", "product", "channel", "code"),
    ("area", "version", "channel", "code"),
)
"""In which columns `carried` looks, the coarsest first."""


def _sides(rows: pl.DataFrame) -> dict[str, list[str]]:
    """The columns of the views, one entry a row; "" where it has no such value."""
    levels = {
        name: rows[column].fill_null("").to_list() if column in rows.columns else [""] * rows.height
        for name, column in (("province", "area.0"), ("root", "code.0"))
    }
    kinds, versions = offer_kinds(), offer_versions()
    products, moments = rows["product"].to_list(), rows["received_at"].to_list()
    return {
        **levels,
        **{name: rows[name].to_list() for name in ("area", "product", "channel", "code")},
        "kind": [f"kind:{kinds[ref][0]}" if ref in kinds else "" for ref in products],
        "partner": [kinds.get(ref, ("", ""))[1] for ref in products],
        "version": [_version(ref, at, versions) for ref, at in zip(products, moments, strict=True)],
    }


def _version(ref: str, at: datetime, versions: dict[str, list[tuple[datetime, str]]]) -> str:
    """Offer and version in force when somebody complained; "" where an offer has but one."""
    dated_versions = versions.get(ref, [])
    current_versions = [version for since, version in dated_versions if since <= at]
    return f"{ref}@{current_versions[-1]}" if len(dated_versions) > 1 and current_versions else ""


def curve(issue: HotIssue) -> list[Day]:
    """Persons a day in the main place, from six weeks before it began, with what was expected."""
    first, last = _span(issue)
    cell_key = main_place(issue)
    rows = rows_between(first, last)
    members = set(complaints_in(issue))
    own = (
        rows.filter(pl.col("id").is_in(list(members)))
        if values_of(cell_key).keys() & {"cause", "words"}
        else within(rows, cell_key)
    )
    counted = dict(
        own.group_by(pl.col("moment").dt.date().alias("day"))
        .agg(pl.col("who").n_unique())
        .iter_rows()
    )
    zone = ZoneInfo(settings.TIME_ZONE)
    alarms = {
        at.astimezone(zone).date() for at in issue.alarms.values_list("period_start", flat=True)
    }
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    began = issue.started_at.astimezone(zone).date()
    before = [counted.get(day, 0) for day in days if day < began]
    seen = max(float(np.mean(before)) if before else 0.0, 1e-9)
    spread = max(1.0, float(np.var(before)) / seen if len(before) > 7 else 1.0)
    mean = max(issue.usual.get(cell_key, seen), 1e-9)
    if "words" in values_of(cell_key):
        # Who said it before is in no issue; how many were to be expected the scan has counted.
        mean = max(issue.expected / max(len(days) - len(before), 1), 1e-9)
    low, high = _band(mean, spread)
    drawn = _drawn(alarms, counted, high)
    return [
        Day(day=day, persons=counted.get(day, 0), low=low, high=high, alarm=drawn.get(day, 0))
        for day in days
    ]


def _drawn(alarms: set[date], counted: dict[date, int], high: float) -> dict[date, int]:
    """Days on which alarms are drawn, with the persons they spoke of.

    An alarm speaks of four days together, and may come on one that was quiet again: it is drawn
    where its own day is beyond chance, and otherwise on the day of most persons among the four.
    """
    persons_by_day: dict[date, int] = {}
    for day in sorted(alarms):
        spoken = [day - timedelta(days=ago) for ago in range(SPEAKS_OF)]
        persons = sum(counted.get(spoken_day, 0) for spoken_day in spoken)
        busiest = max(spoken, key=lambda spoken_day: (counted.get(spoken_day, 0), spoken_day))
        clear = counted.get(day, 0) > max(high, 1.0)
        at = day if clear else busiest
        if persons:
            persons_by_day[at] = max(persons_by_day.get(at, 0), persons)
    return persons_by_day


def _band(mean: float, spread: float) -> tuple[float, float]:
    """What chance allows in 95 of 100 days, at this mean and variance over mean."""
    if spread <= 1.01:
        low, high = scipy.stats.poisson.ppf([0.025, 0.975], mean)
    else:
        size = mean / (spread - 1.0)
        low, high = scipy.stats.nbinom.ppf([0.025, 0.975], size, 1.0 / spread)
    return max(float(low), 0.0), float(high)


@dataclass(frozen=True, slots=True)
class Inflow:
    """Which share of all who complained while an issue lasted complained of it, and the share to
    be expected: a busy week lifts the count of everything, and no share."""

    share: float
    expected: float


def inflow(issue: HotIssue) -> Inflow | None:
    """Its main place's share of the inflow, from its beginning to its last alarm; None where
    nothing is known of what was to be expected."""
    cell_key = main_place(issue)
    everything = issue.usual.get("", 0.0)
    own = _usual_in(issue, cell_key)
    if not cell_key or everything <= 0 or own is None:
        return None
    first, last = _span(issue)
    moment = pl.col("received_at")
    rows = rows_between(first, last, brand=issue.brand).filter(
        (moment >= issue.started_at) & (moment <= issue.last_alarm_at)
    )
    every = rows["who"].n_unique()
    if not every:
        return None
    return Inflow(within(rows, cell_key)["who"].n_unique() / every, own / everything)


def _usual_in(issue: HotIssue, cell_key: str) -> float | None:
    """Persons a day to be expected in a place. One nobody was in before is expected to be like its
    neighbours: each of its values has its own share of everything. None where nothing is known, as
    of words and causes."""
    values = values_of(cell_key)
    if cell_key in issue.usual or values.keys() & {"cause", "words"}:
        return issue.usual.get(cell_key)
    usual_mean = everything = issue.usual.get("", 0.0)
    for name, value in values.items():
        usual_mean *= issue.usual.get(f"{name}={value}", 0.0) / max(everything, 1e-9)
    return usual_mean


@once_per_request
def hit(issue: HotIssue, *, now: datetime) -> PersonsHit:
    """How many are hit and how many of them have not complained: where an emergency is declared, by
    its scope, counted person by person within the hour; before, by its best cause, as of when that
    was found, or else by the services and areas of its place. Counts alone; who they are only
    `access` opens."""
    for silent in registry.about_issue("declared_silent", issue):
        if silent is None:
            continue
        return PersonsHit(
            complained=issue.persons, hit=issue.persons + silent, silent=silent, by=DECLARED
        )
    best = likeliest(issue)
    if best and best.kind != "unrecorded":
        silent = int(best.numbers["silent"])
        return PersonsHit(
            complained=issue.persons, hit=issue.persons + silent, silent=silent, by=best.kind
        )
    complained = set(
        issue.memberships.filter(left_at__isnull=True).values_list("person", flat=True)
    )
    offers, areas = hit_place(issue)
    if not areas and not offers:
        return PersonsHit(complained=len(complained), hit=None, silent=None, by="")
    people = people_with(areas=areas, offers=offers, at=now, brand=issue.brand)
    return PersonsHit(
        complained=len(complained),
        hit=len(people | complained),
        silent=len(people - complained),
        by="place",
    )


def span(issue: HotIssue) -> tuple[date, date]:
    """The days an issue is shown over: from six weeks before it began to two after it was hot."""
    return _span(issue)


@once_per_request
def _newest_day() -> date | None:
    newest: date | None = CubeDay.objects.aggregate(last=Max("day"))["last"]
    return newest


def _span(issue: HotIssue) -> tuple[date, date]:
    zone = ZoneInfo(settings.TIME_ZONE)
    last = max(issue.last_alarm_at, issue.detected_at) + AFTER
    if issue.closed_at:
        last = max(last, issue.closed_at)
    # What has not come yet is no zero.
    newest = _newest_day() or last.astimezone(zone).date()
    first = (issue.started_at - BEFORE).astimezone(zone).date()
    return first, max(first, min(last.astimezone(zone).date(), newest))
