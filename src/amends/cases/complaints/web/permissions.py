"""Who may work on a complaint, and who may read what quotes its records."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

from amends.cases.complaints.actions.open_to_role import may_act_for_role
from amends.cases.complaints.queries.casefile import Complaint, find
from amends.cases.complaints.refusals import UnableToFindComplaint
from amends.people.access.actions.look import look
from amends.people.access.queries import may
from amends.people.access.web.permission import actor_of, permits, to_sign_in
from amends.platform.kit.actors import Actor

View = Callable[..., HttpResponseBase]


def may_work_on(complaint: Complaint, actor: Actor, page: str = "complaints.handle") -> bool:
    """Whether the actor's roles hold the permission, or the complaint was escalated to them."""
    return may(actor.roles, page) or may_act_for_role(complaint, actor)


def works_on(page: str) -> Callable[[View], View]:
    """Let in who may work on the complaint `ref`: like `requires`, and whom it is escalated to."""

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return to_sign_in(request)
            actor = actor_of(request)
            if not may(actor.roles, page) and not _escalated(kwargs.get("ref", ""), actor):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return permits(guarded, page)

    return guard


def _escalated(ref: str, actor: Actor) -> bool:
    try:
        return bool(ref) and may_act_for_role(find(ref, brand=actor.brand), actor)
    except UnableToFindComplaint:
        return False


def let_in(complaint: Complaint, actor: Actor, *, now: datetime) -> None:
    """Leave the look on record, or raise `UnableToAccess`; a complaint without a case has none."""
    if complaint.case:
        look(actor, complaint.case, ["name"], now=now)
