"""Content findings as cases: notes, teams, assignment and follow-ups of casework work for them."""

from __future__ import annotations

from collections.abc import Collection

from django.utils.translation import gettext_lazy as _

from amends.causes.vetting.choices import ContentLabel
from amends.causes.vetting.models import ContentFinding
from amends.causes.vetting.queries.contents import visible_findings
from amends.people.access.queries import may
from amends.platform.kit.actors import Actor
from amends.work.casework.queries.kinds import CaseKind, CaseSummary


class ContentFindingKind(CaseKind):
    """Findings in contents of services."""

    name = "content_finding"
    title = _("content finding")

    def summaries(self, keys: Collection[str]) -> dict[str, CaseSummary]:
        """The findings with these references."""
        rows = ContentFinding.objects.filter(ref__in=keys).select_related("sample__service")
        return {
            row.ref: CaseSummary(
                kind=self.name,
                key=row.ref,
                label=row.ref,
                title=f"{ContentLabel(row.label).label} · {row.sample.service.name_zh}",
                path=f"/desk/contents/{row.ref}/",
                code="",
                area="",
                language="zh",
                brand=row.sample.service.brand,
                is_open=row.is_open,
                received_at=row.found_at,
                due_at=row.due_at,
            )
            for row in rows
        }

    def visible(self, keys: Collection[str], actor: Actor) -> set[str]:
        """Findings of the actor's brand, for roles that see services."""
        return self._may("services.read", keys, actor)

    def workable(self, keys: Collection[str], actor: Actor) -> set[str]:
        """Those, for roles that act on partners."""
        return self._may("services.manage", keys, actor)

    def _may(self, permission: str, keys: Collection[str], actor: Actor) -> set[str]:
        if not may(actor.roles, permission):
            return set()
        return set(visible_findings(actor.brand).filter(ref__in=keys).values_list("ref", flat=True))
