"""`amends deadlines`: which clocks run for a complaint, and which rule says so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Annotated

import typer
from django.conf import settings

from amends.engines.decisions import clocks
from amends.engines.decisions import deadlines as rules
from amends.engines.decisions.deadlines import Due, PendingClock, RuleStatement
from amends.engines.decisions.provinces import refuse_unknown_province
from amends.platform.cli.command import command
from amends.platform.cli.language import CHINESE, language, pgettext
from amends.platform.cli.language import gettext as _
from amends.platform.cli.render import TableColumn, View
from amends.platform.kit.citations import cited
from amends.platform.kit.dates import parse_day, parse_moment
from amends.platform.kit.errors import BadInput


class UnableToReadTime(BadInput):
    """The text is not a date and time."""


@dataclass(frozen=True, slots=True)
class ComplaintDeadlines:
    """Deadlines of a complaint, by the rules of a pack.

    later       those that start with an event that has not happened yet
    statements  what the rules say without a number of days
    """

    rule: str
    effective_from: date
    pack: str
    received_at: datetime
    due: list[Due]
    later: list[PendingClock]
    statements: list[RuleStatement]


def _view(complaint_deadlines: ComplaintDeadlines) -> View:
    tongue, each = ("zh", 0) if language() == CHINESE else ("en", 1)

    def step(row: Due | PendingClock) -> str:
        return rules.STEPS[row.step][each]

    notes = []
    for deadline in complaint_deadlines.due:
        notes.append(f"{step(deadline)}: {_cited(getattr(deadline, tongue), deadline, tongue)}")
        if note := getattr(deadline, f"note_{tongue}"):
            notes.append(f"  {note}")
    for clock in complaint_deadlines.later:
        sentence = _("Once %(happens)s: %(step)s, %(counted)s") % {
            "happens": rules.EVENTS[clock.starts][each],
            "step": step(clock),
            "counted": _counting(clock, tongue),
        }
        notes.append(_cited(sentence, clock, tongue))
    notes += [
        _cited(getattr(rule, tongue), rule, tongue) for rule in complaint_deadlines.statements
    ]
    return View(
        heading=_("%(rule)s, in force since %(effective_from)s")
        % {"rule": complaint_deadlines.rule, "effective_from": complaint_deadlines.effective_from},
        columns=(
            TableColumn(_("step"), step),
            TableColumn(_("due by"), "due_at", _when),
            TableColumn(
                pgettext("deadline", "counted"), lambda deadline: _counting(deadline, tongue)
            ),
        ),
        rows=complaint_deadlines.due,
        empty=_("No clock runs from the receipt of this complaint."),
        notes=notes,
    )


@command(view=_view, tables=False)
def deadlines(
    received: Annotated[
        str, typer.Option(help="When the complaint arrived: 2026-04-09T10:00, zone of the pack.")
    ],
    pack: Annotated[
        str, typer.Option(help="cn, cn-41, eu, uk, us, au, in; AMENDS_PACK if left out.")
    ] = "",
    province: Annotated[
        str, typer.Option(help="41 (China), NSW (Australia), DE (EU), SCT (UK).")
    ] = "",
    urgent: Annotated[bool, typer.Option(help="Of a class the rules call urgent.")] = False,
    kind: Annotated[
        str, typer.Option(help="billing, outage, fault, … or a code such as network.outage.")
    ] = "",
    zone: Annotated[str, typer.Option(help="Time zone, if not the pack's: Australia/Perth.")] = "",
    on: Annotated[str, typer.Option(help="Ask the rules of another day: 2016-07-29.")] = "",
    rural: Annotated[
        bool | None, typer.Option("--rural/--urban", help="Where the line is, if known.")
    ] = None,
    event: Annotated[
        list[str] | None,
        typer.Option(help="What has happened since: accepted=2026-04-20T09:00 (repeatable)."),
    ] = None,
) -> ComplaintDeadlines:
    """Show by when a complaint must be answered, and under which rule."""
    pack = pack or settings.JURISDICTION
    placed_pack = clocks.placed(pack, province)[0]
    local = clocks.named_zone(zone or clocks.pack_zone(placed_pack))
    received_at = _moment(received, local, "--received")
    events = dict(_event(text, local) for text in event or [])
    day = _day(on) if on else received_at.astimezone(local).date()
    refuse_unknown_province(pack, province, on=day)
    deadline_rows = rules.deadlines(
        jurisdiction=pack,
        province=province,
        received_at=received_at,
        urgent=urgent,
        kind=kind,
        zone=local,
        on=day,
        rural=rural,
        events=events,
    )
    files = rules.rule_sets(jurisdiction=pack, province=province, on=day)
    return ComplaintDeadlines(
        rule=" + ".join(file.version for file in files),
        effective_from=max(file.effective_from for file in files),
        pack=placed_pack,
        received_at=received_at.astimezone(local),
        due=deadline_rows,
        later=rules.later(
            jurisdiction=pack, province=province, on=day, kind=kind, urgent=urgent, started=events
        ),
        statements=rules.statements(jurisdiction=pack, province=province, on=day, kind=kind),
    )


def _when(due_at: datetime) -> str:
    day, _sign, clock_time = due_at.isoformat().partition("T")
    if clock_time.startswith("23:59:59"):
        return _("%(day)s end of day") % {"day": day}
    return f"{day} {clock_time[:5]}"


def _counting(row: Due | PendingClock, tongue: str) -> str:
    return row.counting_zh if tongue == "zh" else row.counting


def _cited(text: str, row: Due | PendingClock | RuleStatement, tongue: str) -> str:
    """The words of a rule with its source, and how sure of it we are."""
    source = cited(row.source, tongue)
    if row.verified == "press":
        return _("%(words)s (%(source)s; press report)") % {"words": text, "source": source}
    if row.verified is not True:
        return _("%(words)s (%(source)s; not verified)") % {"words": text, "source": source}
    return _("%(words)s (%(source)s)") % {"words": text, "source": source}


def _event(text: str, local: tzinfo) -> tuple[str, datetime]:
    name, _sign, moment = text.partition("=")
    return name, _moment(moment, local, f"--event {name}")


def _moment(text: str, local: tzinfo, option: str) -> datetime:
    try:
        moment = parse_moment(text)
    except ValueError as error:
        raise UnableToReadTime(
            _("“%(given)s” is no day and time.") % {"given": text},
            next_step=_("Write it as 2026-04-09T10:00."),
            where=option,
        ) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=local)


def _day(text: str) -> date:
    try:
        return parse_day(text)
    except ValueError as error:
        raise UnableToReadTime(
            _("“%(given)s” is no day.") % {"given": text},
            next_step=_("Write it like 2016-07-29."),
            where="--on",
        ) from error
