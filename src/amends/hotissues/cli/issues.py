"""`amends hotissues list | show | rebuild | look`: the hot issues of this installation."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import Annotated, Any

import orjson
import typer

from amends.cli.language import gettext as _
from amends.cli.language import ngettext, pgettext
from amends.kit.errors import BadInput

_JSON = Annotated[bool, typer.Option("--json", help="One JSON document.")]


class UnableToShowIssue(BadInput):
    """There is no issue with this number."""

    code = "issue_unknown"


def list_issues(
    closed: Annotated[bool, typer.Option("--closed", help="Those closed as well.")] = False,
    as_json: _JSON = False,
) -> None:
    """The hot issues, the latest alarm first, and how many of a week's may be chance."""
    from amends.cli.start import start

    start()
    from django.conf import settings
    from django.utils import timezone

    from amends.hotissues.queries import doubts, false_expected, is_calibrated, issues
    from amends.hotissues.queries.late_complaints import asked, asked_quietly
    from amends.hotissues.queries.names import name_of, place_words
    from amends.hotissues.queries.other_sources import alarms_beside
    from amends.hotissues.web.data_quality_words import doubt_words

    found = [_row(one) for one in issues(state="" if closed else "open")]
    waiting = [
        {
            "number": late.issue.number,
            "name": name_of(late.issue),
            "persons": late.persons,
            "complaints": len(late.complaints),
            "since": late.first_at.isoformat(),
            "quiet": late.quiet,
        }
        for late in [*asked(now=timezone.now()), *asked_quietly(now=timezone.now())]
    ]
    doubtful = [
        {
            "kind": one.kind,
            "place": one.place,
            "day": one.day.isoformat(),
            **one.numbers,
            "says": doubt_words(one),
        }
        for one in doubts()
    ]
    loud = [
        {
            "series": one.kind,
            "place": one.place,
            "name": place_words(one.place),
            "since": one.since.isoformat(),
            "day": one.day.isoformat(),
            "voices": one.persons,
            "expected": round(one.expected, 1),
        }
        for one in alarms_beside(now=timezone.now())
    ]
    expected = false_expected()
    document = {
        "false_a_week": round(expected, 3),
        "accepted_a_week": settings.FALSE_ISSUES_A_WEEK,
        "issues": found,
        "asked": waiting,
        "beside": loud,
        "doubts": doubtful,
    }
    if as_json:
        sys.stdout.buffer.write(orjson.dumps(document) + b"\n")
        return
    from rich.console import Console
    from rich.table import Table

    rows = Table(title=_("Hot issues"), title_justify="left")
    for heading in (
        _("No."),
        _("What"),
        _("Since"),
        _("Persons"),
        _("Expected"),
        _("State"),
        _("Level"),
    ):
        rows.add_column(heading, overflow="fold")
    for one in found:
        rows.add_row(
            str(one["number"]),
            one["name"],
            one["since"],
            str(one["persons"]),
            f"{one['expected']:.1f}",
            pgettext("issue", "closed") if one["state"] == "closed" else pgettext("issue", "open"),
            _level_words(one),
        )
    console = Console()
    console.print(rows)
    for one in waiting:
        console.print(
            _late_words(one),
            highlight=False,
        )
    for one in doubtful:
        console.print(one["says"], highlight=False, markup=False)
    for one in loud:
        console.print(
            ngettext(
                "Beside the complaints (%(series)s): %(voices)s voice about %(name)s since "
                "%(since)s, %(expected)s expected.",
                "Beside the complaints (%(series)s): %(voices)s voices about %(name)s since "
                "%(since)s, %(expected)s expected.",
                one["voices"],
            )
            % one,
            highlight=False,
            markup=False,
        )
    chance = (
        _(
            "About %(chance)s of the issues found in a week have no cause, as the last scans were "
            "calibrated; up to %(accepted)s are accepted."
        )
        if is_calibrated()
        else _("No scan has measured how many have no cause; up to %(accepted)s are accepted.")
    )
    console.print(
        chance % {"chance": f"{expected:.1f}", "accepted": f"{settings.FALSE_ISSUES_A_WEEK:g}"},
        highlight=False,
    )


def _late_words(one: dict[str, Any]) -> str:
    return ngettext(
        "Issue %(number)s is closed, and %(complaints)s complaint since fits it%(quiet)s: reopen, "
        "new issue, or leave? Answer on its page, or with `answer %(number)s`.",
        "Issue %(number)s is closed, and %(complaints)s complaints since fit it%(quiet)s: reopen, "
        "new issue, or leave? Answer on its page, or with `answer %(number)s`.",
        one["complaints"],
    ) % (one | {"quiet": _(" (no alarm)") if one["quiet"] else ""})


def _level_words(one: dict[str, Any]) -> str:
    reaches = _("reaches %(level)s") % {"level": one["reaches"]} if one["reaches"] else ""
    return ", ".join(part for part in (one["level"], reaches) if part) or "—"


