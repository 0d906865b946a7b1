"""Questions about how the customer was treated: earlier complaints, stops, installations, looks."""

from __future__ import annotations

from amends.engines.decisions.clocks import ANSWER
from amends.engines.decisions.dossier.account import AccountCharge
from amends.engines.decisions.dossier.model import Answer
from amends.engines.decisions.dossier.sheet import DossierSheet, Values
from amends.engines.decisions.evidence import FactLike
from amends.platform.kit.periods import to_ms

_DAY_MS = 86_400_000
_SOON_MS = 2 * _DAY_MS
_ANSWERS = frozenset(
    {
        "upheld",
        "partly_upheld",
        "not_upheld",
        "proposal",
        "inadmissible",
        "deadlock",
        "enquiry_answer",
        "withdrawn",
    }
)
"""Letters that meet the time limit of an answer, as the table of states reads it."""


def earlier_answered(sheet: DossierSheet) -> None:
    """One row each earlier complaint: was it answered by its day?

    Complaint and reply are written by the same desk into the same ledger, so where the complaint
    is on record its answer would be too; no statement of coverage is needed.
    """
    account, texts, question = sheet.account, sheet.texts, "earlier_answered"
    received_ms = to_ms(account.matter.received_at)
    earlier = [
        (at_ms, fact)
        for at_ms, fact in account.of("ComplaintReceived")
        if at_ms < received_ms and fact.subject != account.matter.complaint
    ]
    answered: dict[str, tuple[int, str]] = {}
    for at_ms, fact in account.of("ReplySent"):
        if _answers(str(fact.payload.get("reply", ""))):
            answered.setdefault(fact.subject, (at_ms, fact.id))
    moved = {
        fact.subject: int(fact.payload["due_at_ms"])
        for _, fact in account.of("DeadlineMoved")
        if fact.payload["step"] == ANSWER
    }
    for at_ms, fact in earlier:
        due_ms = moved.get(fact.subject) or _due_ms(sheet, at_ms, fact)
        reply = answered.get(fact.subject)
        values: Values = {"received": texts.day(at_ms), "due": texts.day(due_ms)}
        about, period = fact.subject, (at_ms, due_ms)
        if reply is not None and reply[0] <= due_ms:
            sentence = texts.say("answered.yes", when=texts.day(reply[0]), **values)
            sheet.row(
                question, "yes", sentence, about=about, facts=(fact.id, reply[1]), period=period
            )
        elif reply is not None:
            sentence = texts.say("answered.late", when=texts.day(reply[0]), **values)
            sheet.row(
                question, "no", sentence, about=about, facts=(fact.id, reply[1]), period=period
            )
        elif due_ms < received_ms:
            sentence = texts.say("answered.no", **values)
            sheet.row(
                question, "nothing_found", sentence, about=about, facts=(fact.id,), period=period
            )
        else:
            sentence = texts.say("answered.running", **values)
            sheet.row(
                question, "not_applicable", sentence, about=about, facts=(fact.id,), period=period
            )
    if not earlier:
        sentence = texts.say("answered.none")
        sheet.row(question, "not_applicable", sentence)


def _due_ms(sheet: DossierSheet, at_ms: int, fact: FactLike) -> int:
    """By when an earlier complaint was to be answered.

    Facts of the first version state the first limit of any kind: what ends so soon is that of a
    repair or of a docket number.
    """
    stated = int(fact.payload.get("due_at_ms", 0))
    if stated - at_ms > _SOON_MS:
        return stated
    return at_ms + sheet.number("answer_days") * _DAY_MS


def _answers(kind: str) -> bool:
    """Whether a letter tells what was decided: that a complaint came in is no answer to it."""
    return not kind or kind.partition(".")[0] in _ANSWERS


def stop_asked(sheet: DossierSheet) -> None:
    """When was a stop asked for, and was it carried out? A complaint about it is asking, too."""
    account, texts, question = sheet.account, sheet.texts, "stop_asked"
    stops = [
        (at_ms, fact, service)
        for service in account.services.values()
        for at_ms, fact in service.stops
        if at_ms <= account.until_ms
    ]
    for at_ms, fact, service in stops:
        sentence = texts.say(
            "stop.known",
            name=texts.name(service.offer),
            stopped=texts.when(at_ms),
            initiator=texts.word("initiator", str(fact.payload["initiator"])),
        )
        sheet.row(question, "yes", sentence, about=service.ref, facts=(fact.id,))
    received_ms = to_ms(account.matter.received_at)
    for at_ms, fact in account.of("ComplaintReceived"):
        own = fact.subject == account.matter.complaint or at_ms >= received_ms
        is_stopped = any(stopped_ms >= at_ms for stopped_ms, _, _ in stops)
        if fact.payload["code"] == "consent.cancel_stop" and not own and not is_stopped:
            sentence = texts.say("stop.ignored", asked=texts.day(at_ms))
            sheet.row(question, "no", sentence, about=fact.subject, facts=(fact.id,))
    if not any(row.question == question for row in sheet.rows):
        sheet.silence(question, "stop.unknown", kinds=("ServiceStopped",), period=sheet.window)


