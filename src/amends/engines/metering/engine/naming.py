"""Crossings of the engine in words: keys, periods, steps and figures of notices, column by column.

Pure. What many notices share (duty, version, period, step) is written once and taken by number.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from amends.engines.metering.engine.calendar import local_day
from amends.engines.metering.engine.compile import Rules
from amends.engines.metering.engine.layout import Array, country_name
from amends.engines.metering.engine.marks import (
    BYTES_PER_MB,
    ENTRY,
    FIRST_DATA,
    NOTICE,
    SECONDS_PER_MIN,
    CompiledMark,
)
from amends.engines.metering.keys import notice_keys
from amends.platform.kit.digests import digests_of

_ACTIONS = ("notice", "hold", "stop")
_SCALED = {"data": ("mb", BYTES_PER_MB), "voice": ("min", SECONDS_PER_MIN), "sms": ("count", 1)}
_UNITS = {"data": "byte", "voice": "s", "sms": "count"}
_EXACT = 2**53 - 1
_TIMES_100 = 2**56
_HALF = 2**32
_LARGEST = 2**62


@dataclass(frozen=True, slots=True)
class LineOwner:
    """Whose notices they are: references of the service and its subscriber, and the cycle.

    One value a notice; `services` and `subscribers` are Arrow arrays of texts.
    """

    services: Any
    subscribers: Any
    cycles: Array


@dataclass(frozen=True, slots=True)
class Rows:
    """Notices in words.

    table     one row a notice, columns by the names of `Notice`
    crossed   the facts `UsageCrossed`, of those about a counter
    digests   [row, 8]: the SHA-256 of each, as words of 32 bits
    urgent    which of them are about a visit, or hold or stop something
    counter   the counter each is about, "" for none
    """

    table: Any
    crossed: Any
    digests: Array
    urgent: Array
    counter: Any

    def __len__(self) -> int:
        return int(self.table.num_rows)

    @property
    def columns(self) -> dict[str, list[Any]]:
        """The notices as lists by column."""
        return columns_of(self.table)

    @property
    def keys(self) -> list[str]:
        """The keys under which the notices are written, one each."""
        key_list: list[str] = self.table["key"].to_pylist()
        return key_list

    @property
    def digest(self) -> int:
        """The sum of the SHA-256 of the notices."""
        digest_words = self.digests.sum(axis=0, dtype=np.uint64).tolist()
        return sum(
            int(word) * _HALF ** (7 - word_index) for word_index, word in enumerate(digest_words)
        )

    @property
    def holds(self) -> dict[str, list[Any]]:
        """The holds among them, as lists by column."""
        of = pc.not_equal(self.table["action"], "notice")
        names = ("key", "subscriber", "service", "duty", "period", "action", "due_at_ms")
        part = self.table.select(names).append_column("counter", self.counter).filter(of)
        hold_columns: dict[str, list[Any]] = columns_of(part)
        hold_columns["counter"] = [counter[:16] for counter in hold_columns["counter"]]
        hold_columns["held_at_ms"] = hold_columns.pop("due_at_ms")
        return hold_columns

    def only(self, wanted: Sequence[bool]) -> Rows:
        """Some of the rows, with their facts and holds."""
        rows = np.array(wanted, np.bool_)
        about = pc.not_equal(self.counter, "").to_numpy(False)
        return Rows(
            table=self.table.filter(rows),
            crossed=self.crossed.filter(rows[about]),
            digests=self.digests[rows],
            urgent=self.urgent[rows],
            counter=self.counter.filter(pa.array(rows)),
        )


def columns_of(table: Any) -> dict[str, list[Any]]:
    """An Arrow table as lists by column."""
    return {name: table[name].to_pylist() for name in table.column_names}


def named(
    notices: Array,
    rules: Rules,
    duties: Mapping[str, Any],
    owner: LineOwner,
    *,
    pack: str,
    detected_ms: int,
    references: Mapping[int, str],
) -> Rows:
    """The notices in words, each key once, in their order.

    duties      id → duty: its trigger, and how soon it must be sent
    references  row → reference of the change that armed its step again
    """
    shared = _shared(notices, rules, duties, owner.cycles, references, pack)
    keys = _keys(owner, shared)
    urgent = _urgent(notices, rules)
    all_rows = _written(notices, rules, owner, shared, keys, urgent, detected_ms)
    if urgent.any():  # only a visit can come back to a key
        seen: set[str] = set()
        first = []
        for key in keys.to_pylist():
            first.append(key not in seen)
            seen.add(key)
        if not all(first):
            all_rows = all_rows.only(first)
    return all_rows


def _urgent(notices: Array, rules: Rules) -> Array:
    of_mark = (rules.actions != NOTICE) | (rules.forms == ENTRY) | (rules.forms == FIRST_DATA)
    is_urgent: Array = of_mark[notices["step"]] if len(notices) else np.zeros(0, np.bool_)
    return is_urgent


@dataclass(frozen=True, slots=True)
class _Shared:
    """What notices of one kind share: `rows` of it, and for each notice its row.

    rows  pack, duty, version, period, step (a label), action, within (ms), figures before, between
          and after the amounts
    """

    rows: Any
    of: Any

    def column(self, name: str) -> Any:
        """A shared column, one value a notice."""
        return self.rows[name].combine_chunks().take(self.of)


def _shared(
    notices: Array,
    rules: Rules,
    duties: Mapping[str, Any],
    cycles: Array,
    references: Mapping[int, str],
    pack: str,
) -> _Shared:
    """One row for each kind of notice there is."""
    arms = {name: number + 1 for number, name in enumerate(dict.fromkeys(references.values()))}
    armed = np.zeros(len(notices), np.int64)
    for row, name in references.items():
        armed[row] = arms[name]
    parts = (
        notices["step"],
        cycles,
        notices["period"],
        notices["multiple"],
        notices["country"],
        notices["day"],
        armed,
    )
    _, first, of = np.unique(_coded(parts), return_index=True, return_inverse=True)
    names = ["", *arms]
    kinds = [
        _kind(rules, duties, tuple(int(part[row]) for part in parts[:-1]), names[armed[row]], pack)
        for row in first.tolist()
    ]
    listed = {name: [kind[name] for kind in kinds] for name in _SHAPE.names}
    return _Shared(pa.table(listed, schema=_SHAPE), pa.array(of))


def _coded(parts: Sequence[Array]) -> Array:
    """One number for each combination of values of some columns."""
    code = np.zeros(len(parts[0]), np.int64)
    for part in parts:
        more = int(part.max(initial=0)) + 1
        if (int(code.max(initial=0)) + 1) * more >= _LARGEST:
            code = np.unique(code, return_inverse=True)[1]
        code = code * more + part.astype(np.int64)
    return code


_SHAPE = pa.schema(
    [
        *(
            (name, pa.string())
            for name in (
                "pack",
                "duty",
                "version",
                "period",
                "step",
                "action",
                "before",
                "between",
                "after",
                "counter",
                "unit",
            )
        ),
        ("within", pa.int64()),
        ("scale", pa.int64()),
    ]
)


def _kind(
    rules: Rules, duties: Mapping[str, Any], coded: tuple[int, ...], armed: str, pack: str
) -> dict[str, Any]:
    at, cycle, period, multiple, country, day = coded
    mark = rules.marks[at]
    duty = duties.get(mark.duty)
    allowance = getattr(duty, "trigger", "") == "allowance"
    visit = mark.form in (ENTRY, FIRST_DATA)
    if visit:
        belongs = f"{country_name(country)}@{local_day(day)}"
    else:
        belongs = str(rules.calendar.first_day(cycle, period))
        belongs += (f"+{armed}" if armed else "") + (f"/{mark.counter}" if allowance else "")
    before, between, after = _figures(mark, visit, allowance, country_name(country))
    return {
        "pack": mark.pack_of(pack),
        "duty": mark.duty,
        "version": mark.version.partition("@")[2] or mark.version,
        "period": belongs,
        "step": f"{mark.step}:{multiple}" if multiple else mark.step,
        "action": _ACTIONS[rules.actions[at]],
        "before": before,
        "between": between,
        "after": after,
        "counter": mark.counter if mark.mask else "",
        "unit": _UNITS.get(mark.counter, "minor"),
        "within": within_ms(duty),
        "scale": _SCALED[mark.counter][1] if mark.counter in _SCALED else 1,
    }


def _figures(
    mark: CompiledMark, visit: bool, allowance: bool, country: str
) -> tuple[str, str, str]:
    """JSON around the two amounts; of a visit there are none."""
    if visit:
        return f'{{"country": "{country}"}}', "", ""
    before = f'{{"counter": {json.dumps(mark.counter)}, '
    if allowance:
        unit, _ = _SCALED.get(mark.counter, ("mb", BYTES_PER_MB))
        return f'{before}"used_{unit}": ', f', "limit_{unit}": ', "}"
    return f'{before}"spent_minor": ', ', "step_minor": ', "}"


def within_ms(duty: Any) -> int:
    """How long after the event a notice may be sent, in milliseconds; 0 where it is at once."""
    within = getattr(duty, "within", None)
    if within is None:
        return 0
    hours = {"hours": 1, "calendar_days": 24, "working_days": 24, "weeks": 168}
    return int(within.latest.amount) * hours.get(within.latest.unit, 24) * 3_600_000


def _keys(owner: LineOwner, shared: _Shared) -> Any:
    """`keys.notice_key` of each."""
    tails = [
        "\x1f".join(parts)
        for parts in zip(
            *(shared.rows[name].to_pylist() for name in ("duty", "version", "period", "step")),
            strict=True,
        )
    ]
    tail = pa.array(tails, pa.string()).take(shared.of)
    return notice_keys(owner.subscribers, owner.services, tail)


def _written(
    notices: Array,
    rules: Rules,
    owner: LineOwner,
    shared: _Shared,
    keys: Any,
    urgent: Array,
    detected_ms: int,
) -> Rows:
    at_ms = pa.array(notices["at_ms"].astype(np.int64))
    count = len(notices)
    table = pa.table(
        {
            "key": keys,
            "subscriber": owner.subscribers,
            "service": owner.services,
            "pack": shared.column("pack"),
            "duty": shared.column("duty"),
            "version": shared.column("version"),
            "period": shared.column("period"),
            "step": shared.column("step"),
            "action": shared.column("action"),
            "figures": _amounts(notices, rules, shared),
            "due_at_ms": at_ms,
            "due_by_ms": pc.add(at_ms, shared.column("within")),
            "detected_at_ms": pa.repeat(pa.scalar(detected_ms, pa.int64()), count),
            "next_at_ms": at_ms,
        }
    )
    counter = shared.column("counter")
    return Rows(
        table=table,
        crossed=_crossed(notices, table, shared, counter),
        digests=_digests(notices, keys),
        urgent=urgent,
        counter=counter,
    )


def _amounts(notices: Array, rules: Rules, shared: _Shared) -> Any:
    scale = shared.column("scale").to_numpy()
    used = pa.array(notices["used"] // scale).cast(pa.string())
    limit = pa.array(_whole_limits(notices, rules) // scale).cast(pa.string())
    visit = pc.equal(shared.column("after"), "")
    return pc.binary_join_element_wise(
        shared.column("before"),
        pc.if_else(visit, "", used),
        shared.column("between"),
        pc.if_else(visit, "", limit),
        shared.column("after"),
        "",
    )


def _whole_limits(notices: Array, rules: Rules) -> Array:
    """The limit the text speaks of: the whole of which a step is a share, else what was passed."""
    limits: Array = notices["limit"].astype(np.int64)
    for at, mark in enumerate(rules.marks):
        rows = np.flatnonzero(notices["step"] == at)
        passed = notices["limit"][rows]
        if mark.kind == "percent" and len(rows):
            if int(passed.max()) < _TIMES_100:
                limits[rows] = passed * 100 // mark.value
            else:
                limits[rows] = [
                    min(passed_limit * 100 // mark.value, 2**63 - 1)
                    for passed_limit in passed.tolist()
                ]
        elif mark.kind == "remaining":
            limits[rows] = passed + mark.value * _SCALED.get(mark.counter, ("", 1))[1]
    return limits


def _digests(notices: Array, keys: Any) -> Array:
    line = pc.binary_join_element_wise(
        keys,
        *(
            pa.array(notices[name].astype(np.int64)).cast(pa.string())
            for name in ("at_ms", "used", "limit")
        ),
        " ",
    )
    return digests_of(line).view(">u4")


def _crossed(notices: Array, table: Any, shared: _Shared, counter: Any) -> Any:
    """`UsageCrossed` of the notices that are about a counter."""
    crossed_table = pa.table(
        {
            "subscriber": table["subscriber"],
            "subject": table["service"],
            "happened_at_ms": table["due_at_ms"],
            "counter": counter,
            "step": table["step"],
            "used": np.minimum(notices["used"], _EXACT),
            "unit": shared.column("unit"),
            "limit": np.minimum(notices["limit"], _EXACT),
        }
    )
    return crossed_table.filter(pc.not_equal(counter, ""))
