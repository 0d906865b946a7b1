"""The launches, and one launch as a product board reads it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from amends.causes.launches.actions.assess import WITHIN_S
from amends.causes.launches.models import Launch
from amends.causes.launches.queries import (
    assessment,
    assessments,
    launch,
    launches,
    lessons_learned,
    replacements,
    sentences,
    start_preview,
    users_on,
    waiting_before,
    within_forecast,
)
from amends.causes.launches.queries.gates import gates_of, missing_approvals
from amends.causes.launches.queries.spreadsheet import write_spreadsheet
from amends.causes.launches.queries.workbook import write_template
from amends.causes.launches.rules.assess import GATE_WORDS
from amends.causes.launches.texts import VERDICTS
from amends.causes.launches.web.forms import (
    CaseForm,
    LaunchApprovalForm,
    ReasonForm,
    StartForm,
    WithdrawalForm,
)
from amends.causes.launches.web.pictures import pictures
from amends.people.access.queries import may, roles_that_may
from amends.people.access.queries.colleagues import names_with_roles, people
from amends.people.access.web.permission import actor_of, requires
from amends.platform import registry
from amends.platform.kit.actors import Actor
from amends.platform.kit.formats import is_chinese

TONES = {"go": "ok", "go_with_conditions": "warn", "no": "bad"}
STATE_TONES = {"assessed": "info", "approved": "plum", "live": "ok", "stopped": "bad"}
GATE_TONES = {"green": "ok", "red": "bad", "open": "nothing"}


@requires("launches.read")
@require_safe
def launches_page(request: HttpRequest) -> HttpResponse:
    """Every launch and what became of it."""
    return render(request, "desk/launches.html", launches_context(request, CaseForm()))


def launches_context(request: HttpRequest, form: CaseForm) -> dict[str, Any]:
    """What the page of launches shows; `form` with its errors, where a file was refused."""
    actor = actor_of(request)
    rows = launches(brand=actor.brand)
    names = people([approval.by for row in rows for approval in row.approvals.all()])
    return {
        "form": form,
        "waiting": assessments(brand=actor.brand),
        "rows": [
            {
                "it": row,
                "verdict": _(VERDICTS[row.verdict]),
                "tone": TONES[row.verdict],
                "state_tone": STATE_TONES[row.state],
                "stopped_for": _stopped_for(row),
                "approvers": [
                    names.get(approval.by, approval.by) for approval in row.approvals.all()
                ],
            }
            for row in rows
        ],
        "may_propose": may(actor.roles, "launches.propose"),
        "within_forecast": within_forecast(brand=actor.brand),
    }


@requires("launches.propose")
@require_safe
def assessment_page(request: HttpRequest, ref: str) -> HttpResponse:
    """A case that was handed in: how far its calculation is, or why there is none."""
    row = assessment(ref, brand=actor_of(request).brand)
    if row is None:
        raise Http404
    if row.launch is not None:
        if request.headers.get("HX-Request"):
            address = reverse("launch", args=[row.launch.id])
            return HttpResponse(headers={"HX-Redirect": address})
        return redirect("launch", row.launch.id)
    context = {
        "it": row,
        "before": waiting_before(row),
        "refusal": row.refusal.get(get_language() or "", "") or row.refusal.get("en", ""),
        "is_open": row.state in ("waiting", "running"),
        "within_s": WITHIN_S,
        "now": timezone.now(),
    }
    return render(request, "desk/launch_assessment.html", context)


@requires("launches.read")
@require_safe
def launch_page(request: HttpRequest, ref: str) -> HttpResponse:
    """Verdict, conditions, pictures, gates, who approved, and the watch."""
    actor = actor_of(request)
    row = launch(ref, brand=actor.brand)
    if row is None:
        raise Http404
    assessed, now = row.document, timezone.now()
    approvals = list(row.approvals.all())
    names = people([row.owner, row.stopped_by, *(approval.by for approval in approvals)])
    may_approve = may(actor.roles, "launches.approve")
    gates = gate_rows(row, actor)
    barred = [gate.gate for gate in gates if gate.state != "green"]
    context: dict[str, Any] = {
        "it": row,
        "found": assessed,
        "verdict": _(VERDICTS[row.verdict]),
        "tone": TONES[row.verdict],
        "state_tone": STATE_TONES[row.state],
        "reasons": _translated_sentences(assessed["reasons"]),
        "conditions": _translated_sentences(assessed["conditions"]),
        "warnings": _translated_sentences(assessed["warnings"]),
        "pictures": pictures(row),
        "gates": gates,
        "capacity": assessed["capacity"].items(),
        "parameters": (assessed["replicability"].get("parameters") or {}).items(),
        "approvals": [
            (
                approval,
                names.get(approval.by, approval.by),
                [(_(GATE_WORDS[gate]), why) for gate, why in approval.gates.items()],
            )
            for approval in approvals
        ],
        "owner": names.get(row.owner, row.owner),
        "stopped_for": _stopped_for(row),
        "stopped_by": names.get(row.stopped_by, _("the stop-loss")),
        "limits": list(row.limits.all()),
        "comparisons": list(row.comparisons.all()),
        "withdrawal": _withdrawal(row, may_approve, now),
        "approval": (
            LaunchApprovalForm(barred=barred)
            if may_approve and _takes_approval(row, actor, barred)
            else None
        ),
        "more_people": missing_approvals(row),
        "stopping": ReasonForm(auto_id="stop_%s"),
        "may_approve": may_approve,
    }
    return render(request, "desk/launch.html", context)


def _takes_approval(row: Launch, actor: Actor, barred: list[str]) -> bool:
    """Whether one more approval is needed, and this person has not given it."""
    if row.verdict == "no" or row.state not in ("assessed", "approved"):
        return False
    own = next((approval for approval in row.approvals.all() if approval.by == actor.ref), None)
    covered = own is not None and set(barred) <= own.gates.keys()
    return bool(missing_approvals(row)) and not covered


@requires("launches.approve")
@require_safe
def start_page(request: HttpRequest, ref: str) -> HttpResponse:
    """What putting a launch on sale starts, before anything starts."""
    actor = actor_of(request)
    row = launch(ref, brand=actor.brand)
    if row is None or row.state != Launch.State.APPROVED:
        raise Http404
    preview = start_preview(row, timezone.now())
    months = row.document["months"]["users"]
    chinese = is_chinese(get_language() or "")
    context = {
        "it": row,
        "shown": preview,
        "offer": preview.terms and (preview.terms.name_zh if chinese else preview.terms.name_en),
        "gates": [
            gate_row for gate_row in gate_rows(row, actor) if gate_row.gate in preview.barred
        ],
        "limits": list(row.limits.all()),
        "forecast": [(month, months[month]) for month in (1, 3, 12) if month < len(months)],
        "form": StartForm(initial={"seen": preview.digest}),
    }
    return render(request, "desk/launch_start.html", context)


@dataclass(frozen=True, slots=True)
class GateRow:
    """A gate with its state in words, who clears it and where; `page` "" where one may not look."""

    gate: str
    name: str
    state: str
    tone: str
    words: str
    why: str
    owners: list[str]
    page: str


def gate_rows(row: Launch, actor: Actor) -> list[GateRow]:
    """The gates of a launch as they are now."""
    rows = []
    for gate, (state, why) in gates_of(row.offer, row.brand).items():
        page_of_gate = registry.gate_page(gate)
        owners = roles_that_may(page_of_gate.owner) if page_of_gate else ()
        is_visible = page_of_gate is not None and may(actor.roles, page_of_gate.permission)
        rows.append(
            GateRow(
                gate=gate,
                name=_(GATE_WORDS[gate]),
                state=state,
                tone=GATE_TONES[state],
                words=_gate_word(state),
                why=_(why) if why else "",
                owners=names_with_roles(owners, brand=row.brand),
                page=reverse(page_of_gate.name) if page_of_gate is not None and is_visible else "",
            )
        )
    return rows


@requires("launches.propose")
@require_safe
def template_file(request: HttpRequest) -> HttpResponse:
    """The workbook to fill in, explained in the reader's language."""
    lessons = lessons_learned(brand=actor_of(request).brand)
    return _workbook("launch.xlsx", lambda path: write_template(path, _, lessons))


