"""Teams: who is in them and what they work on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction

from amends.people.access.queries import may
from amends.people.access.queries.colleagues import active_among, brands_of_people, people
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import BadInput
from amends.platform.kit.errors import gettext_noop as _
from amends.work.casework.actions.assign import team_removed
from amends.work.casework.models import Team, TeamMember

MANAGES = "casework.manage"
LANGUAGES = ("zh", "en")


class UnableToSaveTeam(BadInput):
    """The actor keeps no teams, or what was given cannot be used."""

    code = "unable_to_save_team"


def save_team(
    slug: str,
    *,
    title: str,
    members: Sequence[str],
    lead: str = "",
    brand: str = "",
    classes: Iterable[str] = (),
    areas: Iterable[str] = (),
    languages: Iterable[str] = (),
    actor: Actor,
) -> Team:
    """Make a team or change the one with this short name.

    members, lead  references of people; the lead is a member as well
    classes, areas, languages  what it works on, empty for everything
    """
    require_manager(actor, brand)
    slug, title = slug.strip().lower(), " ".join(title.split())[:80]
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,39}", slug) or not title:
        raise UnableToSaveTeam(
            _("A team needs a title and a short name of letters, digits and dashes."),
            meaning=_("Nothing was saved."),
            next_step=_("Use a short name such as billing-north: colleagues mention it as @name."),
        )
    everybody = list(dict.fromkeys([*members, *([lead] if lead else [])]))
    _refuse_strangers(everybody, brand)
    if unknown := set(languages) - set(LANGUAGES):
        raise UnableToSaveTeam(
            _("There is no language %(language)s."),
            meaning=_("Nothing was saved."),
            next_step=_("Choose zh or en, or leave it empty."),
            values={"language": min(unknown)},
        )
    with transaction.atomic():
        existing_team = Team.objects.select_for_update().filter(slug=slug).first()
        if existing_team is not None:
            require_manager(actor, existing_team.brand)
        team = existing_team or Team(slug=slug)
        team.title, team.lead, team.brand, team.is_active = title, lead, brand, True
        team.classes, team.areas = sorted(set(classes)), sorted(set(areas))
        team.languages = sorted(set(languages))
        team.save()
        TeamMember.objects.filter(team=team).exclude(person__in=everybody).delete()
        member_refs = set(TeamMember.objects.filter(team=team).values_list("person", flat=True))
        TeamMember.objects.bulk_create(
            TeamMember(team=team, person=person)
            for person in everybody
            if person not in member_refs
        )
    return team


def remove_team(slug: str, *, actor: Actor, now: datetime) -> int:
    """Let a team end: its rules assign nothing, its cases go to the common queue; how many."""
    with transaction.atomic():
        team = Team.objects.select_for_update().filter(slug=slug, is_active=True).first()
        if team is None:
            raise UnableToSaveTeam(
                _("There is no such team."),
                meaning=_("Nothing was changed."),
                next_step=_("Choose one from the list."),
            )
        require_manager(actor, team.brand)
        moved = team_removed(team, actor=actor, now=now)
        team.is_active = False
        team.save(update_fields=["is_active"])
    return moved


def require_manager(actor: Actor, brand: str = "") -> None:
    """Raise UnableToSaveTeam unless the actor keeps teams, and those of this brand."""
    if may(actor.roles, MANAGES) and actor.brand in ("", brand):
        return
    raise UnableToSaveTeam(
        _("Your role does not change teams, rules or text modules of this brand."),
        meaning=_("Nothing was changed."),
        next_step=_("Ask a service-quality manager."),
    )


def _refuse_strangers(refs: Sequence[str], brand: str) -> None:
    """Members can sign in, and work for the brand of the team."""
    working, brands = active_among(refs), brands_of_people(refs)
    for ref in refs:
        if ref not in working or (brand and brands[ref] not in ("", brand)):
            raise UnableToSaveTeam(
                _("%(name)s cannot be in this team."),
                meaning=_("Nothing was saved."),
                next_step=_("Choose people who work here and for the brand of the team."),
                values={"name": people([ref]).get(ref, ref)},
            )
