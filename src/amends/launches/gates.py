"""What the other apps say of a launch: their gates, asked through the registry."""

from __future__ import annotations

from pathlib import Path

from django.db import DatabaseError, connection

from amends import registry
from amends.launches.rules.assess import GATES, Gates


def gates_of(offer: str) -> Gates:
    """Each gate of a launch of that offer: open, red or green, and why."""
    answers = [registry.check_gate(gate, offer) for gate in GATES]
    return {one.gate: (one.state, str(one.reason)) for one in answers}


def is_installed() -> bool:
    """Whether there is a database to ask; a case can be assessed before there is one."""
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite" and not Path(name).exists():
        return False
    try:
        return "launches_launch" in connection.introspection.table_names()
    except DatabaseError:
        return False
