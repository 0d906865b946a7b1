"""From the dossier to the verdict, under the rules of the day.

A verdict that rests on something missing stands only where the source covers the whole period;
the dossier marks the difference, and an open question that could change the answer leaves it to a
person. `decide` reads no fact and no clock: dossier, matter and rules of the day give one answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date

from amends.engines.decisions.dossier import dossier as make_dossier
from amends.engines.decisions.dossier.model import Dossier
from amends.engines.decisions.evidence import (
    CoverageAnswer,
    CoverageBook,
    CoverageLike,
    FactLike,
    Matter,
)
from amends.engines.decisions.rulings.book import Book, Both, book
from amends.engines.decisions.rulings.judging import DecisionCase
from amends.engines.decisions.rulings.model import (
    PERSON,
    ApprovalLimit,
    ProposedDecision,
    Reason,
    RemedyProposal,
    Suggestion,
)
from amends.engines.decisions.rulings.named_services import with_named_services
from amends.engines.decisions.rulings.rejections import RejectionCheck, rejects_alone
from amends.platform.kit.formats import local

__all__ = [
    "PERSON",
    "ApprovalLimit",
    "ProposedDecision",
    "Reason",
    "RemedyProposal",
    "Suggestion",
    "charge_months",
    "decide",
    "decide_many",
    "default_limits",
    "reads_record",
]


def default_limits(jurisdiction: str, on: date) -> ApprovalLimit:
    """What rules may do alone where the operator has not said otherwise."""
    return book(jurisdiction, on).limits


def charge_months(jurisdiction: str, on: date) -> int:
    """For how many months a charge may be disputed."""
    return book(jurisdiction, on).charge_months


def decide(
    dossier: Dossier,
    matter: Matter,
    *,
    on: date,
    limits: ApprovalLimit | None = None,
    titles: Mapping[str, Both] | None = None,
) -> ProposedDecision:
    """Answer the complaint.

    on       the day whose rules apply: the day of receipt
    limits   what a rule may grant alone and what the operator promised; None takes the defaults
    titles   class → its name in Chinese and English, for what stopped a rule

    Where the verdict is `person_must_decide`, `why_person` says why and `suggestion` what the
    facts at hand would lead to. A class in doubt does not matter where the complaint is upheld with
    the same remedies under the second class the words may mean; two refusals do not make one, since
    a third cause may be meant. A grant that passes over a service in the text is left to a person.
    No rule rejects alone before the person's records are read (`Dossier.record`): where
    `reads_record` is true, decide again with them.
    """
    rules = book(matter.place, on)
    bounds = rules.limits if limits is None else limits
    answer = _answer(dossier, matter, rules, bounds, on)
    if rejects_alone(answer, matter, on):
        answer = RejectionCheck(
            answer=answer,
            dossier=dossier,
            matter=matter,
            book=rules,
            limits=bounds,
            on=on,
            titles=titles or {},
        ).decision()
    return with_named_services(answer, dossier, matter, on)


def reads_record(answer: ProposedDecision) -> bool:
    """Whether the person's records must be read before the complaint is decided."""
    return answer.why_person == "record_unread"


def _answer(
    dossier: Dossier, matter: Matter, rules: Book, bounds: ApprovalLimit, on: date
) -> ProposedDecision:
    """The answer to the questions of the complaint's own classes."""
    if not matter.confident and matter.code2:
        main_decider, other_decider = (
            DecisionCase(
                dossier=dossier,
                matter=replace(matter, code=code, code2="", confident=True),
                book=rules,
                limits=bounds,
                on=on,
            )
            for code in (matter.code, matter.code2)
        )
        answer = main_decider.decision()
        if _same_answer(answer, other_decider.decision()):
            return _with_incidents(answer, dossier)
    return _with_incidents(
        DecisionCase(dossier=dossier, matter=matter, book=rules, limits=bounds, on=on).decision(),
        dossier,
    )


def _with_incidents(answer: ProposedDecision, dossier: Dossier) -> ProposedDecision:
    """The answer, opening with the declared incidents that cover the complaint."""
    rows = dossier.of("declared_incident")
    if not rows:
        return answer
    incident_reasons = [
        Reason(question=row.question, zh=row.zh, en=row.en, facts=row.facts) for row in rows
    ]
    return replace(answer, reasons=tuple(dict.fromkeys((*incident_reasons, *answer.reasons))))


def _same_answer(first: ProposedDecision, second: ProposedDecision) -> bool:
    """Whether both uphold, with the same money on the same charges and the same deeds."""
    return (
        first.verdict in ("upheld", "partly_upheld")
        and (first.verdict, first.amount) == (second.verdict, second.amount)
        and set(first.remedies) == set(second.remedies)
    )


def decide_many(
    cases: Iterable[
        tuple[Matter, Iterable[FactLike], Iterable[CoverageLike | CoverageAnswer] | CoverageBook]
    ],
    *,
    on: date | None = None,
    limits: ApprovalLimit | None = None,
    with_strip: bool = False,
) -> Iterator[tuple[Dossier, ProposedDecision]]:
    """Dossier and decision of many matters, one after the other.

    Complaints that share coverage should share one `CoverageBook`. Without `on` each is decided
    under the rules of its day of receipt.
    """
    for matter, facts, coverage in cases:
        day = on or local(matter.received_at, matter.zone).date()
        answered = make_dossier(matter, facts, coverage, on=day, with_strip=with_strip)
        yield answered, decide(answered, matter, on=day, limits=limits)
