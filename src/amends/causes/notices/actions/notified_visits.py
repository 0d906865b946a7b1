"""Which visits were already notified: who comes back on one day comes back to one key.

Whatever counts a period crosses each step once; only visits can come back to a key. The database is
asked for those it may hold, by their day; what was found since is known here, whether it is a row
or still rests in a block.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.db.models import Max

from amends.causes.notices.engine_models import DueBlock
from amends.causes.notices.models import Notice
from amends.engines.metering.engine.compile import Rules
from amends.engines.metering.engine.layout import COUNTED, REPEATED, Array
from amends.engines.metering.engine.marks import ENTRY, FIRST_DATA
from amends.engines.metering.engine.naming import Rows
from amends.engines.metering.engine.seen import empty, grown_for, mark
from amends.platform.database.rows import keys

_A_DAY_MS = 26 * 3_600_000
"""More than a local day has, also where the clocks go back."""
_AT_ONCE = 900
"""Fewer than SQLite takes values in one question."""


class NotifiedVisits:
    """The visits one engine knows of, from the moment it is made; ten to eleven bytes each.

    As true as the engine's memory: what another process writes meanwhile, the next commit refuses.
    """

    def __init__(self, rules: Rules) -> None:
        self._known = empty()
        # Blocks before rows: what is expanded in between is found among the rows.
        for body in DueBlock.objects.filter(urgent=True).values_list("columns", flat=True):
            self._first_of(pa.ipc.open_file(pa.BufferReader(bytes(body))).read_all()["key"])
        self._rows_until_ms = _last_row_ms(rules) + _A_DAY_MS

    def new(self, rows: Rows) -> Rows:
        """Without the visits already notified; these now are."""
        urgent = pa.array(rows.urgent)
        visits = rows.table.select(["key", "due_at_ms"]).filter(urgent)
        if not visits.num_rows:
            return rows
        fresh = self._first_of(visits["key"])
        old = visits.filter(pc.less_equal(visits["due_at_ms"], self._rows_until_ms))
        open_visits = _open_visits(old["key"].to_pylist())
        if open_visits:
            fresh &= ~pc.is_in(visits["key"], value_set=pa.array(open_visits)).to_numpy()
        if fresh.all():
            return rows
        wanted = np.ones(len(rows), np.bool_)
        wanted[rows.urgent] = fresh
        return rows.only(wanted.tolist())

    def _first_of(self, named: pa.ChunkedArray) -> Array:
        """Whether each key is met for the first time; the keys are distinguished by 80 bits."""
        bodies = np.frombuffer(bytes.fromhex("".join(named.to_pylist())), np.uint8).reshape(-1, 16)
        ids = np.maximum(bodies[:, :8].copy().view("<u8")[:, 0], np.uint64(1))
        contents = bodies[:, 8:10].copy().view("<u2")[:, 0]
        treatment = np.full(len(ids), COUNTED, np.uint8)
        self._known = grown_for(self._known, len(ids))
        mark(self._known, ids, contents, treatment, days=np.zeros(len(ids), np.int64), day=0)
        return treatment != REPEATED


def _last_row_ms(rules: Rules) -> int:
    """When the last visit was that has a row; one question of the index a duty."""
    duties = {mark.duty for mark in rules.marks if mark.form in (ENTRY, FIRST_DATA)}
    last_moments = [
        Notice.objects.filter(duty=duty).aggregate(last=Max("due_at_ms"))["last"]
        for duty in sorted(duties)
    ]
    return max((last for last in last_moments if last is not None), default=-_A_DAY_MS)


def _open_visits(wanted: list[str]) -> list[str]:
    """Those of some keys that have a row."""
    visit_keys: list[str] = []
    for at in range(0, len(wanted), _AT_ONCE):
        open_keys = keys(Notice, {"key": wanted[at : at + _AT_ONCE]})
        visit_keys += Notice.objects.filter(pk__in=open_keys).values_list("key", flat=True)
    return visit_keys
