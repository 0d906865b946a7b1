"""Complaints as cases: what notes, assignments, follow-ups and text modules ask of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from amends.cases.complaints.actions.letters import common, promised_days
from amends.cases.complaints.actions.open_to_role import may_act_for_role
from amends.cases.complaints.actions.pause_clock import customer_wait_ended
from amends.cases.complaints.models import Complaint, Event
from amends.people.access.queries import may
from amends.people.access.queries.colleagues import people
from amends.people.operator.queries import operator
from amends.platform.kit.actors import Actor
from amends.platform.kit.formats import format_money
from amends.work.casework.queries import ActivityVerb
from amends.work.casework.queries.kinds import AssignmentChange, CaseKind, CaseSummary

KIND = "complaint"
# Verbs of the history of complaints; `taken` and `handed_back` are older than teams.
_EVENTS = {
    ActivityVerb.ASSIGNED: "assigned",
    ActivityVerb.RETURNED: "handed_back",
    ActivityVerb.ESCALATED: "handed_up",
}


class ComplaintKind(CaseKind):
    """Complaints; each assignment is an event of the complaint."""

    name = KIND
    title = _("complaint")
    logs_assignments = True

    def summaries(self, keys: Collection[str]) -> dict[str, CaseSummary]:
        """The complaints with these ids."""
        return {
            row.id: CaseSummary(
                kind=KIND,
                key=row.id,
                label=row.code_public,
                title=row.first_words,
                path=f"/desk/c/{row.id}/",
                code=row.code,
                area=row.area,
                language=row.language,
                brand=row.brand,
                is_open=row.is_open,
                received_at=row.received_at,
                due_at=row.next_due_at,
            )
            for row in Complaint.objects.filter(id__in=keys)
        }

    def visible(self, keys: Collection[str], actor: Actor) -> set[str]:
        """Complaints of the actor's brand, for roles that see complaints.

        What was merged is worked on in the complaint it went into.
        """
        if not may(actor.roles, "complaints.read"):
            return set()
        rows = Complaint.objects.filter(id__in=keys, merged_into__isnull=True)
        if actor.brand:
            rows = rows.filter(brand=actor.brand)
        return set(rows.values_list("id", flat=True))

    def workable(self, keys: Collection[str], actor: Actor) -> set[str]:
        """Those that the roles of the actor handle, and those escalated to one of them."""
        seen = self.visible(keys, actor)
        if may(actor.roles, "complaints.handle"):
            return seen
        rows = Complaint.objects.filter(id__in=seen)
        return {row.id for row in rows if may_act_for_role(row, actor)}

    def assigned(self, change: AssignmentChange) -> None:
        """Keep the columns that the inbox lists by, and write the event."""
        Complaint.objects.filter(id__in=change.keys).update(handler=change.person, team=change.team)
        is_own = change.verb == ActivityVerb.ASSIGNED and change.person == change.actor.ref
        verb = "taken" if is_own else _EVENTS[ActivityVerb(change.verb)]
        Event.objects.bulk_create(
            Event(
                complaint_id=key,
                at=change.now,
                verb=verb,
                actor=change.actor.ref,
                reason=change.reason,
                details={
                    "person": change.person,
                    "team": change.team,
                    **change.actor.client_details,
                },
            )
            for key in change.keys
        )

    def wait_ended(self, key: str, *, now: datetime) -> None:
        """Let the deadlines run on that were paused to wait for the customer."""
        customer_wait_ended([key], now=now)

    def open_cases(self, people: Collection[str]) -> dict[str, int]:
        """Open complaints by handler."""
        rows = Complaint.objects.filter(is_open=True, handler__in=list(people)).exclude(handler="")
        return dict(rows.order_by().values_list("handler").annotate(Count("id")))

    def open_keys_of(self, person: str) -> list[str]:
        """Open complaints that a person handles."""
        rows = Complaint.objects.filter(is_open=True, handler=person).exclude(handler="")
        return list(rows.order_by("received_at", "id").values_list("id", flat=True))

    def closed_sample(self, since: datetime, *, most: int, brand: str) -> list[tuple[str, str]]:
        """Complaints closed since then that a person handled."""
        rows = Complaint.objects.filter(is_open=False, state_since__gte=since, history=False)
        rows = rows.exclude(handler="").exclude(state="merged")
        if brand:
            rows = rows.filter(brand=brand)
        return list(rows.order_by("?").values_list("id", "handler")[:most])

    def placeholders(self, key: str, actor: Actor) -> Mapping[str, str]:
        """Values in the customer's language; "" where this complaint has none."""
        row = Complaint.objects.get(id=key)
        fields = common(row, promised_days([row]).get(row.id, {}))
        return {
            "code": row.code_public,
            "class": fields.get("topic", ""),
            "received_on": fields["received"],
            "answer_by": fields.get("answer_by", ""),
            "amount": format_money(row.amount_minor, row.currency) if row.amount_minor else "",
            "handler": people([actor.ref]).get(actor.ref, ""),
            "operator": fields.get("operator", ""),
            "hotline": operator().hotline,
            "status_page": fields["follow"],
        }

    def placeholder_names(self) -> tuple[str, ...]:
        """What text modules for complaints may use."""
        return (
            "code",
            "class",
            "received_on",
            "answer_by",
            "amount",
            "handler",
            "operator",
            "hotline",
            "status_page",
        )
