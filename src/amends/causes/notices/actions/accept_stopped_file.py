"""A person has looked at a stopped file: let it pass, or put it aside."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from amends.causes.notices.engine_models import JUMPED, UsageFile
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import Refused
from amends.platform.kit.periods import to_ms

_WRITTEN = ("accepted", "accepted_by", "accepted_ms", "state")


class UnableToAccept(Refused):
    """There is nothing of this file that a person could let pass."""

    code = "usage_file_not_waiting"


def accept_file(file: UsageFile, *, by: str, now: datetime) -> None:
    """Note who let it pass; the next run goes on where counting stopped."""
    file.accepted, file.accepted_by, file.accepted_ms = True, by[:150], to_ms(now)
    if file.state == UsageFile.State.STOPPED:
        file.state = UsageFile.State.OPEN
    file.save(update_fields=_WRITTEN)


def accept_stopped(number: int, *, actor: Actor, now: datetime) -> str:
    """Let the file of that number pass at somebody's word; its name."""
    with transaction.atomic():
        file = _waiting(number)
        if file.why != JUMPED:
            raise _not_waiting()
        accept_file(file, by=actor.ref, now=now)
    return file.name


def dismiss_stopped_file(number: int, *, actor: Actor, now: datetime) -> str:
    """Nobody waits for the file of that number any more, as when it was sent again; its name."""
    with transaction.atomic():
        file = _waiting(number)
        file.state = UsageFile.State.ASIDE
        file.accepted_by, file.accepted_ms = actor.ref[:150], to_ms(now)
        file.save(update_fields=_WRITTEN)
    return file.name


def _waiting(number: int) -> UsageFile:
    file = UsageFile.objects.select_for_update().filter(pk=number).first()
    if file is None or file.state != UsageFile.State.STOPPED:
        raise _not_waiting()
    return file


def _not_waiting() -> UnableToAccept:
    return UnableToAccept(
        _("This file is not waiting for a check."),
        meaning=_("Nothing was changed."),
        next_step=_("Reload the page: a colleague may have accepted it."),
    )