@requires("launches.read")
@require_safe
def spreadsheet_file(request: HttpRequest, ref: str) -> HttpResponse:
    """The case as a workbook whose formulas calculate it."""
    row = launch(ref, brand=actor_of(request).brand)
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


def _withdrawal(row: Launch, may_approve: bool, now: datetime) -> dict[str, Any]:
    """Of a stopped launch: who still has it, who was asked, or what they could be offered."""
    if row.state != Launch.State.STOPPED:
        return {}
    decided = getattr(row, "withdrawal", None)
    choices = [] if decided or not may_approve else replacement_choices(row, now)
    form = WithdrawalForm(choices=choices) if choices else None
    return {"users": users_on(row.offer, now), "decided": decided, "form": form}


def replacement_choices(row: Launch, now: datetime) -> list[tuple[str, str]]:
    """The offers that users of a launch may be asked to move to, by their names."""
    chinese = is_chinese(get_language() or "")
    return [
        (replacement.ref, replacement.name_zh if chinese else replacement.name_en)
        for replacement in replacements(row, now)
    ]


def _translated_sentences(stored: list[dict[str, Any]]) -> list[str]:
    return [sentence.translated(_) for sentence in sentences(stored)]


def _stopped_for(row: Launch) -> str:
    """Why a launch was stopped: the limits it passed, or what a person wrote."""
    passed = [
        _("%(what)s %(value)s, limit %(limit)s")
        % {
            "what": limit.get_trigger_display(),
            "value": f"{limit.value:g}",
            "limit": f"{limit.limit:g}",
        }
        for limit in row.limits.all()
        if limit.breached_at
    ]
    return "; ".join(passed) or row.stop_reason


def _gate_word(state: str) -> str:
    return {"green": _("passed"), "red": _("not passed"), "open": _("nobody has checked")}[state]
