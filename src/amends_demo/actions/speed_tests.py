"""People of the congested area measure their line and complain with their tests."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from amends.cases.complaints.actions.intake import Submission
from amends.cases.complaints.actions.investigate import investigate_many
from amends.cases.complaints.actions.receive import receive
from amends.cases.complaints.actions.settle import settle_alone
from amends.network.quality.actions.attach_to_complaint import attach_to_complaint
from amends.network.quality.actions.start_campaign import start_campaign
from amends.network.quality.demonstration import measure
from amends.network.quality.queries.verdicts import Line, line_of, rule_in_force
from amends.platform.kit.actors import system
from amends.record.ledger.queries import facts_about_many
from amends_demo.actions.play import DeskProgress

_EACH_DAY = 4
_LATELY, _MEASURED = timedelta(hours=3), timedelta(days=31)


@dataclass(frozen=True, slots=True)
class _Case:
    """What somebody's tests show: shares of the promised speed, and how many days of tests."""

    low: float
    high: float
    days: int = 3
    wired: bool = True


# Strong breaches the desk decides alone; few or wireless tests and a kept contract it does not.
_CASES = (
    _Case(0.15, 0.5),
    _Case(0.2, 0.6),
    _Case(0.3, 0.55),
    _Case(0.92, 1.0),
    _Case(0.2, 0.5, days=1),
    _Case(0.2, 0.5, wired=False),
)


@dataclass(frozen=True, slots=True)
class SpeedComplaints:
    """Complaints with speed tests, how the rules answered them, and those settled alone."""

    verdicts: dict[str, int]
    alone: int

    def as_dict(self) -> dict[str, Any]:
        """For the document of the command."""
        return {"speed_complaints": {"verdicts": self.verdicts, "alone": self.alone}}


def complain_of_speed(desk: DeskProgress, *, seed: int, now: datetime) -> SpeedComplaints:
    """Series of tests by people of the degraded area, their complaints, the desk's answers."""
    chance = random.Random(seed)  # noqa: S311 (invented figures)
    people = zip(_CASES, _people(desk, now), strict=False)
    refs = [
        _complain(person, _series(number, case, line, now, chance), now - _LATELY)
        for number, (case, (person, line)) in enumerate(people)
    ]
    investigations = investigate_many(refs, actor=system("desk"), now=now)
    verdicts = Counter(investigation.complaint.verdict for investigation in investigations)
    alone = [
        investigation.complaint.id
        for investigation in investigations
        if investigation.decision and investigation.decision.alone
    ]
    return SpeedComplaints(dict(verdicts), len(settle_alone(alone, now=now)))


def _people(desk: DeskProgress, now: datetime) -> Iterator[tuple[dict[str, Any], Line]]:
    """People of the degraded area whose line the operator has not measured lately."""
    world = desk.loaded.world
    area = world.scenario.degraded_area
    rows = [
        row | {"pseudonym": pseudonym}
        for row, pseudonym in zip(
            world.subscribers.to_pylist(), desk.loaded.pseudonyms, strict=True
        )
        if row["area"] == area
    ]
    earlier_facts = facts_about_many(
        [row["pseudonym"] for row in rows], kinds={"SpeedMeasured"}, start=now - _MEASURED, end=now
    )
    for row in rows:
        if not earlier_facts.get(row["pseudonym"]) and (line := line_of(row["pseudonym"], now)):
            yield row, line


def _series(number: int, case: _Case, line: Line, now: datetime, chance: random.Random) -> str:
    """Tests of some days, four each evening; the code of the series."""
    rules = rule_in_force(now)
    assert rules is not None
    promises = {name: speed for name, speed in asdict(line.plan).items() if speed}
    began = now - timedelta(days=2 * case.days)
    row = start_campaign(rules.version, promises, language="zh-hans", recipient="", now=began)
    for test in range(case.days * _EACH_DAY):
        day, test_index = divmod(test, _EACH_DAY)
        at = began + timedelta(days=2 * day, minutes=20 * test_index + number)
        speed = (line.plan.down_max_mbps or 0) * chance.uniform(case.low, case.high)
        name = f"{row.code}-{test}"
        measure(name, at, speed, chance, {"wired": case.wired}, campaign=row.code)
    return row.code


def _complain(person: dict[str, Any], series: str, at: datetime) -> str:
    complaint_text = f"宽带网速太慢，达不到承诺的速率。我的连续测速编号：{series}。"
    receipt = receive(
        Submission(
            channel="app",
            key=f"speed-{series}",
            text=complaint_text,
            received_at=at,
            name=person["name"],
            phone=person["phone"],
            identity="operator_login",
        ),
        now=at,
    )
    attach_to_complaint(series, complaint=receipt.complaint, own=[series])
    return receipt.complaint
