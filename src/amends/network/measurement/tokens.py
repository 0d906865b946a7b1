"""Tokens at the measurement server: each opens one stream of one test, once."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from amends.network.measurement.signing import UnableToVerify, verify

TOGETHER_S = 5.0
"""The streams of one direction run at the same time: a later one is refused."""


@dataclass(frozen=True, slots=True)
class TestStream:
    """One of the parallel streams of a test, numbered from 0."""

    test: str
    number: int = 0
    count: int = 1


@dataclass(slots=True)
class Tokens:
    """Tokens that were redeemed; with no secret the server is open and asks for none."""

    secret: bytes | None
    _used: dict[str, float] = field(default_factory=dict)
    _began: dict[tuple[str, str], tuple[float, float]] = field(default_factory=dict)

    def redeem(self, query: Mapping[str, str], path: str, *, now: float) -> TestStream:
        """The stream that a request opens; `UnableToVerify` if its token does not open it now."""
        if self.secret is None:
            return TestStream(query.get("amends_test", "") or secrets.token_hex(8))
        token = verify("token", query.get("access_token", ""), secret=self.secret)
        self._forget(now)
        direction = (str(token["test"]), path)
        began, _until = self._began.get(direction, (now, 0.0))
        if (
            token["path"] != path
            or not token["not_before"] <= now < token["expires"]
            or token["id"] in self._used
            or now - began > TOGETHER_S
        ):
            raise UnableToVerify("")
        self._used[token["id"]] = token["expires"]
        self._began[direction] = (began, token["expires"])
        return TestStream(direction[0], int(token["stream"]), int(token["streams"]))

    def _forget(self, now: float) -> None:
        self._used = {token_id: until for token_id, until in self._used.items() if until > now}
        self._began = {
            direction: times for direction, times in self._began.items() if times[1] > now
        }
