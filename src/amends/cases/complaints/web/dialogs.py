"""Dialogs of the complaint page. The letter that some of them send is shown before it leaves.

Each is a page of its own where no script runs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from amends.cases.complaints.actions.dry_run import dry_run
from amends.cases.complaints.actions.record_identity_document import may_show_document
from amends.cases.complaints.queries.casefile import CaseFile, Complaint, Reply
from amends.cases.complaints.queries.life_cycle import Transition
from amends.cases.complaints.web import forms as desk_forms
from amends.cases.complaints.web.clocks import Moving
from amends.cases.complaints.web.decision import unfixed
from amends.cases.complaints.web.permissions import let_in
from amends.cases.complaints.web.words import class_choices
from amends.engines.decisions.clocks import pack_currency
from amends.engines.decisions.deadlines import UnableToKnowLimits, urgent_classes
from amends.people.access.refusals import UnableToAccess
from amends.people.access.web.form_dialogs import FormDialog, answer_dialog, show_dialog
from amends.people.access.web.permission import actor_of
from amends.people.access.web.signs import in_words
from amends.platform.kit.actors import Actor
from amends.platform.kit.money import sign_of
from amends.platform.kit.packs import day_in

LETTERS_OF_MOVES = {
    "deadlock": desk_forms.DeadlockForm,
    "declare_inadmissible": desk_forms.TurnDownForm,
}
"""Moves by hand whose letter a person writes a part of."""

_PLAIN, _LETTER = "desk/form_dialog.html", "desk/letter_dialog.html"
_CSS = {"reason": "internal", "amount": "narrow", "days": "narrow", "at": "narrow"}

Data = Mapping[str, Any] | None


def dialog_of(complaint: Complaint, **parts: Any) -> FormDialog:
    """A dialog of the complaint page; `parts` are those of `FormDialog`."""
    page = {"back": reverse("complaint", args=[complaint.id]), "back_label": complaint.code_public}
    return FormDialog(**({"css": _CSS} | page | parts))


def overruling(complaint: Complaint, *, seen: str, data: Data = None) -> FormDialog:
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
    return dialog_of(
        complaint,
        name="overrule",
        title=_("Overrule the decision"),
        intro=intro,
        button=_("Overrule"),
        address=reverse("overrule", args=[complaint.id]),
        form=form,
        template="desk/overrule_dialog.html",
        about={"statements": unfixed(complaint)},
    )


def ordering(complaint: Complaint, *, data: Data = None) -> FormDialog:
    """A decision of the regulator."""
    intro = _(
        "It takes the place of our own decision: the money goes to billing within your limit, and "
        "the user gets a letter."
    )
    return dialog_of(
        complaint,
        name="order",
        title=_("Carry out what the regulator decided"),
        intro=intro,
        button=_("Carry it out"),
        address=reverse("order_remedy", args=[complaint.id]),
        form=desk_forms.RegulatorOrderForm(data, auto_id="order-%s", **_money(complaint)),
        template=_LETTER,
    )


def repairing(complaint: Complaint, *, now: datetime, data: Data = None) -> FormDialog:
    """That a fault is gone."""
    form = desk_forms.RepairForm(
        data, auto_id="repaired-%s", initial={"at": timezone.localtime(now)}
    )
    intro = _(
        "This time decides whether the repair deadline is met. A deadline already recorded as "
        "missed stays missed."
    )
    return dialog_of(
        complaint,
        name="repaired",
        title=_("Note the repair"),
        intro=intro,
        button=_("Note the repair"),
        address=reverse("note_repair", args=[complaint.id]),
        form=form,
        template=_LETTER,
    )


def moving_clock(complaint: Complaint, moving: Moving, *, data: Data = None) -> FormDialog:
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
    return dialog_of(
        complaint,
        name=moving.dialog,
        title=title,
        intro=moving.rule,
        button=_("Move the deadline"),
        address=address,
        form=form,
        template=_LETTER,
    )


def resuming_clock(complaint: Complaint, moving: Moving, *, data: Data = None) -> FormDialog:
    """A paused deadline runs again."""
    address = f"{reverse('change_clock', args=[complaint.id])}?step={moving.code}"
    return dialog_of(
        complaint,
        name=moving.dialog,
        title=_("Resume the deadline"),
        button=_("Resume the deadline"),
        address=address,
        form=desk_forms.ResumeClockForm(data, auto_id=f"clock-{moving.code}-%s"),
        template="desk/resume_dialog.html",
        about={"clock": moving},
    )


def moved_by_hand(complaint: Complaint, transition: Transition, *, data: Data = None) -> FormDialog:
    """A move of the published table."""
    form_class = LETTERS_OF_MOVES.get(transition.verb, desk_forms.MoveForm)
    form = form_class(data, auto_id=f"move-{transition.verb}-%s")
    label = str(in_words(transition))
    address = f"{reverse('move', args=[complaint.id])}?verb={transition.verb}"
    return dialog_of(
        complaint,
        name=f"move-{transition.verb}",
        title=label,
        button=label,
        address=address,
        form=form,
        template=_LETTER if transition.verb in LETTERS_OF_MOVES else _PLAIN,
    )


def correcting(complaint: Complaint, basis: Mapping[str, Any], *, data: Data = None) -> FormDialog:
    """Another class; `basis` explains the present one."""
    form = desk_forms.CorrectForm(
        data,
        auto_id="correct-%s",
        classes=class_choices(),
        initial={"code": complaint.code},
    )
    return dialog_of(
        complaint,
        name="correct",
        title=_("Correct the class"),
        button=_("Correct"),
        address=reverse("correct", args=[complaint.id]),
        form=form,
        refusals={"unable_to_correct": "code"},
        template="desk/correct_dialog.html",
        about={name: basis[name] for name in ("telling", "corrected_by", "second")},
    )


def unmasking(complaint: Complaint, *, data: Data = None) -> FormDialog:
    """Personal values in full."""
    return dialog_of(
        complaint,
        name="unmask",
        title=_("Show in full"),
        intro=_("Your access is logged with time and reason, and the customer can read it."),
        button=_("Show and log the access"),
        icon="eye",
        address=reverse("unmask", args=[complaint.id]),
        form=desk_forms.UnmaskForm(data, auto_id="unmask-%s"),
        css={},
        refusals={"reason_missing": "reason"},
    )


def showing_document(complaint: Complaint, *, data: Data = None) -> FormDialog:
    """An identity document was shown."""
    intro = _(
        "Only if the person is in front of you. It is logged under your name, and the contact on "
        "record is notified."
    )
    return dialog_of(
        complaint,
        name="document",
        title=_("A document was shown"),
        intro=intro,
        button=_("Confirm identity"),
        address=reverse("take_document", args=[complaint.id]),
        form=desk_forms.DocumentForm(data, auto_id="document-%s"),
    )


def marking_urgent(complaint: Complaint, *, data: Data = None) -> FormDialog:
    """Mark urgent, or remove the mark."""
    form = desk_forms.UrgentForm(
        data, auto_id="urgent-%s", initial={"urgent": "0" if complaint.urgent else "1"}
    )
    intro = _(
        "Danger to life, loss of all service, or a class the rules call urgent. Its deadline "
        "follows the rules of the day it was received."
    )
    return dialog_of(
        complaint,
        name="urgent",
        title=_("Remove “urgent”") if complaint.urgent else _("Mark urgent"),
        intro=intro,
        button=_("Save"),
        address=reverse("set_urgent", args=[complaint.id]),
        form=form,
        template="desk/urgent_dialog.html",
        about={"rules": _urgent_rules(complaint)},
    )


def _urgent_rules(complaint: Complaint) -> list[str]:
    """What the rules of its day call urgent; empty where they are unknown."""
    day = day_in(complaint.jurisdiction, complaint.received_at)
    try:
        rule_files = urgent_classes(jurisdiction=complaint.jurisdiction, on=day)
    except UnableToKnowLimits:
        return []
    return [in_words(rule_file) for rule_file in rule_files]


def naming_subscriber(complaint: Complaint, *, data: Data = None) -> FormDialog:
    """The subscriber of a complaint."""
    intro = _(
        "No records are shown yet: a code is sent to the subscriber's contact on record, and the "
        "records are read once it is answered."
    )
    return dialog_of(
        complaint,
        name="subscriber",
        title=_("Name the subscriber"),
        intro=intro,
        button=_("Name the subscriber"),
        address=reverse("name_subscriber", args=[complaint.id]),
        form=desk_forms.SubscriberForm(data, auto_id="subscriber-%s"),
        refusals={"unable_to_name_subscriber": "number"},
    )


def dialogs_of(file: CaseFile, context: Mapping[str, Any], *, now: datetime) -> list[FormDialog]:
    """All dialogs of the complaint page that have a form."""
    complaint = file.complaint
    current = file.current
    dialogs = [correcting(complaint, context)]
    if complaint.case:
        dialogs.append(unmasking(complaint))
    if may_show_document(complaint):
        dialogs.append(showing_document(complaint))
    if context["may_be_urgent"]:
        dialogs.append(marking_urgent(complaint))
    if context["may_be_named"]:
        dialogs.append(naming_subscriber(complaint))
    if context["waiting"] and context["may_overrule"]:
        dialogs.append(overruling(complaint, seen=current.row.id if current else ""))
    if context["may_be_ordered"]:
        dialogs.append(ordering(complaint))
    if context["may_be_repaired"]:
        dialogs.append(repairing(complaint, now=now))
    dialogs += [
        resuming_clock(complaint, clock) if clock.is_paused else moving_clock(complaint, clock)
        for clock in context["moving"]
    ]
    dialogs += [moved_by_hand(complaint, transition) for transition in context["moves"]]
    return dialogs


class LetterStepForm(forms.Form):
    """Whether the previewed letter is sent or changed."""

    confirmed = forms.BooleanField(required=False)
    change = forms.BooleanField(required=False)


def answered(
    request: HttpRequest,
    complaint: Complaint,
    dialog: FormDialog,
    act: Callable[[dict[str, Any]], str],
    *,
    tab: str = "",
) -> HttpResponse:
    """Show the dialog, then its letter where it sends one, then carry it out.

    act  carries it out with the cleaned data, and returns the message for the user
    tab  the tab of the complaint page that is opened afterwards
    """
    preview = LetterStepForm(request.POST)
    preview.full_clean()

    def respond(cleaned: dict[str, Any]) -> HttpResponse:
        if dialog.template != _LETTER or preview.cleaned_data["confirmed"]:
            messages.success(request, act(cleaned))
            return back_to(complaint, tab)
        if preview.cleaned_data["change"]:
            return show_dialog(request, dialog)
        letters = readable(
            complaint, actor_of(request), dry_run(complaint.id, lambda: act(cleaned))
        )
        about = {"ready": True, "letters": letters}
        return show_dialog(request, replace(dialog, about=about))

    return answer_dialog(request, dialog, respond)


def back_to(complaint: Complaint, tab: str = "") -> HttpResponse:
    """To the page of a complaint; `tab` is opened."""
    address = reverse("complaint", args=[complaint.id])
    return redirect(f"{address}?tab={tab}" if tab else address)


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
