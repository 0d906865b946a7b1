"""Join the alarms of one cluster to the issue they follow, or open one; split one that is two."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
from django.conf import settings

from amends.engines.detection.clusters import MORE, SAME, Candidate, named_by, overlap
from amends.engines.detection.cube import is_part, values_of, within
from amends.platform.kit.actors import Actor
from amends.problems.hotissues.actions.ask_about_late import ask
from amends.problems.hotissues.actions.join import join_if_open
from amends.problems.hotissues.actions.open_issue import close_issue, open_issue, reopen_issue
from amends.problems.hotissues.actions.remove_misplaced import for_place, let_go
from amends.problems.hotissues.models import Alarm, Cell, HotIssue
from amends.problems.hotissues.queries.late_complaints import closed_by_people
from amends.problems.hotissues.queries.membership import complaints_in
from amends.problems.hotissues.queries.reasons import BY_SCAN, HOT_AGAIN

INSIDE = 0.8
"""A part has so many of its persons in the whole."""
COVERED = 0.7
"""Two parts are two causes where they explain so much of the whole's excess; where more parts do,
it is one cause that is spread over them."""


def is_second(
    candidate: Candidate,
    issue: HotIssue,
    issue_key: str,
    other_candidates: Sequence[Candidate],
    rows: pl.DataFrame,
) -> bool:
    """Whether `one` is a second cause in the place the issue is named after, which goes on with one
    of the `others`: the one that holds more of those who came first. What people have taken up
    stays as they took it up.
    """
    if not other_candidates or issue.owner or issue.level or _is_no_whole(issue_key):
        return False
    own = within(rows.filter(pl.col("received_at") >= issue.started_at), issue_key)
    came = own.sort("received_at", "id")["who"].cast(pl.String).unique(maintain_order=True)
    issue_persons, first = frozenset(came), frozenset(came.head(max(came.len() // 2, 1)))
    excess = len(issue_persons) - issue.expected

    def parted(other_candidate: Candidate) -> bool:
        both = [candidate, other_candidate]
        if any(len(part.persons & issue_persons) < INSIDE * len(part.persons) for part in both):
            return False
        # A channel is a way to complain, and no cause.
        if any(_is_by_channel(part.place, issue_key) for part in both):
            return False
        covered_excess = (
            len((candidate.persons | other_candidate.persons) & issue_persons)
            - candidate.expected
            - other_candidate.expected
        )
        return covered_excess >= COVERED * excess and len(other_candidate.persons & first) > len(
            candidate.persons & first
        )

    return any(parted(other_candidate) for other_candidate in other_candidates)


def _is_no_whole(cell_key: str) -> bool:
    return not cell_key or bool(values_of(cell_key).keys() & {"cause", "words"})


def _is_by_channel(cell_key: str, issue_key: str) -> bool:
    return (values_of(cell_key).keys() - values_of(issue_key).keys()) == {"channel"} and {
        name: value for name, value in values_of(cell_key).items() if name != "channel"
    } == values_of(issue_key)


# Join the alarms of one cluster to the issue they follow, or open one.


FOLLOWS = timedelta(days=21)
"""An alarm of the same place so long after the last one is still the same issue."""
NEARLY, FAR_LESS = 0.8, 0.5
"""A town names an issue with so much of its excess, where so much less is expected."""
TOGETHER = 0.7
"""What issues hold so much of together is what they have in common, and none of its own."""
QUIET = timedelta(days=14)
RETURNS = timedelta(days=28)


def follow(
    cluster: Sequence[Candidate],
    rows: pl.DataFrame,
    *,
    days: Sequence[object],
    brand: str,
    now: datetime,
    actor: Actor,
    false_a_week: float,
    grain: str = "day",
    elsewhere: Sequence[Candidate] = (),
) -> str:
    """The issue these places belong to now, its complaints joined; returns its reference.

    days       the starts of the periods that were judged, each one `grain` long
    elsewhere  the places that name the other clusters of the same scan

    Where somebody has closed the issue of this place, nothing is opened and nothing joins: it is
    asked whether it is the same, and "" returned.
    """
    elsewhere_persons: frozenset[str] = frozenset().union(
        *(candidate.persons for candidate in elsewhere)
    )
    main = named_by(_of_its_own(cluster, brand), elsewhere_persons)
    since = _moment(days[main.since])
    issue = _followed(main, rows, brand, now, elsewhere)
    if issue is None and (ended := _ended(main, rows, brand, now)):
        ask(*ended, now=now, actor=actor)
        return ""
    if issue is None:
        issue = open_issue(
            [main.place],
            started_at=min(since, now),
            now=now,
            actor=actor,
            brand=brand,
            false_a_week=false_a_week,
            grain=grain,
        )
    elif issue.state == "closed":
        issue = reopen_issue(issue.id, because=HOT_AGAIN, actor=actor, now=now)
    if _add_place(issue, main, rows, now, elsewhere):
        let_go(issue, main.place, rows, now=now, actor=actor)
    _raise(issue, cluster, days, now, grain)
    HotIssue.objects.filter(id=issue.id).update(last_alarm_at=now, false_a_week=false_a_week)
    return issue.id


def grow(
    rows: pl.DataFrame,
    *,
    brand: str,
    now: datetime,
    actor: Actor,
    means: Mapping[str, float],
    only: Collection[str] | None = None,
) -> None:
    """What came in the place of an open issue since it began joins it, alarm or not; what joined
    for a place it is no longer named after leaves it.

    only  references of those that may have changed since they were grown; all if None
    """
    open_issues = HotIssue.objects.filter(state="open", opened_by="scan", brand=brand, drill=False)
    issues = list((open_issues if only is None else open_issues.filter(id__in=only)).order_by("id"))
    named = dict(Cell.objects.filter(issue__in=issues, main=True).values_list("issue_id", "place"))
    for issue in issues:
        cell_key = named.get(issue.id)
        if cell_key is None:
            continue
        own = within(rows.filter(pl.col("received_at") >= issue.started_at), cell_key)
        let_go(issue, cell_key, rows, now=now, actor=actor)
        refs = own["id"].to_list()
        join_if_open(issue.id, refs, because=for_place(cell_key), actor=actor, now=now)
        local = ZoneInfo(settings.TIME_ZONE)
        lasted = (now.astimezone(local).date() - issue.started_at.astimezone(local).date()).days
        HotIssue.objects.filter(id=issue.id).update(
            expected=_a_day(issue, cell_key, means.get(cell_key, 0.0)) * (lasted + 1),
            usual=issue.usual or _usual(issue, means),
        )


def _usual(issue: HotIssue, means: Mapping[str, float]) -> dict[str, float]:
    """What the detector expects a day of everything, each value of a dimension and its places."""
    own = set(issue.cells.values_list("place", flat=True))
    return {
        cell_key: round(mean, 4)
        for cell_key, mean in means.items()
        if len(values_of(cell_key)) < 2 or cell_key in own
    }


def _a_day(issue: HotIssue, cell_key: str, mean: float) -> float:
    """Persons a day to be expected in a place, as its first alarm had it: a baseline that goes on
    learning would take the issue for what is usual."""
    alarms = issue.alarms.filter(place=cell_key, grain="day")
    first = alarms.order_by("period_start", "id").first()
    if first is None:
        return mean
    days = (first.period_start - issue.started_at).days + 1
    return first.expected / max(days, 1)


def close_quiet(*, brand: str, now: datetime, actor: Actor) -> list[str]:
    """Close what nobody has taken up and what raised no alarm for two weeks."""
    quiet = HotIssue.objects.filter(
        state="open",
        brand=brand,
        owner="",
        level="",
        opened_by="scan",
        drill=False,
        last_alarm_at__lt=now - QUIET,
    )
    refs = list(quiet.values_list("id", flat=True))
    for ref in refs:
        close_issue(ref, because=BY_SCAN, actor=actor, now=now)
    return refs


def _of_its_own(cluster: Sequence[Candidate], brand: str) -> list[Candidate]:
    """The cluster without the wider places that hold another open issue as well."""
    first = cluster[0]
    opened = Cell.objects.filter(issue__state="open", issue__brand=brand, main=True)
    other_keys = [
        cell_key
        for cell_key in opened.values_list("place", flat=True)
        if cell_key != first.place
        and not is_part(cell_key, first.place)
        and not is_part(first.place, cell_key)
    ]
    return [first] + [
        candidate
        for candidate in cluster[1:]
        if not any(is_part(other_key, candidate.place) for other_key in other_keys)
    ]


def _followed(
    main: Candidate,
    rows: pl.DataFrame,
    brand: str,
    now: datetime,
    elsewhere: Sequence[Candidate],
) -> HotIssue | None:
    """The issue with this place, or a whole it is part of, or with most of these persons; or, where
    issues hold most of them together, the one with the most. None of it where this is a second
    cause in the place an issue is named after."""
    near = HotIssue.objects.filter(brand=brand, drill=False, merged_into__isnull=True)
    alive = list(near.filter(state="open").order_by("-last_alarm_at", "-id"))
    closed = near.filter(closed_because=BY_SCAN, closed_at__gt=now - RETURNS)
    named = dict(Cell.objects.filter(issue__in=alive, main=True).values_list("issue_id", "place"))
    for issue in list(alive):
        issue_key = named.get(issue.id, "")
        if main.place != issue_key and is_second(main, issue, issue_key, elsewhere, rows):
            alive.remove(issue)
            issue.cells.filter(place=main.place).delete()
    keys_by_issue = _places([*alive, *closed])
    for issue in [*alive, *closed]:
        if main.place in keys_by_issue[issue.id] and now - issue.last_alarm_at <= RETURNS:
            return issue
    for issue in alive:
        if (issue_key := named.get(issue.id, "")) and is_part(main.place, issue_key):
            return issue
    persons_by_issue = {issue.id: _persons(issue, rows) for issue in alive}
    for issue in alive:
        if (
            now - issue.last_alarm_at <= FOLLOWS
            and overlap(main.persons, persons_by_issue[issue.id]) >= SAME
        ):
            return issue
    covered_persons = main.persons & frozenset().union(*persons_by_issue.values())
    if alive and len(covered_persons) >= TOGETHER * len(main.persons):
        return max(alive, key=lambda issue: len(main.persons & persons_by_issue[issue.id]))
    return None


def _persons(issue: HotIssue, rows: pl.DataFrame) -> frozenset[str]:
    """Who complains in an issue, as candidates name them."""
    return frozenset(rows.filter(pl.col("id").is_in(complaints_in(issue)))["who"].cast(pl.String))


def _ended(
    main: Candidate, rows: pl.DataFrame, brand: str, now: datetime
) -> tuple[HotIssue, str] | None:
    """The issue, closed by somebody of late, that had this place, or one it is part of, or whose
    place holds mostly the same persons since its end; and the place to ask about."""
    closed = closed_by_people(brand=brand, now=now)
    keys_by_issue = _places(closed)
    named = dict(Cell.objects.filter(issue__in=closed, main=True).values_list("issue_id", "place"))
    for issue in closed:
        issue_key = named.get(issue.id, "")
        if main.place in keys_by_issue[issue.id] or (issue_key and is_part(main.place, issue_key)):
            return issue, main.place
        if not issue_key or issue.closed_at is None:
            continue
        since = rows.filter(pl.col("received_at") > issue.closed_at)
        issue_persons, mine = (
            frozenset(within(since, cell_key)["who"]) for cell_key in (issue_key, main.place)
        )
        # Both ways, or a wide place would hold every later issue.
        if len(issue_persons & mine) >= SAME * max(len(issue_persons), len(mine), 1):
            return issue, issue_key
    return None


def _places(issues: Sequence[HotIssue]) -> dict[str, set[str]]:
    keys_by_issue: dict[str, set[str]] = {issue.id: set() for issue in issues}
    for ref, cell_key in Cell.objects.filter(issue__in=issues).values_list("issue_id", "place"):
        keys_by_issue[ref].add(cell_key)
    return keys_by_issue


def _add_place(
    issue: HotIssue,
    main: Candidate,
    rows: pl.DataFrame,
    now: datetime,
    elsewhere: Sequence[Candidate],
) -> bool:
    """Add a place to an issue; whether it names it now.

    A place that is wider, that explains clearly more or as much more closely, or was words alone
    before, names an issue nobody has taken up yet; so does a part where the whole holds something
    else that is hot; everything names none.
    """
    cell, new = Cell.objects.get_or_create(
        issue=issue, place=main.place, defaults={"added_at": now}
    )
    named = issue.cells.filter(main=True).first()
    if named is None or named.place == main.place or issue.owner or issue.level:
        return False
    worded = "words" in values_of(named.place)
    wider = main.place and is_part(named.place, main.place)
    renamed = (
        (new and (not named.place or worded or wider))
        or _explains_more(issue, named, main, rows)
        or _is_the_first(issue, named, main, rows, elsewhere)
    )
    if renamed:
        issue.cells.update(main=False)
        cell.main = True
        cell.save(update_fields=["main"])
    return bool(renamed)


def _explains_more(issue: HotIssue, named: Cell, main: Candidate, rows: pl.DataFrame) -> bool:
    """Whether a place that ran hot later holds clearly more persons beyond what is expected than
    the one the issue was named after, and most of its persons; or nearly as many where far fewer
    are expected, as a class does whose complaints come from one town."""
    if not main.place or not named.place or values_of(named.place).keys() & {"cause", "words"}:
        return False
    since = rows.filter(pl.col("received_at") >= issue.started_at)
    issue_persons = frozenset(within(since, named.place)["who"].cast(pl.String))
    excess, before = len(main.persons) - main.expected, len(issue_persons) - issue.expected
    closer = main.expected <= FAR_LESS * issue.expected
    gain = excess >= MORE * before or (closer and excess >= NEARLY * before)
    return gain and overlap(issue_persons, main.persons) >= SAME


def _is_the_first(
    issue: HotIssue,
    named: Cell,
    main: Candidate,
    rows: pl.DataFrame,
    elsewhere: Sequence[Candidate],
) -> bool:
    """Whether the place the issue is named after holds this cause and a second one."""
    return bool(main.place) and any(
        is_second(candidate, issue, named.place, [main], rows) for candidate in elsewhere
    )


def _raise(
    issue: HotIssue, cluster: Sequence[Candidate], days: Sequence[object], now: datetime, grain: str
) -> None:
    newest = _moment(days[-1])
    Alarm.objects.bulk_create(
        [
            Alarm(
                issue=issue,
                place=candidate.place,
                grain=grain,
                period_start=newest,
                persons=len(candidate.persons),
                expected=candidate.expected,
                evidence=candidate.score,
                threshold=0.0,
                raised_at=now,
            )
            for candidate in cluster
        ],
        ignore_conflicts=True,
    )


def _moment(start: object) -> datetime:
    assert isinstance(start, datetime)
    return start.replace(tzinfo=ZoneInfo(settings.TIME_ZONE)).astimezone(UTC)
