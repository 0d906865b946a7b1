"""Whether trunks, agents and cells carry the users at the peak."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from amends.causes.launches.rules.case import Case, Row
from amends.causes.launches.rules.erlang import (
    agents_needed,
    answered_in_time,
    erlang_b_load,
    erlang_b_servers,
)


def capacity(case: Case, active: Sequence[float]) -> dict[str, dict[str, Any]]:
    """Each resource: offered at the peak, needed, installed, and the first month it is short.

    active  users at the end of each month, from month 0
    """
    return {row["resource"]: _resource(row, active) for row in case["capacity"]}


def _resource(row: Row, active: Sequence[float]) -> dict[str, Any]:
    offered = [users * row["per_user"] for users in active]
    installed = row["installed"]
    if row["kind"] == "data_cells":
        # MB in the busy hour, over the cells, as Mbit/s; `target` of the speed may be used.
        offered = [load * 8 / 3600 / row["cells"] for load in offered]
        unit, carried = "Mbit/s per cell", installed * row["target"]
        needed: float = max(offered) / row["target"]
    else:
        offered = [load * row["hold_s"] / 3600 for load in offered]
        unit = "erlang"
        if row["kind"] == "voice_trunks":
            needed = erlang_b_servers(max(offered), row["target"])
            carried = erlang_b_load(int(installed), row["target"]) if installed >= 1 else 0.0
        else:
            needed = agents_needed(max(offered), row["hold_s"], row["within_s"], row["target"])
            carried = _capacity_of_agents(int(installed), row)
    short = next((month for month, load in enumerate(offered) if load > carried), None)
    return {
        "kind": row["kind"],
        "unit": unit,
        "offered_peak": max(offered),
        "carries": carried,
        "needed": needed,
        "installed": installed,
        "load": max(offered) / carried if carried else None,
        "short_from_month": short,
    }


def _capacity_of_agents(agents: int, row: Row) -> float:
    """The most erlangs of which so many agents answer the target in time, to a thousandth."""
    low, high = 0.0, float(agents)
    while high - low > 0.001:
        middle = (low + high) / 2
        answered = answered_in_time(agents, middle, hold_s=row["hold_s"], within_s=row["within_s"])
        low, high = (middle, high) if answered >= row["target"] else (low, middle)
    return low
