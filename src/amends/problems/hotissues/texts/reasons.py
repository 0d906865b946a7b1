"""The reasons that the platform gives for changes of an issue, in the language of the reader."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, override

from amends.problems.hotissues.queries.reasons import _SIGN

REASONS: dict[str, str | Promise] = {
    "no_alarm": gettext_lazy("no alarm for two weeks"),
    "hot_again": gettext_lazy("it runs hot again"),
    "not_there": gettext_lazy("not in what the issue is about"),
    "one_cause": gettext_lazy("the same cause fits both"),
    "invented": gettext_lazy("Invented for the drill."),
    "drill": gettext_lazy("The drill says so."),
    "no_drop": gettext_lazy("Measure %(n)s was evaluated: it did not reach the expected drop."),
}


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
