"""Questions about the network: declared incidents, faults, areas, speed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from statistics import median
from zoneinfo import ZoneInfo

from amends.engines.decisions.clocks import placed
from amends.engines.decisions.dossier.account import (
    VALUE_ADDED,
    AccountCharge,
    AccountService,
    RecordedOffer,
    Seen,
    technology_of,
)
from amends.engines.decisions.dossier.model import Answer
from amends.engines.decisions.dossier.sheet import Both, DossierSheet, Values
from amends.engines.decisions.evidence import FactLike, Matter, Stretch, local_days, merged
from amends.platform.kit.calendars import working_days
from amends.platform.kit.formats import join_words, local
from amends.platform.kit.periods import from_ms, to_ms
from amends.platform.kit.terms import Counting, Term, ending

EVERY = "all"
"""What a fact names that befell every technology of its area."""

_NO_LINE = frozenset((VALUE_ADDED, "roaming"))


def concerns(happened: str, line: str) -> bool | None:
    """Whether what befell the technology `happened` concerns a line of the technology `line`;
    None where either is not on file.

    >>> concerns("fibre", "fibre"), concerns("fibre", "dsl"), concerns("all", "dsl")
    (True, False, True)
    >>> concerns("fibre", "") is None
    True
    """
    if happened == EVERY:
        return True
    return happened == line if happened and line else None


def concerns_any(happened: str, lines: Iterable[AccountService]) -> bool | None:
    """Whether one of the lines is concerned; None where that is not on file, as without a line."""
    answers = [concerns(happened, service.technology) for service in lines]
    if True in answers:
        return True
    return None if None in answers or not answers else False


def access_lines(sheet: DossierSheet, since_ms: int) -> list[AccountService]:
    """The lines that worked since then; the one the words name alone, if they name one."""
    account = sheet.account
    named = account.services.get(account.matter.service)
    if named is not None and named.kind not in _NO_LINE:
        return [named]
    return [
        service
        for service in account.services.values()
        if service.kind not in _NO_LINE and not _stopped_before(service, since_ms)
    ]


def _stopped_before(service: AccountService, at_ms: int) -> bool:
    if not service.stops:
        return False
    stopped = service.stops[-1][0]
    begun = service.beginnings[-1].at_ms if service.beginnings else 0
    return begun < stopped < at_ms


def one_technology(lines: Iterable[AccountService]) -> str:
    """The technology the lines have in common, or ""."""
    technologies = {service.technology for service in lines}
    return technologies.pop() if len(technologies) == 1 else ""


def in_words(sheet: DossierSheet, technologies: Iterable[str]) -> Both:
    """Technologies in words, each once; one that is not on file is said to be so."""
    technology_words = [
        sheet.texts.word("technology", each or "not_told") for each in sorted(set(technologies))
    ]
    zh, en = [word for word, _ in technology_words], [word for _, word in technology_words]
    return join_words(zh, "zh"), join_words(en, "en")


def doubted(
    sentence: Both, sheet: DossierSheet, happened: Iterable[str], lines: Iterable[AccountService]
) -> Both:
    """A sentence, and that nothing on file says whether a line is concerned by it."""
    zh, en = sheet.texts.say(
        "technology.not_told",
        happened=in_words(sheet, happened),
        line=in_words(sheet, [service.technology for service in lines] or [""]),
    )
    return sentence[0] + zh, f"{sentence[1]} {en}"


# Is the complaint part of an incident the operator declared, and what was published and credited?


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
        return tuple(fact.id for fact in (self.opened, self.closed, self.statement) if fact)


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
    incident_facts = {fact.id for fact in rows if fact.kind != "StatementPublished"}
    statement = statement_of(fact for fact in rows if fact.kind == "StatementPublished")
    return incident_facts | ({statement.id} if statement and incident_facts else set())


def incidents(sheet: DossierSheet) -> list[DeclaredIncident]:
    """The declared incidents that cover the complaint, by its hot issue or by area, offer, time."""
    account = sheet.account
    since = account.until_ms - sheet.number("recent_days") * _DAY_MS
    closed = {
        str(fact.payload["incident"]): (at, fact) for at, fact in account.of("IncidentClosed")
    }
    incidents_by_ref: dict[str, DeclaredIncident] = {}
    for opened_ms, fact in account.of("IncidentOpened"):
        ref = str(fact.payload["incident"])
        closed_ms, end = closed.get(ref, (None, None))
        is_there = fact.subject == ref or (
            sheet.asks_network
            and _reaches(sheet, fact)
            and opened_ms <= account.until_ms
            and (closed_ms is None or closed_ms >= since)
        )
        if (
            not is_declared(fact)
            or not is_there
            or (ref in incidents_by_ref and fact.subject != ref)
        ):
            continue
        published = [
            statement_fact
            for _, statement_fact in account.of("StatementPublished")
            if statement_fact.subject == ref
        ]
        incidents_by_ref[ref] = DeclaredIncident(
            ref=ref,
            opened_ms=opened_ms,
            opened=fact,
            closed_ms=closed_ms,
            closed=end,
            statement=statement_of(published),
        )
    return list(incidents_by_ref.values())


def declared_incident(sheet: DossierSheet) -> None:
    """One row each incident; none where no incident covers the complaint."""
    texts = sheet.texts
    for incident in incidents(sheet):
        key = "declared.open" if incident.closed_ms is None else "declared.ended"
        ended = texts.when(incident.closed_ms) if incident.closed_ms is not None else ""
        sentence = texts.say(key, opened=texts.when(incident.opened_ms), ended=ended)
        if incident.statement is not None:
            payload = incident.statement.payload
            sentence = _joined(
                sentence,
                texts.say(
                    "declared.statement",
                    title=(str(payload.get("title_zh", "")), str(payload.get("title_en", ""))),
                    text=(str(payload.get("text_zh", "")), str(payload.get("text_en", ""))),
                ),
            )
        credited = _credited(sheet, incident.ref)
        for at_ms, fact in credited:
            amount = texts.money(int(fact.payload["amount_minor"]), str(fact.payload["currency"]))
            sentence = _joined(
                sentence, texts.say("declared.credited", amount=amount, when=texts.day(at_ms))
            )
        sheet.row(
            "declared_incident",
            "yes",
            sentence,
            about=incident.ref,
            facts=[*incident.facts, *(fact.id for _, fact in credited)],
            period=(
                incident.opened_ms,
                incident.closed_ms or max(incident.opened_ms, sheet.account.until_ms),
            ),
        )


def _credited(sheet: DossierSheet, ref: str) -> list[tuple[int, FactLike]]:
    """What this person was granted because of the incident."""
    rule = f"issue {ref.removeprefix('hotissue-')}"
    granted = sheet.account.of("RemedyGranted")
    return [(at, fact) for at, fact in granted if fact.payload.get("rule") == rule]


def _reaches(sheet: DossierSheet, fact: FactLike) -> bool:
    account = sheet.account
    offers = set(str(fact.payload.get("offers", "")).split(",")) - {""}
    bought = {service.offer for service in account.services.values()}
    return (
        fact.payload["area"] in ("", account.matter.area)
        and fact.payload.get("brand", "") in ("", account.matter.brand)
        and (not offers or bool(offers & bought))
    )


def _joined(first: Both, second: Both) -> Both:
    return first[0] + second[0], f"{first[1]} {second[1]}"


# What a dated rule says of the speed tests a user made (`SpeedJudged`).


def verdict_row(
    sheet: DossierSheet,
    service: AccountService,
    terms: RecordedOffer,
    values: Values,
    period: Stretch,
    other_facts: list[Seen],
) -> tuple[set[int], str] | None:
    """Answer by the newest verdict on the line's tests; None where there is none to answer by.

    Else the days (ordinals) whose fee is owed for tests that were too slow, and the fact.

    A strong breach answers alone where the text of its rule was read, or where the median is below
    the speed the offer guarantees. A verdict that tests of the operator's own contradict is left to
    a person. Too few tests answer nothing where `others` do.

    others  the operator's own tests of the line
    """
    stated = [
        fact
        for at_ms, fact in sheet.account.of("SpeedJudged")
        if fact.subject == service.ref and at_ms >= period[0]
    ]
    if not stated:
        return None
    fact = stated[-1]
    verdict, payload = str(fact.payload["verdict"]), fact.payload
    if verdict == "insufficient" and other_facts:
        return None
    typical, floor = int(payload.get("down_kbps", 0)), terms.number("speed_min_kbps") or 0
    values = values | {
        "tests": str(payload["tests"]),
        "counted": str(payload["counted"]),
        "typical": sheet.texts.speed(typical),
        "rule": str(payload["rule"]),
    }
    broken = verdict.startswith("breach")
    read = payload.get("verified") != "false" or typical < floor
    why = "weak_evidence" if verdict == "breach_weak" else "" if read else "rule_unverified"
    sheet.row(
        "speed_as_promised",
        "no" if broken else "yes" if verdict == "no_breach" else "nothing_found",
        sheet.texts.say(f"speed.{verdict}", **values),
        about=service.ref,
        facts=(terms.fact.id, fact.id),
        period=period,
        technology=service.technology,
        open_why=why if broken else "",
        conflicting=_contradicted(other_facts, floor, broken=broken, verdict=verdict),
    )
    if not broken or why:
        return set(), fact.id
    days = str(payload.get("slow_days", "")).split(",")
    return {date.fromisoformat(day).toordinal() for day in days if day}, fact.id


def _contradicted(other_facts: list[Seen], floor: int, *, broken: bool, verdict: str) -> bool:
    """Whether the operator's own tests say otherwise than the user's."""
    if not other_facts or not floor or verdict == "insufficient":
        return False
    below = median(int(fact.payload["down_kbps"]) for _, fact in other_facts) < floor
    return below is not broken


# What speed was measured against what was promised; was the area degraded?


def speed_as_promised(sheet: DossierSheet) -> None:
    """One row a line: the median of what was measured against the speed guaranteed or sold."""
    lines = sold_lines(sheet)
    for service in lines:
        _measured(sheet, service)


def sold_lines(sheet: DossierSheet) -> list[AccountService]:
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


def _terms(sheet: DossierSheet, service: AccountService) -> list[RecordedOffer]:
    """The terms a line began with, one each technology they differ by."""
    version = service.beginnings[-1].version if service.beginnings else ""
    return sheet.account.terms_at(service.offer, sheet.account.until_ms, version)


def _promise(sheet: DossierSheet, service: AccountService) -> tuple[RecordedOffer | None, str]:
    """The terms that hold for the line's technology; else None, and why nobody can say which."""
    listed = _terms(sheet, service)
    if service.technology:
        fitting = [each for each in listed if each.technology == service.technology]
        fitting = fitting or [each for each in listed if not each.technology]
        return (fitting[-1], "") if fitting else (None, "no_rule")
    promised = {(each.number("speed_down_kbps"), each.number("speed_min_kbps")) for each in listed}
    return (listed[-1], "") if len(promised) == 1 else (None, "technology_unknown")


