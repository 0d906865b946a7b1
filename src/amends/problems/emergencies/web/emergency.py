"""The emergency of an issue on one page: level, what is due by when, and every step's form."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from amends.cases.complaints.texts.units import unit_names
from amends.people.access.queries import may
from amends.people.access.queries.colleagues import people
from amends.people.access.web.permission import actor_of, requires
from amends.people.access.web.refusals import refusals_as_pages
from amends.platform.kit.actors import Actor
from amends.problems.emergencies.actions.answer_all import digest_of, newest_round, outlook_of
from amends.problems.emergencies.actions.bulk_credit import without_relief
from amends.problems.emergencies.actions.declare import Declaration, assess
from amends.problems.emergencies.actions.end_emergency import missing_to_close
from amends.problems.emergencies.actions.freeze_sale import cause_of
from amends.problems.emergencies.actions.notify_silent import newest_notice, silent_summary
from amends.problems.emergencies.models import (
    AnswerRound,
    Emergency,
    EmergencyStep,
    SilentNotice,
    Statement,
)
from amends.problems.emergencies.queries.affected import counted_at
from amends.problems.emergencies.queries.disaster import disaster_of
from amends.problems.emergencies.queries.steps import plan_of, step_status
from amends.problems.emergencies.rules.emergency import (
    Closing,
    EmergencyPlan,
    closing_rule,
    plan_on,
    step_state,
)
from amends.problems.emergencies.web.drill_words import detections_words
from amends.problems.emergencies.web.forms import (
    SCOPE,
    AnswerDraftForm,
    AnswerSendForm,
    CauseEndedForm,
    CloseForm,
    DeclareForm,
    DisasterForm,
    EmergencyForm,
    EmergencyReviewForm,
    EmergencyScopeForm,
    FreezeForm,
    JoinForm,
    LevelForm,
    NoticeDraftForm,
    NoticeSendForm,
    OwnerForm,
    PublicStatementForm,
    ReliefForm,
    ResumeForm,
    StepNotifiedForm,
    WithdrawForm,
)
from amends.problems.emergencies.web.step_controls import (
    RoleToNotify,
    StepControl,
    controls,
    roles_to_notify,
)
from amends.problems.emergencies.web.words import (
    DECISIONS,
    FREEZES,
    LEFT,
    LEVEL_REASONS,
    STEP_STATES,
    ReachedShown,
    reached_shown,
)
from amends.problems.hotissues.queries import found_issue
from amends.problems.hotissues.queries.records import HotIssue
from amends.problems.hotissues.texts.names import cause_name, name_of
from amends.problems.hotissues.texts.words import details_of, in_tongue
from amends.record.catalogue.queries import FreezeView, freezes

LETTERS_SHOWN = 3
ROWS_SHOWN = 200


@dataclass(frozen=True, slots=True)
class EmergencyStepForm:
    """The forms that do a step; `verbs` are their addresses."""

    title: Any
    template: str
    verbs: tuple[str, ...]


FORMS = {
    "assign": (
        "hotissues.lead",
        EmergencyStepForm(
            _("Owner and level"), "emergencies/emergency_assign.html", ("assign", "level")
        ),
    ),
    "freeze": (
        "hotissues.lead",
        EmergencyStepForm(
            _("Take from sale"), "emergencies/emergency_freeze.html", ("freeze", "resume")
        ),
    ),
    "statement": (
        "hotissues.lead",
        EmergencyStepForm(
            _("One public statement"),
            "emergencies/emergency_statement.html",
            ("publish", "withdraw"),
        ),
    ),
    "answer": (
        "hotissues.answer",
        EmergencyStepForm(
            _("One answer to all complaints"), "emergencies/emergency_answer.html", ("draft",)
        ),
    ),
    "silent": (
        "hotissues.answer",
        EmergencyStepForm(
            _("Affected users who have not complained"),
            "emergencies/emergency_silent.html",
            ("notice", "tell"),
        ),
    ),
    "relief": (
        "hotissues.silent",
        EmergencyStepForm(
            _("Bulk relief for affected users"), "emergencies/emergency_relief.html", ("relieve",)
        ),
    ),
    "review": (
        "hotissues.lead",
        EmergencyStepForm(
            _("Review and closing"),
            "emergencies/emergency_review.html",
            ("cause", "review", "disaster", "close"),
        ),
    ),
}
"""Act → who may do it, and its form. Each form is on the page once."""
SIGNS = {"done": "check", "due": "clock", "late": "warn", "dropped": "cross"}


@dataclass(frozen=True, slots=True)
class StepRow:
    """One step as the page shows it; `control` None where no reader is known.

    form     what does the step, where the reader may; notify: what notifies its role
    is_open  whether its form is open: of the soonest open step, or of one that was refused
    """

    step: str
    words: str
    act: str
    due_at: datetime
    step_state: str
    tone: str
    state: Any
    done_at: datetime | None
    done_by: str
    missed: bool
    details: str
    control: StepControl | None = None
    form: EmergencyStepForm | None = None
    notify: tuple[RoleToNotify, StepNotifiedForm] | None = None
    is_open: bool = False

    @property
    def sign(self) -> str:
        """The icon of its state."""
        return SIGNS.get(self.step_state, "nothing")


def step_rows(emergency: Emergency, plan: EmergencyPlan, now: datetime) -> list[StepRow]:
    """The steps in order of their time, with who did them."""
    rows = list(emergency.steps.order_by("due_at", "id"))
    names = people(row.done_by for row in rows if row.done_by)
    return [_row(row, plan, names, now) for row in rows]


def _row(row: EmergencyStep, plan: EmergencyPlan, names: dict[str, str], now: datetime) -> StepRow:
    rule, state = plan.step(row.step), step_state(step_status(row), now)
    tone, state_label = STEP_STATES[state]
    return StepRow(
        step=rule.id,
        words=in_tongue(rule.zh, rule.en),
        act=rule.act,
        due_at=row.due_at,
        step_state=state,
        tone=tone,
        state=state_label,
        done_at=row.done_at,
        done_by=names.get(row.done_by, ""),
        missed=row.missed_at is not None,
        details=details_of(row.emergency.issue, row.details),
    )


@requires("hotissues.read")
@refusals_as_pages
@require_safe
def emergency(request: HttpRequest, ref: str) -> HttpResponse:
    """The page; before a declaration, the form for it with the level it would reach."""
    actor, now = actor_of(request), timezone.now()
    return emergency_page(request, found_issue(ref, actor), actor, now)


def emergency_page(
    request: HttpRequest,
    issue: HotIssue,
    actor: Actor,
    now: datetime,
    *,
    refused: EmergencyForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page of an issue; `refused` is shown with its errors."""
    declared = Emergency.objects.filter(issue=issue).first()
    if declared is None:
        context = _undeclared(request, issue, actor, now, refused)
        status = 400 if context["scope_form"].errors else status
        return render(request, "emergencies/declare.html", context, status=status)
    context = _declared(issue, declared, actor, now, refused)
    return render(request, "emergencies/emergency.html", context, status=status)


