"""The engine's memory between two batches: loaded once, written bucket by bucket."""

from __future__ import annotations

import io
import json
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

import numpy as np
import pyarrow as pa

from amends.causes.notices.actions.line_moves import (
    LineMovesWritten,
    moves_of,
    next_write_slot,
    read_moves,
    write_moved,
)
from amends.causes.notices.actions.notified_visits import NotifiedVisits
from amends.causes.notices.engine_models import (
    EngineState,
    LineBucket,
    LineNames,
    SeenRecords,
    UsagePlan,
)
from amends.engines.duties.regions import like_home
from amends.engines.metering.engine.advance import Memory
from amends.engines.metering.engine.calendar import Cycle
from amends.engines.metering.engine.change import with_marks
from amends.engines.metering.engine.compile import Rules, compile_rules
from amends.engines.metering.engine.layout import STATE, TERMS, Array, Lines, aligned, country_code
from amends.engines.metering.engine.limits import limits_in_force
from amends.engines.metering.engine.marks import MeteringPlan
from amends.engines.metering.engine.portable import unpacked
from amends.engines.metering.engine.seen import ENTRY, empty, restored
from amends.platform.kit.errors import Refused, gettext_noop
from amends.platform.kit.packs import day_in

SEEN_BYTES = 100_000_000
"""How much of the seen ids stays in memory; days not asked for lately rest in the database."""


class UnableToAdvance(Refused):
    """Another process has moved the engine on; nothing of this batch was kept."""

    code = "engine_moved_on"


@dataclass(slots=True)
class UsageEngine:
    """Memory, rules and the names of the lines, as of a revision of the database.

    renamed    the database still has the steps notified under the bits of other rules
    stored_days  days of use whose ids are in the database, or will be after pending writes
    turn       the bucket of lines whose turn to be written it is, once that was asked for
    told       the visits already notified, loaded at first use
    """

    revision: int
    memory: Memory
    rules: Rules
    duties: dict[str, Any]
    services: Any
    subscribers: Any
    sizes: dict[str, tuple[float, int]]
    renamed: bool = False
    days: OrderedDict[int, None] = field(default_factory=OrderedDict)
    stored_days: set[int] = field(default_factory=set)
    turn: int | None = None
    notified: NotifiedVisits | None = None

    @property
    def visits(self) -> NotifiedVisits:
        """The visits already notified; read from the database at first use."""
        if self.notified is None:
            self.notified = NotifiedVisits(self.rules)
        return self.notified

    def names(self, lines: Array) -> tuple[list[str], list[str]]:
        """Services and subscribers of some lines."""
        wanted = pa.array(lines)
        return self.services.take(wanted).to_pylist(), self.subscribers.take(wanted).to_pylist()

    def must_read(self, days: Iterable[int]) -> bool:
        """Whether `remember` will ask the database for any of these days."""
        return any(day in self.stored_days and day not in self.memory.seen for day in days)

    def remember(self, days: Iterable[int]) -> None:
        """Have the ids of some days of use in memory, and let go of the days used longest ago."""
        wanted = list(days)
        for day in wanted:
            if day not in self.memory.seen and day not in self.stored_days:
                self.memory.seen[day] = empty()
            elif day not in self.memory.seen:
                rows = SeenRecords.objects.filter(day=day).order_by("id")
                entries = np.frombuffer(b"".join(bytes(row.entries) for row in rows), ENTRY)
                self.memory.seen[day] = (
                    restored(entries["record"].copy(), entries["content"].copy())
                    if len(entries)
                    else empty()
                )
            self.days.pop(day, None)
            self.days[day] = None
        while len(self.days) > len(wanted) and self._seen_bytes() > SEEN_BYTES:
            day, _ = self.days.popitem(last=False)
            del self.memory.seen[day]

    def _seen_bytes(self) -> int:
        return sum(seen_array.nbytes for seen_array in self.memory.seen.values())


