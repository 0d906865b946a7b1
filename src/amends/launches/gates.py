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


def gates_if_installed(offer: str) -> Gates:
    """The gates, or none where there is no database to ask yet."""
    name = connection.settings_dict["NAME"]
    if not offer or (connection.vendor == "sqlite" and not Path(name).exists()):
        return {}
    try:
        if "launches_launch" not in connection.introspection.table_names():
            return {}
    except DatabaseError:
        return {}
    return gates_of(offer)
