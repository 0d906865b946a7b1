"""Usage records as mediation would deliver them: sessions, calls, messages, and what is charged."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from amends_demo.rules.catalogue import offer
from amends_demo.rules.stage import Filling, Rows, Stage
from amends_demo.rules.tables import CHINA_MS, DAY_MS, HOUR_MS

KINDS = ("data", "voice", "sms", "charge")
COUNTRIES = ("", "TH", "JP", "KR", "MY", "FR", "HK", "VN")
DATA, VOICE, SMS, CHARGE = range(4)
MB_BYTES = 1_048_576
ON, CONSENTING, BEYOND = range(3)
"""What a record is to the cap abroad: nothing; beyond it by somebody who, held, would consent;
beyond it by somebody who would not."""

_RECORDS_A_LINE = 230
_RECORDS_A_LINE_MORE = 30
_SMALL_WORLD = 5_000
_AT_BORDER_EACH = 100
_KIND_SHARES = (0.62, 0.25, 0.13)
_CALL_MEAN_S = 130.0
_LEAST_SHARE, _MOST_SHARE = 0.04, 0.72
_BUSY = np.array([2, 1, 1, 1, 1, 2, 4, 7, 9, 9, 9, 9, 10, 9, 8, 8, 8, 9, 11, 13, 14, 13, 9, 5])
_BILLED_BY_USE = ("overage", "roaming_data")
COLUMNS: dict[str, Any] = {
    "service": np.int64,
    "at_ms": np.int64,
    "kind": np.int8,
    "amount": np.int64,
    "charge_minor": np.int64,
    "country": np.int8,
    "beyond": np.int8,
}


def records_wanted(size: int) -> int:
    """How many sessions, calls and messages a world has: more than a million for 5,000 lines.

    A large world's mediation adds up more before it writes, so that it stays a matter of minutes.

    >>> records_wanted(5_000), records_wanted(100_000)
    (1150000, 4000000)
    """
    small = min(size, _SMALL_WORLD)
    return small * _RECORDS_A_LINE + (size - small) * _RECORDS_A_LINE_MORE


def add_records(stage: Stage, **columns: Rows | int) -> None:
    """Add records; a scalar holds for all of them, what is left out is 0.

    service  row of the service; country: place in `COUNTRIES`; beyond: see `ON`
    """
    rows = max(len(each) for each in columns.values() if not isinstance(each, int))
    stage.records.append(
        {
            name: np.broadcast_to(np.asarray(columns.get(name, 0)), rows).astype(form)
            for name, form in COLUMNS.items()
        }
    )


def meter_at_home(stage: Stage, rng: np.random.Generator) -> None:
    """Everybody's sessions, calls and messages; those who use up their plan do so as they must."""
    rows = records_wanted(stage.size)
    busy = rng.lognormal(0.0, 0.7, size=stage.size)
    person = np.repeat(np.arange(stage.size), rng.multinomial(rows, busy / busy.sum()))
    at_ms = _moments(stage, rng, rows)
    kind = rng.choice(3, size=rows, p=_KIND_SHARES).astype(np.int8)
    amount = np.ones(rows, dtype=np.int64)
    calls = np.flatnonzero(kind == VOICE)
    amount[calls] = 1 + rng.exponential(_CALL_MEAN_S, size=len(calls)).astype(np.int64)
    sessions = np.flatnonzero(kind == DATA)
    amount[sessions] = _volumes(stage, rng, person[sessions], at_ms[sessions])
    used = amount > 0
    add_records(
        stage,
        service=stage.main_line[person[used]],
        at_ms=at_ms[used],
        kind=kind[used],
        amount=amount[used],
    )


def _moments(stage: Stage, rng: np.random.Generator, rows: int) -> Rows:
    """Moments of the weeks by the rhythm of a day."""
    scenario = stage.scenario
    hours = (scenario.end_ms - scenario.start_ms) // HOUR_MS
    local = (scenario.start_ms + CHINA_MS) // HOUR_MS + np.arange(hours)
    weight = np.cumsum(_BUSY[local % 24].astype(float))
    hour = np.searchsorted(weight, rng.random(rows) * weight[-1], side="right")
    moments: Rows = scenario.start_ms + hour * HOUR_MS + rng.integers(0, HOUR_MS, size=rows)
    return moments


