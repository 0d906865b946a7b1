"""What the desk decided against what is true: the demonstration's report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

UPHELD = ("upheld", "partly_upheld")
PERSON = "person_must_decide"


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one contact.

    complaint     the complaint it opened or joined
    joined        "new", or why it joined an open complaint
    code          the class the desk gave it
    verdict       what the rules said, "" if nothing yet
    amount_minor  what the rules said is owed, in fen
    alone         the rules acted without a person
    decided       somebody, rule or person, has decided by now
    in_time       True or False once answered or overdue; None while the clock runs
    refunded_minor  what was granted in the end
    enquiry       the desk took it for a mere question
    joinable      for a matter said again: its complaint was still open when it came
    """

    complaint: str
    joined: str
    code: str
    verdict: str = ""
    amount_minor: int = 0
    alone: bool = False
    decided: bool = False
    in_time: bool | None = None
    refunded_minor: int = 0
    joinable: bool = True
    enquiry: bool = False


@dataclass(frozen=True, slots=True)
class CountedShare:
    """A count out of a whole."""

    count: int
    whole: int

    @property
    def share(self) -> float:
        """Between 0 and 1; 1 of nothing."""
        return self.count / self.whole if self.whole else 1.0

    def as_dict(self) -> dict[str, float]:
        """Count, whole and share."""
        return {"count": self.count, "of": self.whole, "share": round(self.share, 4)}


@dataclass(frozen=True, slots=True)
class Miss:
    """One complaint decided alone that the truth disagrees with."""

    key: str
    role: str
    code: str
    verdict: str
    true_verdict: str
    amount_minor: int
    true_amount_minor: int


@dataclass(frozen=True, slots=True)
class Report:
    """The demonstration in figures.

    by_class, by_cause  how many complaints: by the class the desk gave, by the hidden cause
    standing          how many complaints stand in each state at the end
    decided_alone     of the matters that facts can decide, those no person had to look at
    left_to_person    of the matters that facts cannot decide, those the rules left to a person
    verdict_right     of the matters decided alone, those with the true verdict
    amount_exact      of the matters decided alone and rightly upheld, those exact to the fen
    wrongly_upheld    of the matters decided alone, those upheld against the truth or paid too much
    class_right       of all first contacts that are complaints, those in a class that fits
    repeats_joined    of the contacts that say an open matter again, those that joined it
    wrongly_joined    of the contacts that joined an open complaint, those about another matter
    enquiries_known   of the mere questions, those taken for one
    taken_for_enquiry  of first contacts that are complaints, those taken for a question
    in_time           of the complaints whose answer was due, those answered in time
    """

    contacts: int
    complaints: int
    enquiries: int
    repeats: int
    by_class: dict[str, int]
    by_cause: dict[str, int]
    standing: dict[str, int]
    decided_alone: CountedShare
    decided_by_person: int
    still_open: int
    left_to_person: CountedShare
    verdict_right: CountedShare
    amount_exact: CountedShare
    wrongly_upheld: CountedShare
    class_right: CountedShare
    repeats_joined: CountedShare
    wrongly_joined: CountedShare
    enquiries_known: CountedShare
    taken_for_enquiry: CountedShare
    in_time: CountedShare
    refunded_minor: int
    currency: str
    misses: list[Miss] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """The report as one JSON document."""
        shares = {
            name: value.as_dict()
            for name in self.__dataclass_fields__
            if isinstance(value := getattr(self, name), CountedShare)
        }
        other_fields = {name: value for name, value in asdict(self).items() if name not in shares}
        return other_fields | shares


_NOT_JOINED = ("new", "repeat", "thread")

Pair = tuple[Mapping[str, Any], Answer]
"""One row of the world's truth, and the answer to its contact."""


