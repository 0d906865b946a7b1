"""Refusals of `operations`."""

from __future__ import annotations

from django.utils.translation import gettext

from amends.platform.kit.errors import BadInput, Refused


class UnableToRegisterErasure(Refused):
    """The register cannot be written."""

    code = "erasure_not_registered"


class UnableToReadRegister(BadInput):
    """The register of erasures is not there, or a line of it cannot be read."""

    code = "register_unreadable"


def register_not_writable(*, why: object) -> UnableToRegisterErasure:
    return UnableToRegisterErasure(
        gettext("The register of erasures cannot be written (%(why)s).") % {"why": why},
        meaning=gettext("Nothing was erased: after a restore nobody would know to repeat it."),
        next_step=gettext("See to it that AMENDS_ERASURES_FILE can be written, then erase again."),
    )


def register_line_unreadable(*, number: object, where: str) -> UnableToReadRegister:
    return UnableToReadRegister(
        gettext("Line %(number)s of the register of erasures cannot be read.") % {"number": number},
        meaning=gettext("Whoever it names may be readable again."),
        next_step=gettext("Mend or remove the line; the ledger tells who looked at that time."),
        where=where,
    )
