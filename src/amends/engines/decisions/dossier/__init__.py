"""From facts to answers: the questions of a class, each with what is known and what is missing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date

from amends.engines.decisions.dossier import conduct, money, network, notices, orders
from amends.engines.decisions.dossier.account import Account
from amends.engines.decisions.dossier.model import (
    Answer,
    ChargeGround,
    Dossier,
    Lane,
    Row,
    ServiceName,
    Strip,
    StripMark,
)
from amends.engines.decisions.dossier.sheet import (
    DossierSheet,
    Questions,
    Support,
    questions,
    strip,
)
from amends.engines.decisions.evidence import (
    CoverageAnswer,
    CoverageBook,
    CoverageLike,
    FactLike,
    Matter,
    add_months,
)
from amends.engines.decisions.rulings.book import book as rules_of
from amends.engines.decisions.rulings.rejection_rules import rejection_rules
from amends.platform.kit.formats import local
from amends.platform.kit.periods import to_ms

__all__ = [
    "Answer",
    "ChargeGround",
    "Dossier",
    "Lane",
    "Row",
    "ServiceName",
    "Strip",
    "StripMark",
    "Support",
    "dossier",
    "questions_of",
    "record",
]

QUESTIONS: dict[str, Callable[[DossierSheet], None]] = {
    "declared_incident": network.declared_incident,
    "service_confirmed": orders.service_confirmed,
    "charge_found": money.charge_found,
    "other_charges": money.other_charges,
    "charge_within_offer": money.charge_within_offer,
    "charged_once": money.charged_once,
    "charged_after_stop": money.charged_after_stop,
    "stop_asked": conduct.stop_asked,
    "exit_fee_due": money.exit_fee_due,
    "refunded_already": money.refunded_already,
    "refund_paid": money.refund_paid,
    "promise_kept": orders.price_as_advertised,
    "published_where": orders.published_where,
    "cap_notice": notices.cap_notice,
    "limit_notice": notices.limit_notice,
    "renewal_notice": notices.renewal_notice,
    "notice_given": notices.notice_given,
    "speed_as_promised": network.speed_as_promised,
    "area_degraded": network.area_degraded,
    "incident_cleared": network.incident_cleared,
    "looks_had_case": conduct.looks_had_case,
    "earlier_answered": conduct.earlier_answered,
    "installed_in_time": conduct.installed_in_time,
}


def dossier(
    matter: Matter,
    facts: Iterable[FactLike],
    coverage: Iterable[CoverageLike | CoverageAnswer] | CoverageBook,
    *,
    on: date | None = None,
    with_strip: bool = True,
) -> Dossier:
    """Answer the questions of the matter's class (and of its second class) from the facts.

    facts       about the complainant, his services, their offers and claims, and his area; for
                services and offers from their beginning, not only of the period
    coverage    statements or answers on completeness; a `CoverageBook` serves many complaints
    on          the day whose questions are asked; without it the day of receipt
    with_strip  also draw the time axis for the page

    Unknown kinds of facts are ignored; facts about other people's services are, too.
    """
    book = coverage if isinstance(coverage, CoverageBook) else CoverageBook(coverage)
    day = on or local(matter.received_at, matter.zone).date()
    data = questions(day)
    months = rules_of(matter.place, day).charge_months
    window_ms = add_months(to_ms(matter.received_at), -months, matter.zone)
    sheet = DossierSheet(Account(matter, facts, book, window_ms=window_ms), data)
    for question in questions_of(data, matter.code, matter.code2):
        QUESTIONS[question](sheet)
    return Dossier(
        code=matter.code,
        code2=matter.code2,
        version=data.version,
        rows=tuple(sheet.rows),
        grounds=tuple(sheet.grounds),
        services=_names(sheet),
        strip=strip(sheet.account, sheet.texts) if with_strip else None,
    )


def record(
    matter: Matter,
    facts: Iterable[FactLike],
    coverage: Iterable[CoverageLike | CoverageAnswer] | CoverageBook,
    *,
    read: Dossier,
    on: date,
    supports: Iterable[Support] = (),
) -> Dossier:
    """Answer every question that `read` did not, before a rule rejects the complaint alone.

    facts, coverage  as for `dossier`
    on               the day whose questions are asked
    supports         what apps have on record in the person's favour; a row each

    A question without a row is answered where the records of its facts are complete.
    """
    book = coverage if isinstance(coverage, CoverageBook) else CoverageBook(coverage)
    data, rules = questions(on), rejection_rules(on)
    assert rules is not None
    window_ms = add_months(
        to_ms(matter.received_at), -rules_of(matter.place, on).charge_months, matter.zone
    )
    codes = (matter.code, matter.code2, *(matter.plausible or ()))
    sheet = DossierSheet(Account(matter, facts, book, window_ms=window_ms), data, codes=codes)
    answered = {row.question for row in read.rows}
    asked_questions = questions_of(data, read.code, read.code2)
    for question, answer in QUESTIONS.items():
        if question in asked_questions and (
            question != "declared_incident" or question in answered
        ):
            continue
        answer(sheet)
    silent = rules.silence.keys() - answered - {row.question for row in sheet.rows}
    for question in sorted(silent):
        sheet.nothing_there(question, rules.silence[question], rules.absent)
    for support in supports:
        support_texts = rules.support[support.kind]
        found_text = support_texts.found_amount if support.amount_minor else support_texts.found
        sheet.support(
            support, support_texts.question, found_text, stated_by=support_texts.stated_by
        )
    return Dossier(
        code=matter.code,
        code2=matter.code2,
        version=data.version,
        rows=tuple(sheet.rows),
        grounds=tuple(sheet.grounds),
        services=(),
    )


def questions_of(data: Questions, code: str, code2: str = "") -> tuple[str, ...]:
    """What is asked of every class, then the questions of a class in order, then those the second
    class adds."""
    first = data.by_class.get(code, data.by_class["other.unspecific"])
    return tuple(dict.fromkeys(("declared_incident", *first, *data.by_class.get(code2, ()))))


def _names(sheet: DossierSheet) -> tuple[ServiceName, ...]:
    names = []
    for service in sheet.account.services.values():
        zh, en = sheet.texts.name(service.offer)
        names.append(
            ServiceName(
                service=service.ref,
                offer=service.offer,
                kind=service.kind,
                zh=zh,
                en=en,
                earlier=service.earlier_offers,
            )
        )
    return tuple(names)