def show_issue(
    number: Annotated[int, typer.Argument(help="The number of the issue.")], as_json: _JSON = False
) -> None:
    """One issue: what its complaints share, whom it hits, what may have caused it."""
    from amends.cli.start import start

    start()
    document = _shown(number)
    if as_json:
        sys.stdout.buffer.write(orjson.dumps(document) + b"\n")
        return
    _print(document)


def _shown(number: int) -> dict[str, Any]:
    from django.utils import timezone

    from amends.hotissues.queries import issue
    from amends.hotissues.queries.cause_words import cause_sentence
    from amends.hotissues.queries.issue_summary import carried, hit, inflow, issue_summary

    found = issue(str(number))
    if found is None:
        raise UnableToShowIssue(
            _("There is no issue %(number)s.") % {"number": number},
            next_step=_("See `amends hotissues list --closed`."),
        )
    why, whom = issue_summary(found), hit(found, now=timezone.now())
    share = inflow(found)
    return _row(found) | {
        "share_of_inflow": round(share.share, 4) if share else None,
        "expected_share": round(share.expected, 4) if share else None,
        "hit": whom.hit,
        "silent": whom.silent,
        "shared": [
            {
                "dimension": one.dimension,
                "value": one.value,
                "share": round(one.share, 3),
                "share_of_others": round(one.share_of_others, 3),
            }
            for one in why.shared
        ],
        "carried_by": [
            {
                "values": dict(one.values),
                "persons": one.persons,
                "expected": one.expected,
                "share": round(one.share, 3),
            }
            for one in carried(found)
        ],
        "words": list(found.words) or [word for word, _ in why.words],
        "suspected_one_sender": why.suspected,
        "quoted": [{"complaint": code, "words": words} for _, code, words in why.quoted],
        "causes": [
            {
                "kind": one.kind,
                "reference": one.reference,
                "fit": round(one.fit, 3),
                "says": cause_sentence(one),
                "facts": one.facts,
            }
            for one in found.causes.order_by("rank", "id")
        ],
    }


class LateAnswer(StrEnum):
    """What is done with complaints that fit a closed issue."""

    REOPEN = "reopen"
    NEW = "new"
    LEAVE = "leave"


def answer(
    number: Annotated[int, typer.Argument(help="The number of the closed issue.")],
    what: Annotated[LateAnswer, typer.Argument(help="The same issue, a new one, or left alone.")],
    because: Annotated[str, typer.Option(help="Why; it is recorded in the history.")],
    by: Annotated[str, typer.Option(help="Who answers: a name of an account.")],
    as_json: _JSON = False,
) -> None:
    """Answer what is asked of complaints that fit an issue somebody has closed."""
    from amends.cli.start import start

    start()
    from django.utils import timezone

    from amends.access.queries import actor_called
    from amends.hotissues.actions.answer_late import answer_late
    from amends.hotissues.queries import issue

    found = issue(str(number))
    if found is None:
        raise UnableToShowIssue(
            _("There is no issue %(number)s.") % {"number": number},
            next_step=_("See `amends hotissues list --closed`."),
        )
    actor = actor_called(by)
    held = answer_late(found.id, what.value, because=because, actor=actor, now=timezone.now())
    document = {"number": number, "answer": what.value, "held_by": held.number}
    if as_json:
        sys.stdout.buffer.write(orjson.dumps(document) + b"\n")
    else:
        typer.echo(
            ngettext(
                "Answered: %(answer)s. Issue %(number)s, %(count)s person.",
                "Answered: %(answer)s. Issue %(number)s, %(count)s persons.",
                held.persons,
            )
            % {"answer": what.value, "number": held.number, "count": held.persons}
        )


def rebuild(as_json: _JSON = False) -> None:
    """Rebuild the count cube from the complaints; the result is the same as that of the updates."""
    from amends.cli.start import start

    start()
    import time

    from amends.cli.progress import bar
    from amends.hotissues.actions.fill_cube import rebuild_cube

    began = time.monotonic()
    with bar(_("Counting complaints"), quiet=as_json) as tell:
        rows = rebuild_cube(progress=lambda done: tell(done, done))
    document = {"complaints": rows, "seconds": round(time.monotonic() - began, 2)}
    if as_json:
        sys.stdout.buffer.write(orjson.dumps(document) + b"\n")
    else:
        typer.echo(
            _("Complaints and enquiries: %(count)s, in %(seconds)s s.")
            % {"count": f"{rows:,}", "seconds": document["seconds"]}
        )