def installed_in_time(sheet: DossierSheet) -> None:
    """One row each order of a line with an installation fee: did the line work in time?"""
    for charge in sheet.account.charges:
        if charge.kind == "install_fee":
            _installed(sheet, charge)


def _installed(sheet: DossierSheet, charge: AccountCharge) -> None:
    """The row of one order; where it was late, the part of the fee that days of delay take off."""
    account, texts, question = sheet.account, sheet.texts, "installed_in_time"
    service = account.services[charge.service]
    begun = service.beginnings[0] if service.beginnings else None
    ordered_ms = (begun.ordered_ms if begun else 0) or charge.at_ms
    due_ms = ordered_ms + sheet.number("install_days") * _DAY_MS
    ready_ms = begun.at_ms if begun and begun.at_ms <= account.until_ms else None
    end_ms = account.until_ms if ready_ms is None else ready_ms
    values: Values = {
        "name": texts.name(service.offer or charge.offer),
        "ordered": texts.day(ordered_ms),
        "due": texts.day(due_ms),
    }
    about, period = service.ref, (ordered_ms, end_ms)
    facts = (charge.fact, begun.fact) if begun and ready_ms else (charge.fact,)
    late_days = -(-(end_ms - due_ms) // _DAY_MS)
    if late_days <= 0:
        sentence = texts.say(
            "install.yes" if ready_ms else "install.running", when=texts.day(end_ms), **values
        )
        answer: Answer = "yes" if ready_ms else "not_applicable"
        sheet.row(question, answer, sentence, about=about, facts=facts, period=period)
        return
    if ready_ms is None:
        covered = sheet.silence(
            question,
            "install",
            kinds=("ServiceActivated",),
            period=period,
            about=about,
            source="crm",
            facts=facts,
            values=values,
        )
        if not covered:
            return
    else:
        days = texts.days(late_days)
        sentence = texts.say("install.no", when=texts.day(end_ms), days=days, **values)
        sheet.row(question, "no", sentence, about=about, facts=facts, period=period)
    permille = sheet.number("late_install_permille_a_day") * late_days
    sheet.ground(
        "late_install",
        question,
        charge,
        about=about,
        facts=facts,
        event_at_ms=due_ms,
        excess_minor=min(charge.amount_minor, (charge.amount_minor * permille + 500) // 1000),
    )


# Who looked at the data, and with which case?


QUESTION = "looks_had_case"
_OWN_ROLES = frozenset(("subscriber",))


def looks_had_case(sheet: DossierSheet) -> None:
    """One row each look without a case; otherwise one row on all looks of the period."""
    account, texts = sheet.account, sheet.texts
    since = max(account.start_ms, account.until_ms - sheet.number("looks_days") * _DAY_MS)
    looks = [
        (at_ms, fact)
        for at_ms, fact in account.of("DataAccessed")
        if since <= at_ms < account.until_ms and fact.payload["role"] not in _OWN_ROLES
    ]
    period = (since, account.until_ms)
    if not looks:
        sheet.silence(QUESTION, "looks", kinds=("DataAccessed",), period=period)
        return
    stray = [row for row in looks if not _has_case(sheet, row[1])]
    for at_ms, fact in stray:
        sentence = texts.say(
            "looks.no",
            when=texts.when(at_ms),
            role=texts.word("role", str(fact.payload["role"])),
            fields=_fields(sheet, fact),
        )
        sheet.row(
            QUESTION,
            "no",
            sentence,
            about=str(fact.payload["user"]),
            facts=(fact.id,),
            period=(at_ms, at_ms),
        )
    if stray:
        return
    gaps = account.gaps(("DataAccessed",), *period)
    roles = {str(fact.payload["role"]): None for _, fact in looks}
    sentence = texts.say(
        "looks.yes",
        count=texts.count(len(looks)),
        last=texts.when(looks[-1][0]),
        roles=texts.listed(texts.word("role", role) for role in roles),
    )
    # A look that is not on file may have had no case: with a gap, "all had one" cannot be said.
    sheet.row(
        QUESTION,
        "not_covered" if gaps else "yes",
        sentence,
        gaps=gaps,
        period=period,
        facts=[fact.id for _, fact in looks],
        coverage=account.stated(("DataAccessed",), *period),
    )


def _has_case(sheet: DossierSheet, fact: FactLike) -> bool:
    matter, case = sheet.account.matter, str(fact.payload["case"])
    if not case or (fact.subject and fact.subject != case):
        return False
    return matter.cases is None or case in matter.cases or case == matter.complaint


def _fields(sheet: DossierSheet, fact: FactLike) -> tuple[str, str]:
    texts = sheet.texts
    names = [name.strip() for name in str(fact.payload["fields"]).split(",")]
    return texts.listed(texts.word("field", name) for name in names if name)
