"""What speed was measured against what was promised; was the area degraded?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median

from amends.decisions.dossier.incidents import incidents
from amends.decisions.dossier.sheet import Sheet
from amends.decisions.dossier.speed_verdicts import verdict_row
from amends.decisions.dossier.technologies import (
    access_lines,
    concerns_any,
    doubted,
    in_words,
    one_technology,
)
from amends.decisions.dossier.texts import Both, Values
from amends.decisions.evidence import FactLike
from amends.decisions.evidence_account import (
    AccountCharge,
    AccountService,
    RecordedOffer,
    Seen,
    technology_of,
)
from amends.decisions.evidence_coverage import Stretch, merged
from amends.decisions.evidence_dates import local_days
from amends.kit.formats import local

_DAY_MS = 24 * 3_600_000


def speed_as_promised(sheet: Sheet) -> None:
    """One row a line: the median of what was measured against the speed guaranteed or sold."""
    lines = sold_lines(sheet)
    for service in lines:
        _measured(sheet, service)


def sold_lines(sheet: Sheet) -> list[AccountService]:
    """The complainant's lines with a promised speed."""
    account = sheet.account
    return [
        service
        for service in account.services.values()
        if any(
            terms.number("speed_down_kbps")
            for terms in account.terms_at(service.offer, account.until_ms)
        )
    ]


def _terms(sheet: Sheet, service: AccountService) -> list[RecordedOffer]:
    """The terms a line began with, one each technology they differ by."""
    version = service.beginnings[-1].version if service.beginnings else ""
    return sheet.account.terms_at(service.offer, sheet.account.until_ms, version)


def _promise(sheet: Sheet, service: AccountService) -> tuple[RecordedOffer | None, str]:
    """The terms that hold for the line's technology; else None, and why nobody can say which."""
    listed = _terms(sheet, service)
    if service.technology:
        fitting = [each for each in listed if each.technology == service.technology]
        fitting = fitting or [each for each in listed if not each.technology]
        return (fitting[-1], "") if fitting else (None, "no_rule")
    promised = {(each.number("speed_down_kbps"), each.number("speed_min_kbps")) for each in listed}
    return (listed[-1], "") if len(promised) == 1 else (None, "technology_unknown")


def _unpromised(sheet: Sheet, service: AccountService, why: str, period: Stretch) -> None:
    """The offer promises something else for each technology, or nothing for this one."""
    texts, listed = sheet.texts, _terms(sheet, service)
    said = [
        texts.say(
            "speed.for_technology",
            technology=in_words(sheet, [each.technology]),
            sold=texts.speed(each.number("speed_down_kbps") or 0),
            floor=_floor(sheet, each),
        )
        for each in listed
    ]
    key = "speed.technology_unknown" if why == "technology_unknown" else "speed.not_for_technology"
    sheet.row(
        "speed_as_promised",
        "not_applicable",
        texts.say(
            key,
            name=texts.name(service.offer),
            line=in_words(sheet, [service.technology]),
            promises=("；".join(zh for zh, _ in said), "; ".join(en for _, en in said)),
        ),
        about=service.ref,
        facts=[each.fact.id for each in listed],
        period=period,
        technology=service.technology,
        open_why=why,
    )


def _floor(sheet: Sheet, terms: RecordedOffer) -> Both | str:
    least = terms.number("speed_min_kbps")
    if not least:
        return sheet.texts.say("speed.no_floor")
    return sheet.texts.say("speed.floor", speed=sheet.texts.speed(least))


def _measured(sheet: Sheet, service: AccountService) -> None:
    account, texts, question = sheet.account, sheet.texts, "speed_as_promised"
    since = account.until_ms - sheet.number("recent_days") * _DAY_MS
    period = (since, account.until_ms)
    terms, why = _promise(sheet, service)
    if terms is None:
        _unpromised(sheet, service, why, period)
        return
    tests = [
        (at_ms, fact)
        for at_ms, fact in account.of("SpeedMeasured")
        if fact.subject == service.ref and since <= at_ms <= account.until_ms
    ]
    values: Values = {
        "name": texts.name(service.offer),
        "sold": texts.speed(terms.number("speed_down_kbps") or 0),
        "floor": _floor(sheet, terms),
    }
    if judged := verdict_row(sheet, service, terms, values, period, tests):
        slow, proof = judged
        proofs = [proof]
        fee_of_days(
            sheet, "below_minimum", question, service.ref, slow, period[0], proofs, lines=[service]
        )
    elif tests:
        _judged(sheet, service, terms, tests, values, period)
    else:
        sheet.silence(
            question,
            "speed",
            kinds=("SpeedMeasured",),
            source="quality",
            period=period,
            about=service.ref,
            facts=(terms.fact.id,),
            values=values,
        )


