"""What the forms of launches do."""

from __future__ import annotations

import tempfile
from pathlib import Path

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from amends.access.web.permission import actor_of, requires
from amends.access.web.refusals import refusals_as_pages
from amends.kit.errors import BadInput
from amends.launches.actions.approve import approve
from amends.launches.actions.assess import assess
from amends.launches.actions.go_live import go_live
from amends.launches.actions.stop import stop
from amends.launches.actions.withdraw import withdraw
from amends.launches.files import read_case
from amends.launches.models import Launch
from amends.launches.prices import price_of
from amends.launches.workbook import MAX_BYTES


class UnableToReadForm(BadInput):
    """No file came, or there is no such action."""

    code = "launch_form_unreadable"


@require_POST
@requires("launches.propose")
@refusals_as_pages
def assess_file(request: HttpRequest) -> HttpResponse:
    """Assess the workbook or JSON file that was sent."""
    sent = request.FILES.get("file")
    if sent is None or (sent.size or 0) > MAX_BYTES:
        raise UnableToReadForm(
            _("No file came, or it is too large."),
            meaning=_("Nothing was stored."),
            next_step=_("Choose the workbook you filled in."),
        )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / ("case" + Path(sent.name or "").suffix.lower())
        path.write_bytes(sent.read())
        case = read_case(path, price_of)
    launch = assess(case, actor=actor_of(request), now=timezone.now())
    return redirect("launch", launch.id)


@require_POST
@requires("launches.approve")
@refusals_as_pages
def act(request: HttpRequest, ref: str, verb: str) -> HttpResponse:
    """Approve a launch, put it on sale, stop it, or withdraw it from its users."""
    actor, now, reason = actor_of(request), timezone.now(), request.POST.get("reason", "")
    if verb == "approve":
        launch = approve(ref, reason=reason, actor=actor, now=now)
        done = launch.state == Launch.State.APPROVED
        said = _("The launch is approved.") if done else _("A second person must approve it too.")
    elif verb == "live":
        go_live(ref, actor=actor, now=now)
        said = _("The offer is on sale.")
    elif verb == "stop":
        stop(ref, reason=reason, actor=actor, now=now)
        said = _("New orders are refused. Who has the offer keeps it on its terms.")
    elif verb == "withdraw":
        replacement = request.POST.get("replacement", "")
        withdraw(ref, replacement=replacement, reason=reason, actor=actor, now=now)
        said = _("Users are asked from now on. Who says no keeps the offer on its terms.")
    else:
        raise UnableToReadForm(_("There is no such action."), next_step=_("Load the page again."))
    messages.success(request, said)
    return redirect("launch", ref)
