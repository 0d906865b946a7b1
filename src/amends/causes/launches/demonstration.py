"""Chapter of the demonstration: a launch that goes, one with conditions, one that must not, and
one that its stop-loss ended."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from amends.causes.launches.actions.approve import approve
from amends.causes.launches.actions.assess import assess
from amends.causes.launches.actions.go_live import go_live
from amends.causes.launches.actions.record_reading import record_reading
from amends.causes.launches.jobs.stop_loss import check
from amends.causes.launches.queries.gates import not_passed
from amends.causes.launches.rules.case import Case, case_of, example
from amends.platform.kit.actors import Actor

_ONLY_IN_SHOPS = "首批仅在营业厅办理。Sold in shops only at first."
_NO_CONDITIONS = {
    ("case", 0): {"complaint_cost": 60},
    ("usage", 3): {"off_net_min": 400, "roaming_min": 5, "data_mb": 60_000},
    ("capacity", 1): {"installed": 40},
    ("complaints", 0): {"complaints": 120},
    ("complaints", 1): {"complaints": 40},
}


def play(*, seed: int, now: datetime, staff: Mapping[str, Actor]) -> None:
    """Assess four launches; approve and sell what may go, and let one run past its limit."""
    owner, board = staff["senior_handler"], staff["manager"]
    assess(_case("校园套餐 49 / Campus 49", "launch-campus-49"), actor=owner, now=now, seed=seed)
    losing = losing_case("畅游境外 39 / Abroad 39", "launch-abroad-39", 39)
    assess(losing, actor=owner, now=now, seed=seed)
    family = _case("全家共享 49 / Family 49", "launch-family-49", _NO_CONDITIONS)
    night = _case("夜间流量 49 / Night 49", "launch-night-49", _NO_CONDITIONS)
    for case, reason in (
        (night, "评审会同意。Agreed by the board."),
        (family, "评审会一致同意。Agreed by all of the board."),
    ):
        launch = assess(case, actor=owner, now=now, seed=seed)
        gates = dict.fromkeys(not_passed(launch.offer), _ONLY_IN_SHOPS)
        for person in (owner, board):
            approve(launch.id, reason=reason, gates=gates, actor=person, now=now)
        go_live(launch.id, actor=board, now=now)
    record_reading("launch-night-49", "cost_per_user", 46.2, now=now)
    record_reading("launch-night-49", "busy_hour_load", 0.71, now=now)
    record_reading("launch-family-49", "cost_per_user", 27.8, now=now)
    record_reading("launch-family-49", "busy_hour_load", 0.64, now=now)
    check(now=now)


def losing_case(name: str, offer: str, price: float) -> Case:
    """A pack for abroad whose settlement costs more than its users pay."""
    changed: dict[tuple[str, int], Mapping[str, object]] = {
        ("usage", row): {"roaming_min": 300} for row in range(4)
    }
    return _case(name, offer, changed | {("price", 0): {"month": price}})


def _case(
    name: str, offer: str, changed: Mapping[tuple[str, int], Mapping[str, object]] | None = None
) -> Case:
    document = example()
    document["case"][0] |= {"launch": name, "offer": offer}
    for (sheet, row), cells in (changed or {}).items():
        document[sheet][row] |= cells
    return case_of(document)