def load(
    *,
    jurisdiction: str,
    now: datetime,
    duties: Sequence[Any],
    overlays: Mapping[str, Sequence[Any]] = MappingProxyType({}),
) -> UsageEngine:
    """The engine as the last commit left it.

    overlays  place → the duties that hold there, for lines of `Plan.place`
    """
    state, _ = EngineState.objects.get_or_create(pk=1)
    plans = [_plan(row) for row in UsagePlan.objects.order_by("number")]
    cycles = [Cycle(zone, day) for zone, day in json.loads(state.cycles)]
    day = day_in(jurisdiction, now)
    rules = compile_rules(
        duties,
        plans=plans,
        cycles=cycles or [Cycle("UTC")],
        limits=limits_in_force(day),
        like_home=[country_code(iso) for iso in like_home(jurisdiction, day)],
        overlays=overlays,
    )
    lines = Lines(aligned(state.lines, STATE), np.zeros(state.lines, TERMS))
    services, subscribers, at = [], [], 0
    for row in LineBucket.objects.order_by("number").iterator(chunk_size=16):
        of_bucket = unpacked(bytes(row.memory))
        here = slice(at, at + len(of_bucket))
        lines.state[here], lines.terms[here] = of_bucket.state, of_bucket.terms
        at += len(of_bucket)
    for body in LineNames.objects.order_by("number").values_list("names", flat=True):
        names = pa.ipc.open_file(pa.BufferReader(bytes(body))).read_all()
        services.append(names["service"].combine_chunks())
        subscribers.append(names["subscriber"].combine_chunks())
    read_moves(lines)
    before = [tuple(name) for name in json.loads(state.marks)]
    with_marks(lines, before, rules)
    return UsageEngine(
        revision=state.revision,
        memory=Memory(lines, {}),
        rules=rules,
        duties={duty.id: duty for duty_list in (duties, *overlays.values()) for duty in duty_list},
        services=_together(services),
        subscribers=_together(subscribers),
        sizes={kind: (float(mean), int(n)) for kind, (mean, n) in json.loads(state.sizes).items()},
        renamed=before != [mark.name for mark in rules.marks],
        stored_days=set(SeenRecords.objects.values_list("day", flat=True).distinct()),
    )


def _together(arrays: list[Any]) -> Any:
    return pa.concat_arrays(arrays) if arrays else pa.array([], pa.string())


def _plan(row: UsagePlan) -> MeteringPlan:
    return MeteringPlan(
        name=row.name,
        data_bytes=row.data_bytes,
        voice_s=row.voice_s,
        messages=row.messages,
        roaming=row.roaming,
        balance_minor=row.balance_minor,
        own_minor=row.own_minor,
        base=row.base,
        place=row.place,
        user=row.user,
    )


def claim(engine: UsageEngine) -> None:
    """Raise the revision inside the caller's transaction, or refuse: somebody else was faster."""
    moved = EngineState.objects.filter(pk=1, revision=engine.revision).update(
        revision=engine.revision + 1,
        sizes=json.dumps(engine.sizes),
        marks=json.dumps([mark.name for mark in engine.rules.marks]),
    )
    if moved != 1:
        raise UnableToAdvance(
            gettext_noop("Another process has counted usage in the meantime."),
            meaning=gettext_noop("Nothing of this batch was stored."),
            next_step=gettext_noop("Run it again: it continues where the other process stopped."),
        )


def write_lines(engine: UsageEngine, moved: Array) -> None:
    """Write the lines that were moved, after `claim` and inside the caller's transaction.

    moved  [line] whether each of the lines was
    """
    write_moved(take_moves(engine, moved), revision=engine.revision + 1)


def take_moves(engine: UsageEngine, moved: Array) -> LineMovesWritten:
    """Where the lines that were moved stand now, to be written once.

    Whoever does not write it gives the engine up.
    """
    if engine.turn is None:
        engine.turn = next_write_slot()
    written_moves = moves_of(
        engine.memory.lines, np.flatnonzero(moved), turn=engine.turn, all_lines=engine.renamed
    )
    engine.turn, engine.renamed = written_moves.after, False
    return written_moves


def committed(engine: UsageEngine) -> None:
    """The database has the engine's revision; to be called after the transaction."""
    engine.revision += 1


def names_packed(services: Any, subscribers: Any) -> bytes:
    """The names of a bucket as an Arrow file."""
    return arrow_file(pa.table({"service": services, "subscriber": subscribers}))


def arrow_file(table: Any) -> bytes:
    """A table as the bytes of an Arrow file."""
    target = io.BytesIO()
    options = pa.ipc.IpcWriteOptions(compression="lz4")
    with pa.ipc.new_file(target, table.schema, options=options) as writer:
        writer.write_table(table)
    return target.getvalue()
