"""What a dated rule says of the speed tests a user made (`SpeedJudged`)."""

from __future__ import annotations

from datetime import date
from statistics import median

from amends.decisions.dossier.sheet import Sheet
from amends.decisions.dossier.texts import Values
from amends.decisions.evidence_account import AccountService, RecordedOffer, Seen
from amends.decisions.evidence_coverage import Stretch


def verdict_row(
    sheet: Sheet,
    service: AccountService,
    terms: RecordedOffer,
    values: Values,
    period: Stretch,
    others: list[Seen],
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
    if verdict == "insufficient" and others:
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
        conflicting=_contradicted(others, floor, broken=broken, verdict=verdict),
    )
    if not broken or why:
        return set(), fact.id
    days = str(payload.get("slow_days", "")).split(",")
    return {date.fromisoformat(day).toordinal() for day in days if day}, fact.id


def _contradicted(others: list[Seen], floor: int, *, broken: bool, verdict: str) -> bool:
    """Whether the operator's own tests say otherwise than the user's."""
    if not others or not floor or verdict == "insufficient":
        return False
    below = median(int(fact.payload["down_kbps"]) for _, fact in others) < floor
    return below is not broken