def _common(issue: HotIssue, actor: Actor) -> dict[str, Any]:
    return {
        "issue": issue,
        "detection": detections_words(issue),
        "called": name_of(issue),
        "may_lead": may(actor.roles, "hotissues.lead"),
        "may_plan": may(actor.roles, "hotissues.measure"),
        "may_answer": may(actor.roles, "hotissues.answer"),
        "may_tell": may(actor.roles, "hotissues.silent"),
    }


def _undeclared(
    request: HttpRequest,
    issue: HotIssue,
    actor: Actor,
    now: datetime,
    refused: EmergencyForm | None,
) -> dict[str, Any]:
    about: dict[str, Any] = {"issue": issue, "actor": actor, "now": now}
    declare_form = refused if isinstance(refused, DeclareForm) else None
    if declare_form:
        scope_form = EmergencyScopeForm(
            **about, initial=declare_form.cleaned_data, choices=declare_form.choices
        )
    else:
        # A form without a kind was not submitted: its address may contain other fields.
        query = request.GET if "kind" in request.GET else None
        scope_form = EmergencyScopeForm(query, **about)
    scope_form.is_valid()
    kind, scope = scope_form.kind_value(), scope_form.scope()
    assessment = assess(issue, Declaration(kind, scope=scope), brand=actor.brand, now=now)
    plan = plan_on(timezone.localdate(now))
    if declare_form is None and not scope_form.errors:
        counted = {"kind": kind, **{name: list(getattr(scope, name)) for name in SCOPE}}
        declare_form = DeclareForm(
            **about,
            initial={**counted, "level": assessment.graded.level},
            choices=scope_form.choices,
        )
    return _common(issue, actor) | {
        "refused": refused,
        "scope_form": scope_form,
        "declare_form": declare_form,
        "found": assessment,
        "levels": plan.levels,
        "because": [LEVEL_REASONS[reason] for reason in assessment.graded.reasons],
        "plan": plan,
    }


def _frozen(kind: str, ref: str) -> str:
    """What is frozen, by its name where it has one."""
    names = unit_names({"offer": "product"}.get(kind, kind))
    return names.get(ref, ref)


def _affected_by(declared: Emergency) -> list[str]:
    """Who counts as hit, in words: the offers, areas and causes that were declared."""
    products, area_names = unit_names("product"), unit_names("area")
    return [
        *(products.get(offer, offer) for offer in declared.offers),
        *(area_names.get(area, area) for area in declared.areas),
        *(cause_name(*cause.split(":", 1)) for cause in declared.causes),
    ]


