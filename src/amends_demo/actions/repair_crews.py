"""The simulated crews: faults that people report are mended, and the desk notes when."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from amends.cases.complaints.actions.record_repair import note_repair
from amends.cases.complaints.queries import waiting_for_repair
from amends.platform.kit.actors import Actor
from amends.platform.kit.periods import from_ms
from amends_demo.actions.files import File
from amends_demo.rules.handling import repaired_at_ms, say


@dataclass(slots=True)
class Crews:
    """Who mends what, and whose reports are not mended yet."""

    actor: Actor
    seed: int
    open: dict[str, File] = field(default_factory=dict)

    def hear_of(self, file: File) -> None:
        """A complaint came in; whether it waits for a repair is for the desk to say."""
        self.open[file.ref] = file

    def work(self, until_ms: int) -> None:
        """Mend what is due before a moment, each fault after a time of its own."""
        now = from_ms(until_ms)
        for ref in waiting_for_repair(self.open):
            file = self.open[ref]
            chance = np.random.default_rng([self.seed, 3, file.contact["row"]])
            at_ms = repaired_at_ms(chance, came_ms=file.came_ms)
            if at_ms < until_ms:
                repair_text = say(chance, "repaired", file.language)
                note_repair(
                    ref, at=from_ms(at_ms), customer_text=repair_text, actor=self.actor, now=now
                )
                del self.open[ref]
