"""`amends approvals list | show | approve | refuse | withdraw`: decisions that need two people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from amends.platform.cli.command import command
from amends.platform.cli.language import gettext as _
from amends.platform.cli.render import TableColumn, View

if TYPE_CHECKING:
    from amends.platform.kit.actors import Actor
    from amends.work.approvals.queries import ApprovalList, ApprovalSummary

app = typer.Typer(no_args_is_help=True, help="Decide what a second person has to approve.")
_REF = Annotated[str, typer.Argument(help="Reference of the request.")]
_REASON = Annotated[str, typer.Option("--reason", help="Why.")]


def _list_view(approval_list: ApprovalList) -> View:
    return View(
        columns=(
            TableColumn(_("Reference"), "ref", whole=True),
            TableColumn(_("Decision"), "title"),
            TableColumn(_("About"), "subject"),
            TableColumn(_("Asked by"), "asked_by"),
            TableColumn(_("State"), "state", _state),
            TableColumn(_("Until"), "due_at", "{:%Y-%m-%d %H:%M}"),
            TableColumn(_("May decide"), "may_decide", ", ".join),
        ),
        rows=approval_list.approvals,
        empty=_("Nothing waits."),
    )


def _state(state: str) -> str:
    from amends.work.approvals.choices import WaitingState

    return str(WaitingState(state).label)


def _one_view(approval: ApprovalSummary) -> View:
    figures = [
        (_("Decision"), approval.title),
        (_("About"), approval.subject),
        (_("State"), _state(approval.state)),
        (_("Asked by"), approval.asked_by),
        (_("Reason"), approval.reason),
    ]
    if approval.may_decide:
        figures.append((_("May decide"), ", ".join(approval.may_decide)))
    if approval.answered_by:
        figures.append((_("Answered by"), approval.answered_by))
    if approval.rule:
        figures.append((_("Rule instead of a second person"), approval.rule))
    if approval.answer_reason:
        figures.append((_("Reason of the answer"), approval.answer_reason))
    notes = []
    if approval.state == "waiting" and not approval.may_decide:
        notes.append(_("No one else may decide this. Add a second person under Settings → People."))
    return View(heading=approval.ref, figures=figures, notes=notes)


@app.callback()
def _approvals() -> None:
    """Decide what a second person has to approve."""


@app.command("list")
@command(view=_list_view)
def list_approvals(
    actor: Actor,
    asked: Annotated[
        bool, typer.Option("--asked", help="The requests of this person, not what waits for them.")
    ] = False,
) -> ApprovalList:
    """List what waits for a person, or the requests of the person."""
    from django.utils import timezone

    from amends.work.approvals import queries

    now = timezone.now()
    rows = queries.approvals_asked_by(actor) if asked else queries.approvals_for(actor, now=now)
    return queries.summaries(rows, now=now)


@app.command()
@command(view=_one_view)
def show(ref: _REF, actor: Actor) -> ApprovalSummary:
    """Show one request: what is asked, who may decide, and how it ended."""
    return _summary(ref, actor)


@app.command()
@command(view=_one_view)
def approve(ref: _REF, actor: Actor, reason: _REASON = "") -> ApprovalSummary:
    """Approve a request; the act takes effect."""
    from django.utils import timezone

    from amends.work.approvals.actions import decide
    from amends.work.approvals.queries import item_for

    decide.approve(item_for(ref, actor).ref, actor=actor, now=timezone.now(), reason=reason)
    return _summary(ref, actor)


@app.command()
@command(view=_one_view)
def refuse(ref: _REF, actor: Actor, reason: _REASON = "") -> ApprovalSummary:
    """Refuse a request with a reason."""
    from django.utils import timezone

    from amends.work.approvals.actions import decide
    from amends.work.approvals.queries import item_for

    decide.refuse(item_for(ref, actor).ref, actor=actor, reason=reason, now=timezone.now())
    return _summary(ref, actor)


@app.command()
@command(view=_one_view)
def withdraw(ref: _REF, actor: Actor, reason: _REASON = "") -> ApprovalSummary:
    """Withdraw a request that you made."""
    from django.utils import timezone

    from amends.work.approvals.actions import decide
    from amends.work.approvals.queries import item_for

    decide.withdraw(item_for(ref, actor).ref, actor=actor, now=timezone.now(), reason=reason)
    return _summary(ref, actor)


def _summary(ref: str, actor: Actor) -> ApprovalSummary:
    from django.utils import timezone

    from amends.work.approvals.queries import item_for, summaries

    return summaries([item_for(ref, actor)], now=timezone.now()).approvals[0]
