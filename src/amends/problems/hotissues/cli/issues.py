"""`amends hotissues list | show | rebuild | look`: the hot issues of this installation."""

from __future__ import annotations

import time
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from amends.platform.cli.command import command
from amends.platform.cli.language import gettext as _
from amends.platform.cli.language import ngettext, pgettext
from amends.platform.cli.progress import bar
from amends.platform.cli.render import TableColumn, View

if TYPE_CHECKING:
    from amends.platform.kit.actors import Actor
    from amends.problems.hotissues.texts.issue_list import (
        IssueDetails,
        IssueList,
        IssueRow,
        LateComplaints,
        OtherSourceAlarm,
    )

NUMBER = Annotated[int, typer.Argument(help="The number of the issue.")]


class LateAnswer(StrEnum):
    """What is done with complaints that fit a closed issue."""

    REOPEN = "reopen"
    NEW = "new"
    LEAVE = "leave"


@dataclass(frozen=True, slots=True)
class LateComplaintsAnswer:
    """An answer and the number of the issue that now has the complaints, with its persons."""

    number: int
    answer: str
    held_by: int
    persons: int


@dataclass(frozen=True, slots=True)
class RebuiltCube:
    """Complaints and enquiries that were counted again."""

    complaints: int
    seconds: float


@dataclass(frozen=True, slots=True)
class DayScan:
    """The scan of days: days known, segments judged, numbers of issues with an alarm."""

    known: int
    places: int
    issues: list[int]
    false_a_week: float


@dataclass(frozen=True, slots=True)
class HourScan:
    """The scan of whole hours."""

    judged: int
    places: int
    issues: list[int]
    false_a_week: float


@dataclass(frozen=True, slots=True)
class FoundTopic:
    """Words that are more frequent than expected."""

    words: list[str]
    persons: int
    expected: float


@dataclass(frozen=True, slots=True)
class WordScan:
    """The scan of words: numbers of issues it opened, and of known ones it describes."""

    texts: int
    opened: list[int]
    told: list[int]
    topics: list[FoundTopic]
    false_a_week: float


@dataclass(frozen=True, slots=True)
class CauseScan:
    """Numbers of the issues whose possible causes changed."""

    issues: list[int]


@dataclass(frozen=True, slots=True)
class OtherSourceScan:
    """The scan of another source such as posts: days known and alarms."""

    kind: str
    days: int
    alarms: int


@dataclass(frozen=True, slots=True)
class IssueScans:
    """What the scans found."""

    days: DayScan
    hours: HourScan
    words: WordScan
    causes: CauseScan
    beside: list[OtherSourceScan]


def _list_view(listing: IssueList) -> View:
    notes = [_late_words(late) for late in listing.asked]
    notes += [doubt["says"] for doubt in listing.doubts]
    notes += [_other_source_words(alarm) for alarm in listing.beside]
    chance = (
        _(
            "About %(chance)s of the issues found in a week have no cause, as the last scans were "
            "calibrated; up to %(accepted)s are accepted."
        )
        if listing.calibrated
        else _("No scan has measured how many have no cause; up to %(accepted)s are accepted.")
    )
    values = {"chance": f"{listing.false_a_week:.1f}", "accepted": f"{listing.accepted_a_week:g}"}
    return View(
        heading=_("Hot issues"),
        columns=(
            TableColumn(_("No."), "number", right=True),
            TableColumn(_("What"), "name"),
            TableColumn(_("Since"), "since", whole=True),
            TableColumn(_("Persons"), "persons", "{:,}", right=True),
            TableColumn(_("Expected"), "expected", "{:.1f}", right=True),
            TableColumn(_("State"), "state", _state_words),
            TableColumn(_("Level"), _level_words),
        ),
        rows=listing.issues,
        notes=[*notes, chance % values],
    )


def _state_words(state: str) -> str:
    return pgettext("issue", "closed") if state == "closed" else pgettext("issue", "open")


def _level_words(row: IssueRow) -> str:
    reaches = _("reaches %(level)s") % {"level": row.reaches} if row.reaches else ""
    return ", ".join(part for part in (row.level, reaches) if part)