def look(as_json: _JSON = False) -> None:
    """Scan now, as the jobs do: days, hours, words, causes, posts and enquiries."""
    from amends.cli.start import start

    start()
    from django.utils import timezone

    from amends.hotissues.actions.scan_causes import scan_causes
    from amends.hotissues.actions.scan_desk import scan_desk
    from amends.hotissues.actions.scan_hours import scan_hours
    from amends.hotissues.actions.scan_other_sources import scan_beside
    from amends.hotissues.actions.scan_words import scan_words
    from amends.hotissues.queries import issues

    now = timezone.now()
    days, hours = scan_desk(now=now), scan_hours(now=now)
    words, causes = scan_words(now=now), scan_causes(now=now)
    loud = scan_beside(now=now)
    number = {one.id: one.number for one in issues()}
    document: dict[str, Any] = {
        "days": {
            "known": days.days,
            "places": days.places,
            "issues": _numbers(days.issues, number),
            "false_a_week": round(days.false_a_week, 3),
        },
        "hours": {
            "judged": hours.hours,
            "places": hours.places,
            "issues": _numbers(hours.issues, number),
            "false_a_week": round(hours.false_a_week, 3),
        },
        "words": {
            "texts": words.texts,
            "opened": _numbers(words.opened, number),
            "told": _numbers(words.told, number),
            "topics": [
                {"words": list(one.terms), "persons": one.persons, "expected": one.expected}
                for one in words.topics
            ],
            "false_a_week": round(words.false_a_week, 3),
        },
        "causes": {"issues": _numbers(causes, number)},
        "beside": [{"kind": one.kind, "days": one.days, "alarms": one.alarms} for one in loud],
    }
    if as_json:
        sys.stdout.buffer.write(orjson.dumps(document) + b"\n")
        return
    for name, scanned in (
        ("days", _("days")),
        ("hours", _("hours")),
        ("words", _("words")),
        ("causes", _("causes")),
    ):
        found = document[name]
        named = sorted({*found.get("issues", []), *found.get("opened", []), *found.get("told", [])})
        told = ", ".join(map(str, named)) or _("nothing new")
        typer.echo(_("%(scanned)s: %(told)s") % {"scanned": scanned, "told": told})
    for one in loud:
        typer.echo(
            _("%(kind)s: places that ran hot: %(alarms)s; days known: %(days)s")
            % {"kind": one.kind, "alarms": one.alarms, "days": one.days}
        )


def _numbers(refs: list[str], number: dict[str, int]) -> list[int]:
    return sorted({number[ref] for ref in refs if ref in number})


def _row(one: Any) -> dict[str, Any]:
    from django.utils import timezone

    from amends.hotissues.queries.names import name_of

    return {
        "number": one.number,
        "name": name_of(one),
        "state": one.state,
        "level": one.level,
        "reaches": _reaches(one),
        "since": timezone.localdate(one.started_at).isoformat(),
        "started_at": one.started_at.isoformat(),
        "detected_at": one.detected_at.isoformat(),
        "persons": one.persons,
        "expected": round(one.expected, 1),
        "words": list(one.words),
        "places": [cell.place for cell in one.cells.order_by("-main", "id")],
    }


def _reaches(one: Any) -> str:
    from django.utils import timezone

    from amends.registry import about_issue

    if one.state != "open" or one.drill:
        return ""
    return next(iter(about_issue("reaches", one, now=timezone.now())), "")


def _print(document: dict[str, Any]) -> None:
    from rich.console import Console

    console = Console()

    def say(line: str) -> None:
        console.print(line, highlight=False, markup=False)

    say(f"{document['number']}  {document['name']} ({document['state']})")
    hit = _("unknown") if document["hit"] is None else f"{document['hit']:,}"
    silent = _("unknown") if document["silent"] is None else f"{document['silent']:,}"
    say(
        _("%(persons)s complained, %(expected)s expected; hit %(hit)s, hit and silent %(silent)s.")
        % {
            "persons": f"{document['persons']:,}",
            "expected": document["expected"],
            "hit": hit,
            "silent": silent,
        }
    )
    if document["share_of_inflow"] is not None:
        say(
            _("  %(share)s of all complaints, where %(expected)s was to be expected")
            % {
                "share": f"{document['share_of_inflow']:.0%}",
                "expected": f"{document['expected_share']:.1%}",
            }
        )
    if (words := _level_words(document)) != "—":
        say(
            _("  %(level)s: see `amends hotissues emergency %(number)s`")
            % {"level": words, "number": document["number"]}
        )
    for one in document["shared"]:
        say(
            _("  %(dimension)s %(value)s: %(share)s, others %(others)s")
            % {
                "dimension": one["dimension"],
                "value": one["value"],
                "share": f"{one['share']:.0%}",
                "others": f"{one['share_of_others']:.0%}",
            }
        )
    for one in document["carried_by"]:
        part = " · ".join(f"{name} {value}" for name, value in one["values"].items())
        say(
            _("  carried by %(part)s: %(persons)s, %(expected)s to be expected")
            % (one | {"part": part})
        )
    if document["words"]:
        say("  " + " · ".join(document["words"]))
    for one in document["causes"]:
        say(f"  {one['fit']:.2f}  {one['says']}")
    for one in document["quoted"]:
        say(f"  {one['complaint']}  {one['words']}")
