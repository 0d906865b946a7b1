"""Sending a window of text messages over one session, so that we know of each whether it went."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING

from amends.channels.rules.outcomes import DeliveryOutcome
from amends.channels.sms.reading.receipts import answered_id
from amends.channels.sms.reading.statuses import kind_of, name_of
from amends.channels.sms.session import SessionLost, SmppSession, SubmitResponse
from amends.channels.sms.settings import SmsSettings
from amends.channels.sms.writing.addresses import Address, recipient_of
from amends.channels.sms.writing.parts import SmsPartText, UnableToCompose, compose

if TYPE_CHECKING:
    from amends.channels.actions.claim import Claimed

_PAUSES_S = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2)


@dataclass(slots=True)
class Underway:
    """A message between the outbox and the centre."""

    id: str
    recipient: Address
    parts: list[SmsPartText]
    names: dict[int, str] = field(default_factory=dict)
    waiting: set[int] = field(default_factory=set)
    outcome: DeliveryOutcome | None = None

    @property
    def was_touched(self) -> bool:
        """Whether any part is, or may be, at the centre."""
        return bool(self.names or self.waiting)


class Window:
    """Sends messages, many at once; what became of each stands in `done`.

    No entry in `done` means that the message surely was not sent and costs no try.
    """

    def __init__(self, session: SmppSession, settings: SmsSettings) -> None:
        self._session = session
        self._settings = settings
        self._pending: dict[int, tuple[Underway, int, float]] = {}
        self._late: dict[int, tuple[Underway, int]] = {}
        self._queue: deque[tuple[Underway, int]] = deque()
        self._everyone: list[Underway] = []
        self._throttled = 0
        self._paused_at = 0.0
        self._next_at = 0.0
        self._step_s = 1 / settings.per_second
        self.done: dict[str, DeliveryOutcome] = {}
        self.names: dict[str, list[str]] = {}

    def send(
        self, messages: Sequence[Claimed], *, begin: Callable[[Sequence[str]], Collection[str]]
    ) -> None:
        """Send `messages`; `begin` states durably that the next moment may send them.

        Raises `SessionLost` when the link breaks; `done` says by then what is known of each, and
        holds `unknown` where a part was out and unanswered.
        """
        self.done, self.names, self._everyone = {}, {}, []
        self._throttled = 0
        underway = [composed for message in messages if (composed := self._composed(message))]
        ours = begin([composed.id for composed in underway]) if underway else ()
        self._everyone = [composed for composed in underway if composed.id in ours]
        self._queue.extend(
            (composed, at) for composed in self._everyone for at in range(len(composed.parts))
        )
        try:
            while self._queue or self._pending:
                self._submit_some()
                self._session.pump(self._wait_s())
                self._take_answers()
        except SessionLost:
            self._settle_lost()
            raise

    def take_late(self) -> bool:
        """Whether answers that came after their window settled messages of unknown fate."""
        self.done, self.names = {}, {}
        self._take_answers()
        return bool(self.done)

    def _composed(self, message: Claimed) -> Underway | None:
        try:
            recipient = recipient_of(message.recipient)
            reference = sha256(f"{message.id}:{message.attempt}".encode()).digest()[0]
            parts = compose(message.body, reference=reference, max_parts=self._settings.max_parts)
        except UnableToCompose as error:
            self.done[message.id] = DeliveryOutcome("not_sent", permanent=True, said=str(error))
        except ValueError:
            refusal = "the recipient is no telephone number"
            self.done[message.id] = DeliveryOutcome("not_sent", permanent=True, said=refusal)
        else:
            return Underway(message.id, recipient, parts)
        return None

    def _submit_some(self) -> None:
        """Submit while the window, the rate and the centre allow it."""
        source = self._settings.source
        while self._queue and len(self._pending) < self._settings.window:
            now = time.monotonic()
            if now < self._next_at:
                return
            underway_message, at = self._queue.popleft()
            if underway_message.outcome is not None or source is None:
                continue
            number = self._session.submit(
                underway_message.parts[at], source=source, recipient=underway_message.recipient
            )
            underway_message.waiting.add(at)
            self._pending[number] = (underway_message, at, now)
            # A burst of at most a tenth of a second after a lull.
            self._next_at = max(self._next_at, now - 0.1) + self._step_s

    def _wait_s(self) -> float:
        """How long nothing can be submitted, or an answer is worth waiting for."""
        can_submit = self._queue and len(self._pending) < self._settings.window
        if can_submit:
            return min(max(self._next_at - time.monotonic(), 0.0), 0.5)
        return 0.5

    def _take_answers(self) -> None:
        for number in [*self._session.answers]:
            answer = self._session.answers.pop(number)
            if number in self._pending:
                underway_message, at, submitted_at = self._pending.pop(number)
                self._take_answer(underway_message, at, answer, submitted_at)
            elif number in self._late:
                underway_message, at = self._late.pop(number)
                self._take_late(underway_message, at, answer)
        self._give_up_waiting()

    def _take_answer(
        self, underway_message: Underway, at: int, answer: SubmitResponse, submitted_at: float
    ) -> None:
        underway_message.waiting.discard(at)
        if answer.status == 0:
            self._throttled = 0
            self._step_s = max(self._step_s * 0.98, 1 / self._settings.per_second)
            self._name(underway_message, at, answer)
            if underway_message.outcome is None and len(underway_message.names) == len(
                underway_message.parts
            ):
                self._finish_sent(underway_message)
            return
        kind = kind_of(answer.status)
        if kind == "throttled":
            self._slow_down(underway_message, at, submitted_at)
        elif underway_message.outcome is None:
            outcome = DeliveryOutcome(
                "not_sent", permanent=kind == "permanent", said=name_of(answer.status)
            )
            self._finish(underway_message, outcome)

    def _slow_down(self, underway_message: Underway, at: int, submitted_at: float) -> None:
        """Wait, then submit the part again, slower; after a while give back what is left."""
        self._queue.appendleft((underway_message, at))
        if submitted_at <= self._paused_at:
            return  # one pause is for all that were under way when the centre had enough
        self._paused_at = now = time.monotonic()
        if self._throttled >= len(_PAUSES_S):
            self._stop_submitting()
            return
        self._step_s = min(self._step_s * 1.5, 1.0)
        self._next_at = now + _PAUSES_S[self._throttled]
        self._throttled += 1

    def _stop_submitting(self) -> None:
        """The centre takes no more for now: what has no part there goes back, untried."""
        for underway_message, _ in self._queue:
            if underway_message.was_touched and underway_message.outcome is None:
                self._finish(
                    underway_message, DeliveryOutcome("not_sent", said="throttled among its parts")
                )
        self._queue.clear()

    def _give_up_waiting(self) -> None:
        """Of a part that is not answered in time nobody knows; a late answer may still tell."""
        oldest = time.monotonic() - self._settings.timeout_s
        for number in [n for n, (_, _, at) in self._pending.items() if at < oldest]:
            underway_message, at, _ = self._pending.pop(number)
            self._late[number] = (underway_message, at)
            if underway_message.outcome is None:
                self._finish(underway_message, DeliveryOutcome("unknown", said="no answer in time"))

    def _take_late(self, underway_message: Underway, at: int, answer: SubmitResponse) -> None:
        if answer.status == 0:
            self._name(underway_message, at, answer)
        if len(underway_message.names) == len(underway_message.parts):
            self._finish_sent(underway_message)

    def _name(self, underway_message: Underway, at: int, answer: SubmitResponse) -> None:
        underway_message.names[at] = answered_id(answer.message_id, self._settings.receipt_ids)

    def _finish_sent(self, underway_message: Underway) -> None:
        names = [underway_message.names[at] for at in range(len(underway_message.parts))]
        self.names[underway_message.id] = names
        self._finish(underway_message, DeliveryOutcome("sent", provider_message_id=names[0]))

    def _finish(self, underway_message: Underway, outcome: DeliveryOutcome) -> None:
        underway_message.outcome = outcome
        self.done[underway_message.id] = outcome

    def _settle_lost(self) -> None:
        """After the link broke: unanswered parts may be at the centre; of the others we know."""
        for underway_message in self._everyone:
            if underway_message.outcome is None and underway_message.waiting:
                self._finish(
                    underway_message,
                    DeliveryOutcome("unknown", said="the link broke before the answer"),
                )
            elif underway_message.outcome is None and underway_message.names:
                self._finish(
                    underway_message,
                    DeliveryOutcome("not_sent", said="the link broke among its parts"),
                )
        self._queue.clear()
        self._pending.clear()
        self._late.clear()
