"""Is the complaint part of an incident the operator declared, and what was published and credited?

An incident is stated by `IncidentOpened` facts whose cause begins with `declared:`. The one on the
incident itself is among the facts only of complaints that belong to its hot issue; those on areas
and offers cover everybody there.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from amends.decisions.dossier.sheet import Sheet
from amends.decisions.dossier.texts import Both
from amends.decisions.evidence import FactLike

KINDS = frozenset({"IncidentOpened", "IncidentClosed", "StatementPublished"})
_NETWORK = frozenset({"declared:network", "declared:outage", "declared:emergency_number"})
_DAY_MS = 24 * 3_600_000


@dataclass(frozen=True, slots=True)
class DeclaredIncident:
    """One incident that covers the complaint; `statement` is the public statement that holds."""

    ref: str
    opened_ms: int
    opened: FactLike
    closed_ms: int | None = None
    closed: FactLike | None = None
    statement: FactLike | None = None

    @property
    def network(self) -> bool:
        """Whether the network failed, so that questions about faults concern it."""
        return str(self.opened.payload["cause"]) in _NETWORK

    @property
    def facts(self) -> tuple[str, ...]:
        """Ids of the facts that state it."""
        return tuple(one.id for one in (self.opened, self.closed, self.statement) if one)


def is_declared(fact: FactLike) -> bool:
    """Whether an `IncidentOpened` fact states an incident that was declared on a hot issue."""
    return str(fact.payload["cause"]).startswith("declared:")


def statement_of(published: Iterable[FactLike]) -> FactLike | None:
    """The statement that holds: the last one published, unless it was withdrawn."""
    last = None
    for fact in published:
        last = None if fact.payload.get("withdrawn") else fact
    return last


def facts_that_hold(facts: Iterable[FactLike]) -> set[str]:
    """Ids of the facts on one incident that the row about it cites, of all there are on it."""
    rows = list(facts)
    held = {fact.id for fact in rows if fact.kind != "StatementPublished"}
    statement = statement_of(fact for fact in rows if fact.kind == "StatementPublished")
    return held | ({statement.id} if statement and held else set())


def incidents(sheet: Sheet) -> list[DeclaredIncident]:
    """The declared incidents that cover the complaint, by its hot issue or by area, offer, time."""
    account = sheet.account
    since = account.until_ms - sheet.number("recent_days") * _DAY_MS
    closed = {
        str(fact.payload["incident"]): (at, fact) for at, fact in account.of("IncidentClosed")
    }
    found: dict[str, DeclaredIncident] = {}
    for opened_ms, fact in account.of("IncidentOpened"):
        ref = str(fact.payload["incident"])
        closed_ms, end = closed.get(ref, (None, None))
        there = fact.subject == ref or (
            sheet.asks_network
            and _reaches(sheet, fact)
            and opened_ms <= account.until_ms
            and (closed_ms is None or closed_ms >= since)
        )
        if not is_declared(fact) or not there or (ref in found and fact.subject != ref):
            continue
        published = [one for _, one in account.of("StatementPublished") if one.subject == ref]
        found[ref] = DeclaredIncident(ref, opened_ms, fact, closed_ms, end, statement_of(published))
    return list(found.values())


def declared_incident(sheet: Sheet) -> None:
    """One row each incident; none where no incident covers the complaint."""
    texts = sheet.texts
    for one in incidents(sheet):
        key = "declared.open" if one.closed_ms is None else "declared.ended"
        ended = texts.when(one.closed_ms) if one.closed_ms is not None else ""
        said = texts.say(key, opened=texts.when(one.opened_ms), ended=ended)
        if one.statement is not None:
            payload = one.statement.payload
            said = _joined(
                said,
                texts.say(
                    "declared.statement",
                    title=(str(payload.get("title_zh", "")), str(payload.get("title_en", ""))),
                    text=(str(payload.get("text_zh", "")), str(payload.get("text_en", ""))),
                ),
            )
        credited = _credited(sheet, one.ref)
        for at_ms, fact in credited:
            amount = texts.money(int(fact.payload["amount_minor"]), str(fact.payload["currency"]))
            said = _joined(
                said, texts.say("declared.credited", amount=amount, when=texts.day(at_ms))
            )
        sheet.row(
            "declared_incident",
            "yes",
            said,
            about=one.ref,
            facts=[*one.facts, *(fact.id for _, fact in credited)],
            period=(one.opened_ms, one.closed_ms or max(one.opened_ms, sheet.account.until_ms)),
        )


def _credited(sheet: Sheet, ref: str) -> list[tuple[int, FactLike]]:
    """What this person was granted because of the incident."""
    rule = f"issue {ref.removeprefix('hotissue-')}"
    granted = sheet.account.of("RemedyGranted")
    return [(at, fact) for at, fact in granted if fact.payload.get("rule") == rule]


def _reaches(sheet: Sheet, fact: FactLike) -> bool:
    account = sheet.account
    offers = set(str(fact.payload.get("offers", "")).split(",")) - {""}
    bought = {service.offer for service in account.services.values()}
    return (
        fact.payload["area"] in ("", account.matter.area)
        and fact.payload.get("brand", "") in ("", account.matter.brand)
        and (not offers or bool(offers & bought))
    )


def _joined(one: Both, other: Both) -> Both:
    return one[0] + other[0], f"{one[1]} {other[1]}"
