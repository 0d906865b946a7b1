"""`amends notices duties`, `preview`, `events`, `withdraw`: what must be notified, how, and
when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from django.conf import settings

from amends.platform.cli.command import CheckFailed, command
from amends.platform.cli.language import CHINESE, language, ngettext, pgettext
from amends.platform.cli.language import gettext as _
from amends.platform.cli.outputs import check_not_read
from amends.platform.cli.render import TableColumn, View
from amends.platform.kit.citations import cited, is_own
from amends.platform.kit.dates import parse_day
from amends.platform.kit.errors import BadInput

if TYPE_CHECKING:
    from amends.causes.notices.texts.duties import DutyList, DutyPreview
    from amends.engines.duties.book import DutyBook
    from amends.engines.duties.duty import Duty
    from amends.platform.tabular.report import ImportOutcome

_PACK = typer.Option("--pack", help="cn, cn-41, eu, uk, us, au, in; AMENDS_PACK if left out.")
_ON = typer.Option("--on", help="The day whose rules are asked for: 2026-11-24.")


class UnableToReadFigure(BadInput):
    """A figure is not written NAME=VALUE."""


@dataclass(frozen=True, slots=True)
class WithdrawnEvent:
    """An announced event; `withdrawn`: by this call, not before."""

    ref: str
    withdrawn: bool


def _duties_view(duty_list: DutyList) -> View:
    from amends.causes.notices.texts.duties import exempt_words, not_counted_of, region_words
    from amends.causes.notices.web.notices import phase_words
    from amends.engines.duties.book import book

    rules, chinese = book(duty_list.pack, duty_list.on), language() == CHINESE
    notes = []
    for duty in rules.duties:
        if where := region_words(duty, rules.on, chinese=chinese):
            notes.append(_("%(duty)s: holds in %(where)s") % {"duty": duty.id, "where": where[0]})
        if duty.exempt:
            exempt = exempt_words(duty, chinese=chinese)
            notes.append(
                _("%(duty)s: does not concern %(whom)s") % {"duty": duty.id, "whom": exempt}
            )
    notes += [
        f"{uncounted.duty.id}: {uncounted.words(chinese=chinese)}"
        for uncounted in not_counted_of(rules)
    ]
    count = ngettext(
        "%(count)s duty in %(pack)s on %(day)s: %(versions)s",
        "%(count)s duties in %(pack)s on %(day)s: %(versions)s",
        len(rules.duties),
    )
    notes.append(
        count
        % {
            "count": len(rules.duties),
            "pack": duty_list.pack,
            "day": rules.on,
            "versions": ", ".join(rules.versions),
        }
    )
    return View(
        columns=(
            TableColumn(_("duty"), "id", whole=True),
            TableColumn(_("title"), "title_zh" if chinese else "title_en"),
            TableColumn(pgettext("duty", "when"), "phase", lambda phase: str(phase_words(phase))),
            TableColumn(_("thresholds"), lambda duty: _thresholds(duty, rules)),
            TableColumn(_("Source"), "source", lambda source: cited(source, language()[:2])),
            TableColumn(pgettext("rule", "checked"), _checked),
        ),
        rows=rules.duties,
        notes=notes,
    )


def _thresholds(duty: Duty, rules: DutyBook) -> str:
    from amends.causes.notices.texts.duties import lead_words, step_words

    chinese = language() == CHINESE
    marks = [
        step_words(step, duty.currency or rules.currency, chinese=chinese)
        for step in duty.steps
        if step.kind != "once"
    ]
    if duty.lead:
        marks.append(_("%(time)s before") % {"time": lead_words(duty.lead, chinese=chinese)})
    return ", ".join(marks)


def _checked(duty: Duty) -> str:
    if duty.verified is True:
        return _("own rule") if is_own(duty.source) else _("source read")
    return _("press only") if duty.verified == "press" else _("not verified")


@command(view=_duties_view)
def duties(pack: Annotated[str, _PACK] = "", on: Annotated[str, _ON] = "") -> DutyList:
    """List the duties in force on a day, with their marks, terms and sources."""
    from amends.causes.notices.texts.duties import duty_list
    from amends.engines.duties.book import book

    return duty_list(book(pack or settings.JURISDICTION, _day(on)))


def _preview_view(duty_preview: DutyPreview) -> View:
    lines = []
    if not duty_preview.texts:
        lines.append(
            _("%(duty)s is met by the %(means)s; no notice is sent.")
            % {"duty": duty_preview.duty, "means": duty_preview.met_by}
        )
    lines.append(duty_preview.title_zh if language() == CHINESE else duty_preview.title_en)
    for text in duty_preview.texts:
        size = _("%(count)s SMS") % {"count": text.parts}
        lines.append(f"[{text.step}, {text.language}, {size}] {text.body}")
    return View(notes=lines)


@command(view=_preview_view)
def preview(
    duty: Annotated[str, typer.Argument(help="The duty, e.g. cn.allowance_near.")],
    pack: Annotated[
        str, typer.Option(help="Where it is asked for: cn-41; the pack in its name if left out.")
    ] = "",
    on: Annotated[str, _ON] = "",
    figure: Annotated[
        list[str] | None, typer.Option(help="NAME=VALUE, e.g. used_mb=8192 (repeatable).")
    ] = None,
) -> DutyPreview:
    """Show the words of a duty in both languages, with its length in text messages."""
    from amends.causes.notices.texts.duties import preview_of

    figures = dict(_figure(text) for text in figure or [])
    return preview_of(pack or duty.partition(".")[0], duty, on=_day(on), figures=figures)


def _events_view(import_outcome: ImportOutcome) -> View:
    counts = ngettext(
        "%(read)s row: %(accepted)s recorded, %(duplicates)s known already, %(rejected)s refused.",
        "%(read)s rows: %(accepted)s recorded, %(duplicates)s known already, %(rejected)s refused.",
        import_outcome.read,
    )
    lines = [
        counts
        % {
            "read": f"{import_outcome.read:,}",
            "accepted": f"{import_outcome.accepted:,}",
            "duplicates": f"{import_outcome.duplicates:,}",
            "rejected": f"{import_outcome.rejected:,}",
        }
    ]
    if import_outcome.rejected:
        lines.append(
            _("The refused rows and why: %(file)s") % {"file": import_outcome.rejects_file}
        )
    return View(notes=[*lines, *import_outcome.notes])


@command(view=_events_view)
def events(
    file: Annotated[Path, typer.Argument(help="CSV, Excel, JSON lines or Parquet.")],
    rejects: Annotated[Path | None, typer.Option(help="Where refused rows go.")] = None,
) -> ImportOutcome:
    """Record ends of contracts, changes, stops, arrears, planned works and top-ups out of a file.

    Columns: ref, kind, subscriber, service, happens_at (with its zone), offer, and any figure by
    its name (owed_minor, reason_zh, …). A row given twice is recorded once. Of an enrolled line:
    top_up and balance with amount_mb, amount_min, amount_count or amount_minor; plan_change with
    the plan as offer. They arm its reminders again.
    """
    from django.utils import timezone

    from amends.causes.notices.actions.import_events import import_events

    out = rejects or file.with_name(f"{file.stem}.rejects.csv")
    check_not_read(out, [file])
    report = import_events(file, rejects=out, now=timezone.now())
    if report.refusal:
        raise CheckFailed(report.outcome(), report.refusal)
    return report.outcome()


def _withdrawn_view(withdrawn_event: WithdrawnEvent) -> View:
    message = (
        _("Withdrawn: nothing more falls due by it.")
        if withdrawn_event.withdrawn
        else _("It was withdrawn before.")
    )
    return View(notes=[message])


@command(view=_withdrawn_view)
def withdraw(
    ref: Annotated[str, typer.Argument(help="Reference under which the event was announced.")],
) -> WithdrawnEvent:
    """Take an announced event back: works put off, a contract renewed, a stop that will not be.

    What it has not made due yet will not fall due; sent notices stay sent.
    """
    from django.utils import timezone

    from amends.causes.notices.actions.record_events import withdraw_event

    return WithdrawnEvent(ref, withdraw_event(ref, now=timezone.now()))


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
    is_count = name.endswith(("_minor", "_mb", "_min", "_count", "_ms"))
    if not is_count:
        return name, value
    try:
        return name, int(value)
    except ValueError as error:
        raise UnableToReadFigure(
            _("--figure “%(given)s”: %(name)s is a whole number.") % {"given": text, "name": name},
            next_step=_("Write it like %(example)s.") % {"example": f"{name}=1"},
        ) from error