def _declared(
    issue: HotIssue,
    declared: Emergency,
    actor: Actor,
    now: datetime,
    refused: EmergencyForm | None,
) -> dict[str, Any]:
    plan = plan_of(declared)
    rule, missing = missing_to_close(issue)
    marked = disaster_of(issue)
    controls_by_step = controls(declared, plan, actor=actor, now=now)
    steps = [
        replace(
            row,
            control=controls_by_step.get(row.step) if row.step_state in ("due", "late") else None,
        )
        for row in step_rows(declared, plan, now)
    ]
    failed_verb = refused.verb if refused else ""
    steps, other_forms = _with_forms(issue, declared, steps, plan, actor, now, refused)
    notice = newest_notice(issue, brand=actor.brand)
    open_steps = [row for row in steps if row.step_state in ("due", "late")]
    rounds = list(issue.answer_rounds.filter(brand=actor.brand).order_by("-drafted_at", "-id"))
    writers = [draft.drafted_by for draft in (*rounds, notice) if draft]
    statements = list(issue.statements.order_by("-version"))
    reached_level = reached_shown(issue, now) if issue.state == "open" and not issue.drill else None
    about: dict[str, Any] = {"issue": issue, "actor": actor, "now": now}
    named = people({declared.declared_by, issue.owner, *writers} - {""})
    return _common(issue, actor) | {
        "it": declared,
        "level": plan.level(issue.level),
        "reached": reached_level,
        "hit_by": _affected_by(declared),
        "because": [LEVEL_REASONS.get(reason, reason) for reason in declared.because],
        "steps": steps,
        "other_forms": other_forms,
        "next_step": open_steps[0] if open_steps else None,
        "late": sum(row.step_state == "late" or row.missed for row in steps),
        "owner": named.get(issue.owner, ""),
        "declared_by": named.get(declared.declared_by, declared.declared_by),
        "freezes": [
            (
                FREEZES[freeze.kind],
                _frozen(freeze.kind, freeze.ref),
                freeze,
                _resume_form(freeze, refused, about),
            )
            for freeze in freezes(cause=cause_of(issue))
        ],
        "forms": _forms(
            declared, statements, rounds, notice, reached_level, marked is not None, refused, about
        ),
        "failed_verb": failed_verb,
        "refused": refused,
        "statements": statements,
        "round": rounds[0] if rounds else None,
        "drafter": named.get(rounds[0].drafted_by, "") if rounds else "",
        "drafted_by_me": bool(rounds) and rounds[0].drafted_by == actor.ref,
        "notice": notice,
        "notice_drafter": named.get(notice.drafted_by, "") if notice else "",
        "notice_is_mine": notice is not None and notice.drafted_by == actor.ref,
        "counted_at": counted_at(issue.id, now=now),
        "silent": silent_summary(issue, brand=actor.brand),
        "relief_left": len(without_relief(issue, brand=actor.brand)),
        "relief_done": issue.affected.filter(proposed_at__isnull=False).count(),
        "rule": rule,
        "disaster": marked,
        "disaster_by": people([marked.actor]).get(marked.actor, "") if marked else "",
        "set_aside": _set_aside(declared, plan, rule),
        "missing": [in_tongue(*plan.needs[need]) for need in missing],
        "measures": list(issue.measures.order_by("number")),
        "now": now,
    }


def _with_forms(
    issue: HotIssue,
    declared: Emergency,
    steps: list[StepRow],
    plan: EmergencyPlan,
    actor: Actor,
    now: datetime,
    refused: EmergencyForm | None,
) -> tuple[list[StepRow], list[EmergencyStepForm]]:
    """The steps with their forms, and the forms that no step has; none of a closed issue."""
    if issue.state != "open":
        return steps, []
    forms = {act: form for act, (page, form) in FORMS.items() if may(actor.roles, page)}
    leads = may(actor.roles, "hotissues.lead")
    notify = {}
    if leads:
        notify = {
            role.step: (role, _notified_form(role.step, refused, issue, actor, now))
            for role in roles_to_notify(declared, plan, now)
        }
    following = next((row.step for row in steps if row.step_state in ("due", "late")), "")
    # A step that is open takes the form of its act before one that is done.
    by_step: dict[str, EmergencyStepForm] = {}
    for row in sorted(steps, key=lambda row: row.step_state not in ("due", "late")):
        if row.step_state != "dropped" and row.act in forms:
            by_step[row.step] = forms.pop(row.act)
    rows_with_forms = [
        replace(
            row,
            form=step_form,
            notify=notify.get(row.step) if row.control else None,
            is_open=row.step == following
            or (refused is not None and step_form is not None and refused.verb in step_form.verbs),
        )
        for row in steps
        for step_form in [by_step.get(row.step) if row.step_state != "dropped" else None]
    ]
    return rows_with_forms, list(forms.values())


