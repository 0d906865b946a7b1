"""Refusals of `publicity`."""

from __future__ import annotations

from amends.platform.kit.errors import gettext_noop as _
from amends.platform.tabular.tables import UnableToReadFile


def no_json_object(*, file: object) -> UnableToReadFile:
    return UnableToReadFile(
        _("%(file)s holds no JSON object."),
        next_step=_("Write a list of objects, or one object a line."),
        values={"file": file},
    )


def column_missing(*, file: object, missing: object) -> UnableToReadFile:
    return UnableToReadFile(
        _("%(file)s has no column %(missing)s."),
        next_step=_("Name the columns as the documentation of publicity check does."),
        values={"file": file, "missing": missing},
    )


def not_json(*, file: object, why: object) -> UnableToReadFile:
    return UnableToReadFile(
        _("%(file)s is not JSON: %(why)s"),
        next_step=_("Write a list of objects, or one object a line."),
        values={"file": file, "why": why},
    )


NOT_A_JSON_OBJECT = _("is not a JSON object")
CONTRADICTS = _("contradicts line %(line)s: the same id with other facts")
CONTRADICTED = _("is contradicted by a later line of the same id")
NOT_AN_OFFER = _("is not an offer in the form expected")
ID_UNUSABLE = _("has an id that is missing or used twice")
NO_TEXT = _("has no text")
TEXT_TOO_LONG = _("has a text of more than a million characters")
NO_SUCH_DAY = _("has a day that no calendar has; write 2026-12-31")
