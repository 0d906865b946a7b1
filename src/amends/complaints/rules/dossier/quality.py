"""What speed was measured against what was promised; was the area degraded, was it repaired?"""

from __future__ import annotations

from collections.abc import Iterable
from statistics import median
from zoneinfo import ZoneInfo

from amends.complaints.rules.clocks import placed
from amends.complaints.rules.dossier.model import Answer
from amends.complaints.rules.dossier.sheet import Sheet
from amends.complaints.rules.dossier.texts import Both, Values
from amends.complaints.rules.evidence import FactLike, Matter
from amends.complaints.rules.evidence_account import Charge, Service
from amends.complaints.rules.evidence_coverage import Stretch, merged
from amends.complaints.rules.evidence_dates import local_days
from amends.kit.calendars import working_days
from amends.kit.formats import local
from amends.kit.periods import from_ms, to_ms
from amends.kit.terms import Counting, Term, ending

_HOUR_MS = 3_600_000
_DAY_MS = 24 * _HOUR_MS


def speed_as_promised(sheet: Sheet) -> None:
    """One row a line: the median of what was measured against the speed guaranteed or sold."""
    lines = _lines(sheet)
    for service in lines:
        _measured(sheet, service)


def _lines(sheet: Sheet) -> list[Service]:
    """The complainant's lines with a promised speed."""
    found = []
    for service in sheet.account.services.values():
        version = sheet.account.version_at(service.offer, sheet.account.until_ms)
        if version is not None and version.number("speed_down_kbps"):
            found.append(service)
    return found


def _measured(sheet: Sheet, service: Service) -> None:
    account, texts, question = sheet.account, sheet.texts, "speed_as_promised"
    begun = service.beginnings[-1] if service.beginnings else None
    version = account.version_at(service.offer, account.until_ms, begun.version if begun else "")
    if version is None:
        return
    sold = version.number("speed_down_kbps") or 0
    floor = version.number("speed_min_kbps") or 0
    since = account.until_ms - sheet.number("recent_days") * _DAY_MS
    tests = [
        (at_ms, fact)
        for at_ms, fact in account.of("SpeedMeasured")
        if fact.subject == service.ref and since <= at_ms <= account.until_ms
    ]
    period = (since, account.until_ms)
    values: Values = {
        "name": texts.name(service.offer),
        "sold": texts.speed(sold),
        "floor": texts.say("speed.floor", speed=texts.speed(floor))
        if floor
        else texts.say("speed.no_floor"),
    }
    if not tests:
        sheet.silence(
            question,
            "speed",
            kinds=("SpeedMeasured",),
            source="quality",
            period=period,
            about=service.ref,
            facts=(version.fact.id,),
            values=values,
        )
        return
    typical = int(median(int(fact.payload["down_kbps"]) for _, fact in tests))
    values |= {"typical": texts.speed(typical), "count": str(len(tests))}
    below = typical < floor
    # Without a guarantee nobody can say from which speed on the line is too slow.
    unruled = not floor and typical < sold
    facts = (version.fact.id, *(fact.id for _, fact in tests))
    key = "speed.below_sold" if unruled else "speed.no" if below else "speed.yes"
    sheet.row(
        question,
        "no" if below or unruled else "yes",
        texts.say(key, **values),
        about=service.ref,
        facts=facts,
        period=period,
        unruled=unruled,
    )
    if below:
        spans, degraded = _degraded(sheet)
        slow = [(at, at + 1) for at, fact in tests if int(fact.payload["down_kbps"]) < floor]
        days = local_days(spans or slow, account.matter.zone)
        proofs = [fact.id for fact in degraded] or facts
        _fee_of_days(
            sheet, "below_minimum", question, service.ref, days, since, proofs, lines=[service]
        )


def area_degraded(sheet: Sheet) -> None:
    """One row: was quality in the complainant's area degraded lately, and on which days?"""
    account, texts, question = sheet.account, sheet.texts, "area_degraded"
    since = account.until_ms - sheet.number("recent_days") * _DAY_MS
    spans, facts = _degraded(sheet)
    values: Values = {"area": texts.area()}
    if not any(end > since for _, end in spans):
        _quality_silence(sheet, question, "degraded", since, values)
        return
    days = local_days(spans, account.matter.zone)
    said = texts.say(
        "degraded.yes",
        days=texts.days(len(days)),
        first=texts.day(spans[0][0]),
        last=texts.day(spans[-1][1] - 1),
        **values,
    )
    sheet.row(
        question,
        "yes",
        said,
        about=account.matter.area,
        period=(spans[0][0], spans[-1][1]),
        facts=[fact.id for fact in facts],
    )
    proofs = [fact.id for fact in facts]
    _fee_of_days(sheet, "degraded", question, account.matter.area, days, spans[0][0], proofs)


