"""Checks of apps, and conflicts about packages, as cases with notes, assignment and follow-ups."""

from __future__ import annotations

from collections.abc import Collection

from django.utils.translation import gettext_lazy as _

from amends.causes.vetting.models import AppCheck, PackageConflict
from amends.causes.vetting.queries.checks import checks
from amends.causes.vetting.queries.conflicts import visible_conflicts
from amends.people.access.queries import lacks_partner, may
from amends.platform.kit.actors import Actor
from amends.work.casework.queries.kinds import CaseKind, CaseSummary


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
        if actor.partner or lacks_partner(actor) or not may(actor.roles, "apps.read"):
            return set()
        return set(checks(actor.brand).filter(ref__in=keys).values_list("ref", flat=True))

    def workable(self, keys: Collection[str], actor: Actor) -> set[str]:
        """Those of roles that decide on apps."""
        return self.visible(keys, actor) if may(actor.roles, "apps.decide") else set()


class PackageConflictKind(CaseKind):
    """Conflicts about packages."""

    name = "package_conflict"
    title = _("conflict about a package")

    def summaries(self, keys: Collection[str]) -> dict[str, CaseSummary]:
        """The conflicts with these references."""
        rows = PackageConflict.objects.filter(ref__in=keys)
        return {
            row.ref: CaseSummary(
                kind=self.name,
                key=row.ref,
                label=row.ref,
                title=row.package,
                path=f"/desk/apps/conflicts/{row.ref}/",
                code="",
                area="",
                language="",
                brand=self._brand(row),
                is_open=row.is_open,
                received_at=row.opened_at,
                due_at=row.statement_until,
            )
            for row in rows.select_related("earlier_check", "later_check")
        }

    @staticmethod
    def _brand(row: PackageConflict) -> str:
        brands = {row.earlier_check.brand, row.later_check.brand}
        return brands.pop() if len(brands) == 1 else ""

    def visible(self, keys: Collection[str], actor: Actor) -> set[str]:
        """Conflicts of the operator's people; a partner's people see no notes."""
        if actor.partner:
            return set()
        return set(visible_conflicts(actor).filter(ref__in=keys).values_list("ref", flat=True))

    def workable(self, keys: Collection[str], actor: Actor) -> set[str]:
        """Those of roles that decide on apps."""
        return self.visible(keys, actor) if may(actor.roles, "apps.decide") else set()
