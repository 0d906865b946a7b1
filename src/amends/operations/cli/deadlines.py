"""`amends deadlines`: which clocks run for a complaint, and which rule says so."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date, datetime, tzinfo
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from amends.cli.language import CHINESE, language, pgettext
from amends.cli.language import gettext as _
from amends.decisions import clocks
from amends.decisions import deadlines as rules
from amends.decisions.provinces import refuse_unknown_province
from amends.environment.settings_values import own_pack
from amends.kit.citations import cited
from amends.kit.dates import parse_day, parse_moment
from amends.kit.errors import BadInput


class UnableToReadTime(BadInput):
    """The text is not a date and time."""


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
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Show by when a complaint must be answered, and under which rule."""
    answer = _answer(
        received, pack or own_pack(), province, urgent, kind, zone, on, rural, event or []
    )
    if as_json:
        typer.echo(json.dumps(answer, ensure_ascii=False, indent=2))
    else:
        _show(answer)


def _answer(
    received: str,
    pack: str,
    province: str,
    urgent: bool,
    kind: str,
    zone: str,
    on: str,
    rural: bool | None,
    event: list[str],
) -> dict[str, Any]:
    place = clocks.placed(pack, province)[0]
    local = clocks.named_zone(zone or clocks.pack_zone(place))
    received_at = _moment(received, local, "--received")
    events = dict(_event(text, local) for text in event)
    day = _day(on) if on else received_at.astimezone(local).date()
    refuse_unknown_province(pack, province, on=day)
    found = rules.deadlines(
        jurisdiction=pack, province=province, received_at=received_at, urgent=urgent, kind=kind,
        zone=local, on=day, rural=rural, events=events,
    )  # fmt: skip
    files = rules.rule_sets(jurisdiction=pack, province=province, on=day)
    waiting = rules.later(
        jurisdiction=pack, province=province, on=day, kind=kind, urgent=urgent, started=events
    )
    said = rules.statements(jurisdiction=pack, province=province, on=day, kind=kind)
    return {
        "rule": " + ".join(file.version for file in files),
        "effective_from": max(file.effective_from for file in files).isoformat(),
        "pack": place,
        "received_at": received_at.astimezone(local).isoformat(),
        "due": [_plain(asdict(due)) for due in found],
        "later": [_plain(asdict(clock)) for clock in waiting],
        "statements": [_plain(asdict(statement)) for statement in said],
    }


def _show(answer: dict[str, Any]) -> None:
    console = Console(highlight=False)
    tongue, each = ("zh", 0) if language() == CHINESE else ("en", 1)
    console.print(_("%(rule)s, in force since %(effective_from)s") % answer, style="bold")
    table = Table(box=None, pad_edge=False, header_style="dim")
    for title in (_("step"), _("due by"), pgettext("deadline", "counted")):
        table.add_column(title)
    why = []
    for due in answer["due"]:
        said = Text(_cited(due[tongue], due, tongue))
        if due[f"note_{tongue}"]:
            said.append(f"\n{due[f'note_{tongue}']}", style="dim")
        style = "" if due["binding"] else "dim"
        step = rules.STEPS[due["step"]][each]
        table.add_row(step, _when(due["due_at"]), _counting(due, tongue), style=style)
        why.append(Text.assemble((f"{step}: ", "bold"), said))
    nothing = _("No clock runs from the receipt of this complaint.")
    console.print(table if answer["due"] else nothing)
    for said in why:
        console.print(said)
    for clock in answer["later"]:
        once = _("Once %(happens)s: %(step)s, %(counted)s") % {
            "happens": rules.EVENTS[clock["starts"]][each],
            "step": rules.STEPS[clock["step"]][each],
            "counted": _counting(clock, tongue),
        }
        console.print(_cited(once, clock, tongue), markup=False)
    for rule in answer["statements"]:
        console.print(_cited(rule[tongue], rule, tongue), markup=False)


def _when(due_at: str) -> str:
    day, _sign, rest = due_at.partition("T")
    if rest.startswith("23:59:59"):
        return _("%(day)s end of day") % {"day": day}
    return f"{day} {rest[:5]}"


def _counting(row: dict[str, Any], tongue: str) -> str:
    return str(row["counting_zh"] if tongue == "zh" else row["counting"])


def _cited(words: str, row: dict[str, Any], tongue: str) -> str:
    """The words of a rule with its source, and how sure of it we are."""
    source = cited(row["source"], tongue)
    if row["verified"] == "press":
        return _("%(words)s (%(source)s; press report)") % {"words": words, "source": source}
    if row["verified"] is not True:
        return _("%(words)s (%(source)s; not verified)") % {"words": words, "source": source}
    return _("%(words)s (%(source)s)") % {"words": words, "source": source}


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {
        key: value.isoformat() if isinstance(value, date) else value for key, value in row.items()
    }


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
