"""The launches, and one launch as a product board reads it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from amends.access.queries import may
from amends.access.queries.colleagues import people
from amends.access.web.permission import actor_of, requires
from amends.kit.formats import is_chinese
from amends.launches.actions.approve import people_needed
from amends.launches.gates import gates_of
from amends.launches.models import Launch
from amends.launches.queries import (
    launch,
    launches,
    lessons_learned,
    replacements,
    sentences,
    users_on,
    within_forecast,
)
from amends.launches.rules.assess import GATE_WORDS, GATES
from amends.launches.spreadsheet import write_spreadsheet
from amends.launches.web.pictures import pictures
from amends.launches.words import VERDICTS
from amends.launches.workbook import write_template

TONES = {"go": "ok", "go_with_conditions": "warn", "no": "bad"}
STATE_TONES = {"assessed": "info", "approved": "plum", "live": "ok", "stopped": "bad"}
GATE_TONES = {"green": "ok", "red": "bad", "open": "nothing"}


@requires("launches.read")
@require_safe
def launches_page(request: HttpRequest) -> HttpResponse:
    """Every launch and what became of it."""
    rows = launches()
    names = people([one.by for row in rows for one in row.approvals.all()])
    context = {
        "rows": [
            {
                "it": row,
                "verdict": _(VERDICTS[row.verdict]),
                "tone": TONES[row.verdict],
                "state_tone": STATE_TONES[row.state],
                "stopped_for": _stopped_for(row),
                "approvers": [names.get(one.by, one.by) for one in row.approvals.all()],
            }
            for row in rows
        ],
        "may_propose": may(actor_of(request).roles, "launches.propose"),
        "within_forecast": within_forecast(),
    }
    return render(request, "desk/launches.html", context)


@requires("launches.read")
@require_safe
def launch_page(request: HttpRequest, ref: str) -> HttpResponse:
    """Verdict, conditions, pictures, gates, who approved, and the watch."""
    row = launch(ref)
    if row is None:
        raise Http404
    found = row.document
    gates = gates_of(row.offer)
    red = [gate for gate in GATES if gates[gate][0] == "red"]
    approvals = list(row.approvals.all())
    names = people([row.owner, row.stopped_by, *(one.by for one in approvals)])
    roles = actor_of(request).roles
    context: dict[str, Any] = {
        "it": row,
        "found": found,
        "verdict": _(VERDICTS[row.verdict]),
        "tone": TONES[row.verdict],
        "state_tone": STATE_TONES[row.state],
        "reasons": _told(found["reasons"]),
        "conditions": _told(found["conditions"]),
        "warnings": _told(found["warnings"]),
        "pictures": pictures(row),
        "gates": [
            (_(GATE_WORDS[gate]), GATE_TONES[gates[gate][0]], _gate_word(gates[gate][0]),
             _(gates[gate][1]) if gates[gate][1] else "")
            for gate in GATES
        ],
        "capacity": found["capacity"].items(),
        "parameters": (found["replicability"].get("parameters") or {}).items(),
        "approvals": [(one, names.get(one.by, one.by)) for one in approvals],
        "owner": names.get(row.owner, row.owner),
        "stopped_for": _stopped_for(row),
        "stopped_by": names.get(row.stopped_by, _("the stop-loss")),
        "limits": list(row.limits.all()),
        "comparisons": list(row.comparisons.all()),
        "withdrawal": _withdrawal(row, may(roles, "launches.approve")),
        "more_people": max(0, people_needed(red) - len(approvals)),
        "may_approve": may(roles, "launches.approve"),
    }  # fmt: skip
    return render(request, "desk/launch.html", context)


@requires("launches.propose")
@require_safe
def template_file(request: HttpRequest) -> HttpResponse:
    """The workbook to fill in, explained in the reader's language."""
    lessons = lessons_learned()
    return _workbook("launch.xlsx", lambda path: write_template(path, _, lessons))


@requires("launches.read")
@require_safe
def spreadsheet_file(request: HttpRequest, ref: str) -> HttpResponse:
    """The case as a workbook whose formulas calculate it."""
    row = launch(ref)
    if row is None:
        raise Http404
    return _workbook(f"{row.id}.xlsx", lambda path: write_spreadsheet(row.case, path))


def _workbook(name: str, write: Callable[[Path], None]) -> HttpResponse:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "book.xlsx"
        write(path)
        content = path.read_bytes()
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _withdrawal(row: Launch, may_approve: bool) -> dict[str, Any]:
    """Of a stopped launch: who still has it, who was asked, or what they could be offered."""
    if row.state != Launch.State.STOPPED:
        return {}
    now = timezone.now()
    decided = getattr(row, "withdrawal", None)
    chinese = is_chinese(get_language() or "")
    choices = [] if decided or not may_approve else replacements(row, now)
    names = [(one.ref, one.name_zh if chinese else one.name_en) for one in choices]
    return {"users": users_on(row.offer, now), "decided": decided, "choices": names}


def _told(stored: list[dict[str, Any]]) -> list[str]:
    return [one.translated(_) for one in sentences(stored)]


def _stopped_for(row: Launch) -> str:
    """Why a launch was stopped: the limits it passed, or what a person wrote."""
    passed = [
        _("%(what)s %(value)s, limit %(limit)s")
        % {"what": one.get_trigger_display(), "value": f"{one.value:g}", "limit": f"{one.limit:g}"}
        for one in row.limits.all()
        if one.breached_at
    ]
    return "; ".join(passed) or row.stop_reason


def _gate_word(state: str) -> str:
    return {"green": _("passed"), "red": _("not passed"), "open": _("nobody has checked")}[state]
