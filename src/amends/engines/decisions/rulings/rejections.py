"""Checks before a rule rejects a complaint without a person.

A rule rejects alone only where the records answer the questions of every class the text may be
about, and show nothing that the person is owed, whatever the complaint calls it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from amends.engines.decisions.dossier.model import Dossier, Row
from amends.engines.decisions.evidence import Matter
from amends.engines.decisions.rulings.book import Book, Both, ClassRule
from amends.engines.decisions.rulings.judging import (
    DecisionCase,
    GroundFinding,
    fact_of,
    ruled_reason,
)
from amends.engines.decisions.rulings.model import (
    PERSON,
    ApprovalLimit,
    ProposedDecision,
    Reason,
    Suggestion,
)
from amends.engines.decisions.rulings.rejection_rules import RejectionRules, rejection_rules

UPHELD = ("upheld", "partly_upheld")
RECORDS_LACK = "feed_not_covered"
SUPPORT = "support."
"""Prefix of the questions that other apps' records answer."""


def rejects_alone(answer: ProposedDecision, matter: Matter, on: date) -> bool:
    """Whether the records must be read before this answer may be given without a person.

    A decision made before the reading existed knows no possible classes (`Matter.plausible` None)
    and replays as it was made.
    """
    return (
        answer.verdict == "not_upheld"
        and answer.may_act_alone
        and matter.plausible is not None
        and rejection_rules(on) is not None
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassReading:
    """The answers of the records to the questions of one possible class.

    shown    findings that support the person
    open     findings that the records leave open
    refuted  findings that the records answer against the claim
    silent   no question of the class can be answered by records
    decided  what the class by itself would be decided to
    """

    code: str
    shown: list[GroundFinding]
    open: list[GroundFinding]
    refuted: list[GroundFinding]
    silent: bool
    decided: ProposedDecision


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectionCheck:
    """A rejection that a rule proposes, before the records of the person.

    titles  class → its title, for the sentence on the question that stopped the rule
    """

    answer: ProposedDecision
    dossier: Dossier
    matter: Matter
    book: Book
    limits: ApprovalLimit
    on: date
    titles: Mapping[str, Both]

    def decision(self) -> ProposedDecision:
        """The rejection, a grant of what the records prove, or why a person must decide."""
        rules = rejection_rules(self.on)
        assert rules is not None
        answer = replace(self.answer, versions=(*self.answer.versions, rules.version))
        record = self.dossier.record
        if record is None:
            return self._left(answer, "record_unread", rules.stopped["unread"])
        readings = [self._reading(code, rules) for code in self._possible()]
        shown_readings = [reading for reading in readings if reading.shown]
        left_open = [reading for reading in readings if reading.open or reading.silent]
        if shown_readings:
            granted = self._granted(answer, shown_readings, left_open)
            return granted or self._stopped_by_class(answer, shown_readings[0], rules)
        supported = self._supported(rules)
        if supported:
            return supported
        if left_open:
            return self._stopped_by_class(answer, left_open[0], rules)
        return self._rejected(answer, readings, rules)

    def _possible(self) -> list[str]:
        """The classes other than its own that the complaint may be about."""
        possible = dict.fromkeys(self.matter.plausible or ())
        return [code for code in possible if code != self.matter.code]

    def _case(self, code: str) -> DecisionCase:
        """The complaint as if it were of the class `code`, before all that was read."""
        matter = replace(self.matter, code=code, code2="", confident=True)
        return DecisionCase(
            dossier=self._all, matter=matter, book=self.book, limits=self.limits, on=self.on
        )

    @property
    def _all(self) -> Dossier:
        """The dossier with the rows and grounds of its record."""
        record = self.dossier.record
        assert record is not None
        return replace(
            self.dossier,
            rows=(*self.dossier.rows, *record.rows),
            grounds=(*self.dossier.grounds, *record.grounds),
            record=None,
        )

    def _findings(self, grounds: Iterable[str], rules: RejectionRules) -> list[GroundFinding]:
        """The findings on some grounds in all records read, without those outweighed by another."""
        case = self._case(self.matter.code)
        asked_findings = [
            ground_finding for ground_finding in case.find(grounds) if _asks(ground_finding)
        ]
        outweighing = {
            rules.outweighed_by[ground_finding.ground.id]
            for ground_finding in asked_findings
            if ground_finding.ground.id in rules.outweighed_by
        }
        refuted = {
            ground_finding.ground.id
            for ground_finding in case.find(outweighing)
            if ground_finding.state == "refuted"
        }
        return [
            ground_finding
            for ground_finding in asked_findings
            if rules.outweighed_by.get(ground_finding.ground.id) not in refuted
        ]

    def _reading(self, code: str, rules: RejectionRules) -> ClassReading:
        rule = self.book.class_of(code)
        findings = self._findings((*rule.primary, *rule.instead), rules)
        decided = self._case(code).decision()
        return ClassReading(
            code=code,
            shown=[finding for finding in findings if finding.state == "shown"],
            open=[finding for finding in findings if finding.state == "open"],
            refuted=[finding for finding in findings if finding.state in ("refuted", "settled")],
            silent=not (
                decided.verdict == "not_upheld"
                or self._answered(rule)
                or self._wish_answered(rule, rules)
            ),
            decided=decided,
        )

    def _answered(self, rule: ClassRule) -> bool:
        """Whether records answer every question of a class, and their answer settles it."""
        questions = {
            name
            for ground_name in rule.primary
            for name in self.book.grounds[ground_name].questions
        }
        read = {row.question for row in self._all.rows} | {"change_confirmed"}
        unless = (*rule.unless, "declared_incident")
        doubted = any(row.answer == "yes" for name in unless for row in self._all.of(name))
        settles = bool(rule.primary) and rule.refuted == "not_upheld"
        return settles and questions <= read and not doubted

    def _wish_answered(self, rule: ClassRule, rules: RejectionRules) -> bool:
        """Whether a class that only says what is wanted has every cause of its own refuted."""
        if rule.code not in rules.wishes or not self.book.class_of(self.matter.code).specific:
            return False
        causes = self._findings((*rule.primary, *rule.siblings), rules)
        return bool(causes) and all(cause.state in ("refuted", "settled") for cause in causes)

    def _granted(
        self,
        answer: ProposedDecision,
        shown_readings: list[ClassReading],
        left_open: list[ClassReading],
    ) -> ProposedDecision | None:
        """A grant of the one possible class that the records prove, the others answered."""
        if len(shown_readings) != 1 or any(
            class_reading is not shown_readings[0] for class_reading in left_open
        ):
            return None
        decided = shown_readings[0].decided
        if decided.verdict not in UPHELD or not decided.may_act_alone:
            return None
        return replace(
            decided,
            reasons=tuple(dict.fromkeys((*decided.reasons, *answer.reasons))),
            answers=shown_readings[0].code,
            versions=answer.versions,
        )

    def _stopped_by_class(
        self, answer: ProposedDecision, reading: ClassReading, rules: RejectionRules
    ) -> ProposedDecision:
        if reading.code not in self.book.classes:
            return self._left(answer, "plausible_class", rules.stopped["class_unknown"])
        zh, en = self.titles.get(reading.code, (reading.code, reading.code))
        finding = next(iter((*reading.shown, *reading.open)), None)
        if finding is None:
            sentence = _filled(rules.stopped["class_silent"], {"class": (zh, en)})
            return self._left(answer, "plausible_class", sentence, answers=reading.code)
        key = "class_shown" if reading.shown else "class_open"
        sentence = _filled(rules.stopped[key], {"class": (zh, en), **_question(finding.row)})
        why = RECORDS_LACK if finding.why == RECORDS_LACK else "plausible_class"
        return self._left(
            answer,
            why,
            sentence,
            facts=[fact_of(finding)],
            suggestion=_suggestion(reading.decided),
            answers=reading.code,
        )

    def _supported(self, rules: RejectionRules) -> ProposedDecision | None:
        """Leave to a person what is owed by the records, whatever the complaint calls it."""
        supporting = [
            finding for finding in self._findings(rules.grounds, rules) if finding.state == "shown"
        ]
        record = self.dossier.record
        assert record is not None
        stated = [row for row in record.rows if row.question.startswith(SUPPORT)]
        if not supporting and not stated:
            return None
        row = supporting[0].row if supporting else stated[0]
        suggestion, code = self._suggested(supporting)
        facts = [
            *(fact_of(ground_finding) for ground_finding in supporting),
            *map(_stated_reason, stated),
        ]
        sentence = _filled(rules.stopped["record"], _question(row))
        return self._left(
            self.answer,
            "record_supports",
            sentence,
            facts=facts,
            suggestion=suggestion,
            answers=code,
        )

    def _suggested(self, shown_findings: list[GroundFinding]) -> tuple[Suggestion | None, str]:
        """The suggestion and the class of the first finding that leads to one."""
        for finding in shown_findings:
            for code, rule in self.book.classes.items():
                if finding.ground.id not in rule.primary:
                    continue
                suggestion = _suggestion(self._case(code).decision())
                if suggestion is not None and suggestion.verdict in UPHELD:
                    return suggestion, code
        return None, ""

    def _rejected(
        self, answer: ProposedDecision, readings: list[ClassReading], rules: RejectionRules
    ) -> ProposedDecision:
        """The rejection, with answers to the questions of every class it may be about."""
        side_findings = [
            finding
            for finding in self._findings(rules.mentioned, rules)
            if finding.state == "shown"
        ]
        refuted = [
            ruled_reason(ground_finding)
            for reading in readings
            for ground_finding in reading.refuted
        ]
        groups = {self.book.class_of(reading.code).group for reading in readings}
        own = self.book.class_of(self.matter.code).group
        return replace(
            answer,
            reasons=tuple(dict.fromkeys((*answer.reasons, *refuted))),
            answers="other.unspecific" if groups - {own} else "",
            also=tuple(
                dict.fromkeys(
                    (
                        *answer.also,
                        *(
                            (ground_finding.row.zh, ground_finding.row.en)
                            for ground_finding in side_findings
                        ),
                    )
                )
            ),
        )

    def _left(
        self,
        answer: ProposedDecision,
        why: str,
        sentence: Both,
        *,
        facts: Iterable[Reason] = (),
        suggestion: Suggestion | None = None,
        answers: str = "",
    ) -> ProposedDecision:
        """Left to a person, with what stopped the rule in a sentence."""
        rules = rejection_rules(self.on)
        assert rules is not None
        versions = tuple(dict.fromkeys((*answer.versions, rules.version)))
        return ProposedDecision(
            verdict=PERSON,
            amount=None,
            remedies=(),
            rule="",
            strength="weak",
            why_person=why,
            reasons=tuple(dict.fromkeys((*facts, *answer.reasons))),
            may_act_alone=False,
            why_zh=sentence[0].strip(),
            why_en=sentence[1].strip(),
            suggestion=suggestion,
            answers=answers,
            versions=versions,
        )


def _asks(finding: GroundFinding) -> bool:
    """Whether a finding is about something on record: that no notice fell due supports no claim."""
    row = finding.row
    return bool(row.about) or row.question != "notice_given"


def _question(row: Row) -> dict[str, Both]:
    return {"question": (row.asked_zh, row.asked_en), "found": (row.zh, row.en)}


def _filled(text: Both, values: Mapping[str, Both]) -> Both:
    zh = text[0].format_map({name: both[0] for name, both in values.items()})
    en = text[1].format_map({name: both[1] for name, both in values.items()})
    return zh, en


def _stated_reason(row: Row) -> Reason:
    return Reason(question=row.question, zh=row.zh, en=row.en, facts=row.facts)


def _suggestion(decided: ProposedDecision) -> Suggestion | None:
    """The suggestion that a decision under another class leads to."""
    if decided.verdict == PERSON:
        return decided.suggestion
    if decided.verdict not in UPHELD:
        return None
    return Suggestion(
        verdict=decided.verdict,
        amount_minor=decided.amount_minor,
        currency=decided.currency,
        rule=decided.rule,
        remedies=decided.remedies,
    )
