"""What the ledger holds that may have caused an issue, as exposures: whom it touched, and when.

One pass over each kind of fact, in columns. They hold pseudonyms and references; pages show how
many, and only `access` shows who.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

import polars as pl

from amends.causes.vetting.queries.probes import faults_of_offers
from amends.engines.detection.causes import MOST_FACTS, Exposure
from amends.people.access.queries import people_by_area, people_with
from amends.platform.kit.periods import to_ms
from amends.record.ledger.queries import columns_of, coverage

LOOK_BACK = timedelta(days=120)
_SOLD_THROUGH = ("campaign", "claim", "partner")
Row = dict[str, Any]


@dataclass(slots=True)
class _Group:
    """Facts of one cause while they are gathered."""

    facts: list[str] = field(default_factory=list)
    persons: set[str] = field(default_factory=set)
    times: list[int] = field(default_factory=list)
    numbers: dict[str, str | int] = field(default_factory=dict)

    def take(self, row: Row) -> None:
        self.facts.append(row["id"])
        self.times.append(row["happened_at_ms"])
        if row["subscriber"]:
            self.persons.add(row["subscriber"])

    def exposure(self, kind: str, reference: str, *, to_ms: int | None = None) -> Exposure:
        return Exposure(
            kind=kind,
            reference=reference,
            from_ms=min(self.times),
            to_ms=max(self.times) if to_ms is None else to_ms,
            persons=frozenset(self.persons),
            facts=tuple(self.facts[-MOST_FACTS:]),
            numbers={**self.numbers, "touched": len(self.persons)},
        )


def _groups(rows: pl.DataFrame, by: str) -> Iterator[tuple[str, _Group]]:
    """Many facts by what a column says, each group as if its rows had been taken one by one."""
    person, at_ms = pl.col("subscriber"), pl.col("happened_at_ms")
    grouped = rows.group_by(by, maintain_order=True).agg(
        facts=pl.col("id").tail(MOST_FACTS),
        persons=person.filter(person != "").unique(),
        first=at_ms.min(),
        last=at_ms.max(),
    )
    for name, facts, persons, first, last in grouped.rows():
        yield name, _Group(facts, set(persons), [first, last])


def exposures(
    *, now: datetime, since: datetime | None = None, deeds: bool | None = None
) -> list[Exposure]:
    """Every exposure of the last months, from `since` on where that is longer ago.

    deeds  only what somebody did (sales and look-ups), or only the others; all if None
    """
    start = min(now - LOOK_BACK, since or now)
    all_exposures: list[Exposure] = []
    if deeds is not False:
        all_exposures += [*_sales(start, now), *_lookups(start, now)]
    if deeds is not True:
        all_exposures += [*_new_versions(start, now), *_faults(start, now), *_notices(start, now)]
        all_exposures += _service_faults(start, now)
    return all_exposures


_DEEDS = frozenset({"campaign", "claim", "partner", "lookups"})


def touched(causes: Iterable[str], *, since: datetime, now: datetime) -> set[str]:
    """Whom any of these causes touched, each written `kind:reference`: pseudonyms."""
    wanted = set(causes)
    kinds = {cause_ref.partition(":")[0] for cause_ref in wanted}
    if not wanted:
        return set()
    cause_exposures = exposures(
        now=now,
        since=since,
        deeds=True if kinds <= _DEEDS else None if kinds & _DEEDS else False,
    )
    touched_people: set[str] = set().union(
        *(
            exposure.persons
            for exposure in cause_exposures
            if f"{exposure.kind}:{exposure.reference}" in wanted
        )
    )
    areas = [
        cause_ref.partition(":")[2] for cause_ref in wanted if cause_ref.startswith("unrecorded:")
    ]
    return touched_people | (people_with(areas=areas, at=now) if areas else set())


def _frame(
    kind: str, start: datetime, end: datetime, fields: Collection[str] | None = None
) -> pl.DataFrame:
    until = end + timedelta(milliseconds=1)
    facts_frame = pl.from_arrow(columns_of(kind, start=start, end=until, fields=fields))
    assert isinstance(facts_frame, pl.DataFrame)
    return facts_frame


def _rows(
    kind: str, start: datetime, end: datetime, fields: Collection[str] | None = None
) -> list[Row]:
    return _frame(kind, start, end, fields).to_dicts()


def _sales(start: datetime, end: datetime) -> Iterator[Exposure]:
    """Campaigns, published claims and partners: who bought through them."""
    groups: dict[tuple[str, str], _Group] = {}
    fact_fields = ("subscriber", "offer", *_SOLD_THROUGH)
    sold = pl.concat(
        _frame(fact, start, end, fields=fact_fields).select("id", "happened_at_ms", *fact_fields)
        for fact in ("ServiceOrdered", "ServiceActivated")
    )
    for kind in _SOLD_THROUGH:
        through = sold.filter(pl.col(kind).is_not_null())
        offers = dict(through.select(kind, "offer").rows())
        for reference, group in _groups(through, kind):
            group.numbers["offer"] = offers[reference]
            groups[kind, reference] = group
    for row in _rows("ClaimPublished", start, end):
        if (claimed := groups.get(("claim", row["claim"]))) is not None:
            claimed.facts.append(row["id"])
            claimed.times.append(row["happened_at_ms"])
    for (kind, reference), group in sorted(groups.items()):
        yield group.exposure(kind, reference)


def _new_versions(start: datetime, end: datetime) -> Iterator[Exposure]:
    """An offer whose terms changed, each of its changes: everybody who has it."""
    groups: dict[tuple[str, str], _Group] = defaultdict(_Group)
    for row in _rows("OfferPublished", start, end):
        group = groups[row["offer"], row["offer_version"]]
        group.take(row)
        group.numbers["version"] = row["offer_version"]
    people = {
        offer: people_with(offers=[offer], at=end)
        for offer in sorted({offer for offer, _version in groups})
    }
    for (offer, _version), group in sorted(groups.items()):
        group.persons = people[offer]
        yield group.exposure("offer_change", offer, to_ms=to_ms(end))


def _faults(start: datetime, end: datetime) -> Iterator[Exposure]:
    """Incidents and degraded quality: everybody in the area."""
    closed = {row["incident"]: row for row in _rows("IncidentClosed", start, end)}
    # What was declared on an issue is no cause of issues.
    opened = [
        row
        for row in _rows("IncidentOpened", start, end)
        if not row["cause"].startswith("declared:")
    ]
    fields = ("subscriber", "area", "to_ms", "technology")
    degraded = _rows("QualityDegraded", start, end, fields)
    people = people_by_area({row["area"] for row in (*opened, *degraded)}, at=end)
    for row in opened:
        over = closed.get(row["incident"])
        yield Exposure(
            kind="incident",
            reference=row["incident"],
            from_ms=row["happened_at_ms"],
            to_ms=over["happened_at_ms"] if over else None,
            persons=people[row["area"]],
            facts=tuple(each["id"] for each in (row, over) if each),
            numbers={"area": row["area"], "cause": row["cause"], "technology": row["technology"]},
        )
    groups: dict[str, _Group] = defaultdict(_Group)
    for row in degraded:
        group = groups[row["area"]]
        group.take(row)
        group.times.append(row["to_ms"])
        group.numbers |= {"area": row["area"], "technology": row["technology"]}
    for area, group in sorted(groups.items()):
        group.persons = people[area]
        yield group.exposure("degraded", area)


def _service_faults(start: datetime, end: datetime) -> Iterator[Exposure]:
    """Faults of services: everybody who has the offer."""
    faults = faults_of_offers(start=start, end=end)
    people = {
        offer: people_with(offers=[offer], at=end)
        for offer in sorted({fault.offer for fault in faults})
    }
    for fault in faults:
        yield Exposure(
            kind="service_fault",
            reference=fault.service,
            from_ms=to_ms(fault.from_at),
            to_ms=to_ms(fault.to_at) if fault.to_at else None,
            persons=people[fault.offer],
            numbers={
                "offer": fault.offer,
                "link": fault.link,
                "touched": len(people[fault.offer]),
            },
        )


@dataclass
class KnownExposures:
    """What may have caused issues, as it stands at one moment: read once for all who ask then.

    now   the moment
    """

    now: datetime

    @cached_property
    def deeds(self) -> list[Exposure]:
        """What somebody did in the last months."""
        return exposures(now=self.now, deeds=True)

    @cached_property
    def notices(self) -> list[Exposure]:
        """Notices of these months that were not sent, by duty, beside whom they were sent to."""
        return list(_notices(self.now - LOOK_BACK, self.now))

    @cached_property
    def _befell(self) -> list[Exposure]:
        start = self.now - LOOK_BACK
        return [
            *_new_versions(start, self.now),
            *_faults(start, self.now),
            *_service_faults(start, self.now),
            *self.notices,
        ]

    def since(self, first: datetime) -> list[Exposure]:
        """All of the last months, from `first` on where that is longer ago."""
        if first < self.now - LOOK_BACK:
            return exposures(now=self.now, since=first)
        return [*self.deeds, *self._befell]


def _notices(start: datetime, end: datetime) -> Iterator[Exposure]:
    """Notices that were due and not sent, by duty, where the record of what was sent is whole."""
    until = end + timedelta(days=1)
    sent = _frame("NoticeSent", start, until, fields=("key",))
    due_notices = _frame("NoticeDue", start, end, fields=("subscriber", "duty", "key", "due_at_ms"))
    due_notices = due_notices.filter(pl.col("due_at_ms") < to_ms(end))
    (sent_coverage,) = coverage(["NoticeSent"], start=start, end=end)
    for low, high in sent_coverage.gaps:
        due_notices = due_notices.filter(~pl.col("due_at_ms").is_between(low, high, closed="left"))
    notified = due_notices.join(sent, on="key", how="semi").group_by("duty").agg("subscriber")
    notified_by_duty = {duty: frozenset(people) for duty, people in notified.rows()}
    for duty, group in sorted(_groups(due_notices.join(sent, on="key", how="anti"), "duty")):
        exposure = group.exposure("notices_missing", duty)
        yield replace(exposure, unaffected=notified_by_duty.get(duty, frozenset()))


def _lookups(start: datetime, end: datetime) -> Iterator[Exposure]:
    """Somebody's looks at people's data for nobody's case."""
    groups: dict[str, _Group] = defaultdict(_Group)
    fact_fields = ("subscriber", "case", "role", "user", "partner")
    looks = _frame("DataAccessed", start, end, fields=fact_fields).filter(
        (pl.col("case") == "") & ~pl.col("role").is_in(["system", "subscriber"])
    )
    for row in looks.to_dicts():
        groups[row["user"]].take(row)
        if row["partner"]:
            groups[row["user"]].numbers["partner"] = row["partner"]
    for user, group in sorted(groups.items()):
        yield group.exposure("lookups", user)
