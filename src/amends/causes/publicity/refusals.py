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
