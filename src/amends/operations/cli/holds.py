"""`amends holds`: keep one complaint or one hot issue from being forgotten."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import typer

from amends.platform.cli.command import command
from amends.platform.cli.language import gettext as _
from amends.platform.cli.render import View
from amends.platform.kit.actors import Actor

app = typer.Typer(
    no_args_is_help=True, help="Put a complaint or a hot issue under legal hold, or release it."
)

KIND = Annotated[str, typer.Argument(help="complaint or hotissue.")]
RECORD = Annotated[str, typer.Argument(help="Tracking code of the complaint, number of the issue.")]


@dataclass(frozen=True, slots=True)
class PlacedHold:
    """A complaint or hot issue (its reference) under legal hold."""

    kind: str
    record: str


@dataclass(frozen=True, slots=True)
class ReleasedHolds:
    """How many holds of a record were released."""

    released: int


@app.callback()
def _holds() -> None:
    """Put a complaint or a hot issue under legal hold, or release it."""


def _placed_view(placed_hold: PlacedHold) -> View:
    sentence = _("Held: complaint %(record)s.")
    if placed_hold.kind == "hotissue":
        sentence = _("Held: hot issue %(record)s.")
    return View(notes=[sentence % {"record": placed_hold.record}])


@app.command()
@command(view=_placed_view)
def place(
    kind: KIND,
    record: RECORD,
    actor: Actor,
    reason: Annotated[str, typer.Option(help="Why it must stay; shown to who would erase it.")],
) -> PlacedHold:
    """Nothing of it is forgotten or erased until it is released, whoever wrote it."""
    from django.utils import timezone

    from amends.operations.actions import holds

    return PlacedHold(kind, holds.place(kind, record, actor, reason=reason, now=timezone.now()))


def _released_view(released_holds: ReleasedHolds) -> View:
    return View(notes=[_("Released: %(count)s.") % {"count": released_holds.released}])


@app.command()
@command(view=_released_view)
def release(kind: KIND, record: RECORD, actor: Actor) -> ReleasedHolds:
    """Let it go: its term and erasure reach it again."""
    from django.utils import timezone

    from amends.operations.actions import holds

    return ReleasedHolds(holds.release(kind, record, actor, now=timezone.now()))
