"""`amends notices duties`, `preview`, `events`, `withdraw`: what must be notified, how, and
when."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from amends.cli.language import CHINESE, language, ngettext, pgettext
from amends.cli.language import gettext as _
from amends.cli.outputs import check_not_read
from amends.cli.start import start
from amends.environment.settings_values import own_pack
from amends.kit.citations import cited, is_own
from amends.kit.dates import parse_day
from amends.kit.errors import BadInput
from amends.kit.printable import printable

_PACK = typer.Option("--pack", help="cn, cn-41, eu, uk, us, au, in; AMENDS_PACK if left out.")
_ON = typer.Option("--on", help="The day whose rules are asked for: 2026-11-24.")
_JSON = typer.Option("--json", help="Print one JSON document.")


class UnableToReadFigure(BadInput):
    """A figure is not written NAME=VALUE."""


def duties(
    pack: Annotated[str, _PACK] = "",
    on: Annotated[str, _ON] = "",
    as_json: Annotated[bool, _JSON] = False,
) -> None:
    """List the duties in force on a day, with their marks, terms and sources."""
    start()
    from amends.duties.book import book
    from amends.notices.queries.duty_words import (
        as_document,
        exempt_words,
        lead_words,
        not_counted_of,
        region_words,
        step_words,
    )
    from amends.notices.web.notices import phase_words

    pack = pack or own_pack()
    rules = book(pack, _day(on))
    if as_json:
        typer.echo(json.dumps(as_document(rules), ensure_ascii=False, indent=2))
        return
    chinese = language() == CHINESE
    table = Table(box=None, pad_edge=False)
    for name in (
        _("duty"),
        _("title"),
        pgettext("duty", "when"),
        _("thresholds"),
        _("Source"),
        pgettext("rule", "checked"),
    ):
        table.add_column(name)
    for duty in rules.duties:
        marks = [
            step_words(step, duty.currency or rules.currency, chinese=chinese)
            for step in duty.steps
            if step.kind != "once"
        ]
        if duty.lead:
            lead = lead_words(duty.lead, chinese=chinese)
            marks.append(_("%(time)s before") % {"time": lead})
        checked = {True: _("source read"), "press": _("press only"), False: _("not verified")}[
            duty.verified
        ]
        if duty.verified is True and is_own(duty.source):
            checked = _("own rule")
        phase = str(phase_words(duty.phase))
        title = duty.title_zh if chinese else duty.title_en
        table.add_row(
            duty.id, title, phase, ", ".join(marks), cited(duty.source, language()[:2]), checked
        )
    console = Console(highlight=False)
    console.print(table)
    for duty in rules.duties:
        if where := region_words(duty, rules.on, chinese=chinese):
            console.print(_("%(duty)s: holds in %(where)s") % {"duty": duty.id, "where": where[0]})
        if duty.exempt:
            exempt = exempt_words(duty, chinese=chinese)
            console.print(
                _("%(duty)s: does not concern %(whom)s") % {"duty": duty.id, "whom": exempt}
            )
    for one in not_counted_of(rules):
        console.print(f"{one.duty.id}: {one.words(chinese=chinese)}")
    console.print(
        ngettext(
            "%(count)s duty in %(pack)s on %(day)s: %(versions)s",
            "%(count)s duties in %(pack)s on %(day)s: %(versions)s",
            len(rules.duties),
        )
        % {
            "count": len(rules.duties),
            "pack": pack,
            "day": rules.on,
            "versions": ", ".join(rules.versions),
        }
    )


def preview(
    duty: Annotated[str, typer.Argument(help="The duty, e.g. cn.allowance_near.")],
    pack: Annotated[
        str, typer.Option(help="Where it is asked for: cn-41; the pack in its name if left out.")
    ] = "",
    on: Annotated[str, _ON] = "",
    figure: Annotated[
        list[str] | None, typer.Option(help="NAME=VALUE, e.g. used_mb=8192 (repeatable).")
    ] = None,
    as_json: Annotated[bool, _JSON] = False,
) -> None:
    """Show the words of a duty in both languages, with its length in text messages."""
    start()
    from amends.notices.queries.duty_words import find_duty, previews

    rules, found = find_duty(pack or duty.partition(".")[0], duty, _day(on))
    texts = previews(rules, found, figures=dict(_figure(text) for text in figure or []))
    if as_json:
        typer.echo(
            json.dumps(
                {
                    "duty": duty,
                    "title_zh": found.title_zh,
                    "title_en": found.title_en,
                    "rules": found.rules,
                    "texts": [asdict(text) for text in texts],
                },
                ensure_ascii=False,
                indent=2,
            )
        )
        return
    if not texts:
        typer.echo(
            _("%(duty)s is met by the %(means)s; no notice is sent.")
            % {"duty": duty, "means": found.met_by}
        )
    typer.echo(found.title_zh if language() == CHINESE else found.title_en)
    for text in texts:
        size = _("%(count)s SMS") % {"count": text.parts}
        typer.echo(f"[{text.step}, {text.language}, {size}] {text.body}")


def events(
    file: Annotated[Path, typer.Argument(help="CSV, Excel, JSON lines or Parquet.")],
    rejects: Annotated[Path | None, typer.Option(help="Where refused rows go.")] = None,
    as_json: Annotated[bool, _JSON] = False,
) -> None:
    """Record ends of contracts, changes, stops, arrears, planned works and top-ups out of a file.

    Columns: ref, kind, subscriber, service, happens_at (with its zone), offer, and any figure by
    its name (owed_minor, reason_zh, …). A row given twice is recorded once. Of an enrolled line:
    top_up and balance with amount_mb, amount_min, amount_count or amount_minor; plan_change with
    the plan as offer. They arm its reminders again.
    """
    start()
    from django.utils import timezone

    from amends.notices.actions.import_events import import_events

    out = rejects or file.with_name(f"{file.stem}.rejects.csv")
    check_not_read(out, [file])
    report = import_events(file, rejects=out, now=timezone.now())
    document: dict[str, Any] = report.as_dict()
    if as_json:
        typer.echo(json.dumps(document, ensure_ascii=False, indent=2))
        report.end()
        return
    typer.echo(
        ngettext(
            "%(read)s row: %(accepted)s recorded, %(duplicates)s known already, "
            "%(rejected)s refused.",
            "%(read)s rows: %(accepted)s recorded, %(duplicates)s known already, "
            "%(rejected)s refused.",
            report.read,
        )
        % {name: f"{document[name]:,}" for name in ("read", "accepted", "duplicates", "rejected")}
    )
    if document["rejected"]:
        typer.echo(
            _("The refused rows and why: %(file)s") % {"file": printable(report.rejects_file)}
        )
    for note in report.notes:
        typer.echo(note)
    report.end()


def withdraw(
    ref: Annotated[str, typer.Argument(help="Reference under which the event was announced.")],
    as_json: Annotated[bool, _JSON] = False,
) -> None:
    """Take an announced event back: works put off, a contract renewed, a stop that will not be.

    What it has not made due yet will not fall due; sent notices stay sent.
    """
    start()
    from django.utils import timezone

    from amends.notices.actions.record_events import withdraw_event

    fresh = withdraw_event(ref, now=timezone.now())
    if as_json:
        typer.echo(json.dumps({"ref": ref, "withdrawn": fresh}))
        return
    typer.echo(
        _("Withdrawn: nothing more falls due by it.") if fresh else _("It was withdrawn before.")
    )


def _day(text: str) -> date:
    if not text:
        return datetime.now().astimezone().date()
    try:
        return parse_day(text)
    except ValueError as error:
        raise BadInput(
            _("“%(given)s” is no day.") % {"given": text},
            where="--on",
            next_step=_("Write it like 2026-11-24."),
        ) from error


def _figure(text: str) -> tuple[str, str | int]:
    name, sign, value = text.partition("=")
    if not sign or not name:
        raise UnableToReadFigure(
            _("--figure “%(given)s” is not NAME=VALUE.") % {"given": text},
            next_step=_("Write it like used_mb=8192."),
        )
    whole = name.endswith(("_minor", "_mb", "_min", "_count", "_ms"))
    if not whole:
        return name, value
    try:
        return name, int(value)
    except ValueError as error:
        raise UnableToReadFigure(
            _("--figure “%(given)s”: %(name)s is a whole number.") % {"given": text, "name": name},
            next_step=_("Write it like %(example)s.") % {"example": f"{name}=1"},
        ) from error
