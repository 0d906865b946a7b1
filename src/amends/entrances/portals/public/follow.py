"""Follow a complaint: the tracking code, and what every page about one complaint begins with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from amends.cases.complaints.actions.prove_identity import CODE, proof_for
from amends.cases.complaints.queries import complaint
from amends.cases.complaints.queries.casefile import ComplaintState, ComplaintView
from amends.cases.complaints.queries.complainant_view import AppealRoute, resort
from amends.cases.complaints.queries.joined import as_sent_under
from amends.entrances.portals.actions import drafts
from amends.entrances.portals.models import Draft
from amends.entrances.portals.public.forms import TrackingCodeForm
from amends.entrances.portals.public.identity_session import is_shown
from amends.entrances.portals.public.pages import personal
from amends.entrances.portals.rules.codes import tidy_code
from amends.entrances.portals.rules.steps import StatusStep, steps
from amends.people.access.web.limits import WRONG_CODES
from amends.platform.kit.traces import tell

View = Callable[..., HttpResponse]


@dataclass(frozen=True, slots=True)
class Followed:
    """A complaint somebody follows, and whether this browser has shown who they are.

    proof  what shows it (`proof_needed`)
    """

    view: ComplaintView
    shown: bool
    proof: str
    now: datetime

    @property
    def ref(self) -> str:
        """The complaint's reference."""
        return self.view.row.id

    @property
    def code(self) -> str:
        """The tracking code."""
        return self.view.row.tracking_code

    @property
    def state(self) -> ComplaintState:
        """The state with its words for the complainant."""
        return self.view.state

    @property
    def is_under_way(self) -> bool:
        """Whether work is still owed, so that a word more can change something."""
        return self.state.open and not self.view.history

    def may(self, verb: str) -> bool:
        """Whether the complainant can do this now."""
        return not self.view.history and self.view.subscriber_may(verb)

    def way_on(self) -> AppealRoute | None:
        """Whom they may turn to if they do not agree with us; None where the time has passed."""
        return resort(self.view, now=self.now, shown=self.shown)

    def may_be_passed_on(self, to: AppealRoute | None) -> bool:
        """Whether they can ask us to pass it on now, as the life cycle and the regulator allow."""
        return to is not None and to.opens_at is None and self.may("pass_on")

    def steps(self) -> list[StatusStep]:
        """Received, looked at, answered, done."""
        entered = [(event.at, event.to_state) for event in self.view.events if event.to_state]
        row = self.view.row
        return steps(row.received_at, row.state, self.view.state_since, entered)


def followed(*, shown_only: bool = False) -> Callable[[View], View]:
    """A page about one complaint, found by the code in its address.

    An unknown code, and any code once an address has tried too many wrong ones, gives the same
    page. With `shown_only`, who has not shown who they are is asked to.
    """

    def guard(view: View) -> View:
        @personal
        @wraps(view)
        def found(request: HttpRequest, code: str, *args: Any, **kwargs: Any) -> HttpResponse:
            now = timezone.now()
            form = TrackingCodeForm({"code": code})
            form.is_valid()
            record = _looked_up(request, form, now)
            if record is None:
                return _ask_code(request, form, status=404)
            own_code = _code_of(record)
            if isinstance(record, Draft):
                if own_code != code:
                    return redirect("public:followed", own_code)
                return render(request, "portals/waiting.html", {"draft": record})
            proof = proof_for(record.subscriber, address_given=record.address_given)
            is_identified = is_shown(request, record.row.id, proof, now=now)
            typed = tidy_code(code)
            if is_identified and proof != CODE:
                # Who has shown who they are sees the complaint itself, whichever contact's code
                # they hold.
                typed = own_code
            if typed != code:
                return redirect("public:followed", typed)
            it = Followed(
                view=as_sent_under(code, record), shown=is_identified, proof=proof, now=now
            )
            if shown_only and not it.shown:
                return redirect("public:identity", it.code)
            return view(request, it, *args, **kwargs)

        return found

    return guard


@personal
def follow(request: HttpRequest) -> HttpResponse:
    """Enter the tracking code."""
    if request.method != "POST":
        return _ask_code(request, TrackingCodeForm())
    form = TrackingCodeForm(request.POST)
    if not form.is_valid():
        return _ask_code(request, form)
    code = form.cleaned_data["code"].strip().lower()
    if code.startswith("rpt-"):
        return redirect("protect:followed_report", code)
    record = _looked_up(request, form, timezone.now())
    if record is None:
        return _ask_code(request, form)
    return redirect("public:followed", tidy_code(form.cleaned_data["code"]))


def _looked_up(
    request: HttpRequest, form: TrackingCodeForm, now: datetime
) -> ComplaintView | Draft | None:
    """The complaint of a code, or what was sent under it and is not received yet.

    None, with the reason as an error of the form, if there is neither.

    A code that cannot be one costs the same look into the database as one that could.
    """
    if wait := WRONG_CODES.wait(request, now=now):
        message = ngettext(
            "Too many codes from your connection were not ours. Wait %(wait)s minute.",
            "Too many codes from your connection were not ours. Wait %(wait)s minutes.",
            wait,
        )
        form.add_error("code", message % {"wait": wait})
        return None
    code = tidy_code(str(form.cleaned_data.get("code", ""))) or "0000-0000-0000"
    record = complaint(code, whole=False) or drafts.sent_under(code)
    if record is None:
        WRONG_CODES.count(request, now=now)
        message = _(
            "We have no complaint under this code. Check it letter by letter: it has no letter O, "
            "I, L or U."
        )
        form.add_error("code", message)
        return None
    if not isinstance(record, Draft):
        tell(complaint=record.row.id)
    return record


def _code_of(record: ComplaintView | Draft) -> str:
    return record.tracking_code if isinstance(record, Draft) else record.row.tracking_code


def _ask_code(request: HttpRequest, form: TrackingCodeForm, *, status: int = 200) -> HttpResponse:
    return render(request, "portals/follow.html", {"form": form}, status=status)
