"""Refusals of `access`."""

from __future__ import annotations

from django.utils.translation import gettext

from amends.platform.kit.errors import BadInput


class UnableToFindAccessCase(BadInput):
    """There is no case of this reference."""

    code = "case_unknown"


class UnableToFindPerson(BadInput):
    """Nobody who may sign in has that name."""

    code = "person_unknown"


def unknown_case_of_page() -> UnableToFindAccessCase:
    return UnableToFindAccessCase(
        gettext("There is no such case."),
        meaning=gettext("Nothing was shown."),
        next_step=gettext("Check its reference."),
    )


def unknown_case() -> UnableToFindAccessCase:
    return UnableToFindAccessCase(
        gettext("There is no such case."), meaning=gettext("Nothing was shown.")
    )


def person_left() -> UnableToFindPerson:
    return UnableToFindPerson(
        gettext("Whoever did this does not work here any more."),
        next_step=gettext("Let a colleague do it again."),
    )


def unknown_person() -> UnableToFindPerson:
    return UnableToFindPerson(
        gettext("Nobody signs in under that name."),
        next_step=gettext("Check the name, or add the person."),
    )
