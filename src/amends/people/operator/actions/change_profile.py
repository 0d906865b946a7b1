"""Change how customers see the operator."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from django.utils.translation import gettext_noop as _

from amends.people.access.queries import may
from amends.people.operator.models import OperatorProfile
from amends.people.operator.queries import forget
from amends.platform.environment.operator import Operator
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import Refused


def change_profile(
    profile: Operator, *, accent: str, logo: bytes, actor: Actor, now: datetime
) -> OperatorProfile:
    """Save a new version, which is in force at once.

    accent  #rrggbb or ""; logo: a PNG picture, or b""
    """
    if not may(actor.roles, "settings.operator", at=now) or actor.brand:
        raise Refused(
            _("Your role does not change how customers see the operator."),
            meaning=_("Nothing was changed."),
            next_step=_("Ask an administrator."),
            code="profile_not_changed",
        )
    saved = OperatorProfile.objects.create(
        **asdict(profile), accent=accent, logo=logo, changed_by=actor.ref, changed_at=now
    )
    forget()
    return saved
