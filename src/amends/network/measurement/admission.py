"""Who may measure now: so many tests at once, the others wait in their order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network

MOST_WAITING = 4
"""Tests of one source that may wait at once: the next test of somebody else is never far."""

Tell = Callable[[int | None], None]


@dataclass(slots=True)
class Admission:
    """Tests that run and tests that wait.

    Two tests at once on a full port falsify both. The streams of one test share its place; a place
    is free when its last connection has gone.
    """

    at_once: int
    running: dict[str, int] = field(default_factory=dict)
    waiting: dict[str, tuple[str, Tell]] = field(default_factory=dict)

    def enter(self, test: str) -> bool:
        """Take a place, or one more connection of a test that has one; False if all are taken."""
        if test not in self.running and (self.waiting or len(self.running) >= self.at_once):
            return False
        self.running[test] = self.running.get(test, 0) + 1
        return True

    def is_known(self, test: str) -> bool:
        """Whether the test runs or waits."""
        return test in self.running or test in self.waiting

    def wait(self, test: str, tell: Tell, *, source: str = "") -> bool:
        """Queue; False if as many tests of the source wait as may.

        `tell` is called with how many are before, and with None once there is a place.
        """
        if (
            sum(waiting_source == source for waiting_source, _tell in self.waiting.values())
            >= MOST_WAITING
        ):
            return False
        self.waiting[test] = (source, tell)
        tell(len(self.waiting) - 1)
        return True

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
            _source, tell = self.waiting.pop(following)
            self.running[following] = 1
            tell(None)
        for before, (_source, tell) in enumerate(self.waiting.values()):
            tell(before)


def source_of(address: str) -> str:
    """What one subscriber is given: an IPv4 address, or an IPv6 network of /64.

    >>> source_of("2001:db8::1"), source_of("::ffff:198.51.100.7")
    ('2001:db8::/64', '198.51.100.7')
    """
    parsed_address = ip_address(address.partition("%")[0])
    if parsed_address.version == 4:
        return str(parsed_address)
    return str(parsed_address.ipv4_mapped or ip_network((parsed_address, 64), strict=False))
