"""Assignment rules: which cases go to which team, from one day to another."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db import transaction

from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import gettext_noop as _
from amends.work.casework.actions.teams import UnableToSaveTeam, require_manager
from amends.work.casework.choices import AssignTo
from amends.work.casework.models import AssignmentRule, Team


class UnableToSaveRule(UnableToSaveTeam):
    """The rule names no team, or ends before it begins."""

    code = "unable_to_save_rule"


def save_rule(
    rule: int | None = None,
    *,
    title: str,
    team: str,
    valid_from: date,
    valid_until: date | None = None,
    position: int = 100,
    case_kind: str = "",
    classes: Iterable[str] = (),
    areas: Iterable[str] = (),
    languages: Iterable[str] = (),
    assign_to: str = AssignTo.QUEUE,
    most_open: int | None = None,
    actor: Actor,
) -> AssignmentRule:
    """Make a rule, or change one by its id.

    valid_until  the last day it holds, None for no end
    most_open    with `least_loaded`: nobody with so many open cases is given another
    """
    team_row = Team.objects.filter(slug=team, is_active=True).first()
    if team_row is None:
        raise UnableToSaveRule(
            _("There is no such team."),
            meaning=_("Nothing was saved."),
            next_step=_("Choose one from the list."),
        )
    require_manager(actor, team_row.brand)
    if valid_until is not None and valid_until < valid_from:
        raise UnableToSaveRule(
            _("The rule ends before it begins."),
            meaning=_("Nothing was saved."),
            next_step=_("Correct one of the two days."),
        )
    if assign_to not in AssignTo.values:
        raise UnableToSaveRule(
            _("A rule leaves a case in the queue or gives it to the least loaded member."),
            meaning=_("Nothing was saved."),
            next_step=_("Choose queue or least_loaded."),
        )
    with transaction.atomic():
        row = AssignmentRule.objects.select_for_update().get(pk=rule) if rule else AssignmentRule()
        if rule:
            require_manager(actor, row.team.brand)
        row.title, row.team, row.position = " ".join(title.split())[:80], team_row, position
        row.valid_from, row.valid_until, row.case_kind = valid_from, valid_until, case_kind
        row.classes, row.areas = sorted(set(classes)), sorted(set(areas))
        row.languages = sorted(set(languages))
        row.assign_to, row.most_open, row.changed_by = assign_to, most_open, actor.ref
        row.save()
    return row


def remove_rule(rule: int, *, actor: Actor) -> None:
    """Remove a rule; what it has assigned stays where it is."""
    row = AssignmentRule.objects.select_related("team").filter(pk=rule).first()
    if row is None:
        return
    require_manager(actor, row.team.brand)
    row.delete()
