"""`amends complaints note | assign | escalate | follow-up | merge | unmerge | split | workload`."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from amends.platform.cli.command import command
from amends.platform.cli.language import gettext as _
from amends.platform.cli.options import DAY_OPTION
from amends.platform.cli.render import TableColumn, View

if TYPE_CHECKING:
    from amends.cases.complaints.queries.status import ComplaintStatus
    from amends.cases.complaints.queries.workload import OwnerWorkload, TeamWorkload
    from amends.platform.kit.actors import Actor

CODE = Annotated[str, typer.Argument(help="Tracking code of the complaint.")]
TO = Annotated[str, typer.Option("--to", help="Name under which a colleague signs in.")]
TEAM = Annotated[str, typer.Option("--team", help="Short name of a team.")]
REASON = Annotated[str, typer.Option("--reason", help="Why, for colleagues.")]


def _moment(at: datetime | None) -> str:
    """A moment in the installation's zone, to the minute."""
    from django.utils import timezone

    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}" if at else "—"


def _status_view(case_status: ComplaintStatus) -> View:
    figures = [
        (_("Complaint"), case_status.complaint),
        (_("State"), case_status.state),
        (_("Handler"), case_status.handler or "—"),
        (_("Team"), case_status.team or "—"),
        (_("First received"), _moment(case_status.first_received_at)),
        (_("Next deadline"), _moment(case_status.next_due_at)),
        (_("Internal notes"), case_status.notes),
        (_("Follow-up on"), case_status.follow_up_on or "—"),
    ]
    if case_status.merged_into:
        figures.append((_("Merged into"), case_status.merged_into))
    return View(figures=figures, notes=() if case_status.changed else [_("Nothing changed.")])


def _workload_view(team_workload: TeamWorkload) -> View:
    def who(row: OwnerWorkload) -> str:
        if row.has_left:
            return _("%(name)s (left)") % {"name": row.name}
        return f"@{row.team}" if row.team else row.name

    return View(
        columns=(
            TableColumn(_("Name"), who),
            TableColumn(_("Open"), "open", right=True),
            TableColumn(_("Overdue"), "late", right=True),
            TableColumn(_("Due in 24 h"), "due_in_24_h", right=True),
            TableColumn(_("Next deadline"), "next_due_at", _moment),
        ),
        rows=[*team_workload.people, *team_workload.queues],
        empty=_("Nobody has an open complaint."),
    )


def _ref(code: str, actor: Actor) -> str:
    from amends.cases.complaints.cli.handlers import complaint

    return str(complaint(code, actor).id)


@command(view=_status_view)
def note(
    code: CODE,
    text: Annotated[
        str,
        typer.Argument(
            help="Words for colleagues; @name and @team notify. - reads them from stdin."
        ),
    ],
    actor: Actor,
) -> ComplaintStatus:
    """Add an internal note; no customer ever sees it."""
    import sys

    from django.utils import timezone

    from amends.cases.complaints.queries.status import complaint_status
    from amends.work.casework.actions.add_note import add_note

    ref = _ref(code, actor)
    note_text = sys.stdin.read() if text == "-" else text
    add_note("complaint", ref, text=note_text, actor=actor, now=timezone.now())
    return complaint_status(ref)


@command(view=_status_view)
def assign(
    code: CODE,
    actor: Actor,
    to: TO = "",
    team: TEAM = "",
    queue: Annotated[bool, typer.Option("--queue", help="Return it to the queue.")] = False,
    reason: REASON = "",
) -> ComplaintStatus:
    """Assign a complaint to a person, to a team or back to the queue."""
    from django.utils import timezone

    from amends.cases.complaints.queries.status import complaint_status
    from amends.people.access.queries import actor_called
    from amends.platform.kit.errors import BadInput
    from amends.work.casework.actions.assign import (
        assign_to_person,
        assign_to_team,
        return_to_queue,
    )

    if sum((bool(to), bool(team), queue)) != 1:
        raise BadInput(
            _("Name one of --to, --team and --queue."),
            next_step=_("State who receives the complaint."),
        )
    ref = _ref(code, actor)
    terms: dict[str, Any] = {"reason": reason, "actor": actor, "now": timezone.now()}
    if to:
        changed = assign_to_person("complaint", [ref], actor_called(to).ref, **terms)
    elif team:
        changed = assign_to_team("complaint", [ref], team, **terms)
    else:
        changed = return_to_queue("complaint", [ref], **terms)
    return complaint_status(ref, changed=bool(changed))


