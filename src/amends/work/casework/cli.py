"""`amends teams list | save`: the teams of the operator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from amends.platform.cli.command import command
from amends.platform.cli.language import gettext as _
from amends.platform.cli.render import TableColumn, View

if TYPE_CHECKING:
    from amends.platform.kit.actors import Actor
    from amends.work.casework.queries.staff import TeamList

app = typer.Typer(no_args_is_help=True, help="List and change the teams that work on cases.")


def _teams_view(listed_teams: TeamList) -> View:
    return View(
        columns=(
            TableColumn(_("Short name"), "slug"),
            TableColumn(_("Team"), "title"),
            TableColumn(_("Lead"), "lead"),
            TableColumn(_("Members"), "members", ", ".join),
            TableColumn(_("Classes"), "classes", ", ".join),
            TableColumn(_("Areas"), "areas", ", ".join),
            TableColumn(_("Languages"), "languages", ", ".join),
        ),
        rows=listed_teams.teams,
        empty=_("There is no team yet. Make one: amends teams save NAME --title TITLE."),
    )


@command(view=_teams_view)
def list_teams() -> TeamList:
    """List the teams with their people and what they work on."""
    from amends.work.casework.queries.staff import team_list

    return team_list()


@command(view=_teams_view)
def save(
    name: Annotated[str, typer.Argument(help="Short name: letters, digits and dashes.")],
    actor: Actor,
    title: Annotated[str, typer.Option("--title", help="What the team is called.")],
    member: Annotated[
        list[str],
        typer.Option("--member", help="Name a member signs in with; may be given several times."),
    ] = [],  # noqa: B006 (Typer copies it)
    lead: Annotated[str, typer.Option("--lead", help="Name the lead signs in with.")] = "",
    brand: Annotated[str, typer.Option("--brand", help="Only for this brand.")] = "",
    class_: Annotated[
        list[str], typer.Option("--class", help="Class or root it works on; several times.")
    ] = [],  # noqa: B006 (Typer copies it)
    area: Annotated[
        list[str], typer.Option("--area", help="Area it works on; several times.")
    ] = [],  # noqa: B006 (Typer copies it)
    language: Annotated[
        list[str], typer.Option("--language", help="zh or en; several times.")
    ] = [],  # noqa: B006 (Typer copies it)
) -> TeamList:
    """Make a team, or change the one with this short name."""
    from amends.people.access.queries import actor_called
    from amends.work.casework.actions.teams import save_team
    from amends.work.casework.queries.staff import team_list

    save_team(
        name,
        title=title,
        members=[actor_called(username).ref for username in member],
        lead=actor_called(lead).ref if lead else "",
        brand=brand,
        classes=class_,
        areas=area,
        languages=language,
        actor=actor,
    )
    return team_list()


app.command("list")(list_teams)
app.command("save")(save)
