"""Share a case with a colleague, a role or a partner, and take it back."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from amends.access.actors import Actor, UnableToAccess
from amends.access.authority import authorise_case
from amends.access.cases import find
from amends.access.models import Grant, User
from amends.access.rights import rules_on
from amends.access.rules.decide import Ruling
from amends.kit.errors import BadInput
from amends.partners.queries import partner_status


class UnableToShare(BadInput):
    """There is nobody of that name to share with."""

    code = "case_not_shared"


def share_case(
    actor: Actor,
    case: str,
    *,
    now: datetime,
    user: str = "",
    role: str = "",
    partner: str = "",
    until: datetime | None = None,
) -> None:
    """Let one more user (by `ref`), role or partner into a case, until a moment if given."""
    given = [(kind, ref) for kind, ref in _named(user, role, partner) if ref]
    if len(given) != 1:
        raise UnableToShare(
            _("Share a case with one user, one role or one partner at a time."),
            next_step=_("Name one of them."),
        )
    kind, ref = given[0]
    with transaction.atomic():
        found = find(case)
        authorise_case(actor, "share_case", found, now=now)
        _check_grantee(kind, ref, found.brand, now)
        Grant.objects.update_or_create(
            case=found,
            grantee_kind=kind,
            grantee=ref,
            defaults={"granted_by": actor.ref, "granted_at": now, "until": until},
        )


def unshare_case(
    actor: Actor, case: str, *, now: datetime, user: str = "", role: str = "", partner: str = ""
) -> None:
    """Take a user, role or partner out of a case again."""
    with transaction.atomic():
        found = find(case)
        authorise_case(actor, "share_case", found, now=now)
        for kind, ref in _named(user, role, partner):
            if ref:
                Grant.objects.filter(case=found, grantee_kind=kind, grantee=ref).delete()


def _named(user: str, role: str, partner: str) -> tuple[tuple[str, str], ...]:
    return ("user", user), ("role", role), ("partner", partner)


def _check_grantee(kind: str, ref: str, brand: str, now: datetime) -> None:
    if kind == "partner" and not partner_status(ref, now).serves(brand):
        raise UnableToAccess(Ruling(False, reason="contract_ended"))
    if kind == "role" and ref not in rules_on(timezone.localdate(now)).people:
        raise UnableToShare(
            _("There is no role %(role)s.") % {"role": ref},
            next_step=_("Use some of %(known)s.")
            % {"known": ", ".join(rules_on(timezone.localdate(now)).people)},
        )
    if kind == "user" and not User.objects.filter(ref=ref, is_active=True).exists():
        raise UnableToShare(
            _("There is no such user at work."), next_step=_("Ask who has the case now.")
        )
