"""Facts and statements of coverage as decisions read them, and what they say of a time."""

from __future__ import annotations

from bisect import bisect_right
from calendar import monthrange
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Protocol, cast

from amends.engines.decisions.clocks import placed
from amends.platform.kit.formats import local
from amends.platform.kit.periods import Period, from_ms, to_ms


class FactLike(Protocol):
    """A fact as the ledger gives it; `amends.record.facts.fact.Fact` is one."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedService:
    """A service in the text of the complaint; `is_line`: a plan or a line, which may be context."""

    offer: str
    zh: str
    en: str
    is_line: bool = False


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
    plausible          the classes it may be about, its own among them; empty where that is certain,
                       None where that was not recorded
    named              the services in its text, by their offers
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
    plausible: tuple[str, ...] | None = None
    named: tuple[NamedService, ...] = ()

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
            "plausible": None if self.plausible is None else list(self.plausible),
            "named": [asdict(service) for service in self.named],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Matter:
        """Read what `as_dict` wrote."""
        fields_left = dict(data)
        received_ms, start_ms = fields_left.pop("received_at_ms"), fields_left.pop("start_ms")
        until_ms = fields_left.pop("until_ms")
        fields_left["services"] = tuple(fields_left["services"])
        fields_left["asks"] = frozenset(fields_left["asks"])
        fields_left["area_words"] = tuple(fields_left.get("area_words", ("", "")))
        fields_left["named"] = tuple(
            NamedService(**service) for service in fields_left.get("named", ())
        )
        plausible = fields_left.get("plausible")
        fields_left["plausible"] = None if plausible is None else tuple(plausible)
        fields_left["cases"] = (
            None if fields_left["cases"] is None else frozenset(fields_left["cases"])
        )
        return cls(
            received_at=from_ms(received_ms),
            period=Period(from_ms(start_ms), from_ms(until_ms)),
            **fields_left,
        )


# When absence is evidence: which stretches of time a source's records are stated complete for.


Stretch = tuple[int, int]
"""A half-open stretch of time, milliseconds UTC."""


class CoverageBook:
    """What is known about the completeness of records, indexed once and asked often.

    Takes statements of sources (`Coverage`), and answers of the ledger about one kind and period
    (`amends.record.facts.coverage.Coverage`), which are already about the person concerned. A
    statement that records are *not* complete wins over every statement that they are.
    """

    def __init__(self, answers: Iterable[CoverageLike | CoverageAnswer]) -> None:
        self._by_kind: dict[str, list[tuple[str, Stretch, bool]]] = {}
        self._whole: dict[tuple[str, tuple[str, ...]], list[Stretch]] = {}
        self._stated: dict[str, list[tuple[str, Stretch]]] = {}
        for each in answers:
            gaps = getattr(each, "gaps", None)
            if gaps is None:
                self._add_statement(cast(CoverageLike, each))
            else:
                self._add_answer(cast(CoverageAnswer, each))

    def _add_statement(self, each: CoverageLike) -> None:
        stretch = (to_ms(each.start), to_ms(each.end))
        for kind in each.kinds:
            listed = self._by_kind.setdefault(kind, [])
            listed.append((each.scope, stretch, bool(each.complete)))

    def _add_answer(self, each: CoverageAnswer) -> None:
        listed = self._by_kind.setdefault(each.kind, [])
        listed.append(("all", (each.start_ms, each.end_ms), True))
        listed += [("all", (start, end), False) for start, end in each.gaps]
        stated = zip(getattr(each, "statements", ()), getattr(each, "spans", ()), strict=True)
        self._stated.setdefault(each.kind, []).extend(stated)

    def complete(self, kind: str, scopes: tuple[str, ...]) -> list[Stretch]:
        """The stretches for which records of `kind` are complete for one of `scopes`, in order."""
        key = (kind, scopes)
        stretches = self._whole.get(key)
        if stretches is None:
            mine = [row for row in self._by_kind.get(kind, ()) if row[0] in scopes]
            complete_stretches = merged(stretch for _, stretch, complete in mine if complete)
            broken = merged(stretch for _, stretch, complete in mine if not complete)
            stretches = self._whole[key] = without(complete_stretches, broken)
        return stretches

    def gaps(
        self, kinds: tuple[str, ...], scopes: tuple[str, ...], start: int, end: int
    ) -> list[Stretch]:
        """The parts of `[start, end)` for which some of `kinds` is not known to be complete.

        Empty means covered. A period of no length still asks about its moment.
        """
        end = max(end, start + 1)
        gap_list: list[Stretch] = []
        for kind in kinds:
            complete_stretches = self.complete(kind, scopes)
            stretch_index = bisect_right(complete_stretches, (start, 1 << 62)) - 1
            if stretch_index >= 0 and complete_stretches[stretch_index][1] >= end:
                continue
            gap_list += without([(start, end)], complete_stretches)
        return merged(gap_list)

    def statements(self, kinds: tuple[str, ...], start: int, end: int) -> tuple[str, ...]:
        """Ids of the facts in which sources state how complete `kinds` are in `[start, end)`."""
        end = max(end, start + 1)
        return tuple(
            dict.fromkeys(
                fact
                for kind in kinds
                for fact, (first, last) in self._stated.get(kind, ())
                if first < end and last > start
            )
        )


def merged(stretches: Iterable[Stretch]) -> list[Stretch]:
    """Overlapping and touching stretches as one, in order of time.

    >>> merged([(5, 9), (0, 3), (3, 4)])
    [(0, 4), (5, 9)]
    """
    merged_stretches: list[Stretch] = []
    for start, end in sorted(stretches):
        if merged_stretches and start <= merged_stretches[-1][1]:
            merged_stretches[-1] = (merged_stretches[-1][0], max(end, merged_stretches[-1][1]))
        elif end > start:
            merged_stretches.append((start, end))
    return merged_stretches


def without(stretches: list[Stretch], cuts: list[Stretch]) -> list[Stretch]:
    """What is left of `whole` when `taken` is cut out; both in order of time, without overlaps.

    >>> without([(0, 10)], [(2, 3), (8, 20)])
    [(0, 2), (3, 8)]
    """
    left: list[Stretch] = []
    for start, end in stretches:
        for cut_start, cut_end in cuts:
            if cut_end <= start or cut_start >= end:
                continue
            if cut_start > start:
                left.append((start, cut_start))
            start = cut_end
        if start < end:
            left.append((start, end))
    return left


# Months and days on the complainant's clock, in milliseconds UTC.


def add_months(at_ms: int, months: int, zone: str) -> int:
    """The same local day and hour `months` later (or earlier); a shorter month ends sooner.

    >>> from amends.platform.kit.formats import format_date
    >>> format_date(add_months(1_769_817_600_000, 1, "Asia/Shanghai"), "en", "Asia/Shanghai")
    '28 Feb 2026'
    """
    start = local(at_ms, zone)
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    last = monthrange(year, month + 1)[1]
    moved = start.replace(year=year, month=month + 1, day=min(start.day, last))
    return round(moved.timestamp() * 1000)


def local_days(stretches: Iterable[tuple[int, int]], zone: str) -> set[int]:
    """The local calendar days that half-open stretches touch, as proleptic day numbers.

    >>> noon = 1_769_832_000_000
    >>> len(local_days([(noon, noon + 1), (noon + 5, noon + 86_400_000)], "Asia/Shanghai"))
    2
    """
    days: set[int] = set()
    for start, end in stretches:
        if end > start:
            first, last = local(start, zone).toordinal(), local(end - 1, zone).toordinal()
            days.update(range(first, last + 1))
    return days
