"""Crossings of the engine as rows of `Notice` and `Hold`, and as columns of facts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import accumulate, compress
from typing import Any

import numpy as np

from amends.notices.actions.engine_memory import Engine
from amends.notices.engine_models import LineChange
from amends.notices.rules.engine.calendar import local_day
from amends.notices.rules.engine.compile import (
    BYTES_PER_MB,
    ENTRY,
    FIRST_DATA,
    NOTICE,
    SECONDS_PER_MIN,
    Mark,
)
from amends.notices.rules.engine.layout import REARMED, Array, country_name
from amends.notices.rules.keys import notice_key

_ACTIONS = ("notice", "hold", "stop")
_SCALED = {"data": ("mb", BYTES_PER_MB), "voice": ("min", SECONDS_PER_MIN), "sms": ("count", 1)}


@dataclass(frozen=True, slots=True)
class Rows:
    """Notices as columns, one list a column of the table, and what they add to the digest."""

    columns: dict[str, list[Any]]
    crossed: dict[str, list[Any]]
    holds: dict[str, list[Any]]
    digests: list[int]
    counted: list[int]

    def __len__(self) -> int:
        return len(self.columns["key"])

    @property
    def digest(self) -> int:
        """The sum of the SHA-256 of the notices."""
        return sum(self.digests)

    def only(self, wanted: list[bool]) -> Rows:
        """Some of the rows, with their facts and holds."""
        held = {key for key, keep in zip(self.columns["key"], wanted, strict=True) if keep}
        facts = [wanted[at] for at in self.counted]
        holds = [key in held for key in self.holds["key"]]
        place = list(accumulate(wanted, initial=0))
        return Rows(
            _some(self.columns, wanted),
            _some(self.crossed, facts),
            _some(self.holds, holds),
            list(compress(self.digests, wanted)),
            [place[at] for at in self.counted if wanted[at]],
        )


def _some(columns: dict[str, list[Any]], wanted: list[bool]) -> dict[str, list[Any]]:
    return {name: list(compress(values, wanted)) for name, values in columns.items()}


def rows_of(engine: Engine, notices: Array, *, pack: str, detected_ms: int) -> Rows:
    """The rows of some notices, each key once, in their order."""
    services, subscribers = engine.names(notices["line"].astype(np.int64))
    marks = engine.rules.marks
    period = _periods(engine, notices)
    step = notices["step"].tolist()
    named = [(marks[at].duty, marks[at].version.partition("@")[2] or marks[at].version) for at in
             range(len(marks))]  # fmt: skip
    steps = [marks[at].step for at in range(len(marks))]
    keys, kept, digests = [], [], []
    seen: set[str] = set()
    at_ms, used, limit = (notices[name].tolist() for name in ("at_ms", "used", "limit"))
    multiple = notices["multiple"].tolist()
    for row, mark in enumerate(step):
        label = f"{steps[mark]}:{multiple[row]}" if multiple[row] else steps[mark]
        key = notice_key(
            subscriber=subscribers[row], service=services[row], duty=named[mark][0],
            version=named[mark][1], period=period[row], step=label,
        )  # fmt: skip
        if key not in seen:
            seen.add(key)
            keys.append(key)
            kept.append((row, mark, label))
            line = f"{key} {at_ms[row]} {used[row]} {limit[row]}".encode()
            digests.append(int.from_bytes(sha256(line).digest(), "big"))
    columns: dict[str, list[Any]] = {
        "key": keys,
        "subscriber": [subscribers[row] for row, _, _ in kept],
        "service": [services[row] for row, _, _ in kept],
        "pack": [pack] * len(keys),
        "duty": [named[mark][0] for _, mark, _ in kept],
        "version": [named[mark][1] for _, mark, _ in kept],
        "period": [period[row] for row, _, _ in kept],
        "step": [label for _, _, label in kept],
        "action": [_ACTIONS[engine.rules.actions[mark]] for _, mark, _ in kept],
        "figures": _figures(engine, notices, kept),
        "due_at_ms": [at_ms[row] for row, _, _ in kept],
        "due_by_ms": [
            at_ms[row] + within_ms(engine.duties.get(named[mark][0])) for row, mark, _ in kept
        ],
        "detected_at_ms": [detected_ms] * len(keys),
        "next_at_ms": [at_ms[row] for row, _, _ in kept],
    }
    counted = [at for at, (_, mark, _) in enumerate(kept) if marks[mark].mask]
    return Rows(
        columns, _crossed(notices, columns, kept, marks, counted), _holds(engine, columns, kept),
        digests, counted,
    )  # fmt: skip


def within_ms(duty: Any) -> int:
    """How long after the event a duty may be told, in milliseconds; 0 where it is at once."""
    within = getattr(duty, "within", None)
    if within is None:
        return 0
    hours = {"hours": 1, "calendar_days": 24, "working_days": 24, "weeks": 168}
    return int(within.latest.amount) * hours.get(within.latest.unit, 24) * 3_600_000


def _periods(engine: Engine, notices: Array) -> list[str]:
    """What each notice belongs to: its billing period, or the visit abroad."""
    rules = engine.rules
    cycles = engine.memory.lines.terms["cycle"][notices["line"]]
    pairs = np.unique(
        np.stack([cycles.astype(np.int64), notices["period"].astype(np.int64)]), axis=1
    )
    names = {(int(c), int(p)): str(rules.calendar.first_day(int(c), int(p))) for c, p in pairs.T}
    found = [names[pair] for pair in zip(cycles.tolist(), notices["period"].tolist(), strict=True)]
    rearmed = _references(notices)
    forms, steps = rules.forms.tolist(), notices["step"].tolist()
    suffix = ["/" + mark.counter if _of_allowance(engine, mark) else "" for mark in rules.marks]
    countries, days = notices["country"].tolist(), notices["day"].tolist()
    for row, mark in enumerate(steps):
        if forms[mark] in (ENTRY, FIRST_DATA):
            found[row] = f"{country_name(countries[row])}@{local_day(days[row])}"
        else:
            found[row] += rearmed.get((row, mark), "") + suffix[mark] if rearmed else suffix[mark]
    return found


def _of_allowance(engine: Engine, mark: Mark) -> bool:
    duty = engine.duties.get(mark.duty)
    return getattr(duty, "trigger", "") == "allowance"


def _references(notices: Array) -> dict[tuple[int, int], str]:
    """`+reference` of the change that last armed a step again, where one did."""
    rows = np.flatnonzero(notices["flags"] & REARMED)
    if not len(rows):
        return {}
    lines = {int(line) for line in notices["line"][rows]}
    latest: dict[tuple[int, int], str] = {}
    for some in _at_once(sorted(lines)):
        changes = LineChange.objects.filter(line__in=some, taken=True).order_by("id")
        for line, period, reference in changes.values_list("line", "period", "reference"):
            latest[line, period] = reference
    found = {}
    for row in rows.tolist():
        reference = latest.get((int(notices["line"][row]), int(notices["period"][row])))
        if reference:
            found[row, int(notices["step"][row])] = f"+{reference}"
    return found


def _at_once(values: Sequence[int]) -> list[Sequence[int]]:
    return [values[at : at + 900] for at in range(0, len(values), 900)]


def _figures(engine: Engine, notices: Array, kept: list[tuple[int, int, str]]) -> list[str]:
    marks = engine.rules.marks
    used, limit = notices["used"].tolist(), notices["limit"].tolist()
    country = notices["country"].tolist()
    shapes = []
    for mark in marks:
        duty = getattr(engine.duties.get(mark.duty), "trigger", "")
        if mark.form in (ENTRY, FIRST_DATA):
            shapes.append('{"country": "%(country)s"}')
        elif duty == "allowance":
            unit, _ = _SCALED.get(mark.counter, ("mb", BYTES_PER_MB))
            shapes.append(
                f'{{"counter": {json.dumps(mark.counter)}, "used_{unit}": %(used)s, '
                f'"limit_{unit}": %(limit)s}}'
            )
        else:
            shapes.append(
                f'{{"counter": {json.dumps(mark.counter)}, "spent_minor": %(used)s, '
                '"step_minor": %(limit)s}'
            )
    scale = [_SCALED[mark.counter][1] if mark.counter in _SCALED else 1 for mark in marks]
    return [
        shapes[mark] % {
            "used": used[row] // scale[mark],
            "limit": _whole_limit(marks[mark], limit[row]) // scale[mark],
            "country": country_name(country[row]),
        }
        for row, mark, _ in kept
    ]  # fmt: skip


def _whole_limit(mark: Mark, passed: int) -> int:
    """The limit the text speaks of: the whole of which a step is a share, else what was passed."""
    if mark.kind == "percent":
        return passed * 100 // mark.value
    if mark.kind == "remaining":
        return passed + mark.value * _SCALED.get(mark.counter, ("", 1))[1]
    return passed


def _crossed(
    notices: Array, columns: dict[str, list[Any]], kept: list[tuple[int, int, str]],
    marks: Sequence[Mark], of: list[int],
) -> dict[str, list[Any]]:  # fmt: skip
    """`UsageCrossed` of the notices that are about a counter."""
    units = {"data": "byte", "voice": "s", "sms": "count"}
    used, limit = notices["used"].tolist(), notices["limit"].tolist()
    return {
        "subscriber": [columns["subscriber"][at] for at in of],
        "subject": [columns["service"][at] for at in of],
        "happened_at_ms": [columns["due_at_ms"][at] for at in of],
        "counter": [marks[kept[at][1]].counter for at in of],
        "step": [kept[at][2] for at in of],
        "used": [min(used[kept[at][0]], 2**53 - 1) for at in of],
        "unit": [units.get(marks[kept[at][1]].counter, "minor") for at in of],
        "limit": [min(limit[kept[at][0]], 2**53 - 1) for at in of],
    }


def _holds(
    engine: Engine, columns: dict[str, list[Any]], kept: list[tuple[int, int, str]]
) -> dict[str, list[Any]]:
    of = [at for at, (_, mark, _) in enumerate(kept) if engine.rules.actions[mark] != NOTICE]
    held = {
        name: [columns[name][at] for at in of]
        for name in ("key", "subscriber", "service", "duty", "period", "action")
    }
    held["counter"] = [engine.rules.marks[kept[at][1]].counter[:16] for at in of]
    held["held_at_ms"] = [columns["due_at_ms"][at] for at in of]
    return held
