"""An engine that stays in memory between two turns of a worker, as long as nobody else moved it on.

Loading a million lines takes seconds; a hold must be decided within five of its record.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from threading import Lock

from amends.causes.notices.actions.engine_memory import UsageEngine
from amends.causes.notices.engine_models import EngineState, UsageBatch
from amends.engines.metering.usage.columns import Finds

_Stamp = tuple[object, ...]


@dataclass(slots=True)
class CachedEngine:
    """Holds one engine at most. Whoever takes it has it alone, and puts it back when all is well.

    A run that fails does not put it back: its memory may be ahead of what was committed.
    """

    _held: tuple[_Stamp, UsageEngine, Finds] | None = None
    _lock: Lock = field(default_factory=Lock)

    def take(self, jurisdiction: str, day: date) -> tuple[UsageEngine, Finds] | None:
        """The engine, if the database still is where it was put back under the same rules."""
        with self._lock:
            kept_engine, self._held = self._held, None
        if kept_engine is None or kept_engine[0] != _stamp(jurisdiction, day):
            return None
        return kept_engine[1], kept_engine[2]

    def put(self, engine: UsageEngine, roster: Finds, jurisdiction: str, day: date) -> None:
        """Keep the engine for the next turn."""
        stamp = _stamp(jurisdiction, day)
        if stamp[0] == engine.revision:
            with self._lock:
                self._held = (stamp, engine, roster)


def _stamp(jurisdiction: str, day: date) -> _Stamp:
    """The database's revision: every commit of the engine and of enrolment changes it."""
    revision = EngineState.objects.filter(pk=1).values_list("revision", flat=True).first()
    last = UsageBatch.objects.order_by("-id").values_list("id", "digest", "committed_ms").first()
    return revision, last, jurisdiction, day
