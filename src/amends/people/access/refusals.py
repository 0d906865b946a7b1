"""Refusals of `access`."""

from __future__ import annotations

from django.utils.translation import get_language, gettext
from django.utils.translation import gettext as _

from amends.people.access.rules.decide import (
    Ruling,
)
from amends.platform.kit.errors import BadInput, Refused
from amends.platform.kit.formats import is_chinese


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


class UnableToAccess(Refused):
    """The actor may not do this; `reason` is a key of `access.rules.decide.REFUSALS`."""

    code = "access_refused"

    def __init__(self, ruling: Ruling) -> None:
        self.reason = ruling.reason
        chinese = is_chinese(get_language() or "en")
        super().__init__(
            ruling.zh if chinese else ruling.en,
            meaning=_("Nothing was shown."),
            next_step=_("Ask the person in charge of the case, or the privacy officer."),
        )
