"""What the forms of an emergency do; messages and reliefs to many people are previewed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from amends.people.access.web.permission import actor_of, requires
from amends.people.access.web.refusals import refusals_as_pages, refuse_form
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import AmendsError, BadInput
from amends.platform.kit.formats import format_money
from amends.problems.emergencies.actions.answer_all import draft_answer, send_answer
from amends.problems.emergencies.actions.bulk_credit import Relief, relief_outlook, relieve
from amends.problems.emergencies.actions.declare import Declaration, change_level, declare
from amends.problems.emergencies.actions.end_emergency import end_cause, end_emergency, write_review
from amends.problems.emergencies.actions.freeze_sale import cause_of, freeze_sale, resume_sale
from amends.problems.emergencies.actions.mark_disaster import mark_disaster
from amends.problems.emergencies.actions.notify_roles import record_notification
from amends.problems.emergencies.actions.notify_silent import (
    count_silent,
    draft_notice,
    notice_digest,
    notify_silent,
    readable_notice,
    silent_summary,
)
from amends.problems.emergencies.actions.publish import Wording, publish, withdraw_statement
from amends.problems.emergencies.web import forms
from amends.problems.emergencies.web.emergency import answers_page, emergency_page
from amends.problems.hotissues.actions.assign import assign
from amends.problems.hotissues.actions.authority import demand
from amends.problems.hotissues.actions.join_by_hand import join_by_hand
from amends.problems.hotissues.queries import found_issue
from amends.problems.hotissues.queries.records import HotIssue
from amends.problems.hotissues.texts.words import joined_words
from amends.record.catalogue.queries import freezes

CarryOut = Callable[[HotIssue, Any, Actor, datetime], str]
"""Issue, valid form, actor, now → the message; forms have classes of their own."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What is shown before something happens.

    texts   what people will read; those typed in the form where None
    fields  what the confirmation carries besides the form
    """

    question: str
    texts: tuple[str, ...] | None = None
    fields: tuple[tuple[str, str], ...] = ()


AskFirst = Callable[[HotIssue, Any, Actor, datetime], Preview]


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyAct:
    """One verb: its form, who may do it, what does it, and what is shown before."""

    form: type[forms.EmergencyForm]
    permission: str
    carry_out: CarryOut
    preview: AskFirst | None = None


class UnableToAct(BadInput):
    """There is no such act."""

    code = "act_unreadable"


@require_POST
@requires("hotissues.answer")
@refusals_as_pages
def act(request: HttpRequest, ref: str, verb: str) -> HttpResponse:
    """Do one thing to an emergency; a refusal appears on its page, with the field."""
    actor, now = actor_of(request), timezone.now()
    issue = found_issue(ref, actor)
    if verb not in ACTS:
        raise UnableToAct(_("There is no such action."), next_step=_("Load the page again."))
    chosen = ACTS[verb]
    demand(actor, chosen.permission, now)
    form = chosen.form(request.POST, issue=issue, actor=actor, now=now)
    status = 400
    if form.is_valid():
        try:
            if chosen.preview and not form.cleaned_data["confirmed"]:
                return _confirm_page(request, form, chosen.preview(issue, form, actor, now))
            message = chosen.carry_out(issue, form, actor, now)
        except AmendsError as error:
            status = refuse_form(form, error, form.refusal_field)
        else:
            messages.success(request, message)
            return redirect("issue_emergency", issue.id)
    page = answers_page if verb == "send" else emergency_page
    return page(request, found_issue(ref, actor), actor, now, refused=form, status=status)


def _confirm_page(
    request: HttpRequest, form: forms.EmergencyForm, preview: Preview
) -> HttpResponse:
    """Show the consequence in words, and everything that was typed, before it happens."""
    cleaned = form.cleaned_data
    values = {**cleaned, **dict(preview.fields), "confirmed": "yes"}
    typed = tuple(cleaned[name] for name in ("zh", "en") if name in cleaned)
    context = {
        "issue": form.issue,
        "verb": form.verb,
        "question": preview.question,
        "form": type(form)(initial=values, issue=form.issue, actor=form.actor, now=form.now),
        "shown": typed if preview.texts is None else preview.texts,
    }
    return render(request, "emergencies/confirm.html", context)


def _declare(issue: HotIssue, form: forms.DeclareForm, actor: Actor, now: datetime) -> str:
    cleaned = form.cleaned_data
    declare(
        issue.id,
        Declaration(
            kind=cleaned["kind"],
            level=cleaned["level"],
            reason=cleaned["reason"],
            scope=form.scope(),
        ),
        actor=actor,
        now=now,
    )
    return _("The emergency is declared. The steps due are listed below.")


def _level(issue: HotIssue, form: forms.LevelForm, actor: Actor, now: datetime) -> str:
    change_level(
        issue.id,
        form.cleaned_data["level"],
        because=form.cleaned_data["reason"],
        actor=actor,
        now=now,
    )
    return _("The level is changed; the deadlines follow it.")


def _assign(issue: HotIssue, form: forms.OwnerForm, actor: Actor, now: datetime) -> str:
    assign(
        issue.id, form.cleaned_data["owner"], actor=actor, now=now, seen=form.cleaned_data["seen"]
    )
    return _("The owner is named.")


def _freeze(issue: HotIssue, form: forms.FreezeForm, actor: Actor, now: datetime) -> str:
    freeze_sale(
        issue.id,
        *form.cleaned_data["what"].split(":", 1),
        reason=form.cleaned_data["reason"],
        actor=actor,
        now=now,
    )
    return _("It is taken from sale: no order of it is accepted until this is lifted.")


def _resume(issue: HotIssue, form: forms.ResumeForm, actor: Actor, now: datetime) -> str:
    resume_sale(
        issue.id,
        form.cleaned_data["kind"],
        form.cleaned_data["ref"],
        reason=form.cleaned_data["reason"],
        actor=actor,
        now=now,
    )
    return _("It may be sold again.")


def _publish(issue: HotIssue, form: forms.PublicStatementForm, actor: Actor, now: datetime) -> str:
    wording = Wording(
        title_zh=form.cleaned_data["title_zh"],
        title_en=form.cleaned_data["title_en"],
        text_zh=form.cleaned_data["zh"],
        text_en=form.cleaned_data["en"],
    )
    version_row = publish(issue.id, wording, actor=actor, now=now)
    if issue.drill:
        return _("Stored with the drill; no public page shows it.")
    return _("Version %(n)s is on the public page.") % {"n": version_row.version}


def _withdraw(issue: HotIssue, form: forms.WithdrawForm, actor: Actor, now: datetime) -> str:
    withdraw_statement(issue.id, because=form.cleaned_data["reason"], actor=actor, now=now)
    return _("The statement is withdrawn; its history stays.")


def _draft(issue: HotIssue, form: forms.AnswerDraftForm, actor: Actor, now: datetime) -> str:
    draft_answer(issue.id, form.cleaned_data["zh"], form.cleaned_data["en"], actor=actor, now=now)
    return _("The text is saved. A colleague reads the answers and sends them.")


def _send(issue: HotIssue, form: forms.AnswerSendForm, actor: Actor, now: datetime) -> str:
    round_ = send_answer(issue.id, actor=actor, now=now, seen=form.cleaned_data["seen"])
    message = ngettext(
        "%(n)s complaint is answered.", "%(n)s complaints are answered.", round_.answered
    ) % {"n": round_.answered}
    left = len(round_.left)
    if left:
        message += " " + ngettext(
            "%(n)s is left to a person.", "%(n)s are left to a person.", left
        ) % {"n": left}
    return message


def _record_step(issue: HotIssue, form: forms.StepNotifiedForm, actor: Actor, now: datetime) -> str:
    record_notification(
        issue.id, form.cleaned_data["step"], how=form.cleaned_data["reason"], actor=actor, now=now
    )
    return _("The notification is recorded.")


def _notice(issue: HotIssue, form: forms.NoticeDraftForm, actor: Actor, now: datetime) -> str:
    draft_notice(issue.id, form.cleaned_data["zh"], form.cleaned_data["en"], actor=actor, now=now)
    return _("The message is saved. A colleague reads it and sends it.")


def _notify(issue: HotIssue, form: forms.NoticeSendForm, actor: Actor, now: datetime) -> str:
    notified, unreachable = notify_silent(
        issue.id,
        limit=form.cleaned_data["most"] or 0,
        seen=form.cleaned_data["seen"],
        actor=actor,
        now=now,
    )
    message = ngettext("%(n)s user is notified.", "%(n)s users are notified.", notified) % {
        "n": notified
    }
    if unreachable:
        message += " " + ngettext(
            "%(n)s has no contact on record.", "%(n)s have no contact on record.", unreachable
        ) % {"n": unreachable}
    return message


def _relieve(issue: HotIssue, form: forms.ReliefForm, actor: Actor, now: datetime) -> str:
    relieved = relieve(issue.id, _relief(form), actor=actor, now=now)
    return ngettext(
        "Proposed for %(n)s user; it waits for approval under Remedies.",
        "Proposed for %(n)s users; it waits for approval under Remedies.",
        relieved,
    ) % {"n": relieved}


def _cause_ended(issue: HotIssue, form: forms.CauseEndedForm, actor: Actor, now: datetime) -> str:
    end_cause(issue.id, because=form.cleaned_data["reason"], actor=actor, now=now)
    return _("The cause has ended.")


def _disaster(issue: HotIssue, form: forms.DisasterForm, actor: Actor, now: datetime) -> str:
    marked = form.cleaned_data["disaster"] == "yes"
    mark_disaster(issue.id, marked, because=form.cleaned_data["reason"], actor=actor, now=now)
    if marked:
        return _(
            "Marked as a natural disaster: rules that exclude natural disasters do not apply to it."
        )
    return _("The mark is removed: rules that exclude natural disasters apply again.")


def _review(issue: HotIssue, form: forms.EmergencyReviewForm, actor: Actor, now: datetime) -> str:
    write_review(issue.id, form.cleaned_data["review"], actor=actor, now=now)
    return _("The review is saved.")


def _close(issue: HotIssue, form: forms.CloseForm, actor: Actor, now: datetime) -> str:
    end_emergency(issue.id, because=form.cleaned_data["reason"], actor=actor, now=now)
    return _("The issue is closed. A complaint that comes later is asked about first.")


def _join(issue: HotIssue, form: forms.JoinForm, actor: Actor, now: datetime) -> str:
    return joined_words(
        join_by_hand(
            issue.id,
            form.cleaned_data["complaints"].split(),
            because=form.cleaned_data["reason"],
            actor=actor,
            now=now,
        )
    )


def _ask_notify(
    issue: HotIssue, form: forms.NoticeSendForm, actor: Actor, now: datetime
) -> Preview:
    notice = readable_notice(issue, actor=actor)
    count_silent(issue.id, actor=actor, now=now)
    seen = silent_summary(issue, brand=actor.brand)
    waiting = sum(seen.by_language.values())
    question = ngettext(
        "%(n)s user who has not complained gets this message at the contact on record,"
        " %(zh)s in Chinese and %(en)s in English. Each can see that their contact was used.",
        "%(n)s users who have not complained get this message at the contact on record,"
        " %(zh)s in Chinese and %(en)s in English. Each can see that their contact was used.",
        waiting,
    ) % {
        "n": waiting,
        "zh": seen.by_language.get("zh", 0),
        "en": seen.by_language.get("en", 0),
    }
    fields = (("seen", notice_digest(notice)), ("most", str(waiting)))
    return Preview(question, (notice.text_zh, notice.text_en), fields)


def _ask_relieve(issue: HotIssue, form: forms.ReliefForm, actor: Actor, now: datetime) -> Preview:
    demand(actor, "hotissues.silent", now)
    count_silent(issue.id, actor=actor, now=now)
    seen = relief_outlook(issue, _relief(form), brand=actor.brand, now=now)
    question = ngettext(
        "%(n)s user gets %(each)s, %(sum)s in all. The proposal waits for approval.",
        "%(n)s users each get %(each)s, %(sum)s in all. The proposals wait for approval.",
        seen.people,
    ) % {
        "n": seen.people,
        "sum": format_money(seen.amount_minor, seen.currency),
        "each": format_money(_relief(form).amount_minor, seen.currency),
    }
    return Preview(question)


def _ask_publish(
    issue: HotIssue, form: forms.PublicStatementForm, actor: Actor, now: datetime
) -> Preview:
    demand(actor, "hotissues.lead", now)
    if issue.drill:
        question = _("This is a drill: the statement is stored with it and not published.")
    else:
        question = _("Everybody can read this from now on, and all versions are kept permanently.")
    return Preview(question)


def _ask_close(issue: HotIssue, form: forms.CloseForm, actor: Actor, now: datetime) -> Preview:
    demand(actor, "hotissues.lead", now)
    message = _("The issue is closed. Measures under way are still judged, and may open it again.")
    active_freezes = [
        freeze.ref for freeze in freezes(cause=cause_of(issue)) if freeze.lifted_at is None
    ]
    if active_freezes:
        message += " " + _(
            "Still suspended from sale, until it is resumed on this page: %(what)s."
        ) % {"what": ", ".join(active_freezes)}
    return Preview(message)


def _relief(form: forms.ReliefForm) -> Relief:
    cleaned = form.cleaned_data
    return Relief(
        amount_minor=int(cleaned["amount"] * 100),
        currency=form.currency(),
        reason_zh=cleaned["zh"],
        reason_en=cleaned["en"],
    )


LEAD, ANSWER, SILENT = "hotissues.lead", "hotissues.answer", "hotissues.silent"


def _act(
    form: type[forms.EmergencyForm],
    permission: str,
    carry_out: CarryOut,
    preview: AskFirst | None = None,
) -> EmergencyAct:
    return EmergencyAct(form=form, permission=permission, carry_out=carry_out, preview=preview)


ACTS: dict[str, EmergencyAct] = {
    chosen.form.verb: chosen
    for chosen in (
        _act(forms.DeclareForm, LEAD, _declare),
        _act(forms.LevelForm, LEAD, _level),
        _act(forms.OwnerForm, LEAD, _assign),
        _act(forms.FreezeForm, LEAD, _freeze),
        _act(forms.ResumeForm, LEAD, _resume),
        _act(forms.PublicStatementForm, LEAD, _publish, _ask_publish),
        _act(forms.WithdrawForm, LEAD, _withdraw),
        _act(forms.AnswerDraftForm, ANSWER, _draft),
        _act(forms.AnswerSendForm, ANSWER, _send),
        _act(forms.StepNotifiedForm, LEAD, _record_step),
        _act(forms.NoticeDraftForm, SILENT, _notice),
        _act(forms.NoticeSendForm, ANSWER, _notify, _ask_notify),
        _act(forms.ReliefForm, SILENT, _relieve, _ask_relieve),
        _act(forms.CauseEndedForm, LEAD, _cause_ended),
        _act(forms.EmergencyReviewForm, LEAD, _review),
        _act(forms.CloseForm, LEAD, _close, _ask_close),
        _act(forms.JoinForm, LEAD, _join),
        _act(forms.DisasterForm, LEAD, _disaster),
    )
}
