"""Checks of apps as cases: notes, assignment, follow-ups and watchers work for them."""

from __future__ import annotations

from collections.abc import Collection

from django.utils.translation import gettext_lazy as _

from amends.access.queries import may
from amends.casework.queries.kinds import CaseKind, CaseSummary
from amends.kit.actors import Actor
from amends.vetting.models import AppCheck
from amends.vetting.queries.checks import checks


class AppCheckKind(CaseKind):
    """Checks of apps."""

    name = "app_check"
    title = _("check of an app")

    def summaries(self, keys: Collection[str]) -> dict[str, CaseSummary]:
        """The checks with these numbers."""
        return {
            row.ref: CaseSummary(
                kind=self.name,
                key=row.ref,
                label=row.ref,
                title=str(row),
                path=f"/desk/apps/{row.ref}/",
                code="",
                area="",
                language="",
                brand=row.brand,
                is_open=row.is_open,
                received_at=row.received_at,
            )
            for row in AppCheck.objects.filter(ref__in=keys)
        }

    def visible(self, keys: Collection[str], actor: Actor) -> set[str]:
        """Checks of the actor's brand, for roles that see them; a partner's people see none.

        Notes are written for colleagues, and no partner reads them.
        """
        if actor.partner or not may(actor.roles, "apps.read"):
            return set()
        return set(checks(actor.brand).filter(ref__in=keys).values_list("ref", flat=True))

    def workable(self, keys: Collection[str], actor: Actor) -> set[str]:
        """Those of roles that decide on apps."""
        return self.visible(keys, actor) if may(actor.roles, "apps.decide") else set()
