"""Count the world's usage with the real engine, and be the platform that sends what is due."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.conf import settings

from amends.causes.notices.actions.cached_engine import CachedEngine
from amends.causes.notices.actions.enrol import NewLines, enrol
from amends.causes.notices.actions.hold import release
from amends.causes.notices.actions.import_sending_reports import Sending, import_sending_reports
from amends.causes.notices.actions.run import run
from amends.causes.notices.actions.watch_borders import watch_borders
from amends.causes.notices.actions.watch_charges import watch_charges
from amends.causes.notices.actions.write_due import write_due_of_running
from amends.causes.notices.actions.write_notices import expand_blocks
from amends.causes.notices.queries import NoticeView, holds, is_held, written_after
from amends.engines.metering.engine.marks import MeteringPlan
from amends.platform.kit.periods import from_ms, to_ms
from amends_demo.actions.mediation import write_file
from amends_demo.rules.catalogue import offer
from amends_demo.rules.metering import CONSENTING, MB_BYTES, ON
from amends_demo.rules.simulate import World

_PACK, _ZONE = "cn", "Asia/Shanghai"
CAP = "cn.roaming_cap"
_FAILED_SHARE, _LATE_SHARE = 0.006, 0.02
_CONSENT_AFTER_MS = 240_000


@dataclass(slots=True)
class Meter:
    """The reminder engine of the invented operator, and its sending platform.

    closed   nothing goes past the engine: every line is enrolled and every rule is on
    records, treatments, notices, held   what the engine counted, of all files
    stopped  services whose use beyond the cap did not happen, since their hold stood: row → when
    told     services told that their allowance was used up: reference → when it arrived
    """

    world: World
    pseudonyms: Sequence[str]
    closed: bool
    until_ms: int = 0
    last_notice: int = 0
    records: int = 0
    notices: int = 0
    held: int = 0
    treatments: Counter[str] = field(default_factory=Counter)
    stopped: dict[int, int] = field(default_factory=dict)
    notified: dict[str, int] = field(default_factory=dict)
    _refs: pa.Array = None
    _at_ms: np.ndarray = field(default_factory=lambda: np.empty(0, np.int64))
    _reliable: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        # The first file holds records of the day before, too: a journey may begin with the world.
        self.until_ms = self.world.scenario.start_ms - 1
        self._refs = pa.array(_by_row(self.world), pa.string())
        self._at_ms = self.world.usage["at_ms"].to_numpy()
        marks = self.world.marks
        sure = marks.filter(pc.equal(marks["reliable"], 1))
        self._reliable = frozenset(sure["subject"].to_pylist())

    def enrol(self) -> None:
        """Number the lines with their plans; those taken over from a dealer are forgotten."""
        services = self.world.services.to_pylist()
        forgotten = set() if self.closed else set(self.world.unenrolled)
        offers = sorted({row["offer"] for row in services})
        kept_services = [row for row in services if int(row["ref"][4:]) not in forgotten]
        enrol(
            NewLines(
                service=[row["ref"] for row in kept_services],
                subscriber=[self.pseudonyms[row["subscriber"]] for row in kept_services],
                plan=[offers.index(row["offer"]) for row in kept_services],
                cycle=[0] * len(kept_services),
                plans=[MeteringPlan(ref, offer(ref).allowance_mb * MB_BYTES) for ref in offers],
                cycles=[(_ZONE, 1)],
            ),
            now=from_ms(self.world.scenario.start_ms),
        )

    def count(self, until_ms: int) -> None:
        """Deliver, count and tell what was used up to a moment."""
        # Between two sittings it would only take room.
        cached_engine = CachedEngine()
        for from_, to in self._stretches(until_ms):
            first, last = np.searchsorted(self._at_ms, [from_, to])
            part = self.world.usage.slice(first, last - first)
            beyond = part["beyond"].to_numpy() != ON
            files = self._count(part.filter(pa.array(~beyond)), to, "usage", cached_engine)
            allowed = self._allowed(part.filter(pa.array(beyond)))
            files += self._count(allowed, to, "roaming", cached_engine)
            watch_borders(files, now=from_ms(to))
            self._tell(from_ms(to))
        self.until_ms = until_ms

    def put_away(self, world: World) -> None:
        """Keep only what was counted, and of the world what `world` still has."""
        self.world, self._at_ms = world, np.empty(0, np.int64)

    def tell_the_rest(self, now: datetime) -> None:
        """Tell what no usage makes due: new kinds of charge, ends of terms, the yearly advice."""
        watch_charges(now=now)
        write_due_of_running(now=now)
        self._tell(now)

    def stopped_by_ref(self) -> dict[str, int]:
        """The services in `stopped` by their references."""
        return {self._refs[row].as_py(): at_ms for row, at_ms in self.stopped.items()}

    def _stretches(self, until_ms: int) -> Iterator[tuple[int, int]]:
        """The time since the last count, cut where the rule of the cap goes off or on."""
        scenario = self.world.scenario
        first = 0 if self.until_ms < scenario.start_ms else self.until_ms
        cuts = () if self.closed else (scenario.roaming_from_ms, scenario.roaming_to_ms)
        moments = [first, *(cut for cut in cuts if first < cut < until_ms), until_ms]
        yield from pairwise(moments)

    def _allowed(self, records: pa.Table) -> pa.Table:
        """The records beyond a cap that happen: nothing of a line that is held goes through."""
        happen = np.ones(records.num_rows, dtype=bool)
        rows, kinds = records["service"].to_numpy(), records["beyond"].to_numpy()
        moments = records["at_ms"].to_numpy()
        for row in np.unique(rows).tolist():
            mine = rows == row
            ref = self._refs[row].as_py()
            if row not in self.stopped and is_held(ref):
                if (kinds[mine] == CONSENTING).all():
                    self._consent(ref)
                else:
                    self.stopped[row] = int(moments[mine].min())
            if row in self.stopped:
                happen &= ~mine
        return records.filter(pa.array(happen))

    def _consent(self, service: str) -> None:
        for hold in holds(service=service):
            at_ms = to_ms(hold.held_at) + _CONSENT_AFTER_MS
            release(hold.key, subscriber=hold.subscriber, channel="sms", now=from_ms(at_ms))

    def _count(
        self, records: pa.Table, until_ms: int, name: str, cached_engine: CachedEngine
    ) -> list[Path]:
        """Count a file of records, if there are any, and tell; the file."""
        if not records.num_rows:
            return []
        now = from_ms(until_ms)
        path = write_file(
            settings.USAGE_DIR, records, self._refs, name=f"{name}-{now:%Y%m%dT%H%M%S}", now=now
        )
        off = (CAP,) if not self.closed and self._rule_off(until_ms) else ()
        report = run(
            path,
            jurisdiction=_PACK,
            now=now,
            without=off,
            cached_engine=None if off else cached_engine,
        )
        self.records += sum(report.treatments.values())
        self.treatments.update(report.treatments)
        self.notices += report.notices
        self.held += report.holds
        self._tell(now)
        return [path]

    def _rule_off(self, until_ms: int) -> bool:
        scenario = self.world.scenario
        return scenario.roaming_from_ms < until_ms <= scenario.roaming_to_ms

    def _tell(self, now: datetime) -> None:
        """Report to the app what the operator's own platform has sent of the new notices."""
        while expand_blocks():
            pass
        fresh, self.last_notice = written_after(self.last_notice)
        sendings = [self._sending(fresh_row) for fresh_row in fresh]
        for notice, sending in zip(fresh, sendings, strict=True):
            if notice.duty == "cn.allowance_reached" and sending.delivered_ms is not None:
                self.notified.setdefault(notice.service, sending.delivered_ms)
        import_sending_reports(sendings, now=now)

    def _sending(self, notice: NoticeView) -> Sending:
        """The chance of each notice hangs on what it is about, not on the order of telling, nor on
        its key: that holds a pseudonym, which is another in the next world of the same seed."""
        named = "/".join((notice.service, notice.duty, notice.period, notice.step))
        number = int.from_bytes(blake2b(named.encode(), digest_size=8).digest())
        chance = np.random.default_rng([self.world.seed, number])
        due_ms = to_ms(notice.due_at)
        sent_ms = due_ms + int(chance.integers(2_000, 90_000))
        draw = 1.0 if notice.service in self._reliable else chance.random()
        if draw < _FAILED_SHARE:
            return Sending(
                notice.key, "sms", sent_ms, failed_ms=sent_ms + 60_000, cause="no_answer_from_phone"
            )
        late = draw < _FAILED_SHARE + _LATE_SHARE
        lag_ms = chance.integers(86_400_000, 259_200_000) if late else chance.integers(800, 4_500)
        return Sending(notice.key, "sms", sent_ms, delivered_ms=sent_ms + int(lag_ms))


def _by_row(world: World) -> list[str]:
    """References of services by row; rows of services that were never opened stay empty."""
    refs = world.services["ref"].to_pylist()
    by_row = [""] * (max(int(ref[4:]) for ref in refs) + 1)
    for ref in refs:
        by_row[int(ref[4:])] = ref
    return by_row
