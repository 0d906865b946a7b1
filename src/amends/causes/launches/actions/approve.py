"""Approve an assessed launch; past a red or unchecked gate only two people together."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from amends.causes.launches.models import Approval, Launch
from amends.causes.launches.queries.authority import (
    SOURCE,
    demand,
    demand_reason,
    demand_state,
    locked,
)
from amends.causes.launches.queries.gates import missing_approvals, not_passed
from amends.causes.launches.refusals import UnableToActOnLaunch
from amends.causes.launches.rules.assess import GATE_WORDS
from amends.platform.kit.actors import Actor
from amends.record.facts.fact import Fact
from amends.record.ledger.actions.append import append


def approve(
    ref: str, *, reason: str, actor: Actor, now: datetime, gates: Mapping[str, str] | None = None
) -> Launch:
    """Record an approval; the launch is approved when as many people as needed have given it.

    gates  each gate that is red or unchecked → why the launch may start all the same
    """
    demand(actor, "launches.approve", now)
    reason = demand_reason(reason)
    with transaction.atomic():
        launch = locked(ref, actor)
        demand_state(launch, Launch.State.ASSESSED, Launch.State.APPROVED)
        if launch.verdict == "no":
            raise UnableToActOnLaunch(
                _("The verdict is no; nobody can approve it."),
                meaning=_("The offer is not sold."),
                next_step=_("Change the case and assess it again."),
            )
        barred = not_passed(launch.offer, launch.brand)
        reasons_by_gate = {gate: demand_reason_for(gate, gates or {}) for gate in barred}
        earlier_approval = launch.approvals.filter(by=actor.ref).first()
        if earlier_approval is not None and set(barred) <= earlier_approval.gates.keys():
            raise UnableToActOnLaunch(
                _("You approved it already."),
                meaning=_("Nobody passes a red or unchecked gate alone."),
                next_step=_("Ask a second person to approve it, or clear the gate."),
            )
        Approval.objects.update_or_create(
            launch=launch,
            by=actor.ref,
            defaults={"at": now, "reason": reason, "gates": reasons_by_gate},
        )
        if launch.state == Launch.State.ASSESSED and not missing_approvals(launch):
            launch.state, launch.approved_at = Launch.State.APPROVED, now
            launch.save(update_fields=["state", "approved_at"])
            payload = {"launch": launch.id, "offer": launch.offer}
            append(
                [
                    Fact(
                        kind="LaunchApproved",
                        subscriber="",
                        subject=launch.offer,
                        happened_at=now,
                        source=SOURCE,
                        payload=payload,
                    )
                ],
                now=now,
            )
    return launch


def demand_reason_for(gate: str, reasons: Mapping[str, str]) -> str:
    """The reason given for a gate that is not passed, refused where there is none."""
    reason = str(reasons.get(gate, "")).strip()
    if not reason:
        raise UnableToActOnLaunch(
            _("A reason is missing for the gate “%(gate)s”, which is not passed.")
            % {"gate": _(GATE_WORDS[gate])},
            meaning=_("Nothing was changed."),
            next_step=_("Write why the launch may start without it, or clear the gate."),
        )
    return reason[:300]
