"""Change what is set for the installation: address, parts, first steps."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_noop as _

from amends.people.access.queries import may
from amends.people.operator.models import Installation
from amends.people.operator.queries import forget
from amends.platform.database.locks import advisory_lock
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import Refused


class UnableToChangeInstallation(Refused):
    """The actor may not change settings of the installation."""

    code = "installation_not_changed"


def change_installation(
    *,
    actor: Actor,
    now: datetime,
    public_address: str | None = None,
    parts_off: Collection[str] | None = None,
    first_steps_ended: bool | None = None,
) -> Installation:
    """Save a new version, which is in force at once; None leaves a setting as it is."""
    if not may(actor.roles, "admin", at=now) or actor.brand:
        raise UnableToChangeInstallation(
            _("Your role does not change settings of the installation."),
            meaning=_("Nothing was changed."),
            next_step=_("Ask an administrator."),
        )
    with transaction.atomic():
        advisory_lock("operator", ["installation"])
        row = Installation.objects.order_by("-id").first() or Installation()
        row.pk = None
        row._state.adding = True
        row.changed_by, row.changed_at = actor.ref, now
        if public_address is not None:
            row.public_address = public_address
        if parts_off is not None:
            row.parts_off = sorted(parts_off)
        if first_steps_ended is not None:
            row.first_steps_ended = first_steps_ended
        row.save()
    forget()
    return row
