"""Who works on a complaint, who watches it, and when it comes back: dialogs of its page."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from amends.cases.complaints.actions.wait import pausable, wait_for_customer
from amends.cases.complaints.queries.casefile import Complaint, find
from amends.cases.complaints.web.compose import KIND, WAIT_DAYS
from amends.cases.complaints.web.dialogs import Data, answered, dialog_of
from amends.cases.complaints.web.permissions import works_on
from amends.cases.complaints.web.words import step_words
from amends.people.access.queries import roles_that_may
from amends.people.access.queries.colleagues import colleagues, people
from amends.people.access.web.form_dialogs import FormDialog
from amends.people.access.web.permission import actor_of, requires
from amends.people.access.web.refusals import refusals_as_pages
from amends.platform.kit.actors import Actor
from amends.work.casework.actions.assign import assign_to_person, assign_to_team, return_to_queue
from amends.work.casework.actions.follow_up import end_follow_up, set_follow_up
from amends.work.casework.actions.watch import unwatch, watch
from amends.work.casework.queries.staff import away, teams
from amends.work.casework.queries.work import owner, watchers

QUEUE = "queue"


class AssignForm(forms.Form):
    """A person (`usr-…`), a team (`team:slug`), or the queue."""

    to = forms.ChoiceField(label=gettext_lazy("Assign to"))
    reason = forms.CharField(
        required=False,
        max_length=500,
        label=gettext_lazy("Note for them"),
        help_text=gettext_lazy("It stays in the history. The customer never reads it."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, brand: str, actor: Actor, **options: Any) -> None:
        super().__init__(*args, auto_id="assign-%s", **options)
        today = timezone.localdate()
        refs = [
            colleague.ref
            for colleague in colleagues(roles_that_may("complaints.handle"), brand=brand)
        ]
        names, absent = people(refs), away(refs, on=today)
        mine = [(actor.ref, _("Me"))] if actor.ref in names else []
        other_people = [
            (ref, _("%(name)s (away)") % {"name": name} if ref in absent else name)
            for ref, name in sorted(names.items(), key=lambda pair: pair[1])
            if ref != actor.ref
        ]
        queues = [(f"team:{team.slug}", team.title) for team in teams(brand=brand)]
        groups: list[Any] = [*mine, (QUEUE, _("Nobody: back to the queue"))]
        if queues:
            groups.append((_("Teams"), queues))
        if other_people:
            groups.append((_("People"), other_people))
        self.fields["to"].choices = groups


class FollowUpForm(forms.Form):
    """A day on which the complaint comes back, and why."""

    due_on = forms.DateField(
        label=gettext_lazy("Come back on"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    reason = forms.CharField(
        max_length=300,
        label=gettext_lazy("What is to be done then?"),
        help_text=gettext_lazy("It stays in the history. The customer never reads it."),
    )


class WaitForm(forms.Form):
    """The complaint waits for its customer until a day."""

    until = forms.DateField(
        label=gettext_lazy("Wait until"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("It comes back earlier when the customer writes."),
    )
    reason = forms.CharField(
        max_length=300,
        label=gettext_lazy("What are you waiting for?"),
        help_text=gettext_lazy("It stays in the history. The customer never reads it."),
    )
    customer_text = forms.CharField(
        required=False,
        max_length=2_000,
        label=gettext_lazy("Text for the customer"),
        help_text=gettext_lazy("Part of the letter that says why the deadline is paused."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class EndForm(forms.Form):
    """Whether the follow-up is done."""

    end = forms.BooleanField(required=False)


def team_title(complaint: Complaint) -> str:
    """The team in whose queue a complaint waits; "" where a person works on it."""
    if complaint.handler or not complaint.team:
        return ""
    return owner(KIND, complaint.id).team_title


def _soon(now: datetime) -> date:
    return timezone.localdate(now) + timedelta(days=WAIT_DAYS)


def assigning(complaint: Complaint, actor: Actor, *, data: Data = None) -> FormDialog:
    """The owner of a complaint."""
    return dialog_of(
        complaint,
        name="assign",
        title=_("Assign"),
        button=_("Assign"),
        address=reverse("assign", args=[complaint.id]),
        form=AssignForm(data, brand=complaint.brand, actor=actor),
    )


def following_up(complaint: Complaint, *, now: datetime, data: Data = None) -> FormDialog:
    """A day on which the complaint comes back."""
    form = FollowUpForm(data, auto_id="follow-up-%s", initial={"due_on": _soon(now)})
    return dialog_of(
        complaint,
        name="follow-up",
        title=_("Follow up"),
        button=_("Set the follow-up"),
        address=reverse("follow_up", args=[complaint.id]),
        form=form,
        css={"due_on": "narrow", "reason": "internal"},
        refusals={"unable_to_follow_up": "due_on"},
    )


def waiting(complaint: Complaint, *, now: datetime, data: Data = None) -> FormDialog:
    """Wait for the customer, with the deadlines that pause meanwhile."""
    form = WaitForm(data, auto_id="wait-%s", initial={"until": _soon(now)})
    pauses, runs = pausable(complaint.id, now=now)
    if not pauses:
        del form.fields["customer_text"]
    return dialog_of(
        complaint,
        name="wait",
        title=_("Wait for the customer"),
        button=_("Wait"),
        address=reverse("wait", args=[complaint.id]),
        form=form,
        css={"until": "narrow", "reason": "internal"},
        refusals={"unable_to_follow_up": "until"},
        template="desk/wait_dialog.html",
        about={
            "pauses": [step_words(step) for step in pauses],
            "runs": [step_words(step) for step in runs],
        },
    )


def case_dialogs(complaint: Complaint, actor: Actor, *, now: datetime) -> list[FormDialog]:
    """The dialogs that assign a complaint, set its follow-up, and let it wait."""
    return [
        assigning(complaint, actor),
        following_up(complaint, now=now),
        waiting(complaint, now=now),
    ]


@require_POST
@requires("complaints.read")
@refusals_as_pages
def assign(request: HttpRequest, ref: str) -> HttpResponse:
    """Give a complaint to a person, a team or the queue: who works on it, and leads of teams."""
    actor, now = actor_of(request), timezone.now()
    complaint = find(ref, brand=actor.brand)

    def act(cleaned: dict[str, Any]) -> str:
        return give([complaint.id], cleaned["to"], cleaned["reason"], actor=actor, now=now)

    dialog = assigning(complaint, actor, data=request.POST)
    return answered(request, complaint, dialog, act)


def give(keys: list[str], to: str, reason: str, *, actor: Actor, now: datetime) -> str:
    """Give complaints to the choice of an `AssignForm`; what was done, in words."""
    if to == QUEUE:
        return_to_queue(KIND, keys, reason=reason, actor=actor, now=now)
        return _("Returned to the queue.")
    if to.startswith("team:"):
        slug = to.removeprefix("team:")
        assign_to_team(KIND, keys, slug, reason=reason, actor=actor, now=now)
        return _("Assigned to the team.")
    assign_to_person(KIND, keys, to, reason=reason, actor=actor, now=now)
    return _("Assigned to %(name)s.") % {"name": people([to]).get(to, to)}


@require_http_methods(["GET", "HEAD", "POST"])
@requires("complaints.read")
@refusals_as_pages
def toggle_watch(request: HttpRequest, ref: str) -> HttpResponse:
    """Watch a complaint, or stop watching it; a GET returns the entry of the menu."""
    actor, now = actor_of(request), timezone.now()
    complaint = find(ref, brand=actor.brand)
    if request.method != "POST":
        watching = watchers(KIND, complaint.id)
        context = {
            "complaint": complaint,
            "watching": watching,
            "is_watching": actor.ref in watching,
            "watchers_are_read": True,
        }
        return render(request, "desk/watch.html", context)
    if watch(KIND, complaint.id, actor=actor, now=now):
        messages.success(request, _("You are watching it: you are notified of what happens."))
    else:
        unwatch(KIND, complaint.id, actor=actor, now=now)
        messages.success(request, _("You are no longer watching it."))
    return redirect("complaint", complaint.id)


@require_POST
@works_on("complaints.handle")
@refusals_as_pages
def follow_up(request: HttpRequest, ref: str) -> HttpResponse:
    """Let a complaint come back on a day, or end that."""
    actor, now = actor_of(request), timezone.now()
    complaint = find(ref, brand=actor.brand)

    def act(cleaned: dict[str, Any]) -> str:
        set_follow_up(KIND, complaint.id, **cleaned, actor=actor, now=now)
        return _("The follow-up is set.")

    end = EndForm(request.POST)
    if end.is_valid() and end.cleaned_data["end"]:
        end_follow_up(KIND, complaint.id, actor=actor, now=now)
        messages.success(request, _("The follow-up is done."))
        return redirect("complaint", complaint.id)
    dialog = following_up(complaint, now=now, data=request.POST)
    return answered(request, complaint, dialog, act)


@require_POST
@works_on("complaints.handle")
@refusals_as_pages
def wait(request: HttpRequest, ref: str) -> HttpResponse:
    """Wait for the customer: what the rules let pause is paused, and it comes back by itself."""
    actor, now = actor_of(request), timezone.now()
    complaint = find(ref, brand=actor.brand)

    def act(cleaned: dict[str, Any]) -> str:
        if wait_for_customer(complaint.id, **cleaned, actor=actor, now=now).paused:
            return _("Waiting for the customer. The deadline is paused; the customer is notified.")
        return _("Waiting for the customer. The deadline keeps running.")

    return answered(request, complaint, waiting(complaint, now=now, data=request.POST), act)