def _judged(
    sheet: Sheet,
    service: AccountService,
    terms: RecordedOffer,
    tests: list[Seen],
    values: Values,
    period: Stretch,
) -> None:
    """What a line's tests say of its promise, and the fee of the days on which it was too slow."""
    account, texts, question = sheet.account, sheet.texts, "speed_as_promised"
    sold = terms.number("speed_down_kbps") or 0
    floor = terms.number("speed_min_kbps") or 0
    typical = int(median(int(fact.payload["down_kbps"]) for _, fact in tests))
    values |= {"typical": texts.speed(typical), "count": str(len(tests))}
    below = typical < floor
    # Without a guarantee nobody can say from which speed on the line is too slow.
    unruled = not floor and typical < sold
    facts = (terms.fact.id, *(fact.id for _, fact in tests))
    key = "speed.below_sold" if unruled else "speed.no" if below else "speed.yes"
    said = texts.say(key, **values)
    here = _degraded(sheet, [service])
    # Which days to credit cannot be told where the degradation may be another technology's.
    unsure = [fact for fact in here.unsure if _end_ms(fact) > period[0]] if below else []
    if unsure:
        said = doubted(said, sheet, map(technology_of, unsure), [service])
    sheet.row(
        question,
        "no" if below or unruled else "yes",
        said,
        about=service.ref,
        facts=(*facts, *(fact.id for fact in unsure)),
        period=period,
        unruled=unruled,
        technology=service.technology,
        open_why="technology_unknown" if unsure else "",
    )
    if below and not unsure:
        slow = [(at, at + 1) for at, fact in tests if int(fact.payload["down_kbps"]) < floor]
        days = local_days(here.spans or slow, account.matter.zone)
        proofs = [fact.id for fact in here.facts] or facts
        fee_of_days(
            sheet, "below_minimum", question, service.ref, days, period[0], proofs, lines=[service]
        )


def area_degraded(sheet: Sheet) -> None:
    """One row: was quality in the complainant's area degraded lately, and on which days?

    A degradation that reached into the last days answers it; then every day on record counts, those
    before too, for their fee is owed as well. What befell another technology than that of his lines
    did not befall him. Where a declared incident covers the complaint, silence is no answer.
    """
    account, texts, question = sheet.account, sheet.texts, "area_degraded"
    since = account.until_ms - sheet.number("recent_days") * _DAY_MS
    lines = access_lines(sheet, since)
    found = _degraded(sheet, lines)
    values: Values = {"area": texts.area()}
    known = [fact for fact in found.facts if _end_ms(fact) > since]
    unsure = [fact for fact in found.unsure if _end_ms(fact) > since]
    if not known and not unsure:
        if any(one.network for one in incidents(sheet)):
            return
        others = [fact for fact in found.others if _end_ms(fact) > since]
        quality_silence(sheet, question, "degraded", since, values, others, lines)
        return
    facts = found.facts if known else found.unsure
    spans = _spans(facts, account.until_ms)
    days = local_days(spans, account.matter.zone)
    said = texts.say(
        "degraded.yes",
        days=texts.days(len(days)),
        recent=texts.days(sheet.number("recent_days")),
        first=texts.day(spans[0][0]),
        last=texts.day(spans[-1][1] - 1),
        **values,
    )
    if not known:
        said = doubted(said, sheet, map(technology_of, facts), lines)
    sheet.row(
        question,
        "yes",
        said,
        about=account.matter.area,
        period=(spans[0][0], spans[-1][1]),
        facts=[fact.id for fact in facts],
        technology=one_technology(lines),
        open_why="" if known else "technology_unknown",
    )
    if known:
        proofs = [fact.id for fact in facts]
        fee_of_days(
            sheet,
            "degraded",
            question,
            account.matter.area,
            days,
            spans[0][0],
            proofs,
            lines=[each for each in sold_lines(sheet) if _degraded(sheet, [each]).facts],
        )


@dataclass(frozen=True, slots=True)
class _Degraded:
    """What befell the area: facts about these lines, perhaps about them, and about others."""

    spans: list[Stretch]
    facts: list[FactLike]
    unsure: list[FactLike]
    others: list[FactLike]


def _degraded(sheet: Sheet, lines: list[AccountService]) -> _Degraded:
    account = sheet.account
    parted: dict[bool | None, list[FactLike]] = {True: [], None: [], False: []}
    for _, fact in account.of("QualityDegraded"):
        start = int(fact.payload["from_ms"])
        if fact.payload["area"] == account.matter.area and start < account.until_ms:
            parted[concerns_any(technology_of(fact), lines)].append(fact)
    spans = _spans(parted[True], account.until_ms)
    return _Degraded(spans, parted[True], parted[None], parted[False])


def _spans(facts: Iterable[FactLike], until_ms: int) -> list[Stretch]:
    return merged([(int(fact.payload["from_ms"]), min(_end_ms(fact), until_ms)) for fact in facts])


def _end_ms(fact: FactLike) -> int:
    return int(fact.payload["to_ms"])


def quality_silence(
    sheet: Sheet,
    question: str,
    key: str,
    since: int,
    values: Values,
    others: list[FactLike],
    lines: list[AccountService],
) -> None:
    """Nothing befell the complainant's technology; `others` befell another one."""
    kinds = ("QualityDegraded", "IncidentOpened")
    if others:
        values |= {
            "others": in_words(sheet, [technology_of(fact) for fact in others]),
            "line": in_words(sheet, [service.technology for service in lines]),
        }
    sheet.silence(
        question,
        f"{key}_elsewhere" if others else key,
        facts=[fact.id for fact in others],
        kinds=kinds,
        period=(since, sheet.account.until_ms),
        source="quality",
        about=sheet.account.matter.area,
        values=values,
    )


def fee_of_days(
    sheet: Sheet,
    ground: str,
    question: str,
    about: str,
    days: set[int],
    event_at_ms: int,
    facts: Iterable[str],
    *,
    lines: Iterable[AccountService],
) -> None:
    """The monthly fee of the days concerned: fee × days ÷ days of the billing period."""
    proofs = tuple(facts)
    for service in lines:
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


def _part_of_fee(charge: AccountCharge, days: set[int], zone: str) -> int:
    if charge.kind != "monthly_fee" or not charge.start_ms or not charge.end_ms:
        return 0
    first = local(charge.start_ms, zone).toordinal()
    last = max(first, local(charge.end_ms - 1, zone).toordinal())
    length = last - first + 1
    hit = sum(1 for day in days if first <= day <= last)
    return (2 * charge.amount_minor * hit + length) // (2 * length)
