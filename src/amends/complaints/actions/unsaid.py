"""What stands beside a complaint's words says nothing about who the person is."""

from __future__ import annotations

from dataclasses import replace

from amends.complaints.submission import Submission
from amends.kit.texts import clean
from amends.vault.unsaying import opaque, says_who, without_person

_LABELS = {"wanted": 200, "place": 64, "brand": 40, "province": 8}
_REFERENCES = {"key": "complaints.key", "original_id": "complaints.original_id"}


def unsaid(said: Submission) -> Submission:
    """The submission with masked labels and opaque references; its words are masked elsewhere.

    Where a desk calls a line by its telephone number, that number names the person and not a
    service: it finds them as a telephone number does, and rests sealed with their words.
    """
    changes: dict[str, str] = {}
    for name, longest in _LABELS.items():
        given = getattr(said, name)
        if given and (kept := without_person(clean(given))[:longest]) != given:
            changes[name] = kept
    for name, column in _REFERENCES.items():
        given = getattr(said, name)
        if given and (kept := opaque(column, clean(given))) != given:
            changes[name] = kept
    if said.service and says_who(said.service):
        changes["service"] = ""
        changes["about"] = said.service
    return replace(said, **changes) if changes else said
