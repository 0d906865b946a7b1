"""Settings of case work: teams, assignment rules, text modules and absences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from amends.people.access.queries import may
from amends.people.access.queries.colleagues import people
from amends.people.access.web.permission import actor_of, requires, signed_in
from amends.people.access.web.refusals import refusal_text, refusals_as_pages
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import AmendsError
from amends.work.casework.actions.absences import LEADS, remove_absence, set_absence
from amends.work.casework.actions.assignment_rules import remove_rule, save_rule
from amends.work.casework.actions.teams import MANAGES, remove_team, save_team
from amends.work.casework.actions.text_modules import remove_text_module, save_text_module
from amends.work.casework.models import Absence, AssignmentRule, Team, TextModule
from amends.work.casework.queries.kinds import case_kinds
from amends.work.casework.queries.staff import away, teams
from amends.work.casework.refusals import UnableToFindCase
from amends.work.casework.web.forms import (
    AbsenceForm,
    RuleForm,
    TeamForm,
    TextModuleForm,
    staff_choices,
)


def _edited(
    request: HttpRequest,
    form: Any,
    save: Callable[[dict[str, Any]], object],
    *,
    title: str,
    back: str,
    remove: str = "",
    hint: str = "",
) -> HttpResponse:
    """The page of a form: what is refused is shown with what was typed."""
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                save(form.cleaned_data)
            except AmendsError as refusal:
                form.add_error(None, str(refusal_text(refusal)))
            else:
                messages.success(request, _("Saved."))
                return redirect(back)
    context = {"form": form, "title": title, "back": reverse(back), "remove": remove, "hint": hint}
    return render(request, "casework/edit.html", context, status=status)


@requires(MANAGES)
@refusals_as_pages
@require_safe
def team_list(request: HttpRequest) -> HttpResponse:
    """The teams with their people and what they work on."""
    team_rows = teams(brand=actor_of(request).brand)
    members = {member.person for team in team_rows for member in team.members.all()}
    names = people(members | {team.lead for team in team_rows} - {""})
    absent = away(members, on=timezone.localdate())
    rows = [
        {
            "team": team,
            "lead": names.get(team.lead, ""),
            "members": [
                (names.get(member.person, member.person), absent.get(member.person))
                for member in team.members.all()
            ],
        }
        for team in team_rows
    ]
    return render(request, "casework/teams.html", {"rows": rows})


@requires(MANAGES)
@refusals_as_pages
@require_http_methods(["GET", "HEAD", "POST"])
def edit_team(request: HttpRequest, slug: str = "") -> HttpResponse:
    """A new team, or the one with this short name."""
    actor = actor_of(request)
    team = _one(Team.objects.filter(is_active=True), actor, slug=slug) if slug else None
    form = TeamForm(request.POST or None, actor=actor, team=team)

    def save(cleaned: dict[str, Any]) -> None:
        save_team(cleaned.pop("slug"), actor=actor, **cleaned)

    title = team.title if team else _("New team")
    remove = reverse("remove_team", args=[slug]) if slug else ""
    return _edited(request, form, save, title=title, back="teams", remove=remove)


@require_POST
@requires(MANAGES)
@refusals_as_pages
def drop_team(request: HttpRequest, slug: str) -> HttpResponse:
    """End a team; what waits in its queue goes to the common queue."""
    actor = actor_of(request)
    team = _one(Team.objects.filter(is_active=True), actor, slug=slug)
    remove_team(team.slug, actor=actor, now=timezone.now())
    messages.success(request, _("The team is deleted. Its waiting cases are in the common queue."))
    return redirect("teams")


@requires(MANAGES)
@refusals_as_pages
@require_safe
def rule_list(request: HttpRequest) -> HttpResponse:
    """The assignment rules in the order in which they are asked."""
    actor = actor_of(request)
    rows = AssignmentRule.objects.filter(team__is_active=True).select_related("team")
    if actor.brand:
        rows = rows.filter(team__brand__in=("", actor.brand))
    context = {"rows": rows, "today": timezone.localdate(), "has_teams": bool(teams())}
    return render(request, "casework/rules.html", context)


@requires(MANAGES)
@refusals_as_pages
@require_http_methods(["GET", "HEAD", "POST"])
def edit_rule(request: HttpRequest, number: int = 0) -> HttpResponse:
    """A new assignment rule, or one of those there are."""
    actor = actor_of(request)
    rows = AssignmentRule.objects.select_related("team")
    rule = _one(rows, actor, pk=number) if number else None
    form = RuleForm(request.POST or None, actor=actor, rule=rule)
    if not rule:
        form.initial.setdefault("valid_from", timezone.localdate())

    def save(cleaned: dict[str, Any]) -> None:
        save_rule(number or None, actor=actor, **cleaned)

    title = rule.title if rule else _("New assignment rule")
    remove = reverse("remove_rule", args=[number]) if number else ""
    return _edited(request, form, save, title=title, back="assignment_rules", remove=remove)


@require_POST
@requires(MANAGES)
@refusals_as_pages
def drop_rule(request: HttpRequest, number: int) -> HttpResponse:
    """Remove an assignment rule."""
    actor = actor_of(request)
    rule = _one(AssignmentRule.objects.select_related("team"), actor, pk=number)
    remove_rule(rule.pk, actor=actor)
    messages.success(request, _("The rule is deleted. Cases it has assigned stay where they are."))
    return redirect("assignment_rules")


@requires(MANAGES)
@refusals_as_pages
@require_safe
def module_list(request: HttpRequest) -> HttpResponse:
    """The text modules."""
    actor = actor_of(request)
    rows = TextModule.objects.filter(is_active=True)
    if actor.brand:
        rows = rows.filter(brand__in=("", actor.brand))
    return render(request, "casework/text_modules.html", {"rows": rows})


@requires(MANAGES)
@refusals_as_pages
@require_http_methods(["GET", "HEAD", "POST"])
def edit_module(request: HttpRequest, number: int = 0) -> HttpResponse:
    """A new text module, or one of those there are."""
    actor = actor_of(request)
    module = _one(TextModule.objects.filter(is_active=True), actor, pk=number) if number else None
    form = TextModuleForm(request.POST or None, actor=actor, module=module)

    def save(cleaned: dict[str, Any]) -> None:
        save_text_module(
            cleaned.pop("slug"), cleaned.pop("language"), actor=actor, now=timezone.now(), **cleaned
        )

    placeholder_names = sorted(
        {name for kind in case_kinds().values() for name in kind.placeholder_names()}
    )
    return _edited(
        request,
        form,
        save,
        title=module.title if module else _("New text module"),
        back="text_modules",
        remove=reverse("remove_text_module", args=[number]) if number else "",
        hint=_("Placeholders: %(names)s.")
        % {"names": " ".join(f"{{{{ {name} }}}}" for name in placeholder_names)},
    )


@require_POST
@requires(MANAGES)
@refusals_as_pages
def drop_module(request: HttpRequest, number: int) -> HttpResponse:
    """Offer a text module no more."""
    actor = actor_of(request)
    module = _one(TextModule.objects.filter(is_active=True), actor, pk=number)
    remove_text_module(module.pk, actor=actor, now=timezone.now())
    messages.success(request, _("The text module is deleted."))
    return redirect("text_modules")


@signed_in
@refusals_as_pages
@require_http_methods(["GET", "HEAD", "POST"])
def absences(request: HttpRequest) -> HttpResponse:
    """Who is away: one's own days, for leads and managers those of everybody."""
    actor = actor_of(request)
    staff = _whose_absences(actor)
    form = AbsenceForm(request.POST or None, people=staff, today=timezone.localdate())
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            cleaned = form.cleaned_data
            try:
                set_absence(cleaned.pop("person"), actor=actor, now=timezone.now(), **cleaned)
            except AmendsError as refusal:
                form.add_error(None, str(refusal_text(refusal)))
            else:
                messages.success(request, _("Saved. Work goes to the team on these days."))
                return redirect("absences")
    rows = Absence.objects.filter(last_day__gte=timezone.localdate())
    rows = rows.filter(person__in=[ref for ref, _name in staff])
    names = dict(staff)
    context = {"form": form, "rows": [(row, names[row.person]) for row in rows]}
    return render(request, "casework/absences.html", context, status=status)


