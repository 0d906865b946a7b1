"""Share a case with a colleague, a role or a partner, and take it back."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from amends.people.access.models import Case, Grant, User
from amends.people.access.queries.authority import authorise_case, authorise_cases
from amends.people.access.queries.cases import find
from amends.people.access.queries.rights import rules_on
from amends.people.access.refusals import UnableToAccess
from amends.people.access.rules.decide import Ruling
from amends.people.partners.queries import partner_status
from amends.platform.kit.actors import Actor
from amends.platform.kit.batches import slices
from amends.platform.kit.errors import BadInput


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
    grantees = [(kind, ref) for kind, ref in _named(user, role, partner) if ref]
    if len(grantees) != 1:
        raise UnableToShare(
            _("Share a case with one user, one role or one partner at a time."),
            next_step=_("Name one of them."),
        )
    kind, ref = grantees[0]
    with transaction.atomic():
        case_row = find(case)
        authorise_case(actor, "share_case", case_row, now=now)
        _check_grantee(kind, ref, case_row.brand, now)
        Grant.objects.update_or_create(
            case=case_row,
            grantee_kind=kind,
            grantee=ref,
            defaults={"granted_by": actor.ref, "granted_at": now, "reason": "", "until": until},
        )


def grant_role(
    actor: Actor,
    cases: Collection[str],
    role: str,
    *,
    reason: Grant.Reason,
    until: datetime,
    now: datetime,
) -> None:
    """Let a role into cases until a moment, with the reason on record.

    A grant that a colleague made, or that lasts longer, stays as it is.
    """
    for refs in slices(list(cases)):
        with transaction.atomic():
            case_rows = list(Case.objects.filter(ref__in=refs, closed_at=None))
            authorise_cases(actor, "share_case", case_rows, now=now)
            grants = Grant.objects.filter(case__in=case_rows, grantee_kind="role", grantee=role)
            lasting = grants.filter(Q(until=None) | Q(until__gte=until))
            lasting_case_ids = set(lasting.values_list("case_id", flat=True))
            Grant.objects.bulk_create(
                [
                    Grant(
                        case=case,
                        grantee_kind="role",
                        grantee=role,
                        granted_by=actor.ref,
                        granted_at=now,
                        reason=reason,
                        until=until,
                    )
                    for case in case_rows
                    if case.ref not in lasting_case_ids
                ],
                update_conflicts=True,
                unique_fields=["case", "grantee_kind", "grantee"],
                update_fields=["granted_by", "granted_at", "reason", "until"],
            )


def shorten_role_grants(cases: Collection[str], *, until: datetime) -> None:
    """Let grants that the platform gave to roles end at `until`, where they lasted longer."""
    for refs in slices(list(cases)):
        Grant.objects.filter(case__in=refs, until__gt=until).exclude(reason="").update(until=until)


def unshare_case(
    actor: Actor, case: str, *, now: datetime, user: str = "", role: str = "", partner: str = ""
) -> None:
    """Take a user, role or partner out of a case again."""
    with transaction.atomic():
        case_row = find(case)
        authorise_case(actor, "share_case", case_row, now=now)
        for kind, ref in _named(user, role, partner):
            if ref:
                Grant.objects.filter(case=case_row, grantee_kind=kind, grantee=ref).delete()


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