def _late_words(late: LateComplaints) -> str:
    return ngettext(
        "Issue %(number)s is closed, and %(complaints)s complaint since fits it%(quiet)s: reopen, "
        "new issue, or leave? Answer on its page, or with `answer %(number)s`.",
        "Issue %(number)s is closed, and %(complaints)s complaints since fit it%(quiet)s: reopen, "
        "new issue, or leave? Answer on its page, or with `answer %(number)s`.",
        late.complaints,
    ) % {
        "number": late.number,
        "complaints": late.complaints,
        "quiet": _(" (no alarm)") if late.quiet else "",
    }


def _other_source_words(alarm: OtherSourceAlarm) -> str:
    return ngettext(
        "Beside the complaints (%(series)s): %(voices)s voice about %(name)s since "
        "%(since)s, %(expected)s expected.",
        "Beside the complaints (%(series)s): %(voices)s voices about %(name)s since "
        "%(since)s, %(expected)s expected.",
        alarm.voices,
    ) % {
        "series": alarm.series,
        "voices": alarm.voices,
        "name": alarm.name,
        "since": alarm.since,
        "expected": alarm.expected,
    }


@command(view=_list_view)
def list_issues(
    closed: Annotated[bool, typer.Option("--closed", help="Those closed as well.")] = False,
) -> IssueList:
    """List hot issues, the latest alarm first, and how many per week may be chance."""
    from django.utils import timezone

    from amends.problems.hotissues.texts.issue_list import issue_list

    return issue_list(closed=closed, now=timezone.now())


def _details_view(details: IssueDetails) -> View:
    lines = [
        _("%(persons)s complained, %(expected)s expected; hit %(hit)s, hit and silent %(silent)s.")
        % {
            "persons": f"{details.persons:,}",
            "expected": details.expected,
            "hit": _("unknown") if details.hit is None else f"{details.hit:,}",
            "silent": _("unknown") if details.silent is None else f"{details.silent:,}",
        }
    ]
    if details.share_of_inflow is not None:
        lines.append(
            _("  %(share)s of all complaints, where %(expected)s was to be expected")
            % {
                "share": f"{details.share_of_inflow:.0%}",
                "expected": f"{details.expected_share:.1%}",
            }
        )
    if level := _level_words(details):
        lines.append(
            _("  %(level)s: see `amends hotissues emergency %(number)s`")
            % {"level": level, "number": details.number}
        )
    for shared_part in details.shared:
        lines.append(
            _("  %(dimension)s %(value)s: %(share)s, others %(others)s")
            % {
                "dimension": shared_part.dimension,
                "value": shared_part.value,
                "share": f"{shared_part.share:.0%}",
                "others": f"{shared_part.share_of_others:.0%}",
            }
        )
    for part in details.carried_by:
        lines.append(
            _("  carried by %(part)s: %(persons)s, %(expected)s to be expected")
            % {
                "part": " · ".join(f"{name} {value}" for name, value in part.values.items()),
                "persons": part.persons,
                "expected": part.expected,
            }
        )
    if details.words:
        lines.append("  " + " · ".join(details.words))
    lines += [f"  {cause.fit:.2f}  {cause.says}" for cause in details.causes]
    lines += [f"  {quote.complaint}  {quote.words}" for quote in details.quoted]
    return View(
        heading=f"{details.number}  {details.name} ({_state_words(details.state)})", notes=lines
    )


@command(view=_details_view)
def show_issue(number: NUMBER) -> IssueDetails:
    """One issue: what its complaints share, whom it hits, what may have caused it."""
    from django.utils import timezone

    from amends.problems.hotissues.texts.issue_list import issue_details

    return issue_details(number, now=timezone.now())


def _answer_view(late_answer: LateComplaintsAnswer) -> View:
    message = ngettext(
        "Answered: %(answer)s. Issue %(number)s, %(count)s person.",
        "Answered: %(answer)s. Issue %(number)s, %(count)s persons.",
        late_answer.persons,
    )
    values = {
        "answer": late_answer.answer,
        "number": late_answer.held_by,
        "count": f"{late_answer.persons:,}",
    }
    return View(notes=[message % values])


