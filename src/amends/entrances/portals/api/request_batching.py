"""Requests that arrive at once share one piece of work, and so one wait for the disk.

Whoever comes while nobody works does the work; whoever comes meanwhile waits and is taken along by
the next, all of them at once. One client alone notices nothing of it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")


@dataclass(slots=True, eq=False)
class _Waiting(Generic[Asked, Answer]):
    asked: Asked
    woken: threading.Event = field(default_factory=threading.Event)
    answers: list[Answer | Exception] = field(default_factory=list)


class RequestBatcher(Generic[Asked, Answer]):
    """Does one kind of work for several threads.

    work  an answer for each thing asked, in order; an exception as an answer is raised by the
          thread that asked
    most  how many are taken along at once
    """

    def __init__(
        self,
        work: Callable[[Sequence[Asked]], Sequence[Answer | Exception]],
        *,
        batch_size: int = 64,
    ) -> None:
        self._work = work
        self._most = batch_size
        self._lock = threading.Lock()
        self._queue: list[_Waiting[Asked, Answer]] = []
        self._working = False

    def do(self, request: Asked) -> Answer:
        """The answer to what is asked, by this thread's work or another's."""
        mine: _Waiting[Asked, Answer] = _Waiting(request)
        with self._lock:
            self._queue.append(mine)
            leads, self._working = not self._working, True
        if not leads:
            mine.woken.wait()
        if not mine.answers:
            self._lead()
        (answer,) = mine.answers
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _lead(self) -> None:
        """Work for those who wait, then wake the next to lead, if there is one."""
        with self._lock:
            batch, self._queue = self._queue[: self._most], self._queue[self._most :]
        answers: Sequence[Answer | Exception] = []
        try:
            answers = self._work([waiting.asked for waiting in batch])
        except Exception as why:
            answers = [why] * len(batch)
        finally:
            # Ended from outside: nobody who waits may wait for ever.
            ended = RuntimeError("The work was broken off.")
            for index, waiting in enumerate(batch):
                waiting.answers.append(answers[index] if answers else ended)
                waiting.woken.set()
            with self._lock:
                following = self._queue[0] if self._queue else None
                self._working = following is not None
            if following is not None:
                following.woken.set()