def _degraded(sheet: Sheet) -> tuple[list[Stretch], list[FactLike]]:
    account = sheet.account
    spans, facts = [], []
    for _, fact in account.of("QualityDegraded"):
        start, end = int(fact.payload["from_ms"]), int(fact.payload["to_ms"])
        if fact.payload["area"] == account.matter.area and start < account.until_ms:
            spans.append((start, min(end, account.until_ms)))
            facts.append(fact)
    return merged(spans), facts


def _quality_silence(sheet: Sheet, question: str, key: str, since: int, values: Values) -> None:
    kinds = ("QualityDegraded", "IncidentOpened")
    sheet.silence(
        question,
        key,
        kinds=kinds,
        period=(since, sheet.account.until_ms),
        source="quality",
        about=sheet.account.matter.area,
        values=values,
    )


def _fee_of_days(
    sheet: Sheet,
    ground: str,
    question: str,
    about: str,
    days: set[int],
    event_at_ms: int,
    facts: Iterable[str],
    *,
    lines: Iterable[Service] | None = None,
) -> None:
    """The monthly fee of the days concerned: fee × days ÷ days of the billing period.

    lines  the lines concerned; without them all the complainant has
    """
    proofs = tuple(facts)
    for service in _lines(sheet) if lines is None else lines:
        for charge in service.charges:
            excess = _part_of_fee(charge, days, sheet.account.matter.zone)
            if excess:
                sheet.ground(
                    ground,
                    question,
                    charge,
                    about=about,
                    event_at_ms=event_at_ms,
                    excess_minor=excess,
                    facts=proofs,
                )


def _part_of_fee(charge: Charge, days: set[int], zone: str) -> int:
    if charge.kind != "monthly_fee" or not charge.start_ms or not charge.end_ms:
        return 0
    first = local(charge.start_ms, zone).toordinal()
    last = max(first, local(charge.end_ms - 1, zone).toordinal())
    length = last - first + 1
    hit = sum(1 for day in days if first <= day <= last)
    return (2 * charge.amount_minor * hit + length) // (2 * length)


def incident_cleared(sheet: Sheet) -> None:
    """One row each incident in the area lately: how long did it last?"""
    account, texts, question = sheet.account, sheet.texts, "incident_cleared"
    since = account.until_ms - sheet.number("recent_days") * _DAY_MS
    closed = {
        str(fact.payload["incident"]): (at_ms, fact) for at_ms, fact in account.of("IncidentClosed")
    }
    values: Values = {"area": texts.area()}
    found = False
    for opened_ms, fact in account.of("IncidentOpened"):
        if fact.payload["area"] != account.matter.area or opened_ms > account.until_ms:
            continue
        end = closed.get(str(fact.payload["incident"]))
        end_ms = min(end[0], account.until_ms) if end else account.until_ms
        if end_ms < since:
            continue
        found = True
        facts = [fact, *([end[1]] if end else [])]
        length = texts.length(end_ms - opened_ms)
        shown: Values = dict(
            values,
            opened=texts.when(opened_ms),
            length=length,
            cause=texts.word("cause", str(fact.payload["cause"])),
        )
        term = sheet.data.repair.get(account.matter.place.partition("-")[0])
        late = term is not None and end_ms > _repaired_by(term, opened_ms, account.matter)
        if term is None:
            answer: Answer = "not_applicable"
            said = texts.say("incident.unlimited", **shown)
        else:
            answer = "no" if late else "yes"
            key = "incident.late" if late else "incident.in_time" if end else "incident.open"
            said = texts.say(key, limit=_in_words(sheet, term), **shown)
        sheet.row(
            question,
            answer,
            said,
            about=str(fact.payload["incident"]),
            facts=[each.id for each in facts],
            period=(opened_ms, end_ms),
            unruled=term is None,
        )
        if late:
            days = local_days([(opened_ms, end_ms)], account.matter.zone)
            _fee_of_days(
                sheet,
                "late_repair",
                question,
                str(fact.payload["incident"]),
                days,
                opened_ms,
                [each.id for each in facts],
            )
    if not found:
        _quality_silence(sheet, question, "incident", since, values)


def _repaired_by(term: Term, opened_ms: int, matter: Matter) -> int:
    """The end of the time the pack gives for a repair, from the moment the fault began."""
    place, region = placed(matter.jurisdiction, matter.province)
    zone = ZoneInfo(matter.zone)
    started = from_ms(opened_ms).astimezone(zone)
    days = working_days(place.partition("-")[0], region)
    return to_ms(ending(term, started, zone=zone, working=days, counting=Counting()).at)


def _in_words(sheet: Sheet, term: Term) -> Both:
    if term.unit == "hours":
        return sheet.texts.length(term.amount * _HOUR_MS)
    return term.zh, term.en
