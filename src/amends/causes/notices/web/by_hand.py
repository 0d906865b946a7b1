"""Calls to make and letters to post: the lists, what one has taken, the print, the list for the
post."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from amends.causes.notices.actions.by_hand import settle, shown, take_up
from amends.causes.notices.texts.duties import title_in_language
from amends.causes.notices.web.forms import ManualTasksForm, TaskOutcomeForm
from amends.causes.notices.web.notices import shortened
from amends.channels.actions.by_hand import MOST_CALLS, ManualTask, on_its_way, waiting
from amends.channels.queries import sends
from amends.engines.duties.titles import words_of
from amends.people.access.web.permission import actor_of, requires
from amends.people.access.web.refusals import refusals_as_pages, refuse_form
from amends.people.subscribers.queries import subscribers
from amends.platform.kit.errors import AmendsError
from amends.platform.tabular.responses import csv_response

_PRINT = 100
_BACK = timedelta(days=90)


@requires("notices.by_hand")
@refusals_as_pages
def calls(request: HttpRequest) -> HttpResponse:
    """Calls that wait, and those the reader has taken, with their numbers."""
    return _calls_page(request)


def _calls_page(request: HttpRequest, form: Form | None = None, status: int = 200) -> HttpResponse:
    actor, now = actor_of(request), timezone.now()
    context = {
        "mine": shown("phone", actor=actor, now=now),
        "lines": [
            _task_row(call_task) for call_task in _own(waiting("phone", now=now), actor.brand)
        ],
        "most": MOST_CALLS,
        "on": sends("phone"),
        "tab": "calls",
        "form": form,
    }
    return render(request, "notices/calls.html", context, status=status)


@requires("notices.by_hand")
@refusals_as_pages
def letters(request: HttpRequest) -> HttpResponse:
    """Letters that wait, are printed, and are with the post."""
    return _letters_page(request)


def _letters_page(
    request: HttpRequest, form: Form | None = None, status: int = 200
) -> HttpResponse:
    actor, now = actor_of(request), timezone.now()
    context = {
        "lines": [
            _task_row(letter_task) for letter_task in _own(waiting("letter", now=now), actor.brand)
        ],
        "mine": shown("letter", actor=actor, now=now),
        "gone": [
            _task_row(letter_task)
            for letter_task in _own(on_its_way("letter", since=now - _BACK), actor.brand)
        ],
        "most": _PRINT,
        "on": sends("letter"),
        "tab": "letters",
        "form": form,
    }
    return render(request, "notices/letters.html", context, status=status)


@requires("notices.by_hand")
@refusals_as_pages
@require_POST
def take(request: HttpRequest) -> HttpResponse:
    """Take the marked calls or letters."""
    form = ManualTasksForm(request.POST)
    if not form.is_valid():
        return _refused(request, form)
    cleaned = form.cleaned_data
    taken_tasks = take_up(cleaned["message"][:_PRINT], actor=actor_of(request), now=timezone.now())
    if not taken_tasks:
        messages.warning(request, _("A colleague has already taken it."))
    return redirect("letters" if cleaned["channel"] == "letter" else "calls")


@requires("notices.by_hand")
@refusals_as_pages
@require_POST
def outcome(request: HttpRequest) -> HttpResponse:
    """Record the outcome of the marked calls or letters."""
    form = TaskOutcomeForm(request.POST)
    if not form.is_valid():
        return _refused(request, form)
    cleaned = form.cleaned_data
    marked = cleaned["message"]
    try:
        settle(marked, cleaned["outcome"], actor=actor_of(request), now=timezone.now())
    except AmendsError as error:
        return _refused(request, form, refuse_form(form, error))
    message = ngettext(
        "%(n)s outcome is written down.", "%(n)s outcomes are written down.", len(marked)
    )
    messages.success(request, message % {"n": len(marked)})
    return redirect("letters" if cleaned["channel"] == "letter" else "calls")


def _refused(request: HttpRequest, form: ManualTasksForm, status: int = 400) -> HttpResponse:
    """The list of the channel with the errors of the form."""
    page = _letters_page if form.cleaned_data.get("channel") == "letter" else _calls_page
    return page(request, form, status)


@requires("notices.by_hand")
@refusals_as_pages
def print_letters(request: HttpRequest) -> HttpResponse:
    """The letters the reader has taken, a page each, in the language of their reader."""
    actor, now = actor_of(request), timezone.now()
    context = {"letters": shown("letter", actor=actor, now=now), "now": now}
    return render(request, "notices/letters_print.html", context)


@requires("notices.by_hand")
@refusals_as_pages
def post_list(request: HttpRequest) -> HttpResponse:
    """The list the post signs: a row a letter, with name and address."""
    actor, now = actor_of(request), timezone.now()
    rows = [
        [number, printed.task.id, printed.name, printed.where]
        for number, printed in enumerate(shown("letter", actor=actor, now=now), start=1)
    ]
    return csv_response("post-list.csv", ("number", "letter", "name", "address"), rows)


def _own(tasks: list[ManualTask], brand: str) -> list[ManualTask]:
    """Only those of the brand a person is confined to."""
    if not brand:
        return tasks
    people = subscribers(task.subscriber for task in tasks)
    own = {ref for ref, person in people.items() if person.brand == brand}
    return [task for task in tasks if task.subscriber in own]


def _task_row(task: ManualTask) -> dict[str, Any]:
    duty_view = words_of(task.duty, timezone.localdate(task.posted_at), settings.JURISDICTION)
    duty_text = title_in_language(duty_view) if duty_view else task.duty
    return {"task": task, "words": duty_text, "whom": shortened(task.subscriber)}
