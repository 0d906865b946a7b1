"""Work on complaints for other systems: notes, assignment, merging, and the workload.

Each call acts for the colleague in `by`, with the rights of that person, or without `by` as the
client itself with those of a handler. A client acts only for colleagues that it is bound to.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, NinjaAPI, Path, Query, Schema

from amends.cases.complaints.actions.merge import merge
from amends.cases.complaints.queries.casefile import find
from amends.cases.complaints.queries.status import ComplaintStatus, complaint_status
from amends.cases.complaints.queries.workload import TeamWorkload, workload_by_owner
from amends.entrances.portals.actions.clients import Token
from amends.entrances.portals.actions.colleagues import acting
from amends.entrances.portals.api.idempotency import IDEMPOTENCY_KEY, finish, hand_over
from amends.entrances.portals.api.shapes import Problem
from amends.people.access.queries import actor_called
from amends.work.casework.actions.add_note import add_note
from amends.work.casework.actions.assign import assign_to_person, assign_to_team, return_to_queue
from amends.work.casework.queries.staff import TeamList, team_list

_READING = dict.fromkeys((400, 401, 403, 503), Problem)
_WRITING = dict.fromkeys((400, 401, 403, 404, 409, 422, 503), Problem)
_BY = Field(
    "",
    max_length=150,
    description="Name under which the colleague signs in who acts; the client must be bound to "
    "them. Left out, the client acts as itself.",
)


class NewNote(Schema):
    """An internal note."""

    by: str = _BY
    text: str = Field(max_length=10_000, description="Masked; `@name` and `@team` notify.")


class NewAssignment(Schema):
    """Who works on it: a person or a team; neither returns it to the queue."""

    by: str = _BY
    to: str = Field("", max_length=150, description="Name under which a colleague signs in.")
    team: str = Field("", max_length=40, description="Short name of a team.")
    reason: str = Field("", max_length=2000, description="For colleagues, masked.")


class NewMerge(Schema):
    """Merge it into another complaint of the same person."""

    by: str = _BY
    into: str = Field(max_length=20, description="Tracking code of the complaint to continue with.")
    reason: str = Field("", max_length=2000, description="For colleagues, masked.")


def join(api: NinjaAPI) -> None:
    """Add the operations about work on complaints."""

    @api.post(
        "/complaints/{tracking_code}/notes",
        auth=Token("casework:write"),
        response={200: ComplaintStatus, **_WRITING},
        by_alias=True,
        summary="Add an internal note",
        operation_id="addNote",
        tags=["casework"],
    )
    def add_internal_note(
        request: HttpRequest,
        new: NewNote,
        tracking_code: str = Path(...),
        idempotency_key: str = IDEMPOTENCY_KEY,
    ) -> Any:
        """Scope `casework:write`. No customer ever sees the note; repeated, it is added once."""
        client = request.auth  # type: ignore[attr-defined]
        actor, ref, now = acting(client, new.by), _found(request, tracking_code), timezone.now()
        with transaction.atomic():
            key = f"note:{ref}:{idempotency_key}"
            first = hand_over(client.id, key, new.model_dump_json(), now=now)
            if not first.result:
                add_note("complaint", ref, text=new.text, actor=actor, now=now)
                finish(first, "added")
        return complaint_status(ref)

    @api.post(
        "/complaints/{tracking_code}/assignment",
        auth=Token("casework:write"),
        response={200: ComplaintStatus, **_WRITING},
        by_alias=True,
        summary="Assign a complaint",
        operation_id="assignComplaint",
        tags=["casework"],
    )
    def assign(request: HttpRequest, new: NewAssignment, tracking_code: str = Path(...)) -> Any:
        """Scope `casework:write`. To a person, to a team, or back to the queue."""
        actor = acting(request.auth, new.by)  # type: ignore[attr-defined]
        ref = _found(request, tracking_code)
        terms: dict[str, Any] = {"reason": new.reason, "actor": actor, "now": timezone.now()}
        if new.to:
            changed = assign_to_person("complaint", [ref], actor_called(new.to).ref, **terms)
        elif new.team:
            changed = assign_to_team("complaint", [ref], new.team, **terms)
        else:
            changed = return_to_queue("complaint", [ref], **terms)
        return complaint_status(ref, changed=bool(changed))

    @api.post(
        "/complaints/{tracking_code}/merge",
        auth=Token("casework:write"),
        response={200: ComplaintStatus, **_WRITING},
        by_alias=True,
        summary="Merge a complaint into another",
        operation_id="mergeComplaint",
        tags=["casework"],
    )
    def merge_complaint(request: HttpRequest, new: NewMerge, tracking_code: str = Path(...)) -> Any:
        """Scope `casework:write`. The answer is the complaint that goes on."""
        actor = acting(request.auth, new.by)  # type: ignore[attr-defined]
        merged, survivor = _found(request, tracking_code), _found(request, new.into)
        merge(merged, survivor, reason=new.reason, actor=actor, now=timezone.now())
        return complaint_status(survivor)

    @api.get(
        "/workload",
        auth=Token("casework:read"),
        response={200: TeamWorkload, **_READING},
        summary="Open complaints of each person and queue",
        operation_id="getWorkload",
        tags=["casework"],
    )
    def workload(request: HttpRequest, team: str = Query("", description="Only this team.")) -> Any:
        """Scope `casework:read`. A client of a brand gets the complaints of its brand."""
        return workload_by_owner(now=timezone.now(), brand=_brand(request), team=team)

    @api.get(
        "/teams",
        auth=Token("casework:read"),
        response={200: TeamList, **_READING},
        summary="List the teams",
        operation_id="listTeams",
        tags=["casework"],
    )
    def list_teams(request: HttpRequest) -> Any:
        """Scope `casework:read`. With the names of their people and what they work on."""
        return team_list(brand=_brand(request))


def _brand(request: HttpRequest) -> str:
    return request.auth.brand  # type: ignore[attr-defined]


def _found(request: HttpRequest, tracking_code: str) -> str:
    return find(tracking_code.strip().upper(), brand=_brand(request)).id
