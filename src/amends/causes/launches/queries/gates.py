"""What the other apps say of a launch: their gates, asked through the registry."""

from __future__ import annotations

from pathlib import Path

from django.db import DatabaseError, connection

from amends.causes.launches.models import Launch
from amends.causes.launches.rules.assess import GATES, Gates
from amends.platform import registry
from amends.platform.database.once_per_request import once_per_request

PEOPLE = 2
"""How many people name a reason for a gate that is not passed."""


@once_per_request
def gates_of(offer: str, brand: str = "") -> Gates:
    """Each gate of a launch of that offer and brand: open, red or green, and why."""
    answers = [registry.check_gate(gate, offer, brand=brand) for gate in GATES]
    return {answer.gate: (answer.state, str(answer.reason)) for answer in answers}


def not_passed(offer: str, brand: str = "") -> list[str]:
    """The gates that are red or that nobody has checked."""
    return [gate for gate, (state, _why) in gates_of(offer, brand).items() if state != "green"]


def missing_approvals(launch: Launch) -> int:
    """How many people must still approve: two name a reason for each gate that is not passed."""
    approvals = list(launch.approvals.all())
    barred = not_passed(launch.offer, launch.brand)
    short = [PEOPLE - sum(gate in approval.gates for approval in approvals) for gate in barred]
    return max(0, 1 - len(approvals), *short)


def is_installed() -> bool:
    """Whether there is a database to ask; a case can be assessed before there is one."""
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite" and not Path(name).exists():
        return False
    try:
        return "launches_launch" in connection.introspection.table_names()
    except DatabaseError:
        return False
