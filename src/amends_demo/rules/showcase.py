"""What the console of a demonstration always shows once, so that chance cannot keep it away.

Each is staged within some days of the end: early enough for what follows from it, late enough to
stand open still.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from amends_demo.rules.tables import DAY_MS

# From how many days before the end until how many.
_DAYS = {
    "large_proposal": (15, 5),  # then accepted, and waiting for who may approve so much
    "refusal": (16, 5),  # then a deadlock
    "appeal": (24, 3),  # a case with the regulator
}


@dataclass(slots=True)
class Showcase:
    """What was staged already, in a world that ends at `end_ms`."""

    end_ms: int
    staged: set[str] = field(default_factory=set)

    def stages(self, what: str, at_ms: int) -> bool:
        """Whether `what` is to be staged at a moment: the first time within its days.

        >>> showcase = Showcase(end_ms=100 * DAY_MS)
        >>> [showcase.stages("refusal", day * DAY_MS) for day in (80, 90, 91)]
        [False, True, False]
        """
        first, last = _DAYS[what]
        if what in self.staged or not last * DAY_MS <= self.end_ms - at_ms <= first * DAY_MS:
            return False
        self.staged.add(what)
        return True
