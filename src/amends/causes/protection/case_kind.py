"""Appeals of numbers as cases: notes, assignment, teams and follow-ups of casework."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from amends.causes.protection.choices import AppealState
from amends.causes.protection.models import NumberAppeal
from amends.causes.protection.queries import number_lines, visible_appeals
from amends.people.access.queries import may
from amends.platform.kit.actors import Actor
from amends.work.casework.queries.kinds import AssignmentChange, CaseKind, CaseSummary

KIND = "appeal"


class AppealKind(CaseKind):
    """Appeals of holders of numbers."""

    name = KIND
    title = _("appeal of a number")

    def summaries(self, keys: Collection[str]) -> dict[str, CaseSummary]:
        """The appeals with these references; the title is the masked number."""
        rows = list(NumberAppeal.objects.filter(ref__in=keys).select_related("number"))
        numbers = number_lines([row.number for row in rows])
        return {
            row.ref: CaseSummary(
                kind=KIND,
                key=row.ref,
                label=row.ref,
                title=line.number,
                path=f"/desk/protection/appeals/{row.ref}/",
                code="",
                area="",
                language="",
                brand=row.brand,
                is_open=row.state == AppealState.OPEN,
                received_at=row.received_at,
                due_at=row.due_at if row.state == AppealState.OPEN else None,
            )
            for row, line in zip(rows, numbers, strict=True)
        }

    def visible(self, keys: Collection[str], actor: Actor) -> set[str]:
        """Appeals of the actor's brand, for roles that see reports."""
        if not may(actor.roles, "protection.read"):
            return set()
        rows = visible_appeals(brand=actor.brand).filter(ref__in=keys)
        return set(rows.values_list("ref", flat=True))

    def workable(self, keys: Collection[str], actor: Actor) -> set[str]:
        """Those that the roles of the actor may answer."""
        return self.visible(keys, actor) if may(actor.roles, "protection.decide") else set()

    def assigned(self, change: AssignmentChange) -> None:
        """Store the person, so that lists show who works on it."""
        NumberAppeal.objects.filter(ref__in=change.keys).update(handler=change.person)

    def open_cases(self, people: Collection[str]) -> dict[str, int]:
        """Open appeals by handler."""
        rows = NumberAppeal.objects.filter(state=AppealState.OPEN, handler__in=list(people))
        counted = rows.exclude(handler="").order_by().values_list("handler")
        return dict(counted.annotate(Count("ref")))

    def open_keys_of(self, person: str) -> list[str]:
        """Open appeals of a person."""
        rows = NumberAppeal.objects.filter(state=AppealState.OPEN, handler=person)
        return list(rows.exclude(handler="").values_list("ref", flat=True))

    def closed_sample(self, since: datetime, *, most: int, brand: str) -> list[tuple[str, str]]:
        """Appeals answered since then, each with the person who answered it."""
        rows = visible_appeals(brand=brand).filter(answered_at__gte=since)
        rows = rows.exclude(answered_by="").order_by("?")
        return list(rows.values_list("ref", "answered_by")[:most])
