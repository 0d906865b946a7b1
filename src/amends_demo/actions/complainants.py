"""The simulated complainants: show who they are, answer proposals, say whether it is solved."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field

from amends.cases.complaints.actions.escalate_to_regulator import escalate_to_regulator
from amends.cases.complaints.actions.prove_identity import identity_shown
from amends.cases.complaints.actions.respond import (
    OutcomeAnswer,
    accept_many,
    answer_outcomes,
    ask_after,
    refuse,
    reopen,
)
from amends.cases.complaints.queries import standings
from amends.platform.kit.periods import from_ms
from amends.record.ledger.actions.sequence import sequence
from amends_demo.actions.files import COMPLAINANT, Agenda, File
from amends_demo.rules.handling import handled_at_ms
from amends_demo.rules.responding import (
    SILENCE,
    Word,
    answer_deadlock,
    answer_proposal,
    answer_question,
    answer_refusal,
    refusal,
)
from amends_demo.rules.showcase import Showcase
from amends_demo.rules.tables import DAY_MS

_REGULATOR_MS, _NOWHERE_MS = 24 * DAY_MS, 40 * DAY_MS
# In which state each thing can still be said.
_SAID_IN = {
    "accept": ("proposed",),
    "refuse": ("proposed",),
    "reopen": ("not_upheld",),
    "regulator": ("not_upheld", "deadlocked"),
    "solved": ("resolved",),
    "partly": ("resolved",),
    "not_solved": ("resolved",),
}


@dataclass(slots=True)
class Complainants:
    """Those who wait for an answer, and what they will say to it.

    sittings     when the desk sits down: a question is asked at the first one after its time
    for_handlers what follows from their words is entered here
    """

    end_ms: int
    sittings: list[int]
    for_handlers: Agenda
    showcase: Showcase
    agenda: Agenda = field(default_factory=Agenda)
    words: dict[str, Word] = field(default_factory=dict)

    def will_show_identity(self, file: File) -> None:
        """Enter when a complainant nobody knows yet answers the code, if ever."""
        at_ms = _identified_ms(file)
        if not file.identified and at_ms >= 0:
            self.agenda.add(at_ms, "identity", file)

    def hear(self, file: File, verdict: str, at_ms: int) -> None:
        """They are told a verdict; what they say to it is drawn now."""
        if verdict == "upheld":
            word = answer_question(file.chance, file.language)
            told_ms = self._asked_ms(at_ms)
        elif verdict == "partly_upheld":
            word, told_ms = self._to_proposal(file, at_ms), at_ms
        elif verdict == "deadlock":
            told_ms = at_ms
            word = SILENCE if file.staged else answer_deadlock(file.chance, file.language)
            self.for_handlers.add(at_ms + _NOWHERE_MS, "close", file)
        else:
            word, told_ms = answer_refusal(file.chance, file.language), at_ms
            if not file.enquiry and self.showcase.stages("appeal", at_ms):
                word = Word("regulator", DAY_MS)
        if word.what:
            self.words[file.ref] = word
            self.agenda.add(told_ms + word.after_ms, word.what, file)

    def speak(self, *, until_ms: int, at_ms: int) -> None:
        """Say at `at_ms` what is due before `until_ms`, where the complaint still stands so."""
        due_files = self.agenda.due(until_ms)
        if not due_files:
            return
        statuses = standings(file.ref for _, file in due_files)
        files_by_action: dict[str, list[File]] = {}
        for what, file in due_files:
            complaint_status = statuses[file.ref]
            if what == "identity":
                if complaint_status.state in ("received", "acknowledged", "investigating"):
                    files_by_action.setdefault(what, []).append(file)
            elif complaint_status.state in _SAID_IN[what]:
                if what in ("accept", "solved", "partly", "not_solved"):
                    files_by_action.setdefault(what, []).append(file)
                else:
                    self._say_alone(what, file, at_ms)
        self._say_together(files_by_action, at_ms)

    def _say_alone(self, what: str, file: File, at_ms: int) -> None:
        now, message = from_ms(at_ms), self.words[file.ref].words
        if what == "refuse":
            refuse(file.ref, text=message, actor=COMPLAINANT, now=now)
            file.came_ms = at_ms
            seen_ms = handled_at_ms(file.chance, since_ms=at_ms, due_ms=None)
            self.for_handlers.add(at_ms + 1 if file.staged else seen_ms, "again", file)
        elif what == "reopen":
            reopen(file.ref, text=message, actor=COMPLAINANT, now=now)
            file.came_ms = at_ms
        else:
            # The file for the regulator proves facts, so they are numbered first.
            sequence(now=now, holder="demo")
            escalate_to_regulator(file.ref, actor=COMPLAINANT, now=now)
            self.for_handlers.add(at_ms + _REGULATOR_MS, "close", file)

    def _say_together(self, files_by_action: dict[str, list[File]], at_ms: int) -> None:
        now = from_ms(at_ms)
        if identified := files_by_action.pop("identity", []):
            # Nobody shows who they are before they complain, which may be after the desk sat.
            shown_ms = max(at_ms, *(_identified_ms(file) for file in identified))
            refs = [file.ref for file in identified]
            identity_shown(refs, by="operator_login", actor=COMPLAINANT, now=from_ms(shown_ms))
        if accepted := files_by_action.pop("accept", []):
            accept_many([file.ref for file in accepted], actor=COMPLAINANT, now=now)
            for file in accepted:
                self.for_handlers.add(at_ms + 1, "approve", file)
        outcomes = [
            OutcomeAnswer(
                complaint=file.ref,
                answer=what,
                words=self.words[file.ref].words,
                satisfaction=self.words[file.ref].satisfaction,
            )
            for what, files in files_by_action.items()
            for file in files
        ]
        if outcomes:
            answer_outcomes(outcomes, actor=COMPLAINANT, now=now)
        for file in files_by_action.get("not_solved", []):
            file.came_ms = at_ms

    def _asked_ms(self, granted_ms: int) -> int:
        """When the question comes to somebody whose complaint is granted now.

        Billing books at the next sitting, the question follows at the first one after its time.
        """
        booked = bisect_left(self.sittings, granted_ms)
        if booked == len(self.sittings):
            return self.end_ms
        after_ms = int(ask_after().total_seconds() * 1000)
        sitting_index = bisect_left(self.sittings, self.sittings[booked] + after_ms)
        return self.sittings[sitting_index] if sitting_index < len(self.sittings) else self.end_ms

    def _to_proposal(self, file: File, at_ms: int) -> Word:
        """Accept, refuse or say nothing; what is staged is accepted if large, or else refused."""
        if file.staged:
            return Word("accept", DAY_MS)
        if self.showcase.stages("refusal", at_ms):
            file.staged = True
            return refusal(file.chance, file.language)
        return answer_proposal(file.chance, file.language)


def _identified_ms(file: File) -> int:
    """When they show who they are; who said it again without being recognised, not before that."""
    at_ms = int(file.contact["identified_ms"])
    return at_ms if at_ms < 0 else max(at_ms, int(file.contact["received_ms"]))
