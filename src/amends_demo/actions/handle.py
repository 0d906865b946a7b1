"""The simulated handlers: approve what rules propose, decide what rules leave to people."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from amends.cases.complaints.actions.assign import take
from amends.cases.complaints.actions.correct import correct
from amends.cases.complaints.actions.enquiries import answer_enquiry, take_as_complaints
from amends.cases.complaints.actions.escalate_to_regulator import close, declare_deadlock
from amends.cases.complaints.actions.investigate import investigate_many
from amends.cases.complaints.actions.overrule import Overruling, overrule_many
from amends.cases.complaints.actions.settle import settle_many
from amends.cases.complaints.queries import ComplaintStatus, standings
from amends.platform.kit.actors import Actor, system
from amends.platform.kit.periods import from_ms
from amends.work.remedies.actions.approve import approve
from amends.work.remedies.actions.propose import UnableToPropose
from amends.work.remedies.queries import approver_of, remedies_of
from amends_demo.actions.complainants import Complainants
from amends_demo.actions.files import Agenda, File
from amends_demo.rules.handling import (
    Answer,
    answer_by_hand,
    corrects,
    handled_at_ms,
    large_proposal,
    left_lying,
    say,
    second_look,
    waits_for_seniors,
    worded_answer,
)
from amends_demo.rules.showcase import Showcase
from amends_demo.rules.tables import DAY_MS

_CURRENCY = "CNY"
_PATIENCE_MS = 9 * DAY_MS
_TAKEN = {"handler": 12, "senior_handler": 4}


@dataclass(slots=True)
class Handlers:
    """People who decide by hand, what waits for them, and those they answer."""

    actors: dict[str, Actor]
    end_ms: int
    complainants: Complainants
    agenda: Agenda
    showcase: Showcase
    lying: list[str] = field(default_factory=list)

    def wait_for(self, file: File, complaint_status: ComplaintStatus, *, since_ms: int) -> None:
        """Take in a complaint that no rule may settle alone, or none could look into."""
        if complaint_status.identity != "verified" and not file.stranger:
            self.agenda.add(since_ms + _PATIENCE_MS, "unidentified", file)
        else:
            at_ms = handled_at_ms(file.chance, since_ms=since_ms, due_ms=file.due_ms)
            self.agenda.add(at_ms, "decide", file)

    def work(self, *, until_ms: int, at_ms: int) -> None:
        """Do at `at_ms` what is due before `until_ms`; in the last days some is left lying."""
        files_by_step: dict[str, list[File]] = {}
        for what, file in self.agenda.due(until_ms):
            left = left_lying(file.chance, came_ms=file.came_ms, at_ms=until_ms, end_ms=self.end_ms)
            if left and not file.staged:
                self.lying.append(file.ref)
            else:
                files_by_step.setdefault(what, []).append(file)
        statuses = standings(
            file.ref for step_files in files_by_step.values() for file in step_files
        )
        self._decide(files_by_step.get("unidentified", []), statuses, at_ms, unidentified=True)
        self._decide(files_by_step.get("decide", []), statuses, at_ms)
        self._decide_again(files_by_step.get("again", []), at_ms)
        self._approve(files_by_step.get("approve", []), at_ms)
        self._close(files_by_step.get("close", []), statuses, at_ms)

    def take_over(self) -> None:
        """At the end some of what lies about is somebody's, and stands under “Mine”."""
        first = 0
        for role, count in _TAKEN.items():
            take(
                self.lying[first : first + count], actor=self.actors[role], now=from_ms(self.end_ms)
            )
            first += count

    def _decide(
        self,
        files: list[File],
        statuses: dict[str, ComplaintStatus],
        at_ms: int,
        *,
        unidentified: bool = False,
    ) -> None:
        """Approve what rules propose; where they left it to a person, say so by hand."""
        self._answer_questions(
            [file for file in files if statuses[file.ref].state == "acknowledged"], at_ms
        )
        open_ = [file for file in files if statuses[file.ref].state == "investigating"]
        if not open_:
            return
        current_statuses = statuses | (
            {} if unidentified else self._correct(open_, statuses, at_ms)
        )
        answers = {
            file.ref: self._by_hand(file, at_ms, unidentified=unidentified)
            for file in open_
            if current_statuses[file.ref].verdict in ("", "person_must_decide")
        }
        self._settle(open_, answers, current_statuses, at_ms)

    def _answer_questions(self, files: list[File], at_ms: int) -> None:
        """What the desk took for a question: answered, or taken for the complaint it is."""
        actor, now = self.actors["handler"], from_ms(at_ms)
        complaints = [file for file in files if not file.enquiry]
        take_as_complaints([file.ref for file in complaints], actor=actor, now=now)
        for file in complaints:
            self.agenda.add(at_ms + _PATIENCE_MS, "decide", file)
        for file in files:
            if file.enquiry:
                enquiry_text = say(file.chance, "enquiry", file.language)
                answer_enquiry(file.ref, text=enquiry_text, actor=actor, now=now)
                file.settled_ms = file.settled_ms or at_ms

    def _correct(
        self, files: list[File], statuses: dict[str, ComplaintStatus], at_ms: int
    ) -> dict[str, ComplaintStatus]:
        """Set some wrong classes right and let the rules look anew; where those now stand."""
        now = from_ms(at_ms)
        wrong = [
            file
            for file in files
            if file.wrong_class
            and not file.corrected
            and statuses[file.ref].code != file.right_class
            and statuses[file.ref].verdict == "person_must_decide"
            and corrects(file.chance)
        ]
        for file in wrong:
            file.corrected = True
            correct(file.ref, code=file.right_class, actor=self.actors["handler"], now=now)
        refs = [file.ref for file in wrong]
        if refs:
            investigate_many(refs, actor=system("desk"), now=now)
        return standings(refs)

    def _decide_again(self, files: list[File], at_ms: int) -> None:
        """After a refused proposal: more, another proposal, or a deadlock."""
        answers: dict[str, Answer] = {}
        for file in files:
            answer = second_look(file.chance, language=file.language)
            if answer.verdict == "deadlock" or file.staged:
                self._declare_deadlock(file, at_ms)
            else:
                answers[file.ref] = answer
        reanswered = [file for file in files if file.ref in answers]
        if reanswered:
            investigate_many(answers, actor=system("desk"), now=from_ms(at_ms))
            self._settle(reanswered, answers, standings(answers), at_ms)

    def _declare_deadlock(self, file: File, at_ms: int) -> None:
        deadlock_answer = worded_answer(file.chance, "deadlock", 0, "deadlock", file.language)
        declare_deadlock(
            file.ref,
            reason=deadlock_answer.reason,
            customer_text=deadlock_answer.customer_text,
            actor=self.actors["senior_handler"],
            now=from_ms(at_ms),
        )
        self._tell(file, "deadlock", at_ms)

    def _approve(self, files: list[File], at_ms: int) -> None:
        causes = {f"complaint:{file.ref}": file for file in files}
        for cause, remedies in remedies_of(causes).items():
            waiting = [remedy for remedy in remedies if remedy.state == "proposed"]
            if not waiting:
                continue
            file = causes[cause]
            total_minor = file.granted_minor + sum(
                waiting_remedy.amount_minor for waiting_remedy in waiting
            )
            actor = self._who_may(total_minor, at_ms)
            senior = actor.roles != self.actors["handler"].roles
            if senior and waits_for_seniors(at_ms=at_ms, end_ms=self.end_ms):
                continue
            file.granted_minor = total_minor
            approve(
                [waiting_remedy.id for waiting_remedy in waiting], actor=actor, now=from_ms(at_ms)
            )
            self._tell(file, "upheld", at_ms)

    def _close(self, files: list[File], statuses: dict[str, ComplaintStatus], at_ms: int) -> None:
        for file in files:
            if statuses[file.ref].state in ("with_regulator", "deadlocked"):
                reason = say(file.chance, "closed", file.language)
                close(file.ref, reason=reason, actor=self.actors["manager"], now=from_ms(at_ms))

    def _settle(
        self,
        files: list[File],
        answers: dict[str, Answer],
        statuses: dict[str, ComplaintStatus],
        at_ms: int,
    ) -> None:
        """Settle what goes to one role together."""
        now = from_ms(at_ms)
        for file in files:
            # No account is known that money could go to.
            if (
                file.ref in answers
                and answers[file.ref].amount_minor
                and not statuses[file.ref].subscriber
            ):
                answers[file.ref] = worded_answer(
                    file.chance, "not_upheld", 0, "unidentified", file.language
                )
        by_hand = [_overruling(ref, answer) for ref, answer in answers.items()]
        overrule_many(by_hand, actor=self.actors["handler"], now=now)
        desks: dict[str, list[File]] = {}
        for file in files:
            answer = answers.get(file.ref)
            verdict = answer.verdict if answer else statuses[file.ref].verdict
            amount = answer.amount_minor if answer else statuses[file.ref].amount_minor
            # What is only proposed, anybody may propose; who approves it is asked on acceptance.
            actor = self.actors["handler"]
            if verdict == "partly_upheld":
                file.offered_minor = amount
            if verdict == "upheld":
                file.granted_minor += amount
                actor = self._who_may(file.granted_minor, at_ms)
            desks.setdefault(actor.roles[0], []).append(file)
        for role, desk_files in desks.items():
            answers |= self._settle_some(desk_files, self.actors[role], now)
        for file in files:
            answer = answers.get(file.ref)
            self._tell(file, answer.verdict if answer else statuses[file.ref].verdict, at_ms)

    def _settle_some(self, files: list[File], actor: Actor, now: datetime) -> dict[str, Answer]:
        """Settle; returns what had to be answered otherwise.

        Where two complaints are about one charge, what one gives back the other cannot.
        """
        refs = [file.ref for file in files]
        try:
            settle_many(refs, actor=actor, now=now)
        except UnableToPropose as refusal:
            causes = set(refusal.causes)
            beyond = [file for file in files if f"complaint:{file.ref}" in causes]
            if not beyond:
                raise
            notified = {
                file.ref: worded_answer(file.chance, "not_upheld", 0, "elsewhere", file.language)
                for file in beyond
            }
            overrule_many(
                [_overruling(*notified_pair) for notified_pair in notified.items()],
                actor=actor,
                now=now,
            )
            return notified | self._settle_some(files, actor, now)
        return {}

    def _by_hand(self, file: File, at_ms: int, *, unidentified: bool) -> Answer:
        if unidentified:
            return worded_answer(file.chance, "not_upheld", 0, "unidentified", file.language)
        if not file.enquiry and self.showcase.stages("large_proposal", at_ms):
            file.staged = True
            return large_proposal(file.chance, language=file.language)
        return answer_by_hand(file.chance, language=file.language, enquiry=file.enquiry)

    def _tell(self, file: File, verdict: str, at_ms: int) -> None:
        file.settled_ms = file.settled_ms or at_ms
        self.complainants.hear(file, verdict, at_ms)

    def _who_may(self, amount_minor: int, at_ms: int) -> Actor:
        """The lowest role whose limit covers an amount."""
        role = approver_of(amount_minor, _CURRENCY, from_ms(at_ms).date()).role
        return self.actors[role or "manager"]


def _overruling(ref: str, answer: Answer) -> Overruling:
    return Overruling(
        complaint=ref,
        verdict=answer.verdict,
        amount_minor=answer.amount_minor,
        currency=_CURRENCY,
        reason=answer.reason,
        customer_text=answer.customer_text,
    )
