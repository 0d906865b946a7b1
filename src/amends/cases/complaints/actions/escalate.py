"""Escalation: a missed deadline notifies the next higher role, once for each step."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from amends.cases.complaints.actions.open_to_role import open_to_role
from amends.cases.complaints.actions.running_clocks import clocks_nobody_holds
from amends.cases.complaints.models import Clock, Complaint, Event
from amends.channels.actions.post import Outgoing, post_many
from amends.engines.decisions.escalation import EscalationStep, steps
from amends.people.access.queries import GrantReason
from amends.people.access.queries.colleagues import Colleague, colleagues
from amends.platform.database.rows import create
from amends.platform.kit.actors import system
from amends.platform.kit.formats import is_chinese

CLOCKS = system("clocks")
AT_ONCE = 200
NAMED = 20


def escalate(*, now: datetime) -> int:
    """Notify the role the rule names of binding deadlines that passed unmet, and open the cases to
    it; how many clocks.

    A clock whose last step is due is escalated at that step alone, without the steps between.
    """
    return sum(_take(step, now) for step in reversed(steps(timezone.localdate(now))))


def _take(step: EscalationStep, now: datetime) -> int:
    with transaction.atomic():
        clocks = list(
            clocks_nobody_holds()
            .filter(
                Q(escalated_at__isnull=True) | Q(escalated_at__lt=F("due_at") + step.after),
                breached_at__isnull=False,
                met_at__isnull=True,
                paused_at__isnull=True,
                binding=True,
                due_at__lte=now - step.after,
                complaint__is_open=True,
                complaint__history=False,
            )
            .order_by("due_at", "id")[:AT_ONCE]
        )
        if not clocks:
            return 0
        create(
            Event(
                complaint_id=clock.complaint_id,
                at=now,
                verb="escalation",
                actor=CLOCKS.ref,
                details={
                    "step": clock.step,
                    "due_at": clock.due_at.isoformat(),
                    "role": step.role,
                    "rule": step.id,
                },
            )
            for clock in clocks
        )
        Clock.objects.filter(pk__in=[clock.pk for clock in clocks]).update(escalated_at=now)
        late = {clock.complaint_id: clock.complaint for clock in clocks}
        Complaint.objects.filter(id__in=late).update(escalated_to=step.role)
        open_to_role(late.values(), step.role, reason=GrantReason.ESCALATION, now=now)
        _notify(step, list(late.values()), now)
    return len(clocks)


def _notify(step: EscalationStep, late: Sequence[Complaint], now: datetime) -> None:
    """One message to each colleague with the role, of the complaints of their brand."""
    people: dict[str, Colleague] = {}
    theirs: dict[str, list[Complaint]] = {}
    for brand in sorted({late_complaint.brand for late_complaint in late}):
        for person in colleagues([step.role], brand=brand):
            people[person.ref] = person
            theirs.setdefault(person.ref, []).extend(
                late_complaint for late_complaint in late if late_complaint.brand == brand
            )
    letters = [
        _letter(person, step, theirs[ref], now) for ref, person in people.items() if person.email
    ]
    post_many(letters, now=now)


def _letter(
    person: Colleague, step: EscalationStep, mine: Sequence[Complaint], now: datetime
) -> Outgoing:
    chinese = is_chinese(person.language or "zh")
    with translation.override("zh-hans" if chinese else "en"):
        fields = {
            "count": len(mine),
            "codes": _listed(late_complaint.code_public for late_complaint in mine),
        }
        subject = _("Complaints past their deadline: %(count)s") % fields
        body = _(
            "These complaints were not answered in time and are escalated to you: %(codes)s. "
            "They are in the inbox under “Escalated”."
        )
    return Outgoing(
        key=f"escalation:{step.id}:{mine[0].id}:{int(now.timestamp())}:{person.ref}",
        channel="mail",
        recipient=person.email,
        subject=subject,
        body=body % fields,
        language="zh" if chinese else "en",
        reference=mine[0].id,
    )


def _listed(codes: Iterable[str]) -> str:
    every = sorted(codes)
    return ", ".join(every[:NAMED]) + (" …" if len(every) > NAMED else "")
