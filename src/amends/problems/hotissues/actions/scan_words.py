"""Look for what complaints begin to speak of: words name an issue, or open one of their own.

A topic (`rules/words`) most of whose complaints stand in an open issue tells what that issue is
about. Any other is an issue that no class, area, product or channel has a name for; its place is
its first phrase, `words=…`, and whoever says that phrase while it is open joins it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
from django.conf import settings
from django.db import transaction

from amends.cases.complaints.queries.analytics import masked_texts
from amends.engines.detection.common_terms import telling_words
from amends.engines.detection.cube import place_of, values_of
from amends.engines.detection.terms import says
from amends.engines.detection.vocabulary import Vocabulary
from amends.engines.detection.words import Topic, bursting
from amends.platform.kit.actors import Actor, system
from amends.problems.hotissues.actions.ask_about_late import ask
from amends.problems.hotissues.actions.fill_cube import update_cube
from amends.problems.hotissues.actions.find_causes import find_causes
from amends.problems.hotissues.actions.join import join_if_open
from amends.problems.hotissues.actions.note import note
from amends.problems.hotissues.actions.open_issue import one_at_a_time, open_issue
from amends.problems.hotissues.models import Alarm, Cell, CubeMark, HotIssue, Membership
from amends.problems.hotissues.queries.cube import LEAST_DAYS, rows_between
from amends.problems.hotissues.queries.exposures import KnownExposures
from amends.problems.hotissues.queries.late_complaints import closed_by_people, fitting
from amends.problems.hotissues.queries.membership import complaints_in, main_place

SHARE_OF_FALSE = 0.15
"""Of the false issues the operator accepts, this part is spent here."""
BACK = timedelta(days=95)
RECENT = timedelta(days=4)
MOST_NOW, MOST_BEFORE = 4_000, 8_000
LEAST_IN_CELL, MOST_CELLS = 6, 40
MOSTLY = 0.5
TOLD = 8
SCAN = system("scan")


@dataclass(frozen=True, slots=True)
class WordScan:
    """What one look at the words found.

    topics  what bursts now; `opened` issues no class has a name for; `told` issues they tell about
    """

    texts: int
    false_a_week: float
    topics: list[Topic] = field(default_factory=list)
    opened: list[str] = field(default_factory=list)
    about: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _RecentTexts:
    """Complaints of the last weeks with their words, oldest first.

    read  their texts, each read once for all that is asked of them
    """

    refs: list[str]
    texts: list[str]
    read: Vocabulary
    days: list[int]
    persons: list[str]
    cells: dict[str, list[int]]
    first: date


def scan_words(
    *,
    now: datetime,
    brand: str = "",
    actor: Actor = SCAN,
    known_exposures: KnownExposures | None = None,
) -> WordScan:
    """Judge the words of the newest days, if anything came since they were judged last.

    known  what may have caused issues, where other scans of this moment ask too
    """
    update_cube()
    zone = ZoneInfo(settings.TIME_ZONE)
    today = now.astimezone(zone).date()
    rows = rows_between(today - BACK, today, brand=brand).filter(pl.col("received_at") <= now)
    first = rows["moment"].min()
    accepted = settings.FALSE_ISSUES_A_WEEK * SHARE_OF_FALSE
    if not isinstance(first, datetime) or (today - first.date()).days < LEAST_DAYS:
        return WordScan(0, accepted)
    newest = str(rows["id"].max())
    if not _is_new(brand, newest):
        return WordScan(0, accepted)
    recent_texts = _said(rows, first.date(), now)
    topics = bursting(
        recent_texts.texts,
        recent_texts.days,
        at=(today - recent_texts.first).days,
        period="day",
        persons=recent_texts.persons,
        cells=recent_texts.cells,
        false_per_week=accepted,
        read=recent_texts.read,
    )
    opened: list[str] = []
    about: list[str] = []
    named: set[str] = set()
    with transaction.atomic():
        one_at_a_time()
        ended = _closed(recent_texts, brand=brand, now=now)
        for topic in topics:
            if _asked(topic, recent_texts, ended, brand=brand, now=now, actor=actor):
                continue
            ref, new, names = _settle(topic, recent_texts, brand=brand, now=now, actor=actor)
            (opened if new else about).append(ref)
            named |= {ref} if names else set()
        _follow(recent_texts, brand=brand, now=now, actor=actor)
        for closed_issue in ended:
            if closed_issue.said:
                ask(
                    closed_issue.issue,
                    closed_issue.place,
                    now=now,
                    actor=actor,
                    sayers=closed_issue.said,
                )
        _tell_others(recent_texts, brand=brand, named=named)
        CubeMark.objects.update_or_create(stream=_stream(brand), defaults={"seen": newest})
    find_causes(opened, now=now, known_exposures=known_exposures)
    return WordScan(
        texts=len(recent_texts.texts),
        false_a_week=accepted,
        topics=topics,
        opened=opened,
        about=about,
    )


def _stream(brand: str) -> str:
    return f"words:{brand}"[:16]


def _is_new(brand: str, newest: str) -> bool:
    mark = CubeMark.objects.filter(stream=_stream(brand)).first()
    return mark is None or mark.seen != newest


def _said(rows: pl.DataFrame, first: date, now: datetime) -> _RecentTexts:
    """The newest complaints and a sample of those before, with their masked words."""
    since = now - RECENT
    recent = rows.filter(pl.col("received_at") > since).tail(MOST_NOW)
    before = rows.filter(pl.col("received_at") <= since)
    if before.height > MOST_BEFORE:
        # By the hash of what is known of each: the same complaints at every look, and wherever they
        # are on record under other references.
        about = [
            name for name in before.columns if name.startswith(("received_at", "code.", "area."))
        ]
        before = before.sort(pl.struct(about).hash(seed=0), "id").head(MOST_BEFORE)
    both = pl.concat([before, recent]).sort("received_at", "id")
    texts_by_ref = masked_texts(both["id"].to_list())
    both = both.filter(pl.col("id").is_in(list(texts_by_ref)))
    days = (both["moment"].dt.date() - first).dt.total_days().to_list()
    texts = [texts_by_ref[ref] for ref in both["id"]]
    return _RecentTexts(
        refs=both["id"].to_list(),
        texts=texts,
        read=Vocabulary.of(texts),
        days=[int(day) for day in days],
        persons=both["who"].cast(pl.String).to_list(),
        cells=_cells(both, since),
        first=first,
    )


def _cells(rows: pl.DataFrame, since: datetime) -> dict[str, list[int]]:
    """Groups, classes and areas with enough new complaints, each with the places of its own."""
    numbered = rows.with_row_index("at")
    counted_cells: list[tuple[int, str, list[int]]] = []
    for level in [name for name in rows.columns if name.startswith(("code.", "area."))]:
        dimension = level.partition(".")[0]
        for (value,), part in numbered.partition_by(level, as_dict=True).items():
            new = part.filter(pl.col("received_at") > since).height
            if value is not None and new >= LEAST_IN_CELL:
                cell_key = place_of({dimension: str(value)})
                counted_cells.append((new, cell_key, part["at"].to_list()))
    densest = sorted(counted_cells, key=lambda counted_cell: (-counted_cell[0], counted_cell[1]))[
        :MOST_CELLS
    ]
    return {cell_key: positions for _, cell_key, positions in densest}


@dataclass(frozen=True, slots=True)
class _Closed:
    """An issue somebody has closed of late; `said`: who says its phrase, if it is one of words."""

    issue: HotIssue
    place: str
    said: list[str]


def _closed(recent_texts: _RecentTexts, *, brand: str, now: datetime) -> list[_Closed]:
    issues = closed_by_people(brand=brand, now=now)
    named = dict(Cell.objects.filter(issue__in=issues, main=True).values_list("issue_id", "place"))
    closed_issues = []
    for issue in issues:
        cell_key, sayers = named.get(issue.id, ""), []
        if "words" in values_of(cell_key) and issue.words:
            sayers = [
                ref
                for ref, text in zip(recent_texts.refs, recent_texts.read.tokens, strict=True)
                if says(str(issue.words[0]), text)
            ]
        if cell_key:
            closed_issues.append(_Closed(issue, cell_key, sayers))
    return closed_issues


def _asked(
    topic: Topic,
    recent_texts: _RecentTexts,
    ended: Sequence[_Closed],
    *,
    brand: str,
    now: datetime,
    actor: Actor,
) -> bool:
    """Whether a topic of no open issue is mostly what came since somebody closed one, or says its
    phrase, which is asked about then; of a place that is no words both ways, or a wide one would
    hold every topic.
    """
    refs = {recent_texts.refs[at] for at in topic.complaints}
    if not ended or _mostly(list(refs), brand) is not None:
        return False
    for closed_issue in ended:
        late = fitting(closed_issue.issue, closed_issue.place, now=now, sayers=closed_issue.said)
        late_refs = set(late.complaints) if late else set()
        size = len(refs) if closed_issue.said else max(len(refs), len(late_refs))
        since = len(late_refs & refs)
        # What the closed issue holds itself is no new issue because one more says its phrase.
        phrase = len(refs.intersection(closed_issue.said))
        if (since and since >= MOSTLY * size) or phrase >= MOSTLY * len(refs) > 0:
            ask(
                closed_issue.issue,
                closed_issue.place,
                now=now,
                actor=actor,
                sayers=closed_issue.said,
            )
            return True
    return False


def _settle(
    topic: Topic, recent_texts: _RecentTexts, *, brand: str, now: datetime, actor: Actor
) -> tuple[str, bool, bool]:
    """The issue a topic tells about, or a new one of its own; whether it is new; whether the topic
    names it, not only a part of it."""
    refs = [recent_texts.refs[at] for at in topic.complaints]
    issue = _mostly(refs, brand)
    if issue is None:
        issue = _open(topic, recent_texts, brand=brand, now=now, actor=actor)
        join_if_open(issue.id, refs, because=_reason(topic.terms), actor=actor, now=now)
        _alarm(issue, topic, recent_texts, now)
        return issue.id, True, True
    if _is_of_words(issue):
        refs = _in_no_closed(refs)
        join_if_open(issue.id, refs, because=_reason(topic.terms), actor=actor, now=now)
        _alarm(issue, topic, recent_texts, now)
        HotIssue.objects.filter(id=issue.id).update(last_alarm_at=now)
    if not issue.words:
        note(issue, "worded", actor=actor, now=now, reason="; ".join(topic.terms))
    names = _is_of_words(issue) or _covers(refs, issue, recent_texts)
    if names:
        HotIssue.objects.filter(id=issue.id).update(words=list(topic.terms))
    return issue.id, False, names


def _covers(refs: Sequence[str], issue: HotIssue, recent_texts: _RecentTexts) -> bool:
    """Whether a topic is what the newest complaints of an issue speak of, not a part of them."""
    issue_refs = set(complaints_in(issue))
    newest = max(recent_texts.days, default=0) - RECENT.days
    recent = {
        ref
        for ref, day in zip(recent_texts.refs, recent_texts.days, strict=True)
        if day >= newest and ref in issue_refs
    }
    return len(recent & set(refs)) >= MOSTLY * len(recent)


def _mostly(refs: Sequence[str], brand: str) -> HotIssue | None:
    """The open issue that holds most of these complaints, or most of whose own they are; or, where
    issues found by counting hold most of them together, the one with the most: what two of them
    have in common is no third."""
    wanted = set(refs)
    best: tuple[float, HotIssue] | None = None
    largest: tuple[int, HotIssue] | None = None
    covered_refs: set[str] = set()
    for issue in HotIssue.objects.filter(state="open", brand=brand, drill=False).order_by("id"):
        issue_refs = set(complaints_in(issue))
        shared = len(wanted & issue_refs) / max(min(len(wanted), len(issue_refs)), 1)
        if shared >= MOSTLY and (best is None or shared > best[0]):
            best = shared, issue
        if not _is_of_words(issue):
            covered_refs |= wanted & issue_refs
            number = len(wanted & issue_refs)
            largest = (number, issue) if largest is None or number > largest[0] else largest
    if best is None and largest is not None and len(covered_refs) >= MOSTLY * len(wanted):
        return largest[1]
    return best[1] if best else None


def _in_no_closed(refs: Sequence[str]) -> list[str]:
    """Without those that belong to an issue that is over: a later one of the phrase is another."""
    over = set(
        Membership.objects.filter(
            complaint__in=refs, left_at__isnull=True, issue__state="closed"
        ).values_list("complaint", flat=True)
    )
    return [ref for ref in refs if ref not in over]


def _is_of_words(issue: HotIssue) -> bool:
    main = main_place(issue)
    return "words" in values_of(main)


def _open(
    topic: Topic, recent_texts: _RecentTexts, *, brand: str, now: datetime, actor: Actor
) -> HotIssue:
    start = recent_texts.first + timedelta(days=topic.start)
    local = datetime(start.year, start.month, start.day, tzinfo=ZoneInfo(settings.TIME_ZONE))
    issue = open_issue(
        [place_of({"words": topic.terms[0]})],
        started_at=min(local.astimezone(UTC), now),
        now=now,
        actor=actor,
        brand=brand,
        false_a_week=settings.FALSE_ISSUES_A_WEEK * SHARE_OF_FALSE,
    )
    issue.words, issue.expected = list(topic.terms), topic.expected
    issue.save(update_fields=["words", "expected"])
    return issue


def _alarm(issue: HotIssue, topic: Topic, recent_texts: _RecentTexts, now: datetime) -> None:
    day = recent_texts.first + timedelta(days=topic.last)
    local = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(settings.TIME_ZONE))
    main = main_place(issue)
    Alarm.objects.get_or_create(
        issue=issue,
        place=main,
        grain="day",
        period_start=local,
        defaults={
            "persons": topic.persons,
            "expected": topic.expected,
            "evidence": topic.evidence,
            "threshold": 0.0,
            "raised_at": now,
        },
    )


def _follow(recent_texts: _RecentTexts, *, brand: str, now: datetime, actor: Actor) -> None:
    """Whoever says the phrase of an open issue of words joins it, burst or not."""
    for issue in HotIssue.objects.filter(state="open", brand=brand, drill=False).order_by("id"):
        if not _is_of_words(issue) or not issue.words:
            continue
        zone = ZoneInfo(settings.TIME_ZONE)
        began = (issue.started_at.astimezone(zone).date() - recent_texts.first).days
        refs = [
            ref
            for ref, day, text in zip(
                recent_texts.refs, recent_texts.days, recent_texts.read.tokens, strict=True
            )
            if day >= began and says(str(issue.words[0]), text)
        ]
        because = _reason([str(issue.words[0])])
        join_if_open(issue.id, refs, because=because, actor=actor, now=now)


def _tell_others(recent_texts: _RecentTexts, *, brand: str, named: set[str]) -> None:
    """What the complaints of issues found by counting say more often than others do."""
    issues = HotIssue.objects.filter(state="open", brand=brand, drill=False).order_by("id")
    for issue in issues:
        if _is_of_words(issue) or issue.id in named:
            continue
        issue_refs = set(complaints_in(issue))
        own = [at for at, ref in enumerate(recent_texts.refs) if ref in issue_refs]
        terms = [word for word, _ in telling_words(recent_texts.read, own)] if own else []
        if terms and terms != list(issue.words):
            HotIssue.objects.filter(id=issue.id).update(words=terms[:TOLD])


def _reason(terms: Sequence[str]) -> str:
    return f"scan: words {', '.join(terms[:3])}"[:400]
