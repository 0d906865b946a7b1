"""Was a fault in the area repaired in time, and did it befall the complainant's lines?"""

from __future__ import annotations

from zoneinfo import ZoneInfo

from amends.decisions.clocks import placed
from amends.decisions.dossier.incidents import incidents, is_declared
from amends.decisions.dossier.model import Answer
from amends.decisions.dossier.quality import fee_of_days, quality_silence, sold_lines
from amends.decisions.dossier.sheet import Sheet
from amends.decisions.dossier.technologies import (
    EVERY,
    access_lines,
    concerns_any,
    doubted,
    one_technology,
)
from amends.decisions.dossier.texts import Both, Values
from amends.decisions.evidence import FactLike, Matter
from amends.decisions.evidence_account import AccountService, technology_of
from amends.decisions.evidence_coverage import Stretch
from amends.decisions.evidence_dates import local_days
from amends.kit.calendars import working_days
from amends.kit.periods import from_ms, to_ms
from amends.kit.terms import Counting, Term, ending

_HOUR_MS = 3_600_000
_DAY_MS = 24 * _HOUR_MS


def incident_cleared(sheet: Sheet) -> None:
    """One row each incident in the area lately that befell his lines: how long did it last?"""
    account = sheet.account
    since = account.until_ms - sheet.number("recent_days") * _DAY_MS
    lines = access_lines(sheet, since)
    closed = {
        str(fact.payload["incident"]): (at_ms, fact) for at_ms, fact in account.of("IncidentClosed")
    }
    declared = {one.opened.id for one in incidents(sheet) if one.network}
    found, others = bool(declared), []
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
            others.append(fact)
            continue
        found = True
        _incident(sheet, fact, (opened_ms, end_ms), end[1] if end else None, lines)
    if not found:
        values: Values = {"area": sheet.texts.area()}
        quality_silence(sheet, "incident_cleared", "incident", since, values, others, lines)


def _incident(
    sheet: Sheet,
    fact: FactLike,
    period: Stretch,
    ended: FactLike | None,
    lines: list[AccountService],
) -> None:
    account, texts, question = sheet.account, sheet.texts, "incident_cleared"
    opened_ms, end_ms = period
    technology = technology_of(fact)
    facts = [fact, *([ended] if ended else [])]
    shown: Values = {
        "area": texts.area(),
        "opened": texts.when(opened_ms),
        "length": texts.length(end_ms - opened_ms),
        "cause": texts.word("cause", str(fact.payload["cause"])),
    }
    term = sheet.data.repair_of(account.matter.place.partition("-")[0], technology)
    late = term is not None and end_ms > _repaired_by(term, opened_ms, account.matter)
    if term is None:
        answer: Answer = "not_applicable"
        said = texts.say("incident.unlimited", **shown)
    else:
        answer = "no" if late else "yes"
        key = "incident.late" if late else "incident.in_time" if ended else "incident.open"
        said = texts.say(key, limit=_in_words(sheet, term), **shown)
    known = concerns_any(technology, lines)
    if not known:
        said = doubted(said, sheet, [technology], lines)
    sheet.row(
        question,
        answer,
        said,
        about=str(fact.payload["incident"]),
        facts=[each.id for each in facts],
        period=period,
        unruled=term is None,
        technology=technology if technology != EVERY else one_technology(lines),
        open_why="" if known else "technology_unknown",
    )
    if late and known:
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
    place, region = placed(matter.jurisdiction, matter.province)
    zone = ZoneInfo(matter.zone)
    started = from_ms(opened_ms).astimezone(zone)
    days = working_days(place.partition("-")[0], region)
    return to_ms(ending(term, started, zone=zone, working=days, counting=Counting()).at)


def _in_words(sheet: Sheet, term: Term) -> Both:
    if term.unit == "hours":
        return sheet.texts.length(term.amount * _HOUR_MS)
    return term.zh, term.en
