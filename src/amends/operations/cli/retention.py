"""`amends retention`: what has been kept long enough, and forgetting it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import orjson
import typer

from amends.cli.language import gettext as _
from amends.cli.start import start

if TYPE_CHECKING:
    from amends.operations.retention import RetentionRow


def retention(
    do: Annotated[
        bool, typer.Option("--do", help="Forget what is due. There is no way back.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Count the texts whose retention period has ended; with --do erase them."""
    start()
    from django.utils import timezone

    from amends.operations.backups.status import expiry_in_words
    from amends.operations.retention import carry_out, last_run, plan

    now = timezone.now()
    before = last_run(now)
    lines = carry_out(now, after_batch=None if as_json else _tell) if do else plan(now)
    if as_json:
        document = {"done": do, "last_run": before, "lines": [_row(line) for line in lines]}
        typer.echo(orjson.dumps(document).decode())
        return
    for line in lines:
        if line.due or line.held:
            typer.echo(_in_a_line(line, done=do))
    total = sum(line.due for line in lines)
    if do:
        said = _("Forgotten: %(count)s.") % {"count": f"{total:,}"}
        typer.echo(f"{said} {expiry_in_words(now)}")
    else:
        typer.echo(
            _("Due: %(count)s. Nothing was changed; `amends retention --do` forgets them.")
            % {"count": f"{total:,}"}
        )


def _in_a_line(line: RetentionRow, *, done: bool) -> str:
    words = (
        _("ended by %(day)s: %(due)s forgotten, %(held)s held (kept %(days)s days, %(rules)s)")
        if done
        else _("ended by %(day)s: %(due)s due, %(held)s held (kept %(days)s days, %(rules)s)")
    ) % {
        "day": f"{line.before:%Y-%m-%d}", "due": f"{line.due:,}", "held": f"{line.held:,}",
        "days": f"{line.term.days:,}", "rules": line.term.rules,
    }  # fmt: skip
    return f"{line.jurisdiction:<6} {line.term.kind:<10} {words}"


def _tell(line: RetentionRow) -> None:
    said = _("%(count)s forgotten") % {"count": f"{line.forgotten:,}"}
    typer.echo(f"{line.jurisdiction} {line.term.kind}: {said}", err=True)


def _row(line: RetentionRow) -> dict[str, Any]:
    return {
        "jurisdiction": line.jurisdiction, "kind": line.term.kind, "days": line.term.days,
        "rules": line.term.rules, "source": line.term.source, "verified": line.term.verified,
        "ended_by": line.before, "due": line.due, "held": line.held, "forgotten": line.forgotten,
    }  # fmt: skip
