"""Who may measure now: so many tests at once, the others wait in their order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Admission:
    """Tests that run and tests that wait.

    Two tests at once on a full port falsify both. The streams of one test share its place; a place
    is free when its last connection has gone.
    """

    at_once: int
    running: dict[str, int] = field(default_factory=dict)
    waiting: dict[str, Callable[[int | None], None]] = field(default_factory=dict)

    def enter(self, test: str) -> bool:
        """Take a place, or one more connection of a test that has one; False if all are taken."""
        if test not in self.running and (self.waiting or len(self.running) >= self.at_once):
            return False
        self.running[test] = self.running.get(test, 0) + 1
        return True

    def wait(self, test: str, tell: Callable[[int | None], None]) -> None:
        """Queue. `tell` is called with how many are before, and with None once there is a place."""
        self.waiting[test] = tell
        tell(len(self.waiting) - 1)

    def leave(self, test: str) -> None:
        """One connection of the test has gone, or it waits no more."""
        if test in self.waiting:
            del self.waiting[test]
        else:
            self.running[test] -= 1
            if self.running[test]:
                return
            del self.running[test]
        while self.waiting and len(self.running) < self.at_once:
            following = next(iter(self.waiting))
            tell = self.waiting.pop(following)
            self.running[following] = 1
            tell(None)
        for before, tell in enumerate(self.waiting.values()):
            tell(before)
