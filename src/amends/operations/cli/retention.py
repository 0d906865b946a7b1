"""`amends retention`: texts whose retention period has ended, and their erasure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from amends.platform.cli.command import command
from amends.platform.cli.language import gettext as _
from amends.platform.cli.render import View

if TYPE_CHECKING:
    from amends.operations.actions.retention import RetentionRow


@dataclass(frozen=True, slots=True)
class RetentionLine:
    """Texts of a kind in a jurisdiction.

    days       retention period under the rules of that version
    ended_by   texts whose matter ended before this time are due
    due, held  texts that are due, and those on hold; forgotten, those erased by this run
    """

    jurisdiction: str
    kind: str
    days: int
    rules: str
    source: str
    verified: Any
    ended_by: Any
    due: int
    held: int
    forgotten: int


@dataclass(frozen=True, slots=True)
class RetentionRun:
    """What is due (`done` false), or what was erased."""

    done: bool
    last_run: Any
    lines: list[RetentionLine]


def _view(retention_run: RetentionRun) -> View:
    from django.utils import timezone

    from amends.operations.backups.status import expiry_in_words

    total = sum(line.due for line in retention_run.lines)
    if retention_run.done:
        total_text = _("Forgotten: %(count)s.") % {"count": f"{total:,}"}
        summary = f"{total_text} {expiry_in_words(timezone.now())}"
    else:
        summary = _(
            "Due: %(count)s. Nothing was changed; `amends retention --do` forgets them."
        ) % {"count": f"{total:,}"}
    lines = [
        _sentence(line, is_done=retention_run.done)
        for line in retention_run.lines
        if line.due or line.held
    ]
    return View(notes=[*lines, summary])


def _sentence(line: RetentionLine, *, is_done: bool) -> str:
    sentence = (
        _("ended by %(day)s: %(due)s forgotten, %(held)s held (kept %(days)s days, %(rules)s)")
        if is_done
        else _("ended by %(day)s: %(due)s due, %(held)s held (kept %(days)s days, %(rules)s)")
    ) % {
        "day": f"{line.ended_by:%Y-%m-%d}",
        "due": f"{line.due:,}",
        "held": f"{line.held:,}",
        "days": f"{line.days:,}",
        "rules": line.rules,
    }
    return f"{line.jurisdiction:<6} {line.kind:<10} {sentence}"


@command(view=_view)
def retention(
    do: Annotated[
        bool, typer.Option("--do", help="Forget what is due. There is no way back.")
    ] = False,
) -> RetentionRun:
    """Count the texts whose retention period has ended; with --do erase them."""
    from django.utils import timezone

    from amends.operations.actions.retention import carry_out, last_run, plan

    now = timezone.now()
    before = last_run(now)
    rows = carry_out(now, after_batch=_report) if do else plan(now)
    return RetentionRun(do, before, [_line(row) for row in rows])


def _report(row: RetentionRow) -> None:
    count_text = _("%(count)s forgotten") % {"count": f"{row.forgotten:,}"}
    typer.echo(f"{row.jurisdiction} {row.term.kind}: {count_text}", err=True)


def _line(row: RetentionRow) -> RetentionLine:
    return RetentionLine(
        jurisdiction=row.jurisdiction,
        kind=row.term.kind,
        days=row.term.days,
        rules=row.term.rules,
        source=row.term.source,
        verified=row.term.verified,
        ended_by=row.before,
        due=row.due,
        held=row.held,
        forgotten=row.forgotten,
    )