@command(view=_answer_view)
def answer(
    actor: Actor,
    number: Annotated[int, typer.Argument(help="The number of the closed issue.")],
    what: Annotated[LateAnswer, typer.Argument(help="The same issue, a new one, or left alone.")],
    because: Annotated[str, typer.Option(help="Why; it is recorded in the history.")],
) -> LateComplaintsAnswer:
    """Answer what is asked of complaints that fit an issue somebody has closed."""
    from django.utils import timezone

    from amends.problems.hotissues.actions.answer_late import answer_late
    from amends.problems.hotissues.queries.issue_numbers import issue_numbered

    asked_issue = issue_numbered(number)
    holder_issue = answer_late(
        asked_issue.id, what.value, because=because, actor=actor, now=timezone.now()
    )
    return LateComplaintsAnswer(
        number=number, answer=what.value, held_by=holder_issue.number, persons=holder_issue.persons
    )


def _rebuilt_view(rebuilt: RebuiltCube) -> View:
    message = _("Complaints and enquiries: %(count)s, in %(seconds)s s.")
    return View(notes=[message % {"count": f"{rebuilt.complaints:,}", "seconds": rebuilt.seconds}])


@command(view=_rebuilt_view)
def rebuild() -> RebuiltCube:
    """Rebuild the counts from the complaints; the result equals that of the incremental updates."""
    from amends.problems.hotissues.actions.fill_cube import rebuild_cube

    began = time.monotonic()
    with bar(_("Counting complaints")) as tell:
        rows = rebuild_cube(progress=lambda row_count: tell(row_count, row_count))
    return RebuiltCube(rows, round(time.monotonic() - began, 2))


def _scans_view(scans: IssueScans) -> View:
    message = _("%(scanned)s: %(told)s")
    described = sorted({*scans.words.opened, *scans.words.told})
    notes = []
    for scanned, numbers in (
        (_("days"), scans.days.issues),
        (_("hours"), scans.hours.issues),
        (_("words"), described),
        (_("causes"), scans.causes.issues),
    ):
        numbers_text = ", ".join(map(str, numbers)) or _("nothing new")
        notes.append(message % {"scanned": scanned, "told": numbers_text})
    for source_scan in scans.beside:
        notes.append(
            _("%(kind)s: places that ran hot: %(alarms)s; days known: %(days)s")
            % {"kind": source_scan.kind, "alarms": source_scan.alarms, "days": source_scan.days}
        )
    return View(notes=notes)


@command(view=_scans_view)
def look() -> IssueScans:
    """Scan now, as the jobs do: days, hours, words, causes, posts and enquiries."""
    from django.utils import timezone

    from amends.problems.hotissues.actions.scan_causes import scan_causes
    from amends.problems.hotissues.actions.scan_desk import scan_desk
    from amends.problems.hotissues.actions.scan_hours import scan_hours
    from amends.problems.hotissues.actions.scan_other_sources import scan_other_sources
    from amends.problems.hotissues.actions.scan_words import scan_words
    from amends.problems.hotissues.queries import issues

    now = timezone.now()
    days, hours = scan_desk(now=now), scan_hours(now=now)
    word_scan, causes = scan_words(now=now), scan_causes(now=now)
    source_scans = scan_other_sources(now=now)
    number = {issue.id: issue.number for issue in issues()}

    def numbers(refs: list[str]) -> list[int]:
        return sorted({number[ref] for ref in refs if ref in number})

    return IssueScans(
        days=DayScan(
            known=days.days,
            places=days.places,
            issues=numbers(days.issues),
            false_a_week=round(days.false_a_week, 3),
        ),
        hours=HourScan(
            judged=hours.hours,
            places=hours.places,
            issues=numbers(hours.issues),
            false_a_week=round(hours.false_a_week, 3),
        ),
        words=WordScan(
            texts=word_scan.texts,
            opened=numbers(word_scan.opened),
            told=numbers(word_scan.about),
            topics=[
                FoundTopic(list(topic.terms), topic.persons, topic.expected)
                for topic in word_scan.topics
            ],
            false_a_week=round(word_scan.false_a_week, 3),
        ),
        causes=CauseScan(numbers(causes)),
        beside=[
            OtherSourceScan(source_scan.kind, source_scan.days, source_scan.alarms)
            for source_scan in source_scans
        ],
    )
