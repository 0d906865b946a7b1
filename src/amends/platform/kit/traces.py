"""Steps that can be followed from outside: a name and a few marks, never a word of a person.

Nothing happens until `install` is given something that takes spans; `site.tracing` does, where an
operator names a collector.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar

Marks = dict[str, str]
Tracer = Callable[[str, Marks], AbstractContextManager[Callable[[Marks], None]]]

_REFERENCE = re.compile(r"(?=.*[a-z])(?:[a-z]{2,6}-)?[0-9a-z]{12,40}")
_COMPLAINT = re.compile(r"(?=.*[a-f])[0-9a-f]{32}")
_WORD = re.compile(r"[A-Za-z_.:/<>^$?()\[\]+\\ -][\w.:/<>^$?()\[\]+\\ -]{0,119}")
_STATUS = re.compile(r"[1-5]\d\d")
_ALLOWED = {
    "complaint": _COMPLAINT,
    "message": _REFERENCE,
    "channel": _WORD,
    "job": _WORD,
    "route": _WORD,
    "method": _WORD,
    "became": _WORD,
    "state": _WORD,
    "verdict": _WORD,
    "error": _WORD,
    "status": _STATUS,
}
"""What may be told, and how it must look; all else is left out, whoever asks."""
_IDS = (_REFERENCE, _COMPLAINT)
_A_NUMBER = re.compile(r"\d{7}")


class _Installed:
    tracer: Tracer | None = None


_under_way: ContextVar[Callable[[Marks], None] | None] = ContextVar("step", default=None)


def install(tracer: Tracer | None) -> None:
    """Where spans go from now on; None: nowhere."""
    _Installed.tracer = tracer


@contextmanager
def span(name: str, **marks: str) -> Iterator[Callable[[Marks], None]]:
    """A step with what identifies it; what it yields adds marks that are known later.

    >>> with span("send", channel="mail") as mark:
    ...     mark({"state": "sent"})
    """
    tracer = _Installed.tracer
    took = nullcontext(lambda _: None) if tracer is None else tracer(name, tellable(marks))
    with took as mark:
        before = _under_way.set(mark)
        try:
            yield lambda later: mark(tellable(later))
        finally:
            _under_way.reset(before)


def tell(**marks: str) -> None:
    """Add marks to the step that is under way, for who learns them and did not begin it."""
    if (mark := _under_way.get()) is not None:
        mark(tellable(marks))


def tellable(marks: Marks) -> Marks:
    """The marks that may leave: known by name, of the right form, with no number of a person.

    >>> tellable({"message": "msg-0000000000001", "phone": "13900000000", "state": "13900000000"})
    {'message': 'msg-0000000000001'}
    >>> tellable({"complaint": "4f7k2m9pxq3t"})
    {}
    """
    return {
        name: value
        for name, value in marks.items()
        if (form := _ALLOWED.get(name))
        and form.fullmatch(value)
        and (form in _IDS or not _A_NUMBER.search(value))
    }