def join_at_borders(stage: Stage, rng: np.random.Generator) -> None:
    """A few people's telephones join the network beyond a border their owners have not crossed."""
    is_assigned = np.zeros(stage.size, dtype=bool)
    for people in stage.roles.values():
        is_assigned[people] = True
    free = np.flatnonzero(~is_assigned)
    crossers = rng.choice(free, size=max(3, len(free) // _AT_BORDER_EACH), replace=False)
    length = stage.scenario.end_ms - stage.scenario.start_ms
    at_ms = stage.scenario.start_ms + rng.integers(DAY_MS, length - DAY_MS, size=len(crossers))
    lines, beyond = (
        stage.main_line[crossers],
        at_ms + rng.integers(5, 50, size=len(crossers)) * 60_000,
    )
    add_records(stage, service=lines, at_ms=at_ms, kind=SMS, amount=1)
    add_records(
        stage, service=lines, at_ms=beyond, kind=VOICE, amount=30, country=COUNTRIES.index("HK")
    )


def local_month(at_ms: Rows) -> Rows:
    """The number of the local month of each moment, since 1970."""
    local = (np.asarray(at_ms, dtype=np.int64) + CHINA_MS).astype("datetime64[ms]")
    months: Rows = local.astype("datetime64[M]").astype(np.int64)
    return months


def _volumes(stage: Stage, rng: np.random.Generator, person: Rows, at_ms: Rows) -> Rows:
    """Bytes of each session, so that a month stays under its allowance unless it is to be filled.

    The records at which a filled allowance reaches 80%, 100% and its end are added here.
    """
    month = local_month(at_ms)
    first = int(local_month(np.array([stage.scenario.start_ms]))[0])
    months = int(local_month(np.array([stage.scenario.end_ms]))[0]) - first + 1
    allowance = np.array(
        [offer(stage.services.offer[row]).allowance_mb * MB_BYTES for row in stage.main_line]
    )
    share = np.clip(rng.lognormal(-1.3, 0.55, (stage.size, months)), _LEAST_SHARE, _MOST_SHARE)
    wanted = np.zeros((stage.size * months, 4), dtype=np.int64)
    wanted[:, 0] = (allowance[:, None] * share).astype(np.int64).ravel()
    group = person * months + (month - first)
    part = np.zeros(len(person), dtype=np.int64)
    filled_cells = _fill(stage, wanted, allowance, months, first)
    if filled_cells:
        part = _part_of(filled_cells, group, at_ms, stage.size * months)
    weight = rng.exponential(1.0, size=len(person))
    cell = group * 4 + part
    weight_sums = np.bincount(cell, weights=weight, minlength=wanted.size)
    volumes: Rows = (weight / weight_sums[cell] * wanted.ravel()[cell]).astype(np.int64)
    cell_volumes = np.bincount(cell, weights=volumes, minlength=wanted.size).astype(np.int64)
    for cell_rows, filling in filled_cells:
        _reach(stage, filling, allowance, cell_volumes.reshape(-1, 4)[cell_rows])
    return volumes


def _fill(
    stage: Stage, wanted: Rows, allowance: Rows, months: int, first: int
) -> list[tuple[Rows, Filling]]:
    """Set what sessions use before 80%, before 100% and beyond, where an allowance is filled."""
    people = {int(row): person for person, row in enumerate(stage.main_line.tolist())}
    filled_cells = []
    for filling in stage.fillings:
        person = np.array([people[row] for row in filling.service.tolist()], dtype=np.int64)
        cell_rows = person * months + (filling.month - first)
        wanted[cell_rows, 0] = allowance[person] * 79 // 100
        wanted[cell_rows, 1] = allowance[person] * 19 // 100
        wanted[cell_rows, 2] = filling.extra_mb * MB_BYTES * 6 // 10
        wanted[cell_rows, 3] = 0
        filled_cells.append((cell_rows, filling))
    return filled_cells


def _part_of(
    filled_cells: list[tuple[Rows, Filling]], group: Rows, at_ms: Rows, groups: int
) -> Rows:
    """Where in a filled month each session lies: before 80%, before 100%, beyond, after."""
    bounds = np.full((groups, 3), 2**62)
    for cell_rows, filling in filled_cells:
        bounds[cell_rows] = np.stack([filling.near_ms, filling.full_ms, filling.end_ms], axis=1)
    part: Rows = (at_ms[:, None] >= bounds[group]).sum(axis=1)
    return part


def _reach(stage: Stage, filling: Filling, allowance: Rows, cell_volumes: Rows) -> None:
    """The records with which 80%, 100% and the end are reached exactly."""
    person = np.searchsorted(stage.main_line, filling.service)
    limit, extra = allowance[person], filling.extra_mb * MB_BYTES
    near = -(-limit * 80 // 100)
    for at_ms, amount, charge in (
        (filling.near_ms, near - cell_volumes[:, 0], 0 * limit),
        (filling.full_ms, limit - near - cell_volumes[:, 1], 0 * limit),
        (filling.end_ms, extra - cell_volumes[:, 2], filling.extra_mb),
    ):
        add_records(
            stage,
            service=filling.service,
            at_ms=at_ms,
            kind=DATA,
            amount=amount,
            charge_minor=charge,
        )


def add_charges(stage: Stage, charges: pa.Table) -> None:
    """What billing charges apart from use, as records: the month's spending is counted by line."""
    own = charges.filter(
        pc.invert(pc.is_in(charges["charge_kind"], value_set=pa.array(_BILLED_BY_USE)))
    )
    add_records(
        stage,
        service=service_rows(own["subject"]),
        at_ms=own["happened_at_ms"].to_numpy(),
        kind=CHARGE,
        charge_minor=own["amount_minor"].to_numpy(),
    )


def service_rows(refs: Any) -> Rows:
    """The rows of services by their references.

    >>> service_rows(pa.chunked_array([["svc-0000012"]])).tolist()
    [12]
    """
    numbers: Rows = pc.utf8_slice_codeunits(refs, 4).cast(pa.int64()).to_numpy()
    return numbers


def usage_table(stage: Stage) -> pa.Table:
    """All records of the world's weeks in order of time, numbered."""
    all_columns = {
        name: np.concatenate([piece[name] for piece in stage.records]) for name in COLUMNS
    }
    scenario, at_ms = stage.scenario, all_columns["at_ms"]
    within = np.flatnonzero((at_ms >= scenario.start_ms - DAY_MS) & (at_ms < scenario.end_ms))
    order = within[np.argsort(at_ms[within], kind="stable")]
    columns = {name: values[order] for name, values in all_columns.items()}
    return pa.table({"record": np.arange(1, len(order) + 1, dtype=np.int64), **columns})


def add_marks(
    stage: Stage,
    *,
    duty: str,
    service: Rows,
    at_ms: Rows,
    threshold_minor: Rows | int,
    notified: Rows | bool,
    reliable: bool,
) -> None:
    """Marks that use passes and the user must be told of; what happens is for the apps to show.

    told      whether nothing is in the way of telling: the rule is on and the line enrolled
    reliable  whether somebody's matter hangs on it: then no message is lost on the way
    """
    rows = len(service)
    stage.marks.append(
        {
            "duty": np.array([duty] * rows, dtype=object),
            "service": service,
            "at_ms": at_ms,
            "threshold_minor": np.broadcast_to(np.asarray(threshold_minor), rows).astype(np.int64),
            "told": np.broadcast_to(np.asarray(notified), rows).astype(np.int8),
            "reliable": np.broadcast_to(np.asarray(reliable), rows).astype(np.int8),
        }
    )


def marks_table(stage: Stage) -> pa.Table:
    """The marks within the world's weeks, in order of time."""
    all_columns = {
        name: np.concatenate([piece[name] for piece in stage.marks]) for name in stage.marks[0]
    }
    order = np.argsort(all_columns["at_ms"], kind="stable")
    order = order[all_columns["at_ms"][order] < stage.scenario.end_ms]
    columns: dict[str, Any] = {name: values[order] for name, values in all_columns.items()}
    refs = pa.array(stage.service_refs(columns["service"]), pa.string())
    return pa.table(
        {**columns, "duty": pa.array(columns["duty"].tolist(), pa.string()), "subject": refs}
    )
