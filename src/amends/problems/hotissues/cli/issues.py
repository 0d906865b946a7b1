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
    from amends.problems.hotissues.queries.issue_list import (
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


def _list_view(found: IssueList) -> View:
    notes = [_late_words(one) for one in found.asked]
    notes += [doubt["says"] for doubt in found.doubts]
    notes += [_other_source_words(one) for one in found.beside]
    chance = (
        _(
            "About %(chance)s of the issues found in a week have no cause, as the last scans were "
            "calibrated; up to %(accepted)s are accepted."
        )
        if found.calibrated
        else _("No scan has measured how many have no cause; up to %(accepted)s are accepted.")
    )
    values = {"chance": f"{found.false_a_week:.1f}", "accepted": f"{found.accepted_a_week:g}"}
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
        rows=found.issues,
        notes=[*notes, chance % values],
    )


def _state_words(state: str) -> str:
    return pgettext("issue", "closed") if state == "closed" else pgettext("issue", "open")


def _level_words(one: IssueRow) -> str:
    reaches = _("reaches %(level)s") % {"level": one.reaches} if one.reaches else ""
    return ", ".join(part for part in (one.level, reaches) if part)


def _late_words(one: LateComplaints) -> str:
    return ngettext(
        "Issue %(number)s is closed, and %(complaints)s complaint since fits it%(quiet)s: reopen, "
        "new issue, or leave? Answer on its page, or with `answer %(number)s`.",
        "Issue %(number)s is closed, and %(complaints)s complaints since fit it%(quiet)s: reopen, "
        "new issue, or leave? Answer on its page, or with `answer %(number)s`.",
        one.complaints,
    ) % {
        "number": one.number,
        "complaints": one.complaints,
        "quiet": _(" (no alarm)") if one.quiet else "",
    }


def _other_source_words(one: OtherSourceAlarm) -> str:
    return ngettext(
        "Beside the complaints (%(series)s): %(voices)s voice about %(name)s since "
        "%(since)s, %(expected)s expected.",
        "Beside the complaints (%(series)s): %(voices)s voices about %(name)s since "
        "%(since)s, %(expected)s expected.",
        one.voices,
    ) % {
        "series": one.series,
        "voices": one.voices,
        "name": one.name,
        "since": one.since,
        "expected": one.expected,
    }


@command(view=_list_view)
def list_issues(
    closed: Annotated[bool, typer.Option("--closed", help="Those closed as well.")] = False,
) -> IssueList:
    """List hot issues, the latest alarm first, and how many per week may be chance."""
    from django.utils import timezone

    from amends.problems.hotissues.queries.issue_list import issue_list

    return issue_list(closed=closed, now=timezone.now())


def _details_view(found: IssueDetails) -> View:
    lines = [
        _("%(persons)s complained, %(expected)s expected; hit %(hit)s, hit and silent %(silent)s.")
        % {
            "persons": f"{found.persons:,}",
            "expected": found.expected,
            "hit": _("unknown") if found.hit is None else f"{found.hit:,}",
            "silent": _("unknown") if found.silent is None else f"{found.silent:,}",
        }
    ]
    if found.share_of_inflow is not None:
        lines.append(
            _("  %(share)s of all complaints, where %(expected)s was to be expected")
            % {"share": f"{found.share_of_inflow:.0%}", "expected": f"{found.expected_share:.1%}"}
        )
    if level := _level_words(found):
        lines.append(
            _("  %(level)s: see `amends hotissues emergency %(number)s`")
            % {"level": level, "number": found.number}
        )
    for one in found.shared:
        lines.append(
            _("  %(dimension)s %(value)s: %(share)s, others %(others)s")
            % {
                "dimension": one.dimension,
                "value": one.value,
                "share": f"{one.share:.0%}",
                "others": f"{one.share_of_others:.0%}",
            }
        )
    for part in found.carried_by:
        lines.append(
            _("  carried by %(part)s: %(persons)s, %(expected)s to be expected")
            % {
                "part": " · ".join(f"{name} {value}" for name, value in part.values.items()),
                "persons": part.persons,
                "expected": part.expected,
            }
        )
    if found.words:
        lines.append("  " + " · ".join(found.words))
    lines += [f"  {cause.fit:.2f}  {cause.says}" for cause in found.causes]
    lines += [f"  {quote.complaint}  {quote.words}" for quote in found.quoted]
    return View(heading=f"{found.number}  {found.name} ({_state_words(found.state)})", notes=lines)


@command(view=_details_view)
def show_issue(number: NUMBER) -> IssueDetails:
    """One issue: what its complaints share, whom it hits, what may have caused it."""
    from django.utils import timezone

    from amends.problems.hotissues.queries.issue_list import issue_details

    return issue_details(number, now=timezone.now())


def _answer_view(done: LateComplaintsAnswer) -> View:
    said = ngettext(
        "Answered: %(answer)s. Issue %(number)s, %(count)s person.",
        "Answered: %(answer)s. Issue %(number)s, %(count)s persons.",
        done.persons,
    )
    values = {"answer": done.answer, "number": done.held_by, "count": f"{done.persons:,}"}
    return View(notes=[said % values])


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
    from amends.problems.hotissues.queries.issue_list import issue_numbered

    found = issue_numbered(number)
    held = answer_late(found.id, what.value, because=because, actor=actor, now=timezone.now())
    return LateComplaintsAnswer(
        number=number, answer=what.value, held_by=held.number, persons=held.persons
    )


def _rebuilt_view(done: RebuiltCube) -> View:
    said = _("Complaints and enquiries: %(count)s, in %(seconds)s s.")
    return View(notes=[said % {"count": f"{done.complaints:,}", "seconds": done.seconds}])


@command(view=_rebuilt_view)
def rebuild() -> RebuiltCube:
    """Rebuild the counts from the complaints; the result equals that of the incremental updates."""
    from amends.problems.hotissues.actions.fill_cube import rebuild_cube

    began = time.monotonic()
    with bar(_("Counting complaints")) as tell:
        rows = rebuild_cube(progress=lambda done: tell(done, done))
    return RebuiltCube(rows, round(time.monotonic() - began, 2))


def _scans_view(found: IssueScans) -> View:
    said = _("%(scanned)s: %(told)s")
    described = sorted({*found.words.opened, *found.words.told})
    notes = []
    for scanned, numbers in (
        (_("days"), found.days.issues),
        (_("hours"), found.hours.issues),
        (_("words"), described),
        (_("causes"), found.causes.issues),
    ):
        told = ", ".join(map(str, numbers)) or _("nothing new")
        notes.append(said % {"scanned": scanned, "told": told})
    for one in found.beside:
        notes.append(
            _("%(kind)s: places that ran hot: %(alarms)s; days known: %(days)s")
            % {"kind": one.kind, "alarms": one.alarms, "days": one.days}
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
    words, causes = scan_words(now=now), scan_causes(now=now)
    others = scan_other_sources(now=now)
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
            texts=words.texts,
            opened=numbers(words.opened),
            told=numbers(words.about),
            topics=[
                FoundTopic(list(topic.terms), topic.persons, topic.expected)
                for topic in words.topics
            ],
            false_a_week=round(words.false_a_week, 3),
        ),
        causes=CauseScan(numbers(causes)),
        beside=[OtherSourceScan(one.kind, one.days, one.alarms) for one in others],
    )
