"""Refusals of `complaints`."""

from __future__ import annotations

from django.utils.translation import gettext

from amends.platform.kit.errors import BadInput
from amends.platform.kit.errors import gettext_noop as _


class UnableToReadMark(BadInput):
    """The mark of what was seen is none of ours."""

    code = "mark_malformed"


class UnableToFindComplaint(BadInput):
    """There is no such complaint, or it belongs to a brand the actor may not see."""

    code = "complaint_unknown"


class UnableToList(BadInput):
    """The address of the list names something that does not exist."""

    code = "unable_to_list"


def unreadable_mark() -> UnableToReadMark:
    return UnableToReadMark(
        _("This page does not say what it showed."),
        meaning=_("Nothing was sent."),
        next_step=_("Load the complaint again; what you typed is saved as a draft."),
    )


def unknown_complaint() -> UnableToFindComplaint:
    return UnableToFindComplaint(
        _("There is no such complaint."),
        next_step=_("Check the number, or search for it in the inbox."),
    )


def search_not_exported() -> UnableToList:
    return UnableToList(
        gettext("What a search finds is not exported."),
        next_step=gettext("Export a list with filters instead."),
    )


def list_too_long(*, most: object) -> UnableToList:
    return UnableToList(
        gettext("The list has more than %(most)s complaints.") % {"most": most},
        next_step=gettext("Narrow it with filters, then export the parts."),
    )


def unknown_filter(*, name: object) -> UnableToList:
    return UnableToList(
        gettext("There is no filter %(name)s.") % {"name": name},
        next_step=gettext("Choose one from the list of filters."),
    )


def unknown_view(*, view: object) -> UnableToList:
    return UnableToList(
        gettext("There is no view %(view)s.") % {"view": view},
        next_step=gettext("Choose one of the tabs."),
    )


def issue_without_number() -> UnableToList:
    return UnableToList(
        gettext("A hot issue has a number."),
        next_step=gettext("Choose one from the list of filters."),
    )


def unknown_page() -> UnableToList:
    return UnableToList(
        gettext("The page you ask for cannot be found."),
        next_step=gettext("Start at the first page."),
    )