def _forms(
    declared: Emergency,
    statements: list[Statement],
    rounds: list[AnswerRound],
    notice: SilentNotice | None,
    reached_level: ReachedShown | None,
    marked: bool,
    refused: EmergencyForm | None,
    about: dict[str, Any],
) -> dict[str, EmergencyForm]:
    """Verb → its form with what is saved; the refused one with what was typed."""
    initial: dict[type[EmergencyForm], dict[str, Any]] = {
        OwnerForm: {},
        LevelForm: {"level": reached_level.ref if reached_level else ""},
        FreezeForm: {},
        PublicStatementForm: {},
        WithdrawForm: {},
        AnswerDraftForm: {},
        NoticeDraftForm: {},
        NoticeSendForm: {},
        ReliefForm: {},
        CauseEndedForm: {},
        EmergencyReviewForm: {"review": declared.review},
        CloseForm: {},
        DisasterForm: {"disaster": "no" if marked else "yes"},
        JoinForm: {},
    }
    if statements:
        newest = statements[0]
        initial[PublicStatementForm] = {
            "title_zh": newest.title_zh,
            "zh": newest.text_zh,
            "title_en": newest.title_en,
            "en": newest.text_en,
        }
    if rounds:
        initial[AnswerDraftForm] = {"zh": rounds[0].opening_zh, "en": rounds[0].opening_en}
    if notice:
        initial[NoticeDraftForm] = {"zh": notice.text_zh, "en": notice.text_en}
    page_forms = {kind.verb: kind(**about, initial=values) for kind, values in initial.items()}
    return page_forms | ({refused.verb: refused} if refused else {})


def _resume_form(
    freeze: FreezeView, refused: EmergencyForm | None, about: dict[str, Any]
) -> EmergencyForm:
    ids = f"resume-{freeze.kind}-{freeze.ref}-%s"
    if isinstance(refused, ResumeForm) and refused["ref"].value() == freeze.ref:
        return refused
    return ResumeForm(**about, initial={"kind": freeze.kind, "ref": freeze.ref}, auto_id=ids)


def _notified_form(
    step: str, refused: EmergencyForm | None, issue: HotIssue, actor: Actor, now: datetime
) -> StepNotifiedForm:
    if isinstance(refused, StepNotifiedForm) and refused["step"].value() == step:
        return refused
    return StepNotifiedForm(
        issue=issue, actor=actor, now=now, initial={"step": step}, auto_id=f"told-{step}-%s"
    )


def _set_aside(declared: Emergency, plan: EmergencyPlan, rule: Closing) -> Closing | None:
    """The closing rule that would hold if this were no natural disaster, or were one."""
    set_aside_rules = [
        closing_rule(declared.kind, declared.pack, plan, disaster=disaster)
        for disaster in (False, True)
    ]
    return next(
        (set_aside_rule for set_aside_rule in set_aside_rules if set_aside_rule.id != rule.id), None
    )


@requires("hotissues.answer")
@refusals_as_pages
@require_safe
def answers(request: HttpRequest, ref: str) -> HttpResponse:
    """What each complainant would get: all verdicts and amounts, and some letters in full."""
    actor, now = actor_of(request), timezone.now()
    return answers_page(request, found_issue(ref, actor), actor, now)


def answers_page(
    request: HttpRequest,
    issue: HotIssue,
    actor: Actor,
    now: datetime,
    *,
    refused: EmergencyForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """The answers as they would go out, and why they were not sent."""
    round_ = newest_round(issue, brand=actor.brand)
    outlooks = outlook_of(round_, now=now, brand=actor.brand) if round_ else []
    going = [outlook for outlook in outlooks if not outlook.left]
    sums: dict[str, int] = {}
    for outlook in going:
        if outlook.amount_minor:
            sums[outlook.currency] = sums.get(outlook.currency, 0) + outlook.amount_minor
    context = _common(issue, actor) | {
        "round": round_,
        "rows": [
            (outlook, DECISIONS.get(outlook.verdict, "—"), LEFT.get(outlook.left, outlook.left))
            for outlook in outlooks[:ROWS_SHOWN]
        ],
        "more": max(len(outlooks) - ROWS_SHOWN, 0),
        "going": len(going),
        "staying": len(outlooks) - len(going),
        "sums": sorted(sums.items()),
        "letters": going[:LETTERS_SHOWN],
        "drafted_by_me": round_ is not None and round_.drafted_by == actor.ref,
        "refused": refused,
        "form": AnswerSendForm(
            issue=issue,
            actor=actor,
            now=now,
            initial={"seen": digest_of(round_) if round_ else ""},
        ),
    }
    return render(request, "emergencies/answers.html", context, status=status)
