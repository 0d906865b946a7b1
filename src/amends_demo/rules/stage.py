"""What the chapters of the simulation share: the people, their roles, the facts, the troubles."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from amends_demo.rules.scenario import Scenario
from amends_demo.rules.tables import FactBook

Rows = np.ndarray[Any, Any]


@dataclass(slots=True)
class Services:
    """Service lines as growing columns; the row number is the service."""

    ref: list[str] = field(default_factory=list)
    subscriber: list[int] = field(default_factory=list)
    offer: list[str] = field(default_factory=list)
    kind: list[str] = field(default_factory=list)
    activated_ms: list[int] = field(default_factory=list)

    def add(self, *, subscriber: Rows, offer: list[str], kind: str, activated_ms: Rows) -> Rows:
        """Add services of one kind and return their row numbers."""
        first = len(self.ref)
        rows = np.arange(first, first + len(subscriber))
        self.ref += [f"svc-{row:07d}" for row in rows]
        self.subscriber += [int(each) for each in subscriber]
        self.offer += offer
        self.kind += [kind] * len(subscriber)
        self.activated_ms += [int(each) for each in activated_ms]
        return rows

    def table(self) -> pa.Table:
        """The services as Arrow columns."""
        return pa.table(
            {
                "ref": self.ref,
                "subscriber": pa.array(self.subscriber, type=pa.int64()),
                "offer": self.offer,
                "kind": self.kind,
                "activated_ms": pa.array(self.activated_ms, type=pa.int64()),
            }
        )


@dataclass(frozen=True, slots=True)
class Trouble:
    """One person's matter before he complains: since when he can know of it, and about what."""

    role: str
    subscriber: int
    trigger_ms: int
    service: str = ""
    offer: str = ""
    amount_minor: int = 0
    country: str = ""


@dataclass(frozen=True, slots=True)
class Filling:
    """Allowances used up in one local month each, as columns: when 80%, when all, until when."""

    service: Rows
    month: Rows
    near_ms: Rows
    full_ms: Rows
    end_ms: Rows
    extra_mb: Rows


@dataclass(slots=True)
class Stage:
    """The world while it is being made; each chapter adds services, facts and troubles.

    fillings  allowances that are used up; `metering` makes records that do so
    records   usage records, in pieces; marks: those that must be told, in pieces
    """

    scenario: Scenario
    size: int
    roles: dict[str, Rows]
    area_rows: Rows
    has_broadband: Rows
    book: FactBook = field(default_factory=FactBook)
    services: Services = field(default_factory=Services)
    troubles: list[Trouble] = field(default_factory=list)
    main_line: Rows = field(default_factory=lambda: np.array([], dtype=np.int64))
    broadband: dict[int, int] = field(default_factory=dict)
    fillings: list[Filling] = field(default_factory=list)
    records: list[dict[str, Rows]] = field(default_factory=list)
    marks: list[dict[str, Any]] = field(default_factory=list)
    _numbers: dict[str, int] = field(default_factory=dict)

    def refs(self, prefix: str, count: int) -> list[str]:
        """`count` new references `prefix-0000001` and on."""
        first = self._numbers.get(prefix, 0) + 1
        self._numbers[prefix] = first + count - 1
        return [f"{prefix}-{number:07d}" for number in range(first, first + count)]

    def service_refs(self, rows: Rows) -> list[str]:
        """The references of service rows."""
        return [self.services.ref[row] for row in rows]

    def subscribers_of(self, rows: Rows) -> Rows:
        """The subscribers of service rows."""
        return np.array([self.services.subscriber[row] for row in rows], dtype=np.int64)