def _unpromised(sheet: DossierSheet, service: AccountService, why: str, period: Stretch) -> None:
    """The offer promises something else for each technology, or nothing for this one."""
    texts, listed = sheet.texts, _terms(sheet, service)
    promises = [
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
            promises=("；".join(zh for zh, _ in promises), "; ".join(en for _, en in promises)),
        ),
        about=service.ref,
        facts=[each.fact.id for each in listed],
        period=period,
        technology=service.technology,
        open_why=why,
    )


def _floor(sheet: DossierSheet, terms: RecordedOffer) -> Both | str:
    min_kbps = terms.number("speed_min_kbps")
    if not min_kbps:
        return sheet.texts.say("speed.no_floor")
    return sheet.texts.say("speed.floor", speed=sheet.texts.speed(min_kbps))


def _measured(sheet: DossierSheet, service: AccountService) -> None:
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
    sheet: DossierSheet,
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
    sentence = texts.say(key, **values)
    here = _degraded(sheet, [service])
    # Which days to credit cannot be told where the degradation may be another technology's.
    unsure = [fact for fact in here.unsure if _end_ms(fact) > period[0]] if below else []
    if unsure:
        sentence = doubted(sentence, sheet, map(technology_of, unsure), [service])
    sheet.row(
        question,
        "no" if below or unruled else "yes",
        sentence,
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


def area_degraded(sheet: DossierSheet) -> None:
    """One row: was quality in the complainant's area degraded lately, and on which days?

    A degradation that reached into the last days answers it; then every day on record counts, those
    before too, for their fee is owed as well. What befell another technology than that of his lines
    did not befall him. Where a declared incident covers the complaint, silence is no answer.
    """
    account, texts, question = sheet.account, sheet.texts, "area_degraded"
    since = account.until_ms - sheet.number("recent_days") * _DAY_MS
    lines = access_lines(sheet, since)
    degraded = _degraded(sheet, lines)
    values: Values = {"area": texts.area()}
    recent_facts = [fact for fact in degraded.facts if _end_ms(fact) > since]
    unsure = [fact for fact in degraded.unsure if _end_ms(fact) > since]
    if not recent_facts and not unsure:
        if any(incident.network for incident in incidents(sheet)):
            return
        other_facts = [fact for fact in degraded.others if _end_ms(fact) > since]
        quality_silence(sheet, question, "degraded", since, values, other_facts, lines)
        return
    facts = degraded.facts if recent_facts else degraded.unsure
    spans = _spans(facts, account.until_ms)
    days = local_days(spans, account.matter.zone)
    sentence = texts.say(
        "degraded.yes",
        days=texts.days(len(days)),
        recent=texts.days(sheet.number("recent_days")),
        first=texts.day(spans[0][0]),
        last=texts.day(spans[-1][1] - 1),
        **values,
    )
    if not recent_facts:
        sentence = doubted(sentence, sheet, map(technology_of, facts), lines)
    sheet.row(
        question,
        "yes",
        sentence,
        about=account.matter.area,
        period=(spans[0][0], spans[-1][1]),
        facts=[fact.id for fact in facts],
        technology=one_technology(lines),
        open_why="" if recent_facts else "technology_unknown",
    )
    if recent_facts:
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


def _degraded(sheet: DossierSheet, lines: list[AccountService]) -> _Degraded:
    account = sheet.account
    parted: dict[bool | None, list[FactLike]] = {True: [], None: [], False: []}
    for _, fact in account.of("QualityDegraded"):
        start = int(fact.payload["from_ms"])
        if fact.payload["area"] == account.matter.area and start < account.until_ms:
            parted[concerns_any(technology_of(fact), lines)].append(fact)
    spans = _spans(parted[True], account.until_ms)
    return _Degraded(spans=spans, facts=parted[True], unsure=parted[None], others=parted[False])


def _spans(facts: Iterable[FactLike], until_ms: int) -> list[Stretch]:
    return merged([(int(fact.payload["from_ms"]), min(_end_ms(fact), until_ms)) for fact in facts])


def _end_ms(fact: FactLike) -> int:
    return int(fact.payload["to_ms"])


def quality_silence(
    sheet: DossierSheet,
    question: str,
    key: str,
    since: int,
    values: Values,
    other_facts: list[FactLike],
    lines: list[AccountService],
) -> None:
    """Nothing befell the complainant's technology; `others` befell another one."""
    kinds = ("QualityDegraded", "IncidentOpened")
    if other_facts:
        values |= {
            "others": in_words(sheet, [technology_of(fact) for fact in other_facts]),
            "line": in_words(sheet, [service.technology for service in lines]),
        }
    sheet.silence(
        question,
        f"{key}_elsewhere" if other_facts else key,
        facts=[fact.id for fact in other_facts],
        kinds=kinds,
        period=(since, sheet.account.until_ms),
        source="quality",
        about=sheet.account.matter.area,
        values=values,
    )


def fee_of_days(
    sheet: DossierSheet,
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


# Was a fault in the area repaired in time, and did it befall the complainant's lines?


_HOUR_MS = 3_600_000


def incident_cleared(sheet: DossierSheet) -> None:
    """One row each incident in the area lately that befell his lines: how long did it last?"""
    account = sheet.account
    since = account.until_ms - sheet.number("recent_days") * _DAY_MS
    lines = access_lines(sheet, since)
    closed = {
        str(fact.payload["incident"]): (at_ms, fact) for at_ms, fact in account.of("IncidentClosed")
    }
    declared = {incident.opened.id for incident in incidents(sheet) if incident.network}
    has_incident, other_facts = bool(declared), []
    for opened_ms, fact in account.of("IncidentOpened"):
        here = fact.payload["area"] == account.matter.area
        if (fact.id not in declared) if is_declared(fact) else not here:
            continue
        if opened_ms > account.until_ms:
            continue
        end = closed.get(str(fact.payload["incident"]))
        end_ms = min(end[0], account.until_ms) if end else account.until_ms
        if end_ms < since:
            continue
        if concerns_any(technology_of(fact), lines) is False:
            other_facts.append(fact)
            continue
        has_incident = True
        _incident(sheet, fact, (opened_ms, end_ms), end[1] if end else None, lines)
    if not has_incident:
        values: Values = {"area": sheet.texts.area()}
        quality_silence(sheet, "incident_cleared", "incident", since, values, other_facts, lines)


def _incident(
    sheet: DossierSheet,
    fact: FactLike,
    period: Stretch,
    ended: FactLike | None,
    lines: list[AccountService],
) -> None:
    account, texts, question = sheet.account, sheet.texts, "incident_cleared"
    opened_ms, end_ms = period
    technology = technology_of(fact)
    facts = [fact, *([ended] if ended else [])]
    shown_values: Values = {
        "area": texts.area(),
        "opened": texts.when(opened_ms),
        "length": texts.length(end_ms - opened_ms),
        "cause": texts.word("cause", str(fact.payload["cause"])),
    }
    term = sheet.data.repair_of(account.matter.place.partition("-")[0], technology)
    late = term is not None and end_ms > _repaired_by(term, opened_ms, account.matter)
    if term is None:
        answer: Answer = "not_applicable"
        sentence = texts.say("incident.unlimited", **shown_values)
    else:
        answer = "no" if late else "yes"
        key = "incident.late" if late else "incident.in_time" if ended else "incident.open"
        sentence = texts.say(key, limit=_in_words(sheet, term), **shown_values)
    is_concerned = concerns_any(technology, lines)
    if not is_concerned:
        sentence = doubted(sentence, sheet, [technology], lines)
    sheet.row(
        question,
        answer,
        sentence,
        about=str(fact.payload["incident"]),
        facts=[each.id for each in facts],
        period=period,
        unruled=term is None,
        technology=technology if technology != EVERY else one_technology(lines),
        open_why="" if is_concerned else "technology_unknown",
    )
    if late and is_concerned:
        days = local_days([period], account.matter.zone)
        fee_of_days(
            sheet,
            "late_repair",
            question,
            str(fact.payload["incident"]),
            days,
            opened_ms,
            [each.id for each in facts],
            lines=[each for each in sold_lines(sheet) if concerns_any(technology, [each])],
        )


def _repaired_by(term: Term, opened_ms: int, matter: Matter) -> int:
    """The end of the time the pack gives for a repair, from the moment the fault began."""
    pack_code, region = placed(matter.jurisdiction, matter.province)
    zone = ZoneInfo(matter.zone)
    started = from_ms(opened_ms).astimezone(zone)
    days = working_days(pack_code.partition("-")[0], region)
    return to_ms(ending(term, started, zone=zone, working=days, counting=Counting()).at)


def _in_words(sheet: DossierSheet, term: Term) -> Both:
    if term.unit == "hours":
        return sheet.texts.length(term.amount * _HOUR_MS)
    return term.zh, term.en
