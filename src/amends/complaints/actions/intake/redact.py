"""Redact the fields beside a complaint's text, so that they do not identify the person."""

from __future__ import annotations

from dataclasses import replace

from amends.complaints.actions.intake.submission import Submission
from amends.kit.texts import clean
from amends.vault.redaction import names_person, opaque, redact_person

_LABELS = {"wanted": 200, "place": 64, "brand": 40, "province": 8}
_SHORT = {
    "channel": 16,
    "service": 64,
    "language": 8,
    "by": 80,
    "state": 24,
    "original_id": 80,
    "original_source": 40,
}
_REFERENCES = {"key": "complaints.key", "original_id": "complaints.original_id"}
_PLAIN = (
    "channel",
    "name",
    "phone",
    "email",
    "subscriber",
    "service",
    "thread",
    "answers",
    "language",
    "by",
    "state",
    "original_source",
    *_LABELS,
    *_REFERENCES,
)


def unsaid(said: Submission) -> Submission:
    """The submission with masked labels and opaque references; its words are masked elsewhere.

    Characters no text needs go as well: one database would refuse the row, the other keep them.
    Where a desk calls a line by its telephone number, that number names the person and not a
    service: it finds them as a telephone number does, and rests sealed with their words.
    """
    given = {name: text for name in _PLAIN if (text := getattr(said, name))}
    beside = "\n".join(given.values())
    kept = dict(given)
    if clean(beside) != beside:
        kept = {name: clean(text) for name, text in given.items()}
    for name in _LABELS.keys() & kept.keys():
        kept[name] = redact_person(kept[name])
    for name, column in _REFERENCES.items():
        if name in kept:
            kept[name] = opaque(column, kept[name])
    if names_person(kept.get("service", "")):
        kept["about"], kept["service"] = kept["service"], ""
    for name, longest in (_LABELS | _SHORT).items():
        if name in kept:
            kept[name] = kept[name][:longest]
    changes = {name: text for name, text in kept.items() if given.get(name, "") != text}
    return replace(said, **changes) if changes else said
