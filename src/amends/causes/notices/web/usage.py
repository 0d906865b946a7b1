"""Usage files as they came: how far each is counted, and what became of its records."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST

from amends.causes.notices.actions.accept_stopped_file import accept_stopped, dismiss_stopped_file
from amends.causes.notices.queries.usage import FileView, met_since, usage_files
from amends.engines.metering.engine.layout import REJECTED, TREATMENTS
from amends.people.access.queries import may
from amends.people.access.queries.colleagues import people
from amends.people.access.web.permission import actor_of, requires
from amends.people.access.web.refusals import refusals_as_pages

_ROWS = 100
_DAYS = 31
_REJECTED = tuple(TREATMENTS[rejection] for rejection in REJECTED)


@requires("notices.read")
@refusals_as_pages
def usage_files_page(request: HttpRequest) -> HttpResponse:
    """What that waits for a person first, then the newest; above them the records of a month."""
    files_found = usage_files(limit=_ROWS)
    names = people(usage_file.accepted_by for usage_file in files_found if usage_file.accepted_by)
    context = {
        "lines": [_file_row(usage_file, names) for usage_file in files_found],
        "met": _met(),
        "days": _DAYS,
        "most": _ROWS,
        "may_pass": may(actor_of(request).roles, "notices.usage"),
        "tab": "usage",
    }
    return render(request, "notices/usage_files.html", context)


@require_POST
@requires("notices.usage")
@refusals_as_pages
def accept(request: HttpRequest, number: int) -> HttpResponse:
    """A person has checked: the feed's unit is the same."""
    name = accept_stopped(number, actor=actor_of(request), now=timezone.now())
    messages.success(
        request, _("Counting of %(file)s continues with the next run.") % {"file": name}
    )
    return redirect("usage_files")


@require_POST
@requires("notices.usage")
@refusals_as_pages
def dismiss(request: HttpRequest, number: int) -> HttpResponse:
    """Nobody waits for it any more: it was sent again, or is none of usage."""
    name = dismiss_stopped_file(number, actor=actor_of(request), now=timezone.now())
    messages.success(request, _("%(file)s is dismissed; it is not counted.") % {"file": name})
    return redirect("usage_files")


def why_words(why: str, reason: str) -> str:
    """What stopped a file, and what to do; what only its reader knows stays as it was said."""
    return {
        "units_jumped": _(
            "Its records are of quite another size than usual. Look whether the feed"
            " changed its unit; if it did not, let it pass."
        ),
        "usage_file_unfinished": _(
            "It ends before it should: it is still being written, or was"
            " cut off. Once it is complete it is counted by itself."
        ),
        "usage_unreadable": _("It cannot be read: %(why)s") % {"why": reason},
    }.get(why, reason)


def treatment_words(treatment: str) -> str:
    """What became of records, in words."""
    return {
        "counted": pgettext("records", "counted"),
        "counted_held": _("counted, though the line was stopped until consent"),
        "late": _("late: their billing period is closed, no notice is sent"),
        "repeated": _("seen before"),
        "altered": _("seen before with other content: check the feed"),
        "unknown_line": _("of lines that are not enrolled"),
        "future": _("later than the file that brought them"),
        "too_old": _("too old to know whether they were seen"),
        "implausible": _("more than one record can hold"),
        "unknown_kind": _("of an unknown kind"),
        "malformed": _("cannot be read"),
    }[treatment]


def _met() -> list[tuple[str, str, int, bool]]:
    """Treatment, words, records, whether they were rejected; those that were met."""
    met = met_since(timezone.now() - timedelta(days=_DAYS))
    order = ("counted", "counted_held", "late", "repeated", "altered", *_REJECTED)
    return [
        (treatment, treatment_words(treatment), met[treatment], treatment in _REJECTED)
        for treatment in order
        if met[treatment]
    ]


def _file_row(file_view: FileView, names: dict[str, str]) -> dict[str, Any]:
    met = file_view.met
    return {
        "one": file_view,
        "counted": met["counted"] + met["counted_held"],
        "late": met["late"],
        "again": met["repeated"] + met["altered"],
        "rejected": [(treatment_words(name), met[name]) for name in _REJECTED if met[name]],
        "why": why_words(file_view.why, file_view.reason) if file_view.reason else "",
        "by": names.get(file_view.accepted_by, file_view.accepted_by),
    }
