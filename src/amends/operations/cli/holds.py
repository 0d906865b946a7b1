"""`amends holds`: keep one complaint or one hot issue from being forgotten."""

from __future__ import annotations

from typing import Annotated

import typer

from amends.cli.language import gettext as _
from amends.cli.start import start

app = typer.Typer(
    no_args_is_help=True, help="Put a complaint or a hot issue under legal hold, or release it."
)

KIND = Annotated[str, typer.Argument(help="complaint or hotissue.")]
RECORD = Annotated[str, typer.Argument(help="Tracking code of the complaint, number of the issue.")]
BY = Annotated[str, typer.Option(help="Name under which the privacy officer signs in.")]


@app.callback()
def _holds() -> None:
    """Put a complaint or a hot issue under legal hold, or release it."""


@app.command()
def place(
    kind: KIND,
    record: RECORD,
    by: BY,
    reason: Annotated[str, typer.Option(help="Why it must stay; shown to who would erase it.")],
) -> None:
    """Nothing of it is forgotten or erased until it is released, whoever wrote it."""
    start()
    from django.utils import timezone

    from amends.access.queries import actor_called
    from amends.operations import holds

    found = holds.place(kind, record, actor_called(by), reason=reason, now=timezone.now())
    held = _("Held: complaint %(record)s.")
    if kind == "hotissue":
        held = _("Held: hot issue %(record)s.")
    typer.echo(held % {"record": found})


@app.command()
def release(kind: KIND, record: RECORD, by: BY) -> None:
    """Let it go: its term and erasure reach it again."""
    start()
    from django.utils import timezone

    from amends.access.queries import actor_called
    from amends.operations import holds

    count = holds.release(kind, record, actor_called(by), now=timezone.now())
    typer.echo(_("Released: %(count)s.") % {"count": count})