@command(view=_status_view)
def escalate(
    code: CODE,
    actor: Actor,
    note: Annotated[
        str, typer.Option("--note", help="Hand-over: what was done, what is open, what you ask.")
    ],
    to: TO = "",
    team: TEAM = "",
) -> ComplaintStatus:
    """Escalate a complaint to a person or team, with a hand-over note."""
    from django.utils import timezone

    from amends.cases.complaints.queries.status import complaint_status
    from amends.people.access.queries import actor_called
    from amends.work.casework.actions.escalate import escalate_case

    ref = _ref(code, actor)
    person = actor_called(to).ref if to else ""
    escalate_case(
        "complaint", ref, note=note, person=person, team=team, actor=actor, now=timezone.now()
    )
    return complaint_status(ref)


@command(view=_status_view)
def follow_up(
    code: CODE,
    on: Annotated[date, typer.Argument(help="Day on which it comes back.", **DAY_OPTION)],
    actor: Actor,
    reason: Annotated[str, typer.Option("--reason", help="What is to be done on that day.")],
    wait: Annotated[
        bool,
        typer.Option("--wait", help="Wait for the customer: pauses what the rules let pause."),
    ] = False,
) -> ComplaintStatus:
    """Let a complaint come back on a day."""
    from django.utils import timezone

    from amends.cases.complaints.actions.wait import wait_for_customer
    from amends.cases.complaints.queries.status import complaint_status
    from amends.work.casework.actions.follow_up import set_follow_up

    ref, now = _ref(code, actor), timezone.now()
    if wait:
        wait_for_customer(ref, until=on, reason=reason, actor=actor, now=now)
    else:
        set_follow_up("complaint", ref, due_on=on, reason=reason, actor=actor, now=now)
    return complaint_status(ref)


@command(view=_status_view)
def merge(
    code: CODE,
    into: Annotated[str, typer.Argument(help="Tracking code of the complaint to continue with.")],
    actor: Actor,
    reason: REASON = "",
) -> ComplaintStatus:
    """Merge a complaint into another one of the same person."""
    from django.utils import timezone

    from amends.cases.complaints.actions.merge import merge as merge_complaints
    from amends.cases.complaints.queries.status import complaint_status

    merged, survivor = _ref(code, actor), _ref(into, actor)
    merge_complaints(merged, survivor, reason=reason, actor=actor, now=timezone.now())
    return complaint_status(survivor)


@command(view=_status_view)
def unmerge(code: CODE, actor: Actor, reason: REASON = "") -> ComplaintStatus:
    """Undo the merge of the complaint that had this tracking code."""
    from django.utils import timezone

    from amends.cases.complaints.actions.merge import merged_under
    from amends.cases.complaints.actions.merge import unmerge as undo
    from amends.cases.complaints.queries.status import complaint_status

    back = undo(merged_under(code), reason=reason, actor=actor, now=timezone.now())
    return complaint_status(back.id)


@command(view=_status_view)
def split(
    code: CODE,
    contact: Annotated[
        list[str], typer.Option("--contact", help="Id of a message; may be named several times.")
    ],
    actor: Actor,
    reason: REASON = "",
) -> ComplaintStatus:
    """Make a complaint of its own of messages about another matter."""
    from django.utils import timezone

    from amends.cases.complaints.actions.split import split as split_off
    from amends.cases.complaints.queries.status import complaint_status

    ref = _ref(code, actor)
    child = split_off(ref, contact, reason=reason, actor=actor, now=timezone.now())
    return complaint_status(child.id)


@command(view=_workload_view)
def workload(
    actor: Actor,
    team: Annotated[str, typer.Option("--team", help="Only the members and queue of it.")] = "",
) -> TeamWorkload:
    """Show how much each person and each queue of a team has."""
    from django.utils import timezone

    from amends.cases.complaints.cli.handlers import require_right
    from amends.cases.complaints.queries.workload import workload_by_owner

    require_right(actor, "casework.lead")
    return workload_by_owner(now=timezone.now(), brand=actor.brand, team=team)
