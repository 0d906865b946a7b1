"""Keep a view: an address of the inbox under a name, for whoever saved it."""

from __future__ import annotations

from django.db import transaction

from amends.cases.complaints.models import SavedView
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import BadInput
from amends.platform.kit.errors import gettext_noop as _
from amends.platform.vault.redaction import redact_person
from amends.work.casework.queries.staff import teams_of

MOST = 8


def save_view(name: str, address: str, *, team: str = "", actor: Actor) -> None:
    """Keep an address under a name; the same name replaces it, and beyond `MOST` the oldest goes.

    team  short name of a team of the actor whose members see the view as well

    Somebody may search for a number and save that: what says who a person is stays out.
    """
    name, address = redact_person(name.strip())[:40], redact_person(address)[:400]
    if not name:
        return
    if team and team not in {own_team.slug for own_team in teams_of(actor.ref)}:
        raise BadInput(
            _("You are not in this team."),
            meaning=_("The view was not saved."),
            next_step=_("Share it with a team of yours, or keep it for yourself."),
            code="unable_to_share_view",
        )
    with transaction.atomic():
        SavedView.objects.filter(user=actor.ref, title=name).delete()
        SavedView.objects.create(user=actor.ref, title=name, query=address, team=team)
        mine = SavedView.objects.filter(user=actor.ref).order_by("-id")
        newest_ids = list(mine.values_list("id", flat=True)[:MOST])
        SavedView.objects.filter(user=actor.ref).exclude(id__in=newest_ids).delete()


def drop_view(name: str, *, actor: Actor) -> None:
    """Take a saved view away."""
    SavedView.objects.filter(user=actor.ref, title=name).delete()
