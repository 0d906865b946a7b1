"""Who looked at whose data: the desk with a case in hand, and one agent without any."""

from __future__ import annotations

import numpy as np

from amends_demo.rules.stage import Rows, Stage, Trouble
from amends_demo.rules.tables import DAY_MS

_DESK = tuple(f"user-desk-{number:02d}" for number in range(1, 13))
_CONSENTING_SHARE = 0.35
_WITHDRAWING_SHARE = 0.15


def look(stage: Stage, rng: np.random.Generator) -> None:
    """All look-ups and consents of the world."""
    scenario, roles = stage.scenario, stage.roles
    length = scenario.end_ms - scenario.start_ms
    served = np.flatnonzero(rng.random(stage.size) < 0.06)
    _with_case(stage, rng, served, scenario.start_ms + rng.integers(0, length, size=len(served)))
    rightly = roles["looked_up_rightly"]
    moments = scenario.start_ms + rng.integers(0, length - 20 * DAY_MS, size=len(rightly))
    _with_case(stage, rng, rightly, moments)
    _called(stage, rng, "looked_up_rightly", rightly, moments)
    _without_case(stage, rng)
    _consents(stage, rng)


def _with_case(stage: Stage, rng: np.random.Generator, people: Rows, at_ms: Rows) -> None:
    cases = stage.refs("served", len(people))
    stage.book.add(
        "DataAccessed",
        subscriber=people,
        subject=cases,
        at_ms=at_ms,
        source="access",
        user=[_DESK[row] for row in rng.integers(len(_DESK), size=len(people))],
        role="handler",
        case=cases,
        purpose="serve_request",
        fields="name,phone,plan",
        unmasked=0,
    )


def _without_case(stage: Stage, rng: np.random.Generator) -> None:
    """The hidden cause: an agent reads people's data for nobody's case; calls follow."""
    scenario, people = stage.scenario, stage.roles["looked_up"]
    moments = rng.integers(scenario.agent_from_ms, scenario.agent_to_ms, size=len(people))
    stage.book.add(
        "DataAccessed",
        subscriber=people,
        subject="",
        at_ms=moments,
        source="access",
        user=scenario.agent_user,
        role="agent",
        case="",
        purpose="none_given",
        fields="name,phone,address,plan",
        partner=scenario.agent_partner,
        unmasked=1,
    )
    _called(stage, rng, "looked_up", people, moments)


def _called(stage: Stage, rng: np.random.Generator, role: str, people: Rows, moments: Rows) -> None:
    lags = rng.integers(DAY_MS, 9 * DAY_MS, size=len(people))
    for person, at_ms in zip(people.tolist(), (moments + lags).tolist(), strict=True):
        row = int(stage.main_line[person])
        stage.troubles.append(
            Trouble(
                role=role,
                subscriber=person,
                trigger_ms=at_ms,
                service=stage.services.ref[row],
                offer=stage.services.offer[row],
            )
        )


def _consents(stage: Stage, rng: np.random.Generator) -> None:
    scenario = stage.scenario
    people = np.flatnonzero(rng.random(stage.size) < _CONSENTING_SHARE)
    granted_ms = scenario.start_ms + rng.integers(-300 * DAY_MS, 60 * DAY_MS, size=len(people))
    refs = stage.refs("consent", len(people))
    stage.book.add(
        "ConsentGiven",
        subscriber=people,
        subject=refs,
        at_ms=granted_ms,
        source="crm",
        purpose="marketing",
        channel="app",
    )
    back = np.flatnonzero(rng.random(len(people)) < _WITHDRAWING_SHARE)
    lag = rng.integers(DAY_MS, 100 * DAY_MS, size=len(back))
    stage.book.add(
        "ConsentWithdrawn",
        subscriber=people[back],
        subject=[refs[row] for row in back],
        at_ms=np.minimum(granted_ms[back] + lag, scenario.end_ms - DAY_MS),
        source="crm",
        purpose="marketing",
        channel="app",
    )
