"""Forms that end in words for the customer: filled in, looked at as the letter, then carried out.

Each opens as a dialog of the complaint page, and as a page of its own where no script runs or
something in it has to be put right: then everything that was typed stands there again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from amends.cases.complaints.actions.dry_run import dry_run
from amends.cases.complaints.queries.casefile import CaseFile, Complaint, Reply
from amends.cases.complaints.queries.life_cycle import Transition
from amends.cases.complaints.web import forms as desk_forms
from amends.cases.complaints.web.clocks import Moving
from amends.cases.complaints.web.decision import unfixed
from amends.cases.complaints.web.permissions import let_in
from amends.engines.decisions.clocks import RuleStatement, pack_currency
from amends.people.access.refusals import UnableToAccess
from amends.people.access.web.permission import actor_of
from amends.people.access.web.refusals import refusal_text, status_of
from amends.people.access.web.signs import in_words
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import AmendsError
from amends.platform.kit.money import sign_of

LETTERS_OF_MOVES = {
    "deadlock": desk_forms.DeadlockForm,
    "declare_inadmissible": desk_forms.TurnDownForm,
}
"""Moves by hand whose letter a person writes a part of."""


@dataclass(frozen=True, slots=True)
class DialogSheet:
    """A form with what stands around it.

    name, address  of its dialog, and where it is posted
    previews       its letter is shown before it leaves
    says           what the rules say of it, where they fix no amount
    """

    name: str
    title: str
    intro: str
    button: str
    address: str
    form: forms.Form
    hidden: Mapping[str, str] = field(default_factory=dict)
    previews: bool = True
    says: Sequence[RuleStatement] = ()


Data = Mapping[str, Any] | None


def overruling(complaint: Complaint, *, seen: str, data: Data = None) -> DialogSheet:
    """A verdict in place of the rule's."""
    minor = complaint.amount_minor
    form = desk_forms.OverruleForm(
        data,
        auto_id="overrule-%s",
        **_money(complaint),
        initial={"seen": seen, "amount": f"{minor / 100:.2f}" if minor else ""},
    )
    intro = _(
        "Your verdict replaces the rule's. Both stay on record, and overrules are counted for "
        "each rule. Nothing is sent yet: you read the letter, then approve it."
    )
    return DialogSheet(
        name="overrule",
        title=_("Overrule the decision"),
        intro=intro,
        button=_("Overrule"),
        address=reverse("overrule", args=[complaint.id]),
        form=form,
        previews=False,
        says=unfixed(complaint),
    )


def ordering(complaint: Complaint, *, data: Data = None) -> DialogSheet:
    """What the regulator decided."""
    intro = _(
        "It takes the place of our own decision: the money goes to billing within your limit, and "
        "the user gets a letter."
    )
    return DialogSheet(
        name="order",
        title=_("Carry out what the regulator decided"),
        intro=intro,
        button=_("Carry it out"),
        address=reverse("order_remedy", args=[complaint.id]),
        form=desk_forms.OrderForm(data, auto_id="order-%s", **_money(complaint)),
    )


def repairing(complaint: Complaint, *, now: datetime, data: Data = None) -> DialogSheet:
    """That a fault is gone."""
    form = desk_forms.RepairForm(
        data, auto_id="repaired-%s", initial={"at": timezone.localtime(now)}
    )
    intro = _(
        "This time decides whether the repair deadline is met. A deadline already recorded as "
        "missed stays missed."
    )
    return DialogSheet(
        name="repaired",
        title=_("Note the repair"),
        intro=intro,
        button=_("Note the repair"),
        address=reverse("note_repair", args=[complaint.id]),
        form=form,
    )


def moving_clock(complaint: Complaint, moving: Moving, *, data: Data = None) -> DialogSheet:
    """A deadline that may be extended or stand still."""
    form = desk_forms.ClockForm(
        data,
        auto_id=f"clock-{moving.code}-%s",
        initial={"step": moving.code},
        days_left=moving.days_left,
        pauses=moving.pauses,
    )
    title = _("Move the deadline: %(step)s") % {"step": moving.step}
    address = f"{reverse('change_clock', args=[complaint.id])}?step={moving.code}"
    return DialogSheet(
        name=moving.dialog,
        title=title,
        intro=moving.rule,
        button=_("Move the deadline"),
        address=address,
        form=form,
    )


def moved_by_hand(
    complaint: Complaint, transition: Transition, *, data: Data = None
) -> DialogSheet:
    """A move of `LETTERS_OF_MOVES`."""
    form = LETTERS_OF_MOVES[transition.verb](data, auto_id=f"move-{transition.verb}-%s")
    label = str(in_words(transition))
    address = f"{reverse('move', args=[complaint.id])}?verb={transition.verb}"
    return DialogSheet(
        name=f"move-{transition.verb}",
        title=label,
        intro="",
        button=label,
        address=address,
        form=form,
        hidden={"verb": transition.verb},
    )


def sheets_of(file: CaseFile, context: Mapping[str, Any], *, now: datetime) -> list[DialogSheet]:
    """What the complaint page opens as dialogs."""
    complaint = file.complaint
    current = file.current
    sheets = []
    if context["waiting"] and context["may_overrule"]:
        sheets.append(overruling(complaint, seen=current.row.id if current else ""))
    if context["may_be_ordered"]:
        sheets.append(ordering(complaint))
    if context["may_be_repaired"]:
        sheets.append(repairing(complaint, now=now))
    sheets += [
        moving_clock(complaint, clock_view)
        for clock_view in context["moving"]
        if not clock_view.is_paused
    ]
    sheets += [
        moved_by_hand(complaint, move) for move in context["moves"] if move.verb in LETTERS_OF_MOVES
    ]
    return sheets


def answered(
    request: HttpRequest,
    complaint: Complaint,
    sheet: DialogSheet,
    act: Callable[[dict[str, Any]], str],
    *,
    anchor: str = "",
) -> HttpResponse:
    """Show the sheet, with its letter once it is filled in, or carry it out.

    act  does it with what was typed, and says so in a sentence
    """
    status, letters, ready = 200, [], False
    form = sheet.form
    if form.is_bound and not form.is_valid():
        status = 400
    elif form.is_bound:
        try:
            if not sheet.previews or request.POST.get("confirmed"):
                messages.success(request, act(form.cleaned_data))
                response = redirect("complaint", complaint.id)
                response["Location"] += anchor
                return response
            letters = readable(
                complaint,
                actor_of(request),
                dry_run(complaint.id, lambda: act(form.cleaned_data)),
            )
            ready = True
        except AmendsError as error:
            form.add_error(None, str(refusal_text(error)))
            status = status_of(error)
    context = {"complaint": complaint, "sheet": sheet, "letters": letters, "ready": ready}
    return render(request, "desk/sheet.html", context, status=status)


def readable(complaint: Complaint, actor: Actor, letters: list[Reply]) -> list[Reply]:
    """The letters, if the records they quote are open to this person; to read them is a look."""
    try:
        let_in(complaint, actor, now=timezone.now())
    except UnableToAccess:
        return []
    return letters


def _money(complaint: Complaint) -> dict[str, Any]:
    currency = complaint.currency or pack_currency(complaint.jurisdiction)
    return {
        "currency": currency,
        "symbol": sign_of(currency),
        "payable": bool(complaint.subscriber),
    }