def compare(
    pairs: Iterable[Pair], *, state_counts: Mapping[str, int] | None = None, currency: str = "CNY"
) -> Report:
    """Compare every contact's truth with its answer.

    standing  how many complaints stand in each state

    A matter counts once, by its first contact. Enquiries are contacts and not complaints; they
    count nowhere else. What a person decided is not judged: the world holds no truth about it.
    """
    everything = list(pairs)
    firsts = [pair for pair in everything if not pair[0]["contact_of"] and pair[0]["complaint"]]
    repeats = [pair for pair in everything if pair[0]["contact_of"]]
    of_key = {truth["key"]: answer.complaint for truth, answer in everything}
    decidable = [pair for pair in firsts if pair[0]["decidable"]]
    alone = [pair for pair in firsts if pair[1].alone]
    timed = [answer.in_time for _, answer in firsts if answer.in_time is not None]
    return Report(
        contacts=len(everything),
        complaints=len(firsts),
        enquiries=sum(1 for truth, _ in everything if not truth["complaint"]),
        repeats=len(repeats),
        by_class=dict(Counter(answer.code for _, answer in firsts).most_common()),
        by_cause=dict(Counter(truth["cause"] for truth, _ in firsts if truth["cause"])),
        standing=dict(state_counts or {}),
        decided_alone=_share(decidable, lambda truth, answer: answer.alone),
        decided_by_person=sum(
            1
            for _, judged_complaint in firsts
            if judged_complaint.decided and not judged_complaint.alone
        ),
        still_open=sum(1 for _, judged_complaint in firsts if not judged_complaint.decided),
        left_to_person=_share(
            [pair for pair in firsts if not pair[0]["decidable"]],
            lambda truth, answer: not answer.alone,
        ),
        verdict_right=_share(
            alone, lambda truth, judged_complaint: judged_complaint.verdict == truth["verdict"]
        ),
        amount_exact=_share(
            [
                (truth, judged_complaint)
                for truth, judged_complaint in alone
                if truth["verdict"] in UPHELD and _up(judged_complaint)
            ],
            lambda truth, judged_complaint: judged_complaint.amount_minor == truth["amount_minor"],
        ),
        wrongly_upheld=_share(alone, _wrongly),
        class_right=_share(
            firsts,
            lambda truth, judged_complaint: judged_complaint.code in truth["codes"].split(","),
        ),
        repeats_joined=_share(
            [pair for pair in repeats if pair[1].joinable],
            lambda truth, judged_complaint: (
                judged_complaint.complaint == of_key[truth["contact_of"]]
            ),
        ),
        wrongly_joined=_share(
            [pair for pair in everything if pair[1].joined not in _NOT_JOINED],
            lambda truth, judged_complaint: (
                judged_complaint.complaint != of_key.get(truth["contact_of"])
            ),
        ),
        enquiries_known=_share(
            [pair for pair in everything if not pair[0]["complaint"]],
            lambda truth, judged_complaint: judged_complaint.enquiry,
        ),
        taken_for_enquiry=_share(firsts, lambda truth, judged_complaint: judged_complaint.enquiry),
        in_time=CountedShare(sum(timed), len(timed)),
        refunded_minor=sum(
            judged_complaint.refunded_minor for judged_complaint in _each_complaint(everything)
        ),
        currency=currency,
        misses=[
            _miss(truth, judged_complaint)
            for truth, judged_complaint in alone
            if _missed(truth, judged_complaint)
        ],
    )


def _share(pairs: list[Pair], holds: Any) -> CountedShare:
    return CountedShare(sum(1 for truth, answer in pairs if holds(truth, answer)), len(pairs))


def _up(answer: Answer) -> bool:
    return answer.verdict in UPHELD


def _wrongly(truth: Mapping[str, Any], answer: Answer) -> bool:
    """Upheld against the truth, or more money than is owed."""
    return _up(answer) and (
        truth["verdict"] not in UPHELD or answer.amount_minor > truth["amount_minor"]
    )


def _missed(truth: Mapping[str, Any], answer: Answer) -> bool:
    wrong_amount = _up(answer) and answer.amount_minor != truth["amount_minor"]
    return answer.verdict != truth["verdict"] or wrong_amount


def _miss(truth: Mapping[str, Any], answer: Answer) -> Miss:
    return Miss(
        key=truth["key"],
        role=truth["role"],
        code=answer.code,
        verdict=answer.verdict,
        true_verdict=truth["verdict"],
        amount_minor=answer.amount_minor,
        true_amount_minor=truth["amount_minor"],
    )


def _each_complaint(pairs: list[Pair]) -> list[Answer]:
    return list({answer.complaint: answer for _, answer in pairs}.values())
