"""The reasons that the platform itself gives for what happens to an issue: codes with arguments.

They are kept as `code:NAME` or `code:NAME:ARGUMENT`, and told in the reader's language; what a
person wrote is kept, and shown, as it is.
"""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, override

_SIGN = "code:"
REASONS: dict[str, str | Promise] = {
    "no_alarm": gettext_lazy("no alarm for two weeks"),
    "hot_again": gettext_lazy("it runs hot again"),
    "not_there": gettext_lazy("not in what the issue is about"),
    "one_cause": gettext_lazy("the same cause fits both"),
    "invented": gettext_lazy("Invented for the drill."),
    "drill": gettext_lazy("The drill says so."),
    "no_drop": gettext_lazy("Measure %(n)s was evaluated: it did not reach the expected drop."),
}


def coded(name: str, n: int | None = None) -> str:
    """A reason of the platform as it is kept.

    >>> coded("no_drop", 3), coded("drill")
    ('code:no_drop:3', 'code:drill')
    """
    return f"{_SIGN}{name}" if n is None else f"{_SIGN}{name}:{n}"


BY_SCAN, HOT_AGAIN, NOT_THERE = coded("no_alarm"), coded("hot_again"), coded("not_there")
ONE_CAUSE, INVENTED, SAYS_SO = coded("one_cause"), coded("invented"), coded("drill")


def reason_words(reason: str) -> str:
    """A reason as the reader is told it.

    >>> reason_words("the cable is mended")
    'the cable is mended'
    """
    name, _colon, n = reason.removeprefix(_SIGN).partition(":")
    if not reason.startswith(_SIGN) or name not in REASONS:
        return reason
    sentence = str(REASONS[name])
    return sentence % {"n": n} if n else sentence


def in_english(reason: str) -> str:
    """The same for a fact, whose words are English."""
    with override("en"):
        return reason_words(reason)
