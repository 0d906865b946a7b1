"""What a decision starts from: the matter complained of, facts, and what each source covers.

Facts and coverage come from other apps; anything with the attributes below will do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from amends.decisions.clocks import placed
from amends.kit.periods import Period, from_ms, to_ms


class FactLike(Protocol):
    """A fact as the ledger gives it; `amends.facts.fact.Fact` is one."""

    @property
    def kind(self) -> str: ...
    @property
    def subscriber(self) -> str: ...
    @property
    def subject(self) -> str: ...
    @property
    def happened_at(self) -> datetime: ...
    @property
    def source(self) -> str: ...
    @property
    def payload(self) -> Mapping[str, str | int]: ...
    @property
    def id(self) -> str: ...


class CoverageLike(Protocol):
    """A statement that a source's records of some kinds are complete, or not, for a time."""

    @property
    def source(self) -> str: ...
    @property
    def kinds(self) -> frozenset[str]: ...
    @property
    def scope(self) -> str: ...
    @property
    def start(self) -> datetime: ...
    @property
    def end(self) -> datetime: ...
    @property
    def complete(self) -> bool: ...


class CoverageAnswer(Protocol):
    """The ledger's answer about one kind in one period, for the person concerned."""

    @property
    def kind(self) -> str: ...
    @property
    def start_ms(self) -> int: ...
    @property
    def end_ms(self) -> int: ...
    @property
    def gaps(self) -> tuple[tuple[int, int], ...]: ...


@dataclass(frozen=True, slots=True)
class EvidenceCoverage:
    """`source` holds all its `kinds` for `scope` in `[start, end)`, or (`complete` false) not.

    scope    `all`, `area:<area>` or `brand:<brand>`
    """

    source: str
    kinds: frozenset[str]
    scope: str
    start: datetime
    end: datetime
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Matter:
    """What one person complains of, as far as the desk knows it.

    code, code2        class of the complaint, and a second one or ""
    received_at        when it came in
    period             what to look into; `end` None means until `received_at`
    services           the complainant's services; empty means every service the facts name
    service            the one service the words name, or ""
    area, area_words   code of the area, and its name in Chinese and English where it has one
    jurisdiction       the pack, e.g. `cn`; with `province` (its code) an overlay of it may hold
    disputed_minor     an amount the words name, minor units of `currency`
    asks               what the user wants: refund, stop, repair, release, explanation, correction
    complaint          our own reference, so that this complaint is not its own predecessor
    cases              references under which looks at this person's data were granted; None where
                       they are not known, and then only a look without any reference stands out
    identity_verified  a challenge to the contact on record was answered
    confident          the class is sure enough to act on
    under_way_minor    charge → minor units being refunded for something else, not yet booked
    """

    code: str
    received_at: datetime
    period: Period
    code2: str = ""
    services: tuple[str, ...] = ()
    service: str = ""
    area: str = ""
    area_words: tuple[str, str] = ("", "")
    brand: str = ""
    jurisdiction: str = field(kw_only=True)
    province: str = ""
    language: str = "zh"
    zone: str = field(kw_only=True)
    currency: str = field(kw_only=True)
    disputed_minor: int | None = None
    asks: frozenset[str] = frozenset()
    complaint: str = ""
    cases: frozenset[str] | None = None
    identity_verified: bool = False
    confident: bool = True
    under_way_minor: Mapping[str, int] = field(default_factory=dict)

    @property
    def start_ms(self) -> int:
        """Start of the period in question, milliseconds UTC."""
        return to_ms(self.period.start)

    @property
    def until_ms(self) -> int:
        """End of the period in question, milliseconds UTC."""
        return to_ms(self.period.end or self.received_at)

    @property
    def place(self) -> str:
        """The pack that holds, or its provincial overlay."""
        return placed(self.jurisdiction, self.province)[0]

    @property
    def scopes(self) -> tuple[str, str, str]:
        """The scopes of coverage that speak for this person."""
        return ("all", f"area:{self.area}", f"brand:{self.brand}")

    def as_dict(self) -> dict[str, Any]:
        """The matter as JSON takes it, so that a decision can be replayed."""
        return {
            "code": self.code,
            "code2": self.code2,
            "received_at_ms": to_ms(self.received_at),
            "start_ms": self.start_ms,
            "until_ms": self.until_ms,
            "services": list(self.services),
            "service": self.service,
            "area": self.area,
            "area_words": list(self.area_words),
            "brand": self.brand,
            "jurisdiction": self.jurisdiction,
            "province": self.province,
            "language": self.language,
            "zone": self.zone,
            "currency": self.currency,
            "disputed_minor": self.disputed_minor,
            "asks": sorted(self.asks),
            "complaint": self.complaint,
            "cases": None if self.cases is None else sorted(self.cases),
            "identity_verified": self.identity_verified,
            "confident": self.confident,
            "under_way_minor": dict(self.under_way_minor),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Matter:
        """Read what `as_dict` wrote."""
        rest = dict(data)
        received_ms, start_ms = rest.pop("received_at_ms"), rest.pop("start_ms")
        until_ms = rest.pop("until_ms")
        rest["services"] = tuple(rest["services"])
        rest["asks"] = frozenset(rest["asks"])
        rest["area_words"] = tuple(rest.get("area_words", ("", "")))
        rest["cases"] = None if rest["cases"] is None else frozenset(rest["cases"])
        return cls(
            received_at=from_ms(received_ms),
            period=Period(from_ms(start_ms), from_ms(until_ms)),
            **rest,
        )