@require_POST
@signed_in
@refusals_as_pages
def drop_absence(request: HttpRequest, number: int) -> HttpResponse:
    """Remove an absence."""
    actor = actor_of(request)
    row = Absence.objects.filter(pk=number).first()
    if row is None or row.person not in dict(_whose_absences(actor)):
        raise _no_such_entry()
    remove_absence(number, actor=actor)
    messages.success(request, _("Removed."))
    return redirect("absences")


def _whose_absences(actor: Actor) -> list[tuple[str, str]]:
    """Whose absences the actor sets: their own, or those of everybody of their brand."""
    own = list(people([actor.ref]).items())
    if not (may(actor.roles, LEADS) or may(actor.roles, MANAGES)):
        return own
    return sorted({*own, *staff_choices(actor)}, key=lambda pair: pair[1])


def _no_such_entry() -> UnableToFindCase:
    return UnableToFindCase(
        _("There is no such entry."),
        meaning=_("Nothing was changed."),
        next_step=_("Choose one from the list."),
    )


def _one(rows: Any, actor: Actor, **which: Any) -> Any:
    """One row the actor may see; raises UnableToFindCase."""
    matched_row = rows.filter(**which).first()
    brand = matched_row and (
        matched_row.team.brand if isinstance(matched_row, AssignmentRule) else matched_row.brand
    )
    if matched_row is None or (actor.brand and brand not in ("", actor.brand)):
        raise _no_such_entry()
    return matched_row
